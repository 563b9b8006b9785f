//! `/api/v1/reports/missed`: whom nobody answered and what became of them, and when that happens.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::overview::Short;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::calling::missed::Fate;
use crate::domain::calling::outcome::Outcome;
use crate::domain::ids::{CallId, ContactId, DestinationId, OutletId, TaskId};
use crate::domain::people::rules::Decision;
use crate::domain::phone::Phone;
use crate::domain::reporting::openings::{Hour, Part};
use crate::domain::reporting::stake::Stake;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Share;
use crate::flows::{Missed, callers_missed};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, ContactsRead, FromQuery, Query, QueryReader};
use crate::http::missed::{Asked, Fates};
use crate::store::Window;
use crate::store::reports::missed::MissedCaller as Caller;

/// Which calls.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what Asked reads")]
pub struct MissedParams {
    /// `today`, `yesterday`, `month`, `last_month`, `year`, a number of days of which today is the last
    /// (`30d`), or two days, both included (`2026-11-01..2026-11-30`).
    #[param(default = "30d")]
    period: Option<String>,
    /// In which days begin; a name of the tz database.
    #[param(default = "UTC", example = "Europe/Paris")]
    zone: Option<String>,
    /// With all outlets below it.
    outlet: Option<String>,
    destination: Option<String>,
    #[param(example = "Paid Search")]
    channel: Option<String>,
}

/// Which part of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what CallersQuery reads")]
pub struct CallersParams {
    /// `open`: they still wait; `called_back`; `called_again`: they were answered later; or `all`.
    #[param(default = "open")]
    state: Option<String>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// How many, 1 to 200; without it 50.
    limit: Option<u32>,
}

pub struct CallersQuery {
    pub asked: Asked,
    pub fates: Fates,
    window: Window,
}

impl FromQuery for CallersQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let (fates, window) = (query.value("state").unwrap_or_default(), query.window());
        Self { asked: Asked::read(query), fates, window }
    }
}

/// A part of the callers whom nobody answered.
#[derive(Serialize, ToSchema)]
pub struct MissedCallers {
    /// The purpose for which it was asked whether they may be called.
    #[schema(example = "offers")]
    purpose: String,
    /// Missed calls of nobody who could be called back: with a withheld number, or forgotten since.
    calls_of_nobody: u64,
    items: Vec<MissedCaller>,
    /// Hand it back as `cursor` to get the part that follows; `null` on the last one.
    next_cursor: Option<String>,
}

/// A caller whom nobody answered, by their last such call.
#[derive(Serialize, ToSchema)]
pub struct MissedCaller {
    #[schema(value_type = Uuid)]
    contact: ContactId,
    /// The last call that nobody took …
    #[schema(value_type = Uuid)]
    call: CallId,
    /// … the number that it came from; `null`: from a page …
    #[schema(value_type = Option<String>, example = "+33639980001")]
    caller: Option<Phone>,
    /// … that was dialled …
    #[schema(value_type = String, example = "+33199001234")]
    number: Phone,
    #[schema(value_type = Option<String>)]
    destination: Option<DestinationId>,
    #[schema(value_type = Option<String>)]
    outlet: Option<OutletId>,
    /// … how it ended: `missed`, `busy`, `abandoned`, `voicemail` or `failed` …
    #[schema(value_type = String, example = "missed")]
    outcome: Outcome,
    /// … and when it came.
    #[schema(value_type = String, format = DateTime)]
    missed_at: Timestamp,
    /// How many calls of theirs nobody took in the period.
    times: u64,
    /// Where that call most likely came from.
    origin: Option<LikelyOrigin>,
    /// What the caller may have been worth; `null`: not known.
    at_stake: Option<AtStake>,
    /// `open`, `called_back` or `called_again`.
    #[schema(example = "open")]
    state: &'static str,
    /// When they were called back, or answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
    /// How long that was after the last missed call.
    settled_after_seconds: Option<u64>,
    /// Of those who still wait: whether they may be called now.
    may_be_called: Option<MayBeCalled>,
    /// A task of a scenario that is open or waits for it.
    #[schema(value_type = Option<Uuid>)]
    task: Option<TaskId>,
}

/// Where a call most likely came from.
#[derive(Serialize, ToSchema)]
pub struct LikelyOrigin {
    #[schema(example = "Paid Search")]
    channel: &'static str,
    source: String,
    medium: String,
    campaign: Option<String>,
    probability: f64,
}

impl From<&Share> for LikelyOrigin {
    fn from(share: &Share) -> Self {
        Self {
            channel: share.source.channel.as_str(),
            source: share.source.source.clone(),
            medium: share.source.medium.clone(),
            campaign: share.source.campaign.clone(),
            probability: share.probability,
        }
    }
}

/// What a caller may have been worth: how often calls became sales, times the mean of a purchase.
#[derive(Serialize, ToSchema)]
pub struct AtStake {
    /// In the smallest unit of the currency.
    amount: u64,
    #[schema(example = "EUR")]
    currency: String,
    /// The share of answered calls that became sales …
    chance: f64,
    /// … of the same channel; `false`: of all, since the channel has had too few.
    of_channel: bool,
}

