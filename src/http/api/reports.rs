//! `/api/v1/reports`: what calls came from, added up, and how sure that is.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use axum::extract::State;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::advice::Within;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::ids::{OutletId, SiteId};
use crate::domain::reporting::count::{Question, Row};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::LEVEL;
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;
use crate::domain::tracking::credit::{self, Model, Worth};
use crate::flows::{AskedCredit, CreditReport, credit_reported};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::report::meant;

/// How many rows a report has at most: those with the most calls.
const ROWS_MAX: usize = 200;

/// What is reported when nothing is said of the period.
const PERIOD: Duration = Duration::from_secs(30 * 86_400);

/// How long before a call a visit counts, and when one counts half, when nothing is said.
pub(in crate::http) const LOOK_BACK: Duration = Duration::from_secs(30 * 86_400);
pub(in crate::http) const HALF_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// Which calls are counted, and by what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ChannelsQuery reads")]
pub struct ChannelsParams {
    /// `channel`, `source`, `medium`, `campaign`, `term`, `landing_page`, `device`, `site`, `outlet`,
    /// `destination`, `number`, `region` or `outcome`.
    #[param(default = "channel")]
    dimension: Option<String>,
    /// Calls that arrived at or after this time; 30 days ago unless told.
    #[param(example = "2026-11-01T00:00:00Z")]
    from: Option<String>,
    /// Calls that arrived before this time; now unless told.
    until: Option<String>,
    /// Calls to numbers of this site.
    site: Option<String>,
    /// Calls to this outlet and to those below it.
    outlet: Option<String>,
    /// Calls to this number.
    #[param(example = "+33199001234")]
    number: Option<String>,
}

pub struct ChannelsQuery {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    dimension: Dimension,
    only: Vec<(Dimension, String)>,
}

impl FromQuery for ChannelsQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let (from, until) = (query.time("from"), query.time("until"));
        let number = query.phone("number").map(|number| number.reveal().to_owned());
        let site = query.value::<SiteId>("site").map(|site| site.to_string());
        let outlet = query.value::<OutletId>("outlet").map(|outlet| outlet.to_string());
        let only = [(Dimension::Number, number), (Dimension::Site, site), (Dimension::Outlet, outlet)];
        let only = only.into_iter().filter_map(|(it, label)| Some((it, label?))).collect();
        Self { from, until, dimension: query.value("dimension").unwrap_or_default(), only }
    }
}

/// What stands in for a period that is not told: the days up to now.
fn period(app: &AppState, from: Option<Timestamp>, until: Option<Timestamp>) -> (Timestamp, Timestamp) {
    let until = until.unwrap_or_else(|| app.clock.now());
    (from.unwrap_or(until - PERIOD), until)
}

/// How many calls came from where.
#[derive(Serialize, ToSchema)]
pub struct Channels {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// How many calls were counted.
    calls: u64,
    /// How sure each interval is of holding the true number.
    #[schema(example = 0.9)]
    level: f64,
    /// The most calls first; at most 200.
    rows: Vec<ChannelRow>,
    /// There are more rows than are told.
    cut: bool,
}

/// What came from one place.
#[derive(Serialize, ToSchema)]
pub struct ChannelRow {
    /// `null`: the visit or number says none.
    #[schema(example = "Paid Search")]
    label: Option<String>,
    /// The expected number of calls: their probabilities added up.
    calls: f64,
    /// The true number is this at least …
    calls_from: f64,
    /// … and this at most, as surely as `level` says.
    calls_to: f64,
    /// Expected calls that somebody answered …
    answered: f64,
    /// … and that ended without anybody.
    unanswered: f64,
}

impl From<Row> for ChannelRow {
    fn from(Row { label, sums, expected, .. }: Row) -> Self {
        Self {
            label,
            calls: expected.calls,
            calls_from: expected.from,
            calls_to: expected.to,
            answered: calls(sums.answered),
            unanswered: calls(sums.missed),
        }
    }
}

/// How many calls came from where.
///
/// Each call counts with its probabilities, so a number of calls is an expected value, `Σp`, and has
/// an interval: of the distribution of a sum of independent chances (Poisson's binomial), exact up to a
/// variance `Σp(1−p)` of 400, and `Σp ± 1.645·√Σp(1−p)` above. Shares of one call that fall on one row
/// are added first: of a call that one of two visits by one channel made, the channel is certain.
#[utoipa::path(
    get, path = "/api/v1/reports/channels", tag = "reports", operation_id = "report_channels",
    params(ChannelsParams), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "A row for each place", body = Channels), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn channels(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ChannelsQuery>,
) -> Result<axum::Json<Channels>, HttpError> {
    let (from, until) = period(&app, asked.from, asked.until);
    let outlets = app.store.list_outlets().await?;
    let counted = app.reports.count(Question {
        period: from..until.max(from),
        zone: TimeZone::UTC,
        bars: vec![],
        only: asked.only.into_iter().map(|(it, label)| (it, meant(it, &label, &outlets))).collect(),
        apart: vec![asked.dimension],
        rows_max: ROWS_MAX,
    });
    let counted = counted.await?;
    let (rows, cut) = counted.apart.into_iter().next().map_or((vec![], false), |it| (it.rows, it.cut));
    let (all, rows) = (calls(counted.total.calls).round() as u64, rows.into_iter().map(Into::into).collect());
    Ok(axum::Json(Channels { from, until, calls: all, level: LEVEL, rows, cut }))
}

