//! Opening: make the folder and the file, connect, bring the tables up to date.
//!
//! A pool hides why it cannot connect: it tries again, logs, and in the end
//! reports a timeout. So one connection goes ahead and says it in plain words.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection, SqlSafeStr};

use super::checkpoint::Checkpoint;
use super::dialect::{Dialect, Location};
use super::error::OpenError;
use super::going_on::GoingOn;
use super::offers::Offers;
use super::outbox::Outbox;
use super::writer::{Desk, Writer};
use super::{Config, Inner, Store};
use crate::telemetry::Metrics;

/// Every step of the schema, oldest first; one that was released never changes.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "a tracked call", include_str!("../../migrations/0001_a_tracked_call.sql")),
    (2, "ring plans", include_str!("../../migrations/0002_ring_plans.sql")),
    (3, "screening", include_str!("../../migrations/0003_screening.sql")),
    (4, "ladders", include_str!("../../migrations/0004_ladders.sql")),
    (6, "transfers", include_str!("../../migrations/0006_transfers.sql")),
    (7, "attribution versions", include_str!("../../migrations/0007_attribution_versions.sql")),
    (8, "departures", include_str!("../../migrations/0008_departures.sql")),
    (9, "sources", include_str!("../../migrations/0009_sources.sql")),
    (10, "sharing", include_str!("../../migrations/0010_sharing.sql")),
    (11, "what visitors tell", include_str!("../../migrations/0011_what_visitors_tell.sql")),
    (12, "priors", include_str!("../../migrations/0012_priors.sql")),
    (13, "relayed media", include_str!("../../migrations/0013_relayed_media.sql")),
    (14, "lean numbers", include_str!("../../migrations/0014_lean_numbers.sql")),
    (15, "recordings", include_str!("../../migrations/0015_recordings.sql")),
    (16, "prompts", include_str!("../../migrations/0016_prompts.sql")),
    (17, "qualifications", include_str!("../../migrations/0017_qualifications.sql")),
    (19, "people", include_str!("../../migrations/0019_people.sql")),
    (20, "consents", include_str!("../../migrations/0020_consents.sql")),
    (21, "transfers_in_order", include_str!("../../migrations/0021_transfers_in_order.sql")),
    (22, "engagements", include_str!("../../migrations/0022_engagements.sql")),
    (23, "decisions", include_str!("../../migrations/0023_decisions.sql")),
    (24, "messages", include_str!("../../migrations/0024_messages.sql")),
    (25, "quality", include_str!("../../migrations/0025_quality.sql")),
    (26, "choices", include_str!("../../migrations/0026_choices.sql")),
    (27, "segments", include_str!("../../migrations/0027_segments.sql")),
    (28, "audit", include_str!("../../migrations/0028_audit.sql")),
    (29, "erasure", include_str!("../../migrations/0029_erasure.sql")),
    (30, "requests", include_str!("../../migrations/0030_requests.sql")),
    (31, "retention", include_str!("../../migrations/0031_retention.sql")),
    (32, "rfm", include_str!("../../migrations/0032_rfm.sql")),
    (33, "scenarios", include_str!("../../migrations/0033_scenarios.sql")),
    (34, "decisions_by_index", include_str!("../../migrations/0034_decisions_by_index.sql")),
    (35, "webhooks", include_str!("../../migrations/0035_webhooks.sql")),
    (37, "restrictions", include_str!("../../migrations/0037_restrictions.sql")),
    (38, "own_data", include_str!("../../migrations/0038_own_data.sql")),
    (39, "contactability_counts", include_str!("../../migrations/0039_contactability_counts.sql")),
    (40, "lookalikes", include_str!("../../migrations/0040_lookalikes.sql")),
    (41, "consents_in_imports", include_str!("../../migrations/0041_consents_in_imports.sql")),
    (42, "one_of_many", include_str!("../../migrations/0042_one_of_many.sql")),
    (43, "caps_of_segments", include_str!("../../migrations/0043_caps_of_segments.sql")),
    (44, "whose_identities", include_str!("../../migrations/0044_whose_identities.sql")),
    (45, "webhooks_watched", include_str!("../../migrations/0045_webhooks_watched.sql")),
    (46, "mail_domains", include_str!("../../migrations/0046_mail_domains.sql")),
    (47, "kept", include_str!("../../migrations/0047_kept.sql")),
    (48, "channels_and_calls_out", include_str!("../../migrations/0048_channels_and_calls_out.sql")),
    (49, "call_hours", include_str!("../../migrations/0049_call_hours.sql")),
    (50, "costs", include_str!("../../migrations/0050_costs.sql")),
    (51, "values_of_calls", include_str!("../../migrations/0051_values_of_calls.sql")),
    (52, "missed_callers", include_str!("../../migrations/0052_missed_callers.sql")),
    (53, "calls_found", include_str!("../../migrations/0053_calls_found.sql")),
    (54, "roles", include_str!("../../migrations/0054_roles.sql")),
    (56, "numbers_in_service", include_str!("../../migrations/0056_numbers_in_service.sql")),
    (57, "keys_used", include_str!("../../migrations/0057_keys_used.sql")),
    (58, "pool_uses", include_str!("../../migrations/0058_pool_uses.sql")),
    (59, "alerts", include_str!("../../migrations/0059_alerts.sql")),
    (60, "report_schedules", include_str!("../../migrations/0060_report_schedules.sql")),
    (61, "report_shares", include_str!("../../migrations/0061_report_shares.sql")),
    (62, "visit_regions", include_str!("../../migrations/0062_visit_regions.sql")),
    (63, "shared_reports", include_str!("../../migrations/0063_shared_reports.sql")),
    (64, "missed_of_nobody", include_str!("../../migrations/0064_missed_of_nobody.sql")),
    (65, "whose_visits", include_str!("../../migrations/0065_whose_visits.sql")),
];

