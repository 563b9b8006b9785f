//! Lists and reports as tables: of each item the fields that the API tells, a column each, with the names that they have there.

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use serde::Serialize;
use serde_json::Value;

use super::audit::{AuditEntry, AuditQuery, Filters};
use super::export::{Reader, csv_file, csv_rows};
use super::missed::{CallersParams, CallersQuery, MissedCaller, MissedHour, MissedParams};
use super::money::{MoneyParams, MoneyQuery, MoneyRow};
use super::overview::ReportFilters;
use super::pools::Pool;
use super::staffing::{AimParams, StaffedDestination, StaffingQuery};
use super::users::User;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::calling::missed::Fate;
use crate::domain::money::Currency;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::staffing::Aim;
use crate::flows::callers_missed;
use crate::http::AppState;
use crate::http::calls_asked;
use crate::http::error::HttpError;
use crate::http::extract::{
    ApiKey, AuditRead, CallsRead, ContactsRead, NumbersRead, Query, Scope, UsersRead,
};
use crate::http::missed::Asked as MissedAsked;
use crate::http::money::Accounts;
use crate::http::report::Asked;
use crate::store::audit::AuditFilter;
use crate::store::page::LIMIT_MAX;
use crate::store::{StoreError, Window};

/// Where the columns stand in an item's JSON; a heading has `_` where a field lies within another.
type Columns = &'static [&'static str];

/// What of a caller is told to whom people are shown, and what to whom it is told what they may be worth.
const OF_PEOPLE: Columns = &["contact", "may_be_called/rule", "task"];
const OF_WORTH: Columns = &["at_stake/amount", "at_stake/currency"];

const MONEY: Columns = &[
    "label",
    "cost_minor",
    "calls",
    "calls_from",
    "calls_to",
    "answered",
    "leads",
    "sales",
    "revenue_minor",
    "cost_per_call_minor",
    "cost_per_call_from_minor",
    "cost_per_call_to_minor",
    "cost_per_lead_minor",
    "cost_per_sale_minor",
    "return",
];
const CALLERS: Columns = &[
    "contact",
    "call",
    "caller",
    "number",
    "destination",
    "outlet",
    "outcome",
    "missed_at",
    "times",
    "state",
    "settled_at",
    "settled_after_seconds",
    "origin/channel",
    "origin/source",
    "origin/medium",
    "origin/campaign",
    "origin/probability",
    "at_stake/amount",
    "at_stake/currency",
    "may_be_called/allowed",
    "may_be_called/rule",
    "may_be_called/next_at",
    "task",
];
const HOURS: Columns = &[
    "hour_of_week",
    "open_share",
    "missed_rate",
    "open/calls",
    "open/answered",
    "open/missed",
    "closed/calls",
    "closed/answered",
    "closed/missed",
];
const STAFFING: Columns = &[
    "destination",
    "hour_of_week",
    "people",
    "could",
    "calls_per_hour",
    "calls",
    "missed",
    "hours",
    "lack",
    "thin",
];
const AUDIT: Columns = &["id", "at", "who", "name", "what", "kind", "subject", "seq", "hash"];
const USERS: Columns = &["id", "email", "role", "outlet", "second_factor", "created_at"];
const POOLS: Columns = &[
    "id",
    "site",
    "destination",
    "target",
    "keep_alive_ms",
    "quarantine_ms",
    "ageing_ms",
    "numbers",
    "ageing",
    "lent",
    "resting",
    "retired",
];

fn headings(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| column.replace('/', "_")).collect()
}

fn row(item: &Value, columns: &[&str]) -> Vec<String> {
    let cell = |column: &&str| match item.pointer(&format!("/{column}")) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    columns.iter().map(cell).collect()
}

fn json(item: impl Serialize) -> Value {
    serde_json::to_value(item).unwrap_or_default()
}

