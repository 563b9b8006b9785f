//! `/api/v1/shares`: links to a report for who has no account here.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::schedules::kept_query;
use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::ids::{ShareId, UserId};
use crate::domain::reporting::share::{DAYS_USUAL, Share, SharedReport};
use crate::domain::time::Timestamp;
use crate::flows::{ShareError, report_shared, share_taken_back};
use crate::http::AppState;
use crate::http::choices::link;
use crate::http::console::shared::check_query;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, Json, Path, Scope, SharesRead, SharesWrite, hash_token, new_token};

/// Where a link leads.
pub const SHARED: &str = "shared";
const NO_REPORT: &str = "must be overview, network, attribution, journeys or money";

/// A link to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReportShare {
    /// `overview`, `network`, `attribution`, `journeys`, or `money`, for which the key needs `costs:read` besides.
    #[serde(default = "overview")]
    #[schema(default = "overview")]
    report: String,
    /// As it stands behind the `?` of the report's address at the console. `term` and `landing_page` are not kept. A period such as `30d`
    /// goes along; two days stay.
    #[serde(default)]
    #[schema(example = "channel=Paid+Search&period=last_month&zone=Europe%2FParis")]
    query: String,
    /// It ends after so many days: 1 to 365.
    #[serde(default = "usual")]
    #[schema(example = 30)]
    days: u16,
}

fn overview() -> String {
    SharedReport::default().to_string()
}

const fn usual() -> u16 {
    DAYS_USUAL
}

/// A link to a report.
#[derive(Serialize, ToSchema)]
pub struct ReportShare {
    #[schema(value_type = Uuid)]
    id: ShareId,
    #[schema(example = "overview")]
    report: &'static str,
    query: String,
    /// Who made it: it shows the part of the network that they may see when it is opened. `null`: a program did, and it shows
    /// all of it.
    #[schema(value_type = Option<Uuid>)]
    maker: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// `null`: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    opened_at: Option<Timestamp>,
    /// How often it was opened.
    opens: u64,
    /// Whoever has it sees the report. Told once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl From<Share> for ReportShare {
    fn from(it: Share) -> Self {
        Self {
            id: it.id,
            report: it.report.as_str(),
            query: it.query,
            maker: it.maker,
            created_at: it.created_at,
            expires_at: it.expires_at,
            opened_at: it.opened.map(|(at, _)| at),
            opens: it.opened.map_or(0, |(_, opens)| opens),
            link: None,
        }
    }
}

/// How making a link may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ShareProblems {
    /// There are as many links as there may be
    #[response(status = 409, content_type = "application/problem+json")]
    Full(#[to_schema] Problem),
}

impl From<ShareError> for HttpError {
    fn from(refused: ShareError) -> Self {
        match refused {
            ShareError::BadDays => Self::Invalid(vec![BadField::new("days", refused.to_string())]),
            ShareError::NotFound => Self::NotFound("link"),
            ShareError::Full => Self::Conflict(refused.to_string()),
            ShareError::Store(failure) => failure.into(),
        }
    }
}

/// Makes a link, and tells it.
pub async fn made(
    app: &AppState,
    maker: Option<UserId>,
    (report, query): (SharedReport, &str),
    days: u16,
) -> Result<(Share, String), HttpError> {
    let token = new_token();
    let query = kept_query(query)?;
    check_query(report, &query)?;
    let share =
        report_shared(&app.store, &app.clock, maker, (report, query), days, hash_token(&token)).await?;
    Ok((share, link(app, SHARED, &token)))
}

/// The links that have not ended, or not long ago, whoever made them. What they hold is told to nobody any more.
#[utoipa::path(
    get, path = "/api/v1/shares", tag = "reports", operation_id = "list_shares",
    security(("api_key" = ["shares:read"])),
    responses((status = 200, description = "The whole list", body = List<ReportShare>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<SharesRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<ReportShare>>, HttpError> {
    Ok(List::whole(app.store.list_shares(None).await?))
}

/// Makes a link to a report, with its filters locked. Whoever has it sees the report, without an account, until it ends.
#[utoipa::path(
    post, path = "/api/v1/shares", tag = "reports", operation_id = "create_share",
    request_body = NewReportShare, security(("api_key" = ["shares:write"])),
    responses(
        (status = 201, description = "The link", body = ReportShare),
        (status = 400, description = "The body is no JSON", body = Problem, content_type = "application/problem+json"),
        BodyProblems, KeyProblems, ServerProblems, ShareProblems
    )
)]
pub async fn create(
    key: ApiKey<SharesWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewReportShare>,
) -> Result<(StatusCode, axum::Json<ReportShare>), HttpError> {
    let unknown = |_| HttpError::Invalid(vec![BadField::new("report", NO_REPORT)]);
    let report: SharedReport = new.report.parse().map_err(unknown)?;
    if report == SharedReport::Money && !key.may(Scope::CostsRead) {
        return Err(HttpError::MissingScope(Scope::CostsRead));
    }
    let (share, link) = made(&app, None, (report, &new.query), new.days).await?;
    Ok((StatusCode::CREATED, axum::Json(ReportShare { link: Some(link), ..share.into() })))
}

/// Takes a link back: from now on it leads nowhere.
#[utoipa::path(
    delete, path = "/api/v1/shares/{id}", tag = "reports", operation_id = "delete_share",
    params(("id" = Uuid, Path, description = "The link")), security(("api_key" = ["shares:write"])),
    responses((status = 204, description = "It is gone"), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn delete(
    _: ApiKey<SharesWrite>,
    State(app): State<AppState>,
    Path(id): Path<ShareId>,
) -> Result<StatusCode, HttpError> {
    share_taken_back(&app.store, id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
