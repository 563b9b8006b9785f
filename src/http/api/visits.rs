//! `/api/v1/visits`: sessions of visitors who consented to be known.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::shapes::{Event, PageView, Visit};
use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::ids::{LeaseId, PoolId, VisitId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::lease;
use crate::domain::tracking::swap::Rule;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, FromQuery, Path, Query, QueryReader, VisitsRead};
use crate::store::{self, VisitFilter, Window};

/// Which visits; each condition given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ListQuery reads")]
pub struct Filters {
    /// The site's name in the plan.
    site: Option<String>,
    /// The visitor.
    visitor: Option<Uuid>,
    /// The channel, as GA4 names it.
    #[param(example = "Paid Search")]
    channel: Option<String>,
    /// Began at or after this time.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Began before this time.
    #[param(format = DateTime)]
    until: Option<String>,
}

pub struct ListQuery {
    filter: VisitFilter,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            filter: VisitFilter {
                site: query.value("site"),
                visitor: query.id("visitor"),
                channel: query.value("channel"),
                from: query.time("from"),
                until: query.time("until"),
            },
            window: query.window(),
        }
    }
}

/// A visit with what it saw.
#[derive(Serialize, ToSchema)]
pub struct VisitInFull {
    #[serde(flatten)]
    pub visit: Visit,
    /// The earliest first.
    pub page_views: Vec<PageView>,
    /// What happened on them, and what other systems tell of the visitor until they are a contact; the earliest first.
    pub events: Vec<Event>,
    /// The numbers that were lent to it.
    pub leases: Vec<Lease>,
    /// The pools that had none for it.
    pub unleased: Vec<Unleased>,
}

/// A pool that had no number for a visit.
#[derive(Serialize, ToSchema)]
pub struct Unleased {
    #[schema(value_type = String)]
    pub pool: PoolId,
    /// What was done: `channel_static` or `original`.
    #[schema(value_type = String, example = "original")]
    pub rule: Rule,
    /// `exhausted`, or the cap that was reached: `block_cap`, `site_cap`.
    #[schema(example = "exhausted")]
    pub why: String,
    /// What the page showed; `null`: the business number stayed.
    #[schema(value_type = Option<String>, example = "+33199001234")]
    pub number: Option<Phone>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl From<store::Unleased> for Unleased {
    fn from(it: store::Unleased) -> Self {
        Self { pool: it.pool, rule: it.rule, why: it.why, number: it.number, at: it.at }
    }
}

/// One number lent to one visit.
#[derive(Serialize, ToSchema)]
pub struct Lease {
    #[schema(value_type = Uuid)]
    pub id: LeaseId,
    #[schema(value_type = String, example = "+33199001234")]
    pub number: Phone,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// To within ten seconds.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// How it came about: `lease`, `renewed` or `shared`; `null` for an old one.
    #[schema(value_type = Option<String>, example = "lease")]
    pub rule: Option<Rule>,
}

impl From<lease::Lease> for Lease {
    fn from(lease: lease::Lease) -> Self {
        Self {
            id: lease.id,
            number: lease.number,
            started_at: lease.started_at,
            last_seen_at: lease.last_seen_at,
            rule: lease.rule,
        }
    }
}

/// Visits, the newest first.
#[utoipa::path(
    get, path = "/api/v1/visits", tag = "visits", operation_id = "list_visits",
    params(Filters, WindowParams), security(("api_key" = ["visits:read"])),
    responses((status = 200, description = "A part of the list", body = List<Visit>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<VisitsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ListQuery>,
) -> Result<axum::Json<List<Visit>>, HttpError> {
    Ok(List::part(app.store.list_visits(&asked.filter, &asked.window).await?))
}

/// One visit, with its pages and the numbers it was shown.
#[utoipa::path(
    get, path = "/api/v1/visits/{id}", tag = "visits", operation_id = "find_visit",
    params(("id" = Uuid, Path, description = "The visit")), security(("api_key" = ["visits:read"])),
    responses((status = 200, description = "The visit", body = VisitInFull), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<VisitsRead>,
    State(app): State<AppState>,
    Path(id): Path<VisitId>,
) -> Result<axum::Json<VisitInFull>, HttpError> {
    let visit = app.store.find_visit(id).await?.ok_or(HttpError::NotFound("visit"))?;
    let page_views = app.store.list_page_views(id).await?;
    let events = app.store.list_events(id).await?;
    let leases = app.store.list_leases(id).await?;
    let unleased = app.store.list_unleased(id).await?;
    Ok(axum::Json(VisitInFull {
        visit: visit.into(),
        page_views: page_views.into_iter().map(Into::into).collect(),
        events: events.into_iter().map(Into::into).collect(),
        leases: leases.into_iter().map(Into::into).collect(),
        unleased: unleased.into_iter().map(Into::into).collect(),
    }))
}
