//! `/api/v1/reports/money`: what calls cost and what they brought, and what a little more money would bring.

use std::str::FromStr;

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::advice::Within;
use super::overview::ReportFilters;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::money::Currency;
use crate::domain::reporting::costs::OF_COSTS;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::LEVEL;
use crate::domain::reporting::money::Account;
use crate::domain::reporting::next_euro::Outlook;
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader, Scope};
use crate::http::money::{Accounts, MORE, outlooks};
use crate::http::report::Asked;

const ROWS: u32 = 50;

/// Which calls, when, and in which money.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what MoneyQuery reads")]
pub struct MoneyParams {
    /// As in `/api/v1/reports/overview`.
    #[param(default = "30d")]
    period: Option<String>,
    #[param(default = "before")]
    compare: Option<String>,
    /// In which days begin, also those of costs.
    #[param(default = "UTC", example = "Europe/Paris")]
    zone: Option<String>,
    /// `channel`, `source`, `campaign` or `outlet`.
    #[param(default = "channel")]
    dimension: Option<String>,
    /// ISO 4217; without it, that of most costs.
    #[param(example = "EUR")]
    currency: Option<String>,
    /// How many rows there are at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    rows: Option<u32>,
}

pub struct MoneyQuery {
    pub asked: Asked,
    pub by: By,
    pub currency: Option<Currency>,
    rows: u32,
}

impl FromQuery for MoneyQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let rows = query.value::<Within<1, 200>>("rows").map_or(ROWS, |rows| rows.0);
        let by = query.value("dimension").unwrap_or_default();
        Self { rows, by, currency: query.value("currency"), asked: Asked::read(query) }
    }
}

/// By what costs are told apart.
#[derive(Clone, Copy, PartialEq, Default)]
pub struct By(pub Dimension);

impl FromStr for By {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = OF_COSTS.into_iter().find(|it| it.as_str() == word);
        known.map(Self).ok_or("must be channel, source, campaign or outlet")
    }
}

/// What calls cost and what they brought.
#[derive(Serialize, ToSchema)]
pub struct MoneyReport {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    #[schema(example = "Europe/Paris")]
    zone: String,
    /// How sure each interval is of holding the true number.
    #[schema(example = 0.9)]
    level: f64,
    /// In which all amounts are, in its smallest unit; `null`: there is no money.
    #[schema(example = "EUR")]
    currency: Option<String>,
    #[schema(example = "channel")]
    dimension: &'static str,
    total: MoneyFigures,
    /// `null` where nothing is compared.
    before: Option<MoneyBefore>,
    /// Whatever has calls or costs; the most costly first.
    rows: Vec<MoneyRow>,
    /// There are more rows than are told.
    cut: bool,
    /// Money in other currencies, which is in no figure.
    left_out: Vec<OtherMoney>,
    /// Costs of which nothing says whether they belong to what is filtered for; they are in no figure.
    unsaid_minor: u64,
    /// Of the channels that cost most, by the whole weeks of the last year.
    next_euro: Vec<NextEuro>,
}

#[derive(Serialize, ToSchema)]
pub struct MoneyBefore {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    total: MoneyFigures,
}

#[derive(Serialize, ToSchema)]
pub struct MoneyRow {
    /// `null`: nothing is said of it.
    label: Option<String>,
    #[serde(flatten)]
    figures: MoneyFigures,
}

#[derive(Serialize, ToSchema)]
pub struct MoneyFigures {
    /// `null`: filtered by something that costs do not say.
    cost_minor: Option<u64>,
    calls: f64,
    calls_from: f64,
    calls_to: f64,
    answered: f64,
    /// Calls that somebody rated a lead.
    leads: f64,
    sales: f64,
    /// What the callers bought within 30 days and before they called again, less what they gave back.
    revenue_minor: i64,
    cost_per_call_minor: Option<f64>,
    /// Between these two it lies, as surely as `level` says; `to` is `null` where there may have been no call.
    cost_per_call_from_minor: Option<f64>,
    cost_per_call_to_minor: Option<f64>,
    /// Of leads and sales: a sale was a lead as well.
    cost_per_lead_minor: Option<f64>,
    cost_per_sale_minor: Option<f64>,
    /// Revenue by cost.
    #[serde(rename = "return")]
    #[schema(rename = "return")]
    returned: Option<f64>,
}

