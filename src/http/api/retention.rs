//! `/api/v1/retention`: how long data is kept, what has had its time, and what was taken.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BodyProblems, KeyProblems, OneProblems, ServerProblems};
use crate::domain::ids::RetentionRunId;
use crate::domain::people::erasure::Touched;
use crate::domain::people::retention::Kind;
use crate::domain::time::Timestamp;
use crate::flows::{retention_hastened, retention_tried};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ContactsErase, ContactsRead, Json};
use crate::store::retention::{Kept, Run};

/// How many of the latest runs are told.
const RUNS: i64 = 50;

/// How long data is kept, and what was taken.
#[derive(Serialize, ToSchema)]
pub struct Retention {
    /// What the plan says; a kind that it does not name is kept.
    pub policies: Vec<RetentionPolicy>,
    /// What was taken, the latest first.
    pub runs: Vec<RetentionRun>,
}

/// How long one kind of data is kept, and what has had its time.
#[derive(Serialize, ToSchema)]
pub struct RetentionPolicy {
    /// `prospects`, `customers`, `visits`, `calls`, `engagements`, `mails` or `imports` (`docs/retention.md`).
    #[schema(value_type = String, example = "prospects")]
    pub kind: Kind,
    pub months: u32,
    /// Why so long.
    pub because: String,
    /// Since when the plan says these months.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When it is carried out next.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// What is older has had its time, if it were carried out now.
    #[schema(value_type = String, format = DateTime)]
    pub cutoff: Timestamp,
    /// How many rows of which table a run would take now.
    #[schema(value_type = Object, example = json!({"contacts": 12}))]
    pub would_take: Touched,
    /// The oldest of these: when a contact came to be known here, a visit was last seen, a call came …
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest: Option<Timestamp>,
}

/// That a policy was carried out.
#[derive(Serialize, ToSchema)]
pub struct RetentionRun {
    #[schema(value_type = Uuid)]
    pub id: RetentionRunId,
    #[schema(value_type = String, example = "prospects")]
    pub kind: Kind,
    pub months: u32,
    /// What was older was taken.
    #[schema(value_type = String, format = DateTime)]
    pub cutoff: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Timestamp,
    /// `null`: it goes on, or broke off; what is left is taken the next night.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// How many rows of which table.
    #[schema(value_type = Object, example = json!({"contacts": 12}))]
    pub taken: Touched,
    /// Contacts that the database would not let go of, which the log names; they are tried again the next night.
    pub failed: u64,
}

impl From<Run> for RetentionRun {
    fn from(run: Run) -> Self {
        let Run { id, kind, months, cutoff, began_at, ended_at, taken, failed } = run;
        Self { id, kind, months, cutoff, began_at, ended_at, taken, failed }
    }
}

impl Retention {
    pub async fn now(app: &AppState) -> Result<Self, HttpError> {
        let now = app.clock.now();
        let mut policies = Vec::new();
        for Kept { policy, since, due_at } in app.store.list_retention().await? {
            let due = retention_tried(&app.store, &policy, now).await?;
            let cutoff = policy.cutoff(now);
            policies.push(RetentionPolicy {
                kind: policy.kind,
                months: policy.months,
                because: policy.because,
                since,
                due_at,
                cutoff,
                would_take: due.rows,
                oldest: due.oldest,
            });
        }
        let runs = app.store.list_retention_runs(RUNS).await?;
        Ok(Self { policies, runs: runs.into_iter().map(Into::into).collect() })
    }
}

/// What is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRetentionRun {
    /// Count, and take nothing; else every policy that has stood for a day is carried out within a minute, instead of at
    /// night.
    dry_run: bool,
}

/// How long data is kept, by kind: what the plan says, what has had its time by now, and what was taken.
#[utoipa::path(
    get, path = "/api/v1/retention", tag = "people", operation_id = "find_retention",
    security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "By kind", body = Retention), KeyProblems, ServerProblems)
)]
pub async fn show(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<Retention>, HttpError> {
    Ok(axum::Json(Retention::now(&app).await?))
}

/// Counts what has had its time, or has it taken at once, for good. One node does so, in small parts; `runs` tell how far
/// it is.
#[utoipa::path(
    post, path = "/api/v1/retention/run", tag = "people", operation_id = "run_retention",
    security(("api_key" = ["contacts:erase"])),
    request_body(content = NewRetentionRun, content_type = "application/json"),
    responses(
        (status = 200, description = "What is taken, or would be", body = Retention),
        BodyProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn run(
    _: ApiKey<ContactsErase>,
    State(app): State<AppState>,
    Json(asked): Json<NewRetentionRun>,
) -> Result<axum::Json<Retention>, HttpError> {
    if !asked.dry_run {
        retention_hastened(&app.store, &app.clock).await?;
    }
    Ok(axum::Json(Retention::now(&app).await?))
}
