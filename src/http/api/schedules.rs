//! `/api/v1/report_schedules`: reports that go out by mail, to whom, and when.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::views::view_query;
use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::ids::{ScheduleId, UserId};
use crate::domain::reporting::schedule::{Draft, Fault, Wrong};
use crate::domain::time::Timestamp;
use crate::flows::{ScheduleError, ScheduleTo, schedule_deleted, schedule_written};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, Json, Path, SchedulesRead, SchedulesWrite};
use crate::store;
use crate::store::schedules::ScheduleRow;

/// Somebody who gets it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRecipient {
    /// Of somebody who signs in to the console: they get the part of the network that they may see.
    #[schema(example = "ada@example.org")]
    email: String,
    /// `en` or `fr`.
    #[schema(example = "fr")]
    language: String,
}

/// A report to be sent, or what takes the place of one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReportSchedule {
    /// 1 to 60 characters.
    #[schema(example = "Our week in Nice")]
    name: String,
    /// As it stands behind the `?` of the overview's address. Without a period it is about the day, the week or the month
    /// before. `term` and `landing_page` are not kept.
    #[serde(default)]
    #[schema(example = "outlet=nice&compare=before")]
    query: String,
    /// `day`, `week:1` (Monday) to `week:7`, or `month:1` to `month:31` (where a month is shorter, its last day).
    #[schema(example = "week:1")]
    every: String,
    /// By the clock of the zone.
    #[schema(example = "08:00")]
    at: String,
    #[serde(default)]
    #[schema(example = "Europe/Paris")]
    zone: String,
    /// 1 to 20.
    recipients: Vec<ReportRecipient>,
}

/// A report that is sent again and again.
#[derive(Serialize, ToSchema)]
pub struct ReportSchedule {
    #[schema(value_type = Uuid)]
    id: ScheduleId,
    name: String,
    query: String,
    every: String,
    at: String,
    zone: String,
    recipients: Vec<ReportRecipient>,
    /// Whose it is; `null`: a program made it.
    #[schema(value_type = Option<Uuid>)]
    owner: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// `null`: not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Timestamp>,
}

impl ReportSchedule {
    fn of(row: ScheduleRow, users: &[store::User]) -> Self {
        let it = row.schedule;
        let email = |id: UserId| users.iter().find(|user| user.id == id).map(|user| user.email.clone());
        let recipients = it.recipients.into_iter();
        Self {
            id: it.id,
            name: it.name,
            query: it.query,
            every: it.rhythm.every.to_string(),
            at: it.rhythm.at.strftime("%H:%M").to_string(),
            zone: it.rhythm.zone.iana_name().unwrap_or("UTC").to_owned(),
            recipients: recipients
                .filter_map(|to| Some(ReportRecipient { email: email(to.user)?, language: to.language }))
                .collect(),
            owner: it.owner,
            created_at: row.created_at,
            due_at: row.due_at,
            sent_at: row.sent_at,
        }
    }
}

/// How having a report sent may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ScheduleProblems {
    /// There are as many as there may be
    #[response(status = 409, content_type = "application/problem+json")]
    Full(#[to_schema] Problem),
}

impl From<ScheduleError> for HttpError {
    fn from(refused: ScheduleError) -> Self {
        match refused {
            ScheduleError::Faults(faults) => {
                Self::Invalid(faults.iter().map(|it| BadField::new(it.field, it.wrong.to_string())).collect())
            }
            ScheduleError::NotFound => Self::NotFound("schedule"),
            ScheduleError::Full => Self::Conflict(refused.to_string()),
            ScheduleError::Store(failure) => failure.into(),
        }
    }
}

/// What of an address a schedule keeps.
pub fn kept_query(text: &str) -> Result<String, ScheduleError> {
    let too_long = || ScheduleError::Faults(vec![Fault { field: "query", wrong: Wrong::BadQuery }]);
    view_query(text).ok_or_else(too_long)
}