impl From<Stake> for AtStake {
    fn from(it: Stake) -> Self {
        let (amount, currency) = (it.value.minor, it.value.currency.to_string());
        Self { amount, currency, chance: it.chance, of_channel: it.of_channel }
    }
}

/// Whether somebody may be called now, as `POST /api/v1/contactability/check` says it.
#[derive(Serialize, ToSchema)]
pub struct MayBeCalled {
    allowed: bool,
    /// Where not: from when on; `null`: time alone changes nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// The rule that decides it, and in words why.
    #[schema(example = "call-back")]
    rule: Option<&'static str>,
    words: Option<String>,
}

impl From<&Decision> for MayBeCalled {
    fn from(it: &Decision) -> Self {
        let why = it.decisive();
        Self {
            allowed: it.allowed,
            next_at: it.next_at,
            rule: why.map(|reason| reason.rule.as_str()),
            words: why.map(|reason| reason.why.to_string()),
        }
    }
}

impl MissedCaller {
    pub fn of(caller: Caller, missed: &Missed) -> Self {
        let stake = missed.stakes.of(caller.best.as_ref().map(|share| share.source.channel));
        Self {
            origin: caller.best.as_ref().map(Into::into),
            at_stake: stake.map(Into::into),
            may_be_called: missed.may.get(&caller.contact).map(Into::into),
            task: missed.tasks.get(&caller.contact).map(|task| task.id),
            settled_after_seconds: caller.settled_at.map(|at| at.since(caller.at).as_secs()),
            contact: caller.contact,
            call: caller.call,
            caller: caller.caller,
            number: caller.number,
            destination: caller.destination,
            outlet: caller.outlet,
            outcome: caller.outcome,
            missed_at: caller.at,
            times: caller.times,
            state: Fate::as_str(caller.fate),
            settled_at: caller.settled_at,
        }
    }
}

/// Callers whom nobody answered, each once, the last to be missed first.
///
/// A caller counts as called back by an engagement `call_made` that was answered, reached a mailbox or does not tell how it
/// ended, as for tasks; callers who withhold their number are counted and not listed.
#[utoipa::path(
    get, path = "/api/v1/reports/missed", tag = "reports", operation_id = "report_missed",
    params(MissedParams, CallersParams), security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "A part of the list", body = MissedCallers), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn callers(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(query): Query<CallersQuery>,
) -> Result<axum::Json<MissedCallers>, HttpError> {
    let outlets = app.store.list_outlets().await?;
    let filter = query.asked.filter(&app, &outlets, query.fates.0);
    let mut missed = callers_missed(&app.store, &app.clock, &app.reports, &filter, &query.window).await?;
    let items = std::mem::take(&mut missed.callers.items);
    Ok(axum::Json(MissedCallers {
        items: items.into_iter().map(|caller| MissedCaller::of(caller, &missed)).collect(),
        purpose: missed.purpose.id.to_string(),
        calls_of_nobody: missed.of_nobody,
        next_cursor: missed.callers.next,
    }))
}

/// When calls came and were missed.
#[derive(Serialize, ToSchema)]
pub struct MissedHours {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    #[schema(example = "Europe/Paris")]
    zone: String,
    /// While the destinations of the calls were open …
    open: Short,
    /// … and while they were closed.
    closed: Short,
    /// For each hour of the week, from Monday at midnight on.
    week: Vec<MissedHour>,
    /// More destinations have hours of their own than are looked at, and count as always open: choose an outlet.
    cut: bool,
}

/// An hour of the week.
#[derive(Serialize, ToSchema)]
pub struct MissedHour {
    /// How much of it is open in this period, 0 to 1.
    open_share: f64,
    /// Of the calls that are over, those that nobody took; `null`: none came.
    missed_rate: Option<f64>,
    open: Short,
    closed: Short,
}

impl From<&Hour> for MissedHour {
    fn from(it: &Hour) -> Self {
        Self {
            open_share: it.open_share(),
            missed_rate: it.missed_rate(),
            open: short(&it.open),
            closed: short(&it.closed),
        }
    }
}

fn short(part: &Part) -> Short {
    (&part.sums).into()
}

/// When calls are missed: by the hour of the week, while the destination was open and while it was closed.
///
/// Hours of opening are those that the plan has now, with its holidays and days of its own.
#[utoipa::path(
    get, path = "/api/v1/reports/missed/hours", tag = "reports", operation_id = "report_missed_hours",
    params(MissedParams), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "By the hour of the week", body = MissedHours), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn hours(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(asked): Query<Asked>,
) -> Result<axum::Json<MissedHours>, HttpError> {
    let hours = asked.hours(&app).await?;
    let total = hours.week.total();
    Ok(axum::Json(MissedHours {
        from: hours.period.start,
        until: hours.period.end,
        zone: asked.zone.unwrap_or_default().name().to_owned(),
        open: short(&total.open),
        closed: short(&total.closed),
        week: hours.week.0.iter().map(Into::into).collect(),
        cut: hours.cut,
    }))
}
