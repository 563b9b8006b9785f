//! What each channel, source, medium or campaign earned: one model leads, the others stand beside it.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::journeys::bar::{self, Bar, Page, as_csv};
use super::overview::Link;
use super::parts::Moment;
use super::shared::Who;
use super::{Frame, page, with_query};
use crate::domain::tracking::credit::{Credit, Credits, Interval, Model};
use crate::flows::CreditReport;
use crate::http::AppState;
use crate::http::api::credit::exported;
use crate::http::api::export::Reader;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::journeys::{JourneysAsked, all_models, model_name, told_since};
use crate::http::language::{JourneyTexts, Lang, OverviewTexts};

/// How many rows the page shows; the file has all.
const ROWS: usize = 50;

/// What the reader chose; it all stands in the address.
pub struct Chosen {
    asked: JourneysAsked,
    /// Which model leads.
    model: Model,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let asked = bar::read(query);
        let name = query.text("model").unwrap_or_else(|| "markov".to_owned());
        let model = all_models().into_iter().find(|it| model_name(*it) == name);
        if model.is_none() {
            query.refuse("model", "must be the name of a model, for instance markov".to_owned());
        }
        Self { asked, model: model.unwrap_or(Model::Linear) }
    }
}

#[derive(Template)]
#[template(path = "attribution.html")]
struct AttributionPage {
    frame: Frame,
    t: &'static JourneyTexts,
    o: &'static OverviewTexts,
    bar: Bar,
    heading: &'static str,
    /// The models that may lead.
    leads: Vec<Link>,
    /// Each model's name and what it says, the one that leads first.
    models: Vec<(&'static str, &'static str)>,
    rows: Vec<RowView>,
    rows_cut: bool,
    /// The model that leads cannot tell.
    is_refused: bool,
    cut: bool,
    /// Calls before this are left out.
    since: Option<Moment>,
    calls: String,
    /// Calls that nothing led up to.
    untouched: String,
    /// The same journeys, and what they were like.
    journeys: String,
    csv: String,
    is_empty: bool,
}

struct RowView {
    label: String,
    /// The page with this filter.
    address: Option<String>,
    /// By each model, the one that leads first: calls, and between which bounds. `None`: it could not say.
    cells: Vec<Option<(String, String)>>,
    /// By the one that leads, in thousandths of the longest interval's end.
    width: u32,
    from: u32,
    to: u32,
}

/// `GET /console/attribution`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    filled(&app, lang, &here, &headers, chosen, Who::User(session)).await
}

/// The page of what was chosen, for whoever looks.
pub(super) async fn filled(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    headers: &HeaderMap,
    Chosen { asked, model }: Chosen,
    who: Who,
) -> Result<Response, HttpError> {
    let told = Page::of(app, lang, here, headers, &who, asked).await?;
    // One report for whichever leads, so that the next one is there at once.
    let report = app.journeys.credit(&app.store, app.clock.now(), told.wanted.clone(), all_models()).await?;
    let CreditReport { calls, untouched, since, mut models } = report;
    models.sort_by_key(|(it, _)| *it != model);
    let lead = models.first().and_then(|(_, credits)| credits.as_ref().ok());
    // Where the one that leads cannot tell, the next that can says which rows there are.
    let of_rows: &[Credit] =
        models.iter().find_map(|(_, credits)| credits.as_deref().ok()).unwrap_or_default();
    let most =
        of_rows.iter().map(|it| it.interval.map_or(it.calls, |interval| interval.to)).fold(0.0, f64::max);
    page(&AttributionPage {
        leads: all_models()
            .into_iter()
            .map(|it| {
                let address = with_query(here, "model", Some(model_name(it)));
                (address, lang.model(it).0.to_owned(), it == model)
            })
            .collect(),
        is_refused: lead.is_none(),
        rows: of_rows.iter().take(ROWS).map(|it| row(lang, app, here, &told, it, &models, most)).collect(),
        rows_cut: of_rows.len() > ROWS,
        models: models.iter().map(|(model, _)| lang.model(*model)).collect(),
        cut: since.is_some(),
        since: told_since(&told.wanted, since).map(|at| Moment::day_and_time(lang, at)),
        calls: lang.figure(calls),
        untouched: lang.figure(untouched),
        journeys: journeys_of(here),
        csv: as_csv(here),
        is_empty: calls + untouched <= 0.0,
        heading: lang.dimension(told.dimension),
        bar: told.bar,
        t: lang.journey_texts(),
        o: lang.overview_texts(),
        frame: Frame::of(lang, here, &who),
    })
}

/// `GET /console/attribution.csv`: all rows, in the order of the model that leads.
pub async fn export(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(Chosen { mut asked, model }): Query<Chosen>,
) -> Result<Response, HttpError> {
    let wanted = bar::wanted(&app, &headers, &Who::User(session), &mut asked).await?;
    exported(&app, wanted, leading(model), Reader::Spreadsheet(lang)).await
}

/// All models, this one first.
fn leading(model: Model) -> Vec<Model> {
    let others = all_models().into_iter().filter(|it| *it != model);
    [model].into_iter().chain(others).collect()
}

/// The journeys page of what is asked here.
fn journeys_of(here: &Uri) -> String {
    with_query(here, "model", None).replacen("/console/attribution", "/console/journeys", 1)
}

fn row(
    lang: Lang,
    app: &AppState,
    here: &Uri,
    told: &Page,
    lead: &Credit,
    models: &[(Model, Credits)],
    most: f64,
) -> RowView {
    let place = |calls: f64| if most > 0.0 { (calls.max(0.0) / most * 1_000.0).round() as u32 } else { 0 };
    let label = lead.label.name.as_str();
    let cells = models.iter().map(|(_, credits)| {
        let credit = credits.as_ref().ok()?.iter().find(|it| it.label.name == label)?;
        Some((lang.figure(credit.calls), bounds(lang, credit.interval)))
    });
    let interval = lead.interval.unwrap_or(Interval { from: lead.calls, to: lead.calls });
    RowView {
        label: told.text(lang, app, label),
        address: told.address(here, label),
        cells: cells.collect(),
        width: place(lead.calls),
        from: place(interval.from),
        to: place(interval.to),
    }
}

/// Empty where there is no doubt, or none that can be told.
fn bounds(lang: Lang, interval: Option<Interval>) -> String {
    let told = interval.map(|it| (lang.figure(it.from), lang.figure(it.to)));
    told.filter(|(from, to)| from != to).map_or_else(String::new, |(from, to)| format!("{from} – {to}"))
}
