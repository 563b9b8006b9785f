//! `/api/v1/alerts`: what is watched, who is told, how it stands, and when it was raised.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::{BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::alerts::draft::Draft;
use crate::domain::alerts::measured::Measured;
use crate::domain::alerts::rule::Kind;
use crate::domain::alerts::written::Written;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{AlertId, IncidentId};
use crate::domain::staff::Area;
use crate::domain::time::Timestamp;
use crate::flows::{AlertError, alert_changed, alert_deleted, alert_written};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{AlertsRead, AlertsWrite, ApiKey, Json, Needs, Path, Query, Scope};
use crate::store;
use crate::store::Window;
use crate::store::alerts::AlertRow;

/// What is watched. Each kind has fields of its own: `missed` one of `share_percent` and `calls`, `pool` one of `free` and
/// `visits`, `cost` either `past_percent` or a band. What a kind does not have is `null`.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what a Draft reads")]
pub struct AlertRule {
    /// `missed`, `silence`, `pool`, `trunk` or `cost`.
    #[schema(example = "missed")]
    kind: String,
    /// `missed`, `silence`: calls of this outlet and all below it; without an outlet and a number, all calls.
    outlet: Option<String>,
    #[schema(example = "+33199001234")]
    number: Option<String>,
    /// `pool`: without it any.
    pool: Option<String>,
    /// `trunk`: without it any.
    trunk: Option<String>,
    /// `cost`: what this channel cost, by the calls that it brought; without it all of them.
    #[schema(example = "Paid Search")]
    channel: Option<String>,
    campaign: Option<String>,
    /// `missed` and `pool`: within so many minutes (60). `trunk`: it is down for so long (5).
    minutes: Option<u64>,
    /// `silence`: no shorter one is told (2).
    hours: Option<u64>,
    /// `cost`: whole days, the last of them yesterday (7).
    days: Option<u64>,
    /// `missed`: more than this part of the calls.
    share_percent: Option<f64>,
    /// `missed`: more than so many.
    calls: Option<u64>,
    /// `missed`, by share: of fewer calls nothing is said. `cost`: fewer are counted as so many (10).
    least_calls: Option<u64>,
    /// `silence`: only what is less likely by chance (1).
    chance_percent: Option<f64>,
    /// `pool`: fewer numbers than this are free.
    free: Option<u64>,
    /// `pool`: more visits than this got none.
    visits: Option<u64>,
    /// `cost`: a call costs less than this, in the smallest unit of the currency …
    low_minor: Option<u64>,
    /// … or more than this.
    high_minor: Option<u64>,
    currency: Option<String>,
    /// `cost`: a call costs so much more or less than in the four times as many days before.
    past_percent: Option<f64>,
    /// `silence`, `cost`: in which days and weeks begin (UTC).
    #[schema(example = "Europe/Paris")]
    zone: Option<String>,
}

/// An alert to be, or what takes the place of one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlert {
    /// 1 to 80 characters.
    #[schema(example = "Nice misses calls")]
    name: String,
    #[schema(value_type = AlertRule)]
    rule: Draft,
    /// Who is written to; at most ten.
    #[serde(default)]
    emails: Vec<String>,
    /// `en` or `fr`.
    #[schema(example = "fr")]
    language: Option<String>,
    /// `false`: nothing is watched.
    #[serde(default = "on")]
    enabled: bool,
}

const fn on() -> bool {
    true
}

/// A rule that is watched, and how it stands.
#[derive(Serialize, ToSchema)]
pub struct Alert {
    #[schema(value_type = Uuid)]
    id: AlertId,
    name: String,
    #[schema(value_type = AlertRule)]
    rule: Draft,
    emails: Vec<String>,
    #[schema(value_type = String)]
    language: Option<String>,
    enabled: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// `key:…` or `user:…`.
    created_by: String,
    /// `null`: it is quiet.
    #[schema(value_type = Option<String>, format = DateTime)]
    raised_at: Option<Timestamp>,
    /// While it is raised.
    #[schema(value_type = Option<Uuid>)]
    incident: Option<IncidentId>,
    /// When something was measured last.
    #[schema(value_type = Option<String>, format = DateTime)]
    measured_at: Option<Timestamp>,
    /// What that was, under the name of its kind; figures alone.
    #[schema(value_type = Option<Object>)]
    measured: Option<Measured>,
}

/// That an alert was raised.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertIncident)]
pub struct Incident {
    #[schema(value_type = Uuid)]
    id: IncidentId,
    #[schema(value_type = String, format = DateTime)]
    raised_at: Timestamp,
    /// What raised it.
    #[schema(value_type = Object)]
    measured: Measured,
    /// `null`: it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    over_at: Option<Timestamp>,
    /// What ended it; `null`: it goes on, or the rule was changed meanwhile.
    #[schema(value_type = Option<Object>)]
    calmed: Option<Measured>,
}

impl From<NewAlert> for Written {
    fn from(new: NewAlert) -> Self {
        let NewAlert { name, rule, emails, language, enabled } = new;
        Self { name, rule, emails, language, enabled }
    }
}

impl From<AlertRow> for Alert {
    fn from(row: AlertRow) -> Self {
        let Written { name, rule, emails, language, enabled } = Written::from(&row.alert);
        Self {
            id: row.alert.id,
            name,
            rule,
            emails,
            language,
            enabled,
            created_at: row.created_at,
            created_by: row.created_by,
            raised_at: row.standing.raised_at,
            incident: row.incident,
            measured_at: row.measured.as_ref().map(|(at, _)| *at),
            measured: row.measured.map(|(_, measured)| measured),
        }
    }
}