/// Which calls are shared out, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what CreditQuery reads")]
pub struct CreditParams {
    /// `first`, `last`, `last_non_direct`, `linear`, `position_based`, `time_decay`, `markov`,
    /// `shapley`, or `all` of them side by side.
    #[param(default = "all")]
    model: Option<String>,
    /// How long before a call a visit counts.
    #[param(minimum = 1, maximum = 365, default = 30)]
    lookback_days: Option<u32>,
    /// For `time_decay`: a visit this long before another counts half as much.
    #[param(minimum = 1, maximum = 365, default = 7)]
    half_life_days: Option<u32>,
    /// For `markov`: how many visits the chain remembers.
    #[param(minimum = 1, maximum = 4, default = 1)]
    order: Option<u32>,
    /// Calls that arrived at or after this time; 30 days ago unless told.
    from: Option<String>,
    /// Calls that arrived before this time; now unless told.
    until: Option<String>,
    /// Visits and calls of this site.
    site: Option<String>,
}

pub struct CreditQuery {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    look_back: Duration,
    models: Vec<Model>,
    site: Option<SiteId>,
}

impl FromQuery for CreditQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let mut days = |name, default| {
            let days = query.value::<Within<1, 365>>(name);
            days.map_or(default, |days| Duration::from_secs(u64::from(days.0) * 86_400))
        };
        let (look_back, half_life) = (days("lookback_days", LOOK_BACK), days("half_life_days", HALF_LIFE));
        let order = query.value::<Within<1, 4>>("order").map_or(1, |order| order.0 as usize);
        let asked = query.value::<Wanted>("model").unwrap_or(Wanted("all"));
        let all = models(half_life, NonZeroUsize::new(order).unwrap_or(NonZeroUsize::MIN));
        Self {
            from: query.time("from"),
            until: query.time("until"),
            look_back,
            models: all.into_iter().filter(|it| asked.0 == "all" || asked.0 == name(*it)).collect(),
            site: query.value("site"),
        }
    }
}

/// Every model.
pub(in crate::http) fn models(half_life: Duration, order: NonZeroUsize) -> [Model; 8] {
    [
        Model::First,
        Model::Last,
        Model::LastNonDirect,
        Model::Linear,
        Model::PositionBased,
        Model::TimeDecay { half_life },
        Model::Markov { order },
        Model::Shapley { worth: Worth::Rate, seed: 1 },
    ]
}

const fn name(model: Model) -> &'static str {
    match model {
        Model::First => "first",
        Model::Last => "last",
        Model::LastNonDirect => "last_non_direct",
        Model::Linear => "linear",
        Model::PositionBased => "position_based",
        Model::TimeDecay { .. } => "time_decay",
        Model::Markov { .. } => "markov",
        Model::Shapley { .. } => "shapley",
    }
}

/// The name of a model, or `all`.
struct Wanted(&'static str);

impl FromStr for Wanted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = models(Duration::ZERO, NonZeroUsize::MIN).map(name);
        names.into_iter().chain(["all"]).find(|name| *name == text).map(Self).ok_or(
            "must be one of first, last, last_non_direct, linear, position_based, time_decay, markov, shapley, all",
        )
    }
}

/// Which channels earned the calls.
#[derive(Serialize, ToSchema)]
pub struct Credits {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// The calls that each model shares out, as likely as they are.
    calls: f64,
    /// Calls that nothing led up to within the look-back: nobody earned them.
    untouched: f64,
    /// Only the newest 200,000 visits and 100,000 shares of calls are read, and there were more.
    cut: bool,
    models: Vec<ModelCredit>,
}

/// What one model says.
#[derive(Serialize, ToSchema)]
pub struct ModelCredit {
    #[schema(example = "markov")]
    model: &'static str,
    /// The most credit first.
    credits: Vec<ChannelCredit>,
    /// Why there is none: journeys that differ too much for a chain of this order.
    problem: Option<String>,
}

/// What one channel has earned.
#[derive(Serialize, ToSchema)]
pub struct ChannelCredit {
    #[schema(example = "Paid Search")]
    channel: String,
    /// In calls. By `shapley` a channel may have less than nothing: it brings many who do not call.
    calls: f64,
    /// The standard error of `calls` where it was sampled (`shapley` of more than 15 channels).
    standard_error: Option<f64>,
}

impl From<credit::Credit> for ChannelCredit {
    fn from(from: credit::Credit) -> Self {
        Self { channel: from.label.name, calls: from.calls, standard_error: from.standard_error }
    }
}

/// Which channels earned the calls, by one model of credit or all side by side.
///
/// A journey is what a contact, or a visitor known as nobody, did within the look-back before a call; it
/// counts as likely as the call is theirs. `markov` and `shapley` also read the journeys without a call.
#[utoipa::path(
    get, path = "/api/v1/reports/credit", tag = "reports", operation_id = "report_credit",
    params(CreditParams), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "What each model says", body = Credits), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn credit(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(asked): Query<CreditQuery>,
) -> Result<axum::Json<Credits>, HttpError> {
    let (from, until) = period(&app, asked.from, asked.until);
    let CreditQuery { look_back, models, site, .. } = asked;
    let asked = AskedCredit { site, from, until, look_back, models };
    let CreditReport { calls, untouched, cut, models } = credit_reported(&app.store, asked).await?;
    let models = models.into_iter().map(|(model, credits)| match credits {
        Ok(credits) => ModelCredit {
            model: name(model),
            credits: credits.into_iter().map(Into::into).collect(),
            problem: None,
        },
        Err(problem) => {
            ModelCredit { model: name(model), credits: vec![], problem: Some(problem.to_string()) }
        }
    });
    Ok(axum::Json(Credits { from, until, calls, untouched, cut, models: models.collect() }))
}