/// A table that is there as a whole.
fn whole(name: &str, columns: Columns, items: impl Iterator<Item = Value>, reader: Reader) -> Response {
    let rows = items.map(|item| row(&item, columns));
    let table = csv_rows([headings(columns)].into_iter().chain(rows), reader);
    csv_file(name, stream::iter([Ok(table)]), reader)
}

/// A table that is read in parts, however long it is.
fn in_parts<F, T>(name: &str, columns: Vec<&'static str>, reader: Reader, read: F) -> Response
where
    F: Fn(Window) -> T + Send + 'static,
    T: Future<Output = Result<(Vec<Value>, Option<String>), StoreError>> + Send,
{
    let start = (read, columns, Some(Window::first(LIMIT_MAX)));
    let parts = stream::unfold(start, move |(read, columns, window)| async move {
        let window = window?;
        let heading = window.after.is_none().then(|| headings(&columns));
        Some(match read(window).await {
            Ok((items, next)) => {
                let rows = items.iter().map(|item| row(item, &columns));
                let next = next.map(|after| Window { after: Some(after), limit: LIMIT_MAX });
                (Ok(csv_rows(heading.into_iter().chain(rows), reader)), (read, columns, next))
            }
            Err(failure) => (Err(failure), (read, columns, None)),
        })
    });
    csv_file(name, parts, reader)
}

pub async fn money_table(
    app: &AppState,
    asked: &Asked,
    by: Dimension,
    currency: Option<Currency>,
    reader: Reader,
) -> Result<Response, HttpError> {
    let reported = asked.report(app, vec![by], usize::MAX).await?;
    let accounts = Accounts::of(app, asked, &reported, by, currency).await?;
    let rows = accounts.rows(&reported.counted);
    let rows = rows.iter().map(|(label, account)| json(MoneyRow::of(label.clone(), account)));
    Ok(whole("money.csv", MONEY, rows, reader))
}

pub async fn callers_table(
    app: &AppState,
    asked: &MissedAsked,
    fate: Option<Fate>,
    told: &calls_asked::Reader,
    reader: Reader,
) -> Result<Response, HttpError> {
    let filter = asked.filter(app, &app.store.list_outlets().await?, fate);
    let untold = |columns: Columns, is_told: bool| columns.iter().filter(move |_| !is_told);
    let untold: Vec<&str> =
        untold(OF_PEOPLE, told.sees_people).chain(untold(OF_WORTH, told.sees_worth)).copied().collect();
    let columns = CALLERS.iter().copied().filter(|column| !untold.contains(column)).collect();
    let app = app.clone();
    Ok(in_parts("missed-callers.csv", columns, reader, move |window| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let mut missed = callers_missed(&app.store, &app.clock, &app.reports, &filter, &window).await?;
            let callers = std::mem::take(&mut missed.callers.items);
            let items = callers.into_iter().map(|caller| json(MissedCaller::of(caller, &missed)));
            Ok((items.collect(), missed.callers.next.clone()))
        }
    }))
}

pub async fn hours_table(app: &AppState, asked: &MissedAsked, reader: Reader) -> Result<Response, HttpError> {
    let hours = asked.hours(app).await?;
    let rows = hours.week.0.iter().enumerate().map(|(nth, hour)| {
        let mut item = json(MissedHour::from(hour));
        item["hour_of_week"] = nth.into();
        item
    });
    Ok(whole("missed-hours.csv", HOURS, rows, reader))
}

pub async fn staffing_table(
    app: &AppState,
    asked: &MissedAsked,
    aim: Aim,
    reader: Reader,
) -> Result<Response, HttpError> {
    let destinations =
        asked.staffing(app, aim).await?.into_iter().map(|it| json(StaffedDestination::from(it)));
    let rows = destinations.flat_map(|of| {
        let hours = of["hours"].as_array().cloned().unwrap_or_default().into_iter();
        hours.map(move |mut hour| {
            hour["destination"] = of["destination"].clone();
            hour
        })
    });
    Ok(whole("staffing.csv", STAFFING, rows, reader))
}