impl From<store::alerts::Incident> for Incident {
    fn from(it: store::alerts::Incident) -> Self {
        let store::alerts::Incident { id, raised_at, measured, over_at, calmed } = it;
        Self { id, raised_at, measured, over_at, calmed }
    }
}

/// How writing an alert may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum AlertProblems {
    /// There are as many alerts as there may be
    #[response(status = 409, content_type = "application/problem+json")]
    Full(#[to_schema] Problem),
}

impl From<AlertError> for HttpError {
    fn from(refused: AlertError) -> Self {
        match refused {
            AlertError::Faults(faults) => {
                let told = faults.iter().map(|it| BadField::new(it.field, it.wrong.to_string()));
                Self::Invalid(told.collect())
            }
            AlertError::NotFound => Self::NotFound("alert"),
            AlertError::Full => Self::Conflict(refused.to_string()),
            AlertError::Store(failure) => failure.into(),
        }
    }
}

/// What alerts on costs tell is for who may read costs.
fn may_see<S: Needs>(key: &ApiKey<S>, kind: Kind) -> bool {
    kind.area() != Area::Costs || key.may(Scope::CostsRead)
}

fn allow<S: Needs>(key: &ApiKey<S>, kind: Kind) -> Result<(), HttpError> {
    if may_see(key, kind) { Ok(()) } else { Err(HttpError::MissingScope(Scope::CostsRead)) }
}

async fn found<S: Needs>(app: &AppState, key: &ApiKey<S>, id: AlertId) -> Result<AlertRow, HttpError> {
    let row = app.store.find_alert(id).await?.ok_or(HttpError::NotFound("alert"))?;
    allow(key, row.alert.rule.kind())?;
    Ok(row)
}

/// All of them, by their names. Those on costs are told to keys that have `costs:read`, too.
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "alerts", operation_id = "list_alerts",
    security(("api_key" = ["alerts:read"])),
    responses((status = 200, description = "The whole list", body = List<Alert>), KeyProblems, ServerProblems)
)]
pub async fn list(
    key: ApiKey<AlertsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Alert>>, HttpError> {
    let rows = app.store.list_alerts().await?.into_iter();
    Ok(List::whole(rows.filter(|row| may_see(&key, row.alert.rule.kind()))))
}

/// One alert, and how it stands.
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "find_alert",
    params(("id" = Uuid, Path, description = "The alert")), security(("api_key" = ["alerts:read"])),
    responses((status = 200, description = "The alert", body = Alert), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    key: ApiKey<AlertsRead>,
    State(app): State<AppState>,
    Path(id): Path<AlertId>,
) -> Result<axum::Json<Alert>, HttpError> {
    Ok(axum::Json(found(&app, &key, id).await?.into()))
}

/// When it was raised, the latest first. Kept for 400 days.
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}/incidents", tag = "alerts", operation_id = "list_incidents",
    params(("id" = Uuid, Path, description = "The alert"), WindowParams), security(("api_key" = ["alerts:read"])),
    responses(
        (status = 200, description = "A part of the list", body = List<Incident>),
        KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn incidents(
    key: ApiKey<AlertsRead>,
    State(app): State<AppState>,
    Path(id): Path<AlertId>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Incident>>, HttpError> {
    found(&app, &key, id).await?;
    Ok(List::part(app.store.list_incidents(id, &window).await?))
}

/// Has something watched from now on.
#[utoipa::path(
    post, path = "/api/v1/alerts", tag = "alerts", operation_id = "create_alert",
    request_body = NewAlert, security(("api_key" = ["alerts:write"])),
    responses(
        (status = 201, description = "The alert", body = Alert),
        (status = 400, description = "The body is no JSON", body = Problem, content_type = "application/problem+json"),
        BodyProblems, AlertProblems, KeyProblems, ServerProblems
    )
)]
pub async fn create(
    key: ApiKey<AlertsWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewAlert>,
) -> Result<(StatusCode, axum::Json<Alert>), HttpError> {
    allow(&key, new.rule.kind.parse().unwrap_or_default())?;
    let row = alert_written(&app.store, &app.clock, Accessor::Key(key.id), &new.into()).await?;
    Ok((StatusCode::CREATED, axum::Json(row.into())))
}

/// Says something else in its place. With another rule it is quiet, and nobody is told that it is over.
#[utoipa::path(
    put, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "replace_alert",
    params(("id" = Uuid, Path, description = "The alert")), security(("api_key" = ["alerts:write"])),
    request_body = NewAlert,
    responses(
        (status = 200, description = "The alert as it is now", body = Alert),
        BodyProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn replace(
    key: ApiKey<AlertsWrite>,
    State(app): State<AppState>,
    Path(id): Path<AlertId>,
    Json(new): Json<NewAlert>,
) -> Result<axum::Json<Alert>, HttpError> {
    found(&app, &key, id).await?;
    allow(&key, new.rule.kind.parse().unwrap_or_default())?;
    Ok(axum::Json(alert_changed(&app.store, &app.clock, id, &new.into()).await?.into()))
}

/// Has it watched no more; its incidents go with it.
#[utoipa::path(
    delete, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "delete_alert",
    params(("id" = Uuid, Path, description = "The alert")), security(("api_key" = ["alerts:write"])),
    responses((status = 204, description = "It is gone"), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn delete(
    key: ApiKey<AlertsWrite>,
    State(app): State<AppState>,
    Path(id): Path<AlertId>,
) -> Result<StatusCode, HttpError> {
    found(&app, &key, id).await?;
    alert_deleted(&app.store, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
