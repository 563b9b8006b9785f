//! `/api/v1/numbers`: the telephone numbers that ring at the gateway.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::key::Sequence;
use crate::domain::calling::recording::{Format, Informed, RecordingRule};
use crate::domain::calling::schedule::Days;
use crate::domain::ids::{DestinationId, LeaseId, OutletId, PoolId, PromptId, SiteId};
use crate::domain::money::Currency;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::number::{Medium, NumberKind};
use crate::domain::tracking::offline::{self, Offline};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, FromQuery, NumbersRead, Path, Query, QueryReader};
use crate::store::{NumberFilter, NumberRow, Window};

/// Which numbers; each condition given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ListQuery reads")]
pub struct Filters {
    /// The pool's name in the plan.
    pool: Option<String>,
    /// The outlet's name in the plan.
    outlet: Option<String>,
}

pub struct ListQuery {
    filter: NumberFilter,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let filter = NumberFilter {
            within: None,
            pool: query.value("pool"),
            outlet: query.value("outlet"),
            ..NumberFilter::default()
        };
        Self { filter, window: query.window() }
    }
}

/// A telephone number that rings at the gateway.
#[derive(Serialize, ToSchema)]
pub struct Number {
    #[schema(value_type = String, example = "+33199001234")]
    pub number: Phone,
    #[schema(value_type = String)]
    pub outlet: OutletId,
    #[schema(value_type = String)]
    pub destination: DestinationId,
    pub label: String,
    /// `false`: taken out; its history stays.
    pub in_service: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// How its calls are recorded; `null`: they are not.
    pub recording: Option<Recorded>,
    #[serde(flatten)]
    pub kind: Kind,
}

/// How the calls of a number are recorded.
#[derive(Serialize, ToSchema)]
pub struct Recorded {
    /// What the recordings are for.
    #[schema(example = "training of the counter")]
    pub purpose: String,
    /// After so many days a recording is deleted.
    pub keep_days: u16,
    /// Why longer than 183 days.
    pub longer_because: Option<String>,
    /// One call of so many.
    pub every: u32,
    /// `ogg_opus` or `wav`.
    #[schema(value_type = String, example = "ogg_opus")]
    pub format: Format,
    /// The prompt by which callers are told before they are connected; `null`: somebody else tells them.
    #[schema(value_type = Option<String>, example = "fr-recording")]
    pub notice: Option<PromptId>,
    /// Who tells them; `null`: the gateway does.
    pub informed_by: Option<String>,
    /// The keys by which the line pauses and resumes; `null`: none do.
    #[schema(value_type = Option<String>, example = "*7")]
    pub pause_key: Option<Sequence>,
}

impl From<RecordingRule> for Recorded {
    fn from(rule: RecordingRule) -> Self {
        let (notice, informed_by) = match rule.informed {
            Informed::Notice(notice) => (Some(notice.prompt), None),
            Informed::By(who) => (None, Some(who)),
        };
        Self {
            purpose: rule.purpose,
            keep_days: rule.keep_days,
            longer_because: rule.longer_because,
            every: rule.every,
            format: rule.format,
            notice,
            informed_by,
            pause_key: rule.pause_key,
        }
    }
}

/// Lent to visits, or standing for one medium.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Lent to visits of its pool's site.
    Pooled {
        #[schema(value_type = String)]
        pool: PoolId,
        /// Lent or resting until then.
        #[schema(value_type = String, format = DateTime)]
        free_at: Timestamp,
        /// The latest lease, live or not.
        #[schema(value_type = Option<Uuid>)]
        lease: Option<LeaseId>,
    },
    /// One medium: a poster, a profile page, or a channel of a website.
    Static {
        #[schema(value_type = String, example = "Offline")]
        channel: Channel,
        source: String,
        medium: String,
        campaign: Option<String>,
        /// The business number on a website that it stands in for, without consent.
        stands_in: Option<StandsIn>,
        /// What carries it off the web; `null` when the plan says nothing of it.
        offline: Option<OfflineMedium>,
    },
}

/// The business number on a website that a static number stands in for.
#[derive(Serialize, ToSchema)]
pub struct StandsIn {
    #[schema(value_type = String)]
    pub site: SiteId,
    #[schema(value_type = String, example = "+33199000100")]
    pub target: Phone,
}

/// A poster, a flyer, a profile page: what it is and what it cost.
#[derive(Serialize, ToSchema)]
pub struct OfflineMedium {
    /// `poster`, `flyer`, `card`, `directory`, `profile`, `signature` or `other`.
    #[schema(value_type = String, example = "flyer")]
    pub kind: offline::Kind,
    /// For the whole time that it runs.
    pub cost: Option<Cost>,
    /// The days on which it runs, the first and the last included.
    #[schema(value_type = Option<String>, example = "2026-03-01..2026-05-31")]
    pub runs: Option<Days>,
    /// Where its QR code may lead.
    pub landing_page: Option<String>,
}

/// An amount of money.
#[derive(Serialize, ToSchema)]
pub struct Cost {
    /// In the currency's smallest unit.
    #[schema(example = 125_000)]
    pub minor: u64,
    /// ISO 4217.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
}

impl From<Offline> for OfflineMedium {
    fn from(it: Offline) -> Self {
        let cost = it.cost.map(|cost| Cost { minor: cost.minor, currency: cost.currency });
        Self { kind: it.kind, cost, runs: it.runs, landing_page: it.landing_page }
    }
}

impl From<NumberRow> for Number {
    fn from(row: NumberRow) -> Self {
        let kind = match row.number.kind {
            NumberKind::Pooled(pool) => Kind::Pooled { pool, free_at: row.free_at, lease: row.lease },
            NumberKind::Static(Medium { channel, source, medium, campaign, stands_in, offline }) => {
                let stands_in = stands_in.map(|it| StandsIn { site: it.site, target: it.target });
                let offline = offline.map(Into::into);
                Kind::Static { channel, source, medium, campaign, stands_in, offline }
            }
        };
        Self {
            number: row.number.e164,
            outlet: row.number.outlet,
            destination: row.number.destination,
            label: row.number.label,
            in_service: row.number.in_service,
            created_at: row.number.created_at,
            recording: row.number.recording.map(Into::into),
            kind,
        }
    }
}

/// Tracking numbers.
#[utoipa::path(
    get, path = "/api/v1/numbers", tag = "numbers", operation_id = "list_numbers",
    params(Filters, WindowParams), security(("api_key" = ["numbers:read"])),
    responses((status = 200, description = "A part of the list", body = List<Number>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<NumbersRead>,
    State(app): State<AppState>,
    Query(asked): Query<ListQuery>,
) -> Result<axum::Json<List<Number>>, HttpError> {
    Ok(List::part(app.store.list_numbers(&asked.filter, &asked.window).await?))
}

/// One tracking number.
#[utoipa::path(
    get, path = "/api/v1/numbers/{number}", tag = "numbers", operation_id = "find_number",
    params(("number" = String, Path, description = "E.164, its `+` as it is or as `%2B`")),
    security(("api_key" = ["numbers:read"])),
    responses((status = 200, description = "The number", body = Number), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<NumbersRead>,
    State(app): State<AppState>,
    Path(number): Path<Phone>,
) -> Result<axum::Json<Number>, HttpError> {
    let row = app.store.find_number(&number).await?.ok_or(HttpError::NotFound("number"))?;
    Ok(axum::Json(row.into()))
}