pub fn audit_table(app: &AppState, filter: AuditFilter, reader: Reader) -> Response {
    let app = app.clone();
    in_parts("audit.csv", AUDIT.to_vec(), reader, move |window| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let page = app.store.list_audit(&filter, &window).await?;
            Ok((page.items.into_iter().map(|it| json(AuditEntry::from(it))).collect(), page.next))
        }
    })
}

pub async fn users_table(app: &AppState, reader: Reader) -> Result<Response, HttpError> {
    let users = app.store.list_users().await?.into_iter().map(|it| json(User::from(it)));
    Ok(whole("users.csv", USERS, users, reader))
}

/// What calls cost and brought as CSV, with all rows. The first column is empty for what does not say. The key needs
/// `costs:read` besides.
#[utoipa::path(
    get, path = "/api/v1/reports/money.csv", tag = "reports", operation_id = "export_money",
    params(MoneyParams, ReportFilters), security(("api_key" = ["calls:read", "costs:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn money(
    key: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<MoneyQuery>,
) -> Result<Response, HttpError> {
    if !key.may(Scope::CostsRead) {
        return Err(HttpError::MissingScope(Scope::CostsRead));
    }
    money_table(&app, &query.asked, query.by.0, query.currency, Reader::Program).await
}

/// Callers whom nobody answered as CSV, all of them.
#[utoipa::path(
    get, path = "/api/v1/reports/missed.csv", tag = "reports", operation_id = "export_missed",
    params(MissedParams, CallersParams), security(("api_key" = ["contacts:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn callers(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(query): Query<CallersQuery>,
) -> Result<Response, HttpError> {
    callers_table(&app, &query.asked, query.fates.0, &calls_asked::Reader::PROGRAM, Reader::Program).await
}

/// When calls are missed as CSV: a row for each hour of the week, from Monday at midnight on.
#[utoipa::path(
    get, path = "/api/v1/reports/missed/hours.csv", tag = "reports", operation_id = "export_missed_hours",
    params(MissedParams), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn hours(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(asked): Query<MissedAsked>,
) -> Result<Response, HttpError> {
    hours_table(&app, &asked, Reader::Program).await
}

/// How many people must answer as CSV: a row for each destination and hour of the week in which calls came.
#[utoipa::path(
    get, path = "/api/v1/reports/missed/staffing.csv", tag = "reports", operation_id = "export_staffing",
    params(MissedParams, AimParams), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn staffing(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<StaffingQuery>,
) -> Result<Response, HttpError> {
    staffing_table(&app, &query.asked, query.aim, Reader::Program).await
}

/// Who has asked for what as CSV, all entries that fit, the latest first.
#[utoipa::path(
    get, path = "/api/v1/audit.csv", tag = "people", operation_id = "export_audit",
    params(Filters), security(("api_key" = ["audit:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn audit(
    _: ApiKey<AuditRead>,
    State(app): State<AppState>,
    Query(query): Query<AuditQuery>,
) -> Result<Response, HttpError> {
    Ok(audit_table(&app, query.filter, Reader::Program))
}

/// Who works at the console as CSV.
#[utoipa::path(
    get, path = "/api/v1/users.csv", tag = "users", operation_id = "export_users",
    security(("api_key" = ["users:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ServerProblems
    )
)]
pub async fn users(_: ApiKey<UsersRead>, State(app): State<AppState>) -> Result<Response, HttpError> {
    users_table(&app, Reader::Program).await
}

/// Every pool, and how full it is now, as CSV.
#[utoipa::path(
    get, path = "/api/v1/pools.csv", tag = "numbers", operation_id = "export_pools",
    security(("api_key" = ["numbers:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ServerProblems
    )
)]
pub async fn pools(_: ApiKey<NumbersRead>, State(app): State<AppState>) -> Result<Response, HttpError> {
    let pools = app.store.list_pools(app.clock.now()).await?.into_iter().map(|it| json(Pool::from(it)));
    Ok(whole("pools.csv", POOLS, pools, Reader::Program))
}