async fn written(
    app: &AppState,
    id: Option<ScheduleId>,
    new: NewReportSchedule,
) -> Result<ReportSchedule, HttpError> {
    let query = kept_query(&new.query)?;
    let draft = Draft { name: new.name, every: new.every, at: new.at, zone: new.zone };
    let to: ScheduleTo = new.recipients.into_iter().map(|to| (to.email, to.language)).collect();
    let row = schedule_written(&app.store, &app.clock, id, None, (&draft, query), to).await?;
    Ok(ReportSchedule::of(row, &app.store.list_users().await?))
}

/// All of them, whoever has them sent.
#[utoipa::path(
    get, path = "/api/v1/report_schedules", tag = "reports", operation_id = "list_report_schedules",
    security(("api_key" = ["schedules:read"])),
    responses((status = 200, description = "The whole list", body = List<ReportSchedule>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<SchedulesRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<ReportSchedule>>, HttpError> {
    let users = app.store.list_users().await?;
    let rows = app.store.list_schedules(None).await?.into_iter();
    let items: Vec<ReportSchedule> = rows.map(|row| ReportSchedule::of(row, &users)).collect();
    Ok(List::whole(items))
}

/// Has a report sent from now on.
#[utoipa::path(
    post, path = "/api/v1/report_schedules", tag = "reports", operation_id = "create_report_schedule",
    request_body = NewReportSchedule, security(("api_key" = ["schedules:write"])),
    responses(
        (status = 201, description = "The schedule", body = ReportSchedule),
        (status = 400, description = "The body is no JSON", body = Problem, content_type = "application/problem+json"),
        BodyProblems, KeyProblems, ScheduleProblems, ServerProblems
    )
)]
pub async fn create(
    _: ApiKey<SchedulesWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewReportSchedule>,
) -> Result<(StatusCode, axum::Json<ReportSchedule>), HttpError> {
    Ok((StatusCode::CREATED, axum::Json(written(&app, None, new).await?)))
}

/// One of them.
#[utoipa::path(
    get, path = "/api/v1/report_schedules/{id}", tag = "reports", operation_id = "find_report_schedule",
    params(("id" = Uuid, Path, description = "The schedule")), security(("api_key" = ["schedules:read"])),
    responses((status = 200, description = "The schedule", body = ReportSchedule), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<SchedulesRead>,
    State(app): State<AppState>,
    Path(id): Path<ScheduleId>,
) -> Result<axum::Json<ReportSchedule>, HttpError> {
    let row = app.store.find_schedule(id).await?.ok_or(HttpError::NotFound("schedule"))?;
    Ok(axum::Json(ReportSchedule::of(row, &app.store.list_users().await?)))
}

/// Says something else in its place; whose it is stays.
#[utoipa::path(
    put, path = "/api/v1/report_schedules/{id}", tag = "reports", operation_id = "replace_report_schedule",
    params(("id" = Uuid, Path, description = "The schedule")), security(("api_key" = ["schedules:write"])),
    request_body = NewReportSchedule,
    responses(
        (status = 200, description = "The schedule as it is now", body = ReportSchedule),
        BodyProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn replace(
    _: ApiKey<SchedulesWrite>,
    State(app): State<AppState>,
    Path(id): Path<ScheduleId>,
    Json(new): Json<NewReportSchedule>,
) -> Result<axum::Json<ReportSchedule>, HttpError> {
    Ok(axum::Json(written(&app, Some(id), new).await?))
}

/// Has it sent no more.
#[utoipa::path(
    delete, path = "/api/v1/report_schedules/{id}", tag = "reports", operation_id = "delete_report_schedule",
    params(("id" = Uuid, Path, description = "The schedule")), security(("api_key" = ["schedules:write"])),
    responses((status = 204, description = "It is gone"), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn delete(
    _: ApiKey<SchedulesWrite>,
    State(app): State<AppState>,
    Path(id): Path<ScheduleId>,
) -> Result<StatusCode, HttpError> {
    schedule_deleted(&app.store, id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
