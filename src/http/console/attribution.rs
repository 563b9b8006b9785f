//! What calls came from, added up with their uncertainty, and what each channel
//! earned by each model of credit.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::ops::Range;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::tz::TimeZone;

use super::overview::zone_told;
use super::{Frame, page};
use crate::domain::ids::SiteId;
use crate::domain::reporting::count::{Question, Row};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::Period;
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::flows::{AskedCredit, CreditReport, credit_reported};
use crate::http::AppState;
use crate::http::api::reports::{HALF_LIFE, LOOK_BACK, models};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::Lang;
use crate::http::report::with_now;

const PERIODS: [Period; 3] = [Period::Days(1), Period::Days(7), Period::Days(30)];

/// How many rows the page shows; the API tells more.
const ROWS: usize = 50;

/// What the reader chose; it all stands in the address.
pub struct Asked {
    dimension: Dimension,
    period: Period,
    site: Option<SiteId>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self {
            dimension: query
                .value("dimension")
                .filter(|it| Dimension::OF_ORIGINS.contains(it))
                .unwrap_or_default(),
            period: query.value("period").unwrap_or_default(),
            site: query.value("site"),
        }
    }
}

/// What a choice holds: its value, its text, whether it is chosen.
type Choices = Vec<(String, String, bool)>;

#[derive(Template)]
#[template(path = "attribution.html")]
struct AttributionPage {
    frame: Frame,
    dimensions: Choices,
    periods: Choices,
    sites: Choices,
    dimension: &'static str,
    counted: u64,
    lines: Vec<LineView>,
    cut: bool,
    /// Each model's name and what it says.
    models: Vec<(&'static str, &'static str)>,
    credits: Vec<CreditView>,
    credit_cut: bool,
    /// Calls that nothing led up to.
    untouched: String,
}

struct LineView {
    label: String,
    calls: String,
    /// The interval, in calls.
    range: String,
    answered: String,
    unanswered: String,
    /// In thousandths of the longest interval's end.
    width: u32,
    from: u32,
    to: u32,
}

struct CreditView {
    channel: String,
    /// For each model; `None`: it could not say.
    calls: Vec<Option<String>>,
}

/// `GET /console/attribution`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let Asked { dimension, period, site } = asked;
    let zone = zone_told(&headers).unwrap_or_default().0;
    let Range { start: from, end: until } = with_now(period.bounds(app.clock.now(), &zone), app.clock.now());
    let only = site.iter().map(|site| (Dimension::Site, BTreeSet::from([Some(site.to_string())])));
    let counted = app.reports.count(Question {
        period: from..until,
        zone: TimeZone::UTC,
        bars: vec![],
        only: only.collect(),
        apart: vec![dimension],
        rows_max: ROWS,
    });
    let counted = counted.await?;
    let (lines, cut) = counted.apart.into_iter().next().map_or((vec![], false), |it| (it.rows, it.cut));
    let credit = reckon(&app, site.clone(), from, until).await?;
    let t = lang.texts();

    let most = lines.iter().map(|line| line.expected.to.max(line.expected.calls)).fold(0.0, f64::max);
    let sites = app.store.list_sites().await?;
    let all_sites = [(String::new(), t.all.to_owned(), site.is_none())];
    let sites = sites.into_iter().map(|it| (it.id.to_string(), it.name, site.as_ref() == Some(&it.id)));
    page(&AttributionPage {
        frame: Frame::new(lang, &here, Some(&session)),
        dimensions: Dimension::OF_ORIGINS
            .map(|it| (it.as_str().to_owned(), lang.dimension(it).to_owned(), it == dimension))
            .into(),
        periods: PERIODS.iter().map(|it| (it.to_string(), lang.period(*it), *it == period)).collect(),
        sites: all_sites.into_iter().chain(sites).collect(),
        dimension: lang.dimension(dimension),
        counted: calls(counted.total.calls).round() as u64,
        lines: lines.into_iter().map(|line| view(lang, dimension, line, most)).collect(),
        cut,
        models: credit.models.iter().map(|(model, _)| lang.model(*model)).collect(),
        credits: credits(lang, &credit),
        credit_cut: credit.cut,
        untouched: lang.calls(credit.untouched),
    })
}

async fn reckon(
    app: &AppState,
    site: Option<SiteId>,
    from: Timestamp,
    until: Timestamp,
) -> Result<CreditReport, HttpError> {
    let models = models(HALF_LIFE, NonZeroUsize::MIN).into();
    let asked = AskedCredit { site, from, until, look_back: LOOK_BACK, models };
    Ok(credit_reported(&app.store, asked).await?)
}

fn view(lang: Lang, dimension: Dimension, line: Row, most: f64) -> LineView {
    let place = |calls: f64| if most > 0.0 { (calls / most * 1000.0).round() as u32 } else { 0 };
    let label = match (line.label, dimension) {
        (None, _) => lang.texts().not_told.to_owned(),
        (Some(name), Dimension::Channel) => channel(lang, &name),
        (Some(name), _) => name,
    };
    let expected = line.expected;
    LineView {
        label,
        calls: lang.calls(expected.calls),
        range: format!("{} – {}", lang.calls(expected.from), lang.calls(expected.to)),
        answered: lang.calls(calls(line.sums.answered)),
        unanswered: lang.calls(calls(line.sums.missed)),
        width: place(expected.calls),
        from: place(expected.from),
        to: place(expected.to),
    }
}

/// A channel's name in the reader's language.
fn channel(lang: Lang, name: &str) -> String {
    name.parse::<Channel>().map_or_else(|_| name.to_owned(), |channel| lang.channel(channel).to_owned())
}

/// A row for each channel, those with the most by the linear model first.
fn credits(lang: Lang, report: &CreditReport) -> Vec<CreditView> {
    let linear = report.models.iter().find_map(|(model, credits)| {
        let is_linear = *model == crate::domain::tracking::credit::Model::Linear;
        credits.as_ref().ok().filter(|_| is_linear)
    });
    let names = linear.into_iter().flatten().map(|credit| credit.label.name.as_str());
    let earned = |name: &str| {
        let of_model = report.models.iter().map(|(_, credits)| {
            let credits = credits.as_ref().ok()?;
            let credit = credits.iter().find(|credit| credit.label.name == name)?;
            Some(match credit.standard_error {
                Some(error) => format!("{} ± {}", lang.calls(credit.calls), lang.calls(error)),
                None => lang.calls(credit.calls),
            })
        });
        of_model.collect()
    };
    let rows = names.map(|name| CreditView { channel: channel(lang, name), calls: earned(name) });
    rows.take(ROWS).collect()
}