impl From<&Account> for MoneyFigures {
    fn from(it: &Account) -> Self {
        let each = it.per_call();
        Self {
            cost_minor: it.cost,
            calls: calls(it.sums.calls),
            calls_from: it.expected.from,
            calls_to: it.expected.to,
            answered: calls(it.sums.answered),
            leads: calls(it.sums.leads),
            sales: calls(it.sums.sales),
            revenue_minor: it.revenue,
            cost_per_call_minor: each.map(|each| each.cost),
            cost_per_call_from_minor: each.map(|each| each.from),
            cost_per_call_to_minor: each.and_then(|each| each.to),
            cost_per_lead_minor: it.per_lead(),
            cost_per_sale_minor: it.per_sale(),
            returned: it.returned(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OtherMoney {
    currency: String,
    cost_minor: u64,
    revenue_minor: i64,
}

impl MoneyRow {
    pub fn of(label: Option<String>, account: &Account) -> Self {
        Self { label, figures: account.into() }
    }
}

/// What more money a week would bring a channel.
#[derive(Serialize, ToSchema)]
pub struct NextEuro {
    #[schema(example = "Paid Search")]
    channel: &'static str,
    /// `told`; `too_few_weeks`: fewer than eight cost something; `hardly_varies`: every week costs about the same.
    #[schema(example = "told")]
    state: &'static str,
    /// So much more a week.
    more_minor: u64,
    /// What a week costs now.
    weekly_cost_minor: Option<f64>,
    /// How many more calls a week that would bring …
    calls: Option<f64>,
    /// … between these two, as surely as `level` says.
    calls_from: Option<f64>,
    calls_to: Option<f64>,
}

impl From<(Channel, Outlook)> for NextEuro {
    fn from((channel, outlook): (Channel, Outlook)) -> Self {
        let (state, told) = match outlook {
            Outlook::TooFewWeeks { .. } => ("too_few_weeks", None),
            Outlook::HardlyVaries => ("hardly_varies", None),
            Outlook::Told(told) => ("told", Some(told)),
        };
        Self {
            channel: channel.as_str(),
            state,
            more_minor: MORE,
            weekly_cost_minor: told.map(|it| it.weekly_cost),
            calls: told.map(|it| it.calls),
            calls_from: told.map(|it| it.from),
            calls_to: told.map(|it| it.to),
        }
    }
}

/// What calls cost, what they brought, and what a little more money would bring.
///
/// The key needs `costs:read` besides.
#[utoipa::path(
    get, path = "/api/v1/reports/money", tag = "reports", operation_id = "report_money",
    params(MoneyParams, ReportFilters), security(("api_key" = ["calls:read", "costs:read"])),
    responses((status = 200, description = "In all, and apart", body = MoneyReport), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn money(
    key: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<MoneyQuery>,
) -> Result<axum::Json<MoneyReport>, HttpError> {
    if !key.may(Scope::CostsRead) {
        return Err(HttpError::MissingScope(Scope::CostsRead));
    }
    let MoneyQuery { asked, by: By(dimension), currency, rows: rows_max } = query;
    let reported = asked.report(&app, vec![dimension], usize::MAX).await?;
    let accounts = Accounts::of(&app, &asked, &reported, dimension, currency).await?;
    let next_euro = outlooks(&app, &asked, accounts.currency).await?;
    let rows = accounts.rows(&reported.counted);
    let before = reported.before.zip(accounts.before.as_ref()).map(|(period, total)| MoneyBefore {
        from: period.start,
        until: period.end,
        total: total.into(),
    });
    let rows_max = rows_max as usize;
    Ok(axum::Json(MoneyReport {
        from: reported.period.start,
        until: reported.period.end,
        zone: asked.zone.unwrap_or_default().name().to_owned(),
        level: LEVEL,
        currency: accounts.currency.map(|it| it.to_string()),
        dimension: dimension.as_str(),
        total: (&accounts.total).into(),
        before,
        cut: rows.len() > rows_max,
        rows: rows
            .iter()
            .take(rows_max)
            .map(|(label, account)| MoneyRow::of(label.clone(), account))
            .collect(),
        left_out: accounts
            .left_out
            .iter()
            .map(|(currency, cost, revenue)| OtherMoney {
                currency: currency.to_string(),
                cost_minor: *cost,
                revenue_minor: *revenue,
            })
            .collect(),
        unsaid_minor: accounts.unsaid,
        next_euro: next_euro.channels.into_iter().map(Into::into).collect(),
    }))
}