/// How long a query waits for a connection before it fails.
const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database, creates it when it is a file, and migrates it.
    ///
    /// A database that a newer program has migrated is refused: this program
    /// would not know what the new columns mean.
    pub async fn open(config: &Config) -> Result<Store, OpenError> {
        Self::open_counted(config, Metrics::new()).await
    }

    /// The same, and what it writes is counted there.
    pub async fn open_counted(config: &Config, metrics: Metrics) -> Result<Store, OpenError> {
        sqlx::any::install_default_drivers();
        let location = Location::parse(&config.url)?;
        let Location { dialect, url, place, folder } = location;
        if let Some(folder) = folder {
            tokio::fs::create_dir_all(folder).await.map_err(|cause| unreachable(&place, cause))?;
        }

        knock(dialect, &url).await.map_err(|cause| unreachable(&place, cause))?;
        let writes = connect(dialect, &url, 1).await.map_err(|cause| unreachable(&place, cause))?;
        if let Err(error) = migrate(&writes).await {
            writes.close().await;
            return Err(match error {
                MigrateError::VersionMissing(version) => OpenError::Newer { place, version },
                source => OpenError::Migration { place, source },
            });
        }
        let reads = connect(dialect, &url, dialect.read_connections())
            .await
            .map_err(|cause| unreachable(&place, cause))?;
        let offers = Arc::<Offers>::default();
        let checkpoint = (dialect == Dialect::Sqlite).then(|| Checkpoint::new(reads.clone()));
        let (pool, going_on) = (writes.clone(), GoingOn::default());
        let webhooks_changed = Arc::<AtomicBool>::default();
        let outbox = Outbox::new(Arc::clone(&webhooks_changed));
        let desk = Desk { pool, dialect, offers: Arc::clone(&offers), going_on, outbox, checkpoint };
        let writer = Writer::start(desk, metrics);
        Ok(Store(Arc::new(Inner { reads, writes, writer, dialect, offers, webhooks_changed })))
    }

    /// As [`Store::open`] for who only looks: a file that is not there is
    /// reported, not made.
    pub async fn open_existing(config: &Config) -> Result<Store, OpenError> {
        let Location { dialect, place, .. } = Location::parse(&config.url)?;
        if dialect == Dialect::Sqlite && !tokio::fs::try_exists(&place).await.unwrap_or(true) {
            return Err(OpenError::Missing { place });
        }
        Store::open(config).await
    }
}

/// Brings the tables up to date. Of two programs that start on one new file
/// one comes second and fails at the step that the other has just done; it may
/// catch up and fail again, at most once for each step.
async fn migrate(writes: &AnyPool) -> Result<(), MigrateError> {
    for _ in MIGRATIONS {
        match migrator().run(writes).await {
            Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) => {}
            result => return result,
        }
    }
    migrator().run(writes).await
}

fn migrator() -> Migrator {
    let steps = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(steps.collect())
}

/// Tries whether a database answers.
async fn knock(dialect: Dialect, url: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let answered = async {
        let mut connection = AnyConnection::connect(url).await?;
        sqlx::raw_sql(dialect.first_question()).execute(&mut connection).await?;
        connection.close().await
    };
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(answer) => answer.map_err(own_words),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs()).into()),
    }
}

/// What the system or the database says, without what the driver says around it.
fn own_words(error: sqlx::Error) -> Box<dyn Error + Send + Sync> {
    match error {
        sqlx::Error::Io(cause) => cause.into(),
        sqlx::Error::Database(cause) => cause.message().into(),
        other => other.into(),
    }
}

async fn connect(dialect: Dialect, url: &str, connections: u32) -> Result<AnyPool, sqlx::Error> {
    AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(dialect.may_lose_connections())
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(dialect.on_connect()).execute(connection).await?;
                Ok(())
            })
        })
        .connect(url)
        .await
}

fn unreachable(place: &str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> OpenError {
    OpenError::Unreachable { place: place.to_owned(), source: cause.into() }
}
