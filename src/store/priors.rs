//! What is believed about callers before a call's evidence is weighed: the
//! figures that were learned for each site, and what they are learned from.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{SiteId, VisitId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Evidence, Exposure, Origin, Priors};
use crate::domain::tracking::device::Device;

/// Priors that a site has learned; the newest version counts.
#[derive(Clone, PartialEq, Debug)]
pub struct LearnedPriors {
    /// Counts up over all sites.
    pub version: i64,
    pub at: Timestamp,
    /// How many labelled calls of the site they stand on …
    pub own: u64,
    /// … and how many of the other sites.
    pub others: u64,
    pub priors: Priors,
}

/// What is believed of a number.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Believed {
    /// The newest priors of its site, with their version.
    pub learned: Option<(i64, Priors)>,
    /// How many calls came on it before it was first lent, and within how
    /// long: no visit caused them. `None`: it was never lent.
    pub background: Option<(u64, Duration)>,
}

const NEWEST: &str = "select version, learned_at, own, others, learned from priors where site_id = $1 \
                      order by version desc limit 1";

impl Store {
    /// The newest priors that the site has learned.
    pub async fn find_priors(&self, site: &SiteId) -> Result<Option<LearnedPriors>, StoreError> {
        let row = sqlx::query(NEWEST).bind(site.as_str()).fetch_optional(self.reads()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// The calls on lent numbers since `since` whose origin somebody has said,
    /// with their site; of more than `limit` the newest.
    ///
    /// How long a visit's page had been silent is what was known when the call
    /// came. A visit that was never shown the number says nothing.
    pub async fn list_labelled(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(SiteId, Origin)>, StoreError> {
        let rows = sqlx::query(include_str!("labelled.sql"))
            .bind(since.as_ms())
            .bind(i64::from(limit))
            .fetch_all(self.reads())
            .await?;
        let labelled = all(rows, |row| Ok((row.word::<SiteId>("site_id")?, origin(row)?)))?;
        Ok(labelled.into_iter().filter_map(|(site, origin)| Some((site, origin?))).collect())
    }

    /// For each site, what there was since `since`.
    pub async fn list_exposures(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<HashMap<SiteId, Exposure>, StoreError> {
        let rows = sqlx::query(include_str!("exposures.sql"))
            .bind(since.as_ms())
            .bind(now.as_ms())
            .fetch_all(self.reads())
            .await?;
        let exposures = all(rows, |row| {
            let exposure = Exposure {
                calls: row.int("calls")? as f64,
                number_days: row.int("number_ms")? as f64 / 86_400_000.0,
                visits: row.int("visits")? as f64,
                stayed_s: row.int("stayed_ms")? as f64 / 1_000.0,
            };
            Ok((row.word("id")?, exposure))
        })?;
        Ok(exposures.into_iter().collect())
    }
}

impl Tx {
    /// Writes what a site has learned as its newest version; `false` when it
    /// says the same as before, or another node has learned meanwhile.
    pub async fn insert_priors(
        &mut self,
        site: &SiteId,
        learned: &Priors,
        (own, others): (u64, u64),
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let before = sqlx::query(NEWEST).bind(site.as_str()).fetch_optional(self.connection()).await?;
        if before.as_ref().map(read).transpose()?.is_some_and(|before| before.priors == *learned) {
            return Ok(false);
        }
        let newest = sqlx::query("select coalesce(max(version), 0) as version from priors")
            .fetch_one(self.connection())
            .await?;
        let learned = serde_json::to_string(learned).map_err(|e| sqlx::Error::Encode(e.into()))?;
        let written = sqlx::query(
            "insert into priors (version, site_id, learned_at, own, others, learned) \
             values ($1, $2, $3, $4, $5, $6) on conflict (version) do nothing",
        )
        .bind(newest.try_get::<i64, _>("version")? + 1)
        .bind(site.as_str())
        .bind(at.as_ms())
        .bind(own as i64)
        .bind(others as i64)
        .bind(learned)
        .execute(self.connection())
        .await?;
        Ok(written.rows_affected() > 0)
    }

    /// What is believed of each of these numbers of ours.
    pub async fn list_believed(
        &mut self,
        numbers: &[&Phone],
    ) -> Result<HashMap<Phone, Believed>, StoreError> {
        let mut believed = HashMap::new();
        for batch in batches(numbers) {
            let mut many = Many::new(
                "with first as (select n.e164, n.created_at, n.pool_id, (select min(l.started_at) from leases l \
                 where l.number = n.e164) as lent_at from numbers n where n.e164 in ",
            );
            many.row();
            for number in batch {
                many.value(number.reveal())?;
            }
            many.then(
                ") select f.e164, f.created_at, f.lent_at, (select count(*) from calls c where c.number = f.e164 \
                 and c.arrived_at >= f.created_at and c.arrived_at < f.lent_at \
                 and (c.outcome is null or c.outcome <> 'blocked')) as calls, p.version, p.learned \
                 from first f left join pools o on o.id = f.pool_id left join priors p on p.site_id = o.site_id \
                 and p.version = (select max(x.version) from priors x where x.site_id = o.site_id)",
            );
            for row in many.fetch(self.connection()).await? {
                let learned = match row.maybe_int("version")? {
                    Some(version) => Some((version, row.json("learned")?)),
                    None => None,
                };
                let background = match row.maybe_time("lent_at")? {
                    Some(lent_at) => {
                        Some((row.int("calls")?.max(0) as u64, lent_at.since(row.time("created_at")?)))
                    }
                    None => None,
                };
                believed.insert(row.word("e164")?, Believed { learned, background });
            }
        }
        Ok(believed)
    }
}

fn read(row: &AnyRow) -> Result<LearnedPriors, sqlx::Error> {
    Ok(LearnedPriors {
        version: row.int("version")?,
        at: row.time("learned_at")?,
        own: row.int("own")?.max(0) as u64,
        others: row.int("others")?.max(0) as u64,
        priors: row.json("learned")?,
    })
}

fn origin(row: &AnyRow) -> Result<Option<Origin>, sqlx::Error> {
    if row.maybe_word::<VisitId>("visit_id")?.is_none() {
        return Ok(Some(Origin::Background));
    }
    let device: Device = row.maybe_word("device")?.unwrap_or_default();
    let told = row.maybe_text("seen")?.and_then(|text| serde_json::from_str(&text).ok());
    let silent = match told {
        Some(Evidence::ShownOnPage(shown)) => Some(Duration::from_millis(shown.last_seen_ms)),
        _ => {
            let at = row.time("arrived_at")?;
            row.maybe_time("last_seen_at")?.map(|seen| at.since(seen))
        }
    };
    Ok(silent.map(|silent| Origin::silent_for(silent, device)))
}
