//! `/api/v1/reports/credit`: which channels, sources, media or campaigns earned the calls, by every model of credit.

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::export::{Reader, csv_file, csv_rows};
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::reporting::expected::LEVEL;
use crate::domain::time::Timestamp;
use crate::domain::tracking::credit;
use crate::flows::{CreditReport, JourneysWanted};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::journeys::{JourneyFilters, JourneysAsked, ModelsAsked, model_name, told, told_since};

/// How the calls are shared out.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what CreditQuery reads")]
pub struct CreditParams {
    /// `first`, `last`, `last_non_direct`, `linear`, `position_based`, `time_decay`, `markov`,
    /// `shapley`, or `all` of them side by side.
    #[param(default = "all")]
    model: Option<String>,
    /// For `time_decay`: a visit this long before another counts half as much.
    #[param(minimum = 1, maximum = 365, default = 7)]
    half_life_days: Option<u32>,
    /// For `markov`: how many visits the chain remembers.
    #[param(minimum = 1, maximum = 4, default = 1)]
    order: Option<u32>,
    /// Calls that arrived at or after this time, in the place of `period` …
    #[param(format = DateTime)]
    from: Option<String>,
    /// … and before this one.
    #[param(format = DateTime)]
    until: Option<String>,
}

pub struct CreditQuery {
    asked: JourneysAsked,
    models: ModelsAsked,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl FromQuery for CreditQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            from: query.time("from"),
            until: query.time("until"),
            models: ModelsAsked::read(query),
            asked: JourneysAsked::read(query),
        }
    }
}

/// Which channels earned the calls.
#[derive(Serialize, ToSchema)]
pub struct Credits {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// By what visits are told apart.
    #[schema(example = "channel")]
    dimension: &'static str,
    /// How sure each interval is of holding the true number.
    #[schema(example = 0.9)]
    level: f64,
    /// The calls that each model shares out, as likely as they are.
    calls: f64,
    /// Calls that nothing led up to within the look-back: nobody earned them.
    untouched: f64,
    /// There were more than are read, the newest 60,000 visits and 20,000 calls: of the first calls that are told not all
    /// visits are known.
    cut: bool,
    /// Since when calls are told then; not where the report is of some outlets.
    #[schema(value_type = Option<String>, format = DateTime)]
    calls_since: Option<Timestamp>,
    models: Vec<ModelCredit>,
}

/// What one model says.
#[derive(Serialize, ToSchema)]
pub struct ModelCredit {
    #[schema(example = "markov")]
    model: &'static str,
    /// The most credit first.
    credits: Vec<LabelCredit>,
    /// Why there is none: journeys that differ too much for a chain of this order.
    problem: Option<String>,
}

/// What one channel, source, medium or campaign has earned.
#[derive(Serialize, ToSchema)]
pub struct LabelCredit {
    /// `null`: visits say none.
    #[schema(example = "Paid Search")]
    label: Option<String>,
    /// In calls. By `shapley` a channel may have less than nothing: it brings many who do not call.
    calls: f64,
    /// It lies between this …
    calls_from: Option<f64>,
    /// … and this; `null` where journeys are of too many kinds to tell.
    calls_to: Option<f64>,
    /// The standard error of `calls` where it was sampled (`shapley` of more than 15 labels).
    standard_error: Option<f64>,
}

impl From<credit::Credit> for LabelCredit {
    fn from(from: credit::Credit) -> Self {
        Self {
            label: told(&from.label.name),
            calls: from.calls,
            calls_from: from.interval.map(|it| it.from),
            calls_to: from.interval.map(|it| it.to),
            standard_error: from.standard_error,
        }
    }
}

/// Which channels, sources, media or campaigns earned the calls, by one model of credit or all side by side.
///
/// A journey is what a contact, or a visitor known as nobody, did within the look-back before a call; it
/// counts as likely as the call is theirs. `markov` and `shapley` also read the journeys without a call.
///
/// Intervals of the other models tell between what lies that which visit made a call is not certain; those of `markov` and
/// `shapley` also what they would have learnt from the journeys of another such period.
#[utoipa::path(
    get, path = "/api/v1/reports/credit", tag = "reports", operation_id = "report_credit",
    params(JourneyFilters, CreditParams), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "What each model says", body = Credits), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn credit(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<CreditQuery>,
) -> Result<axum::Json<Credits>, HttpError> {
    let wanted = wanted(&app, &query).await?;
    let (from, until, dimension) = (wanted.from, wanted.until, wanted.wanted.dimension.as_str());
    let models = query.models.models();
    let report = app.journeys.credit(&app.store, app.clock.now(), wanted.clone(), models).await?;
    let CreditReport { calls, untouched, since, models } = report;
    let models = models.into_iter().map(|(model, credits)| match credits {
        Ok(credits) => ModelCredit {
            model: model_name(model),
            credits: credits.into_iter().map(Into::into).collect(),
            problem: None,
        },
        Err(problem) => {
            ModelCredit { model: model_name(model), credits: vec![], problem: Some(problem.to_string()) }
        }
    });
    Ok(axum::Json(Credits {
        from,
        until,
        dimension,
        level: LEVEL,
        calls,
        untouched,
        cut: since.is_some(),
        calls_since: told_since(&wanted, since),
        models: models.collect(),
    }))
}

async fn wanted(app: &AppState, query: &CreditQuery) -> Result<JourneysWanted, HttpError> {
    let wanted = query.asked.meant(app).await?;
    let from = query.from.unwrap_or(wanted.from);
    Ok(JourneysWanted { from, until: query.until.unwrap_or(wanted.until).max(from), ..wanted })
}

/// The same as CSV: a row for each label, and for each model its calls, from and to.
#[utoipa::path(
    get, path = "/api/v1/reports/credit.csv", tag = "reports", operation_id = "export_credit",
    params(JourneyFilters, CreditParams), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn export(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<CreditQuery>,
) -> Result<Response, HttpError> {
    let wanted = wanted(&app, &query).await?;
    exported(&app, wanted, query.models.models(), Reader::Program).await
}

/// The same for the console. The first model says the order.
pub async fn exported(
    app: &AppState,
    wanted: JourneysWanted,
    models: Vec<credit::Model>,
    reader: Reader,
) -> Result<Response, HttpError> {
    let dimension = wanted.wanted.dimension.as_str();
    let report = app.journeys.credit(&app.store, app.clock.now(), wanted, models).await?;
    let names = report.models.iter().map(|(model, _)| model_name(*model));
    let headings = names.flat_map(|name| [name.to_owned(), format!("{name}_from"), format!("{name}_to")]);
    let headings = [dimension.to_owned()].into_iter().chain(headings).collect();
    let told_by = report.models.iter().find_map(|(_, credits)| credits.as_ref().ok());
    let rows = told_by.into_iter().flatten().map(|it| {
        let cells = report.models.iter().flat_map(|(_, credits)| {
            let credit = credits.iter().flatten().find(|credit| credit.label == it.label);
            let interval = credit.and_then(|credit| credit.interval);
            [credit.map(|credit| credit.calls), interval.map(|it| it.from), interval.map(|it| it.to)]
        });
        let cells = cells.map(|calls| calls.map_or_else(String::new, |calls| format!("{calls:.2}")));
        [told(&it.label.name).unwrap_or_default()].into_iter().chain(cells).collect()
    });
    let table = csv_rows([headings].into_iter().chain(rows), reader);
    Ok(csv_file("credit.csv", stream::iter([Ok(table)]), reader))
}
