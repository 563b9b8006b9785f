//! Which channels move together from day to day, and which follows the other: a sentence for each pair, and a picture
//! of one.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::asked::{AskedView, read_or, seen_by};
use super::overview::{Link, Names};
use super::shared::Who;
use super::{Frame, page, with_query};
use crate::domain::reporting::correlation::{LAG_MOST, Pair, is_thin, pairs};
use crate::domain::reporting::dimension::Dimension;
use crate::http::AppState;
use crate::http::api::correlations::{CORRELATED, SERIES_MAX};
use crate::http::cross::Series;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, NetworkTexts, OverviewTexts};
use crate::http::report;

/// What may move.
const MOVING: [Dimension; 5] =
    [Dimension::Channel, Dimension::Source, Dimension::Campaign, Dimension::Outlet, Dimension::Region];

/// What the reader chose.
pub struct Chosen {
    asked: report::Asked,
    by: Dimension,
    /// Which pair is shown as a picture.
    pair: usize,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let by = query.value("by").filter(|it| MOVING.contains(it)).unwrap_or_default();
        Self { by, pair: query.value("pair").unwrap_or_default(), asked: read_or(query, CORRELATED) }
    }
}

#[derive(Template)]
#[template(path = "together.html")]
struct TogetherPage {
    frame: Frame,
    t: &'static NetworkTexts,
    o: &'static OverviewTexts,
    zone: String,
    asked: AskedView,
    tabs: Vec<Link>,
    /// What is too thin to tell.
    thin: Vec<String>,
    pairs: Vec<PairView>,
    picture: Option<Picture>,
}

struct PairView {
    words: String,
    correlation: String,
    range: String,
    is_remarkable: bool,
    /// The page with its picture; whether it is this one.
    address: String,
    is_shown: bool,
}

/// How much one shows in the other, for each lag, 290 wide and 200 high.
struct Picture {
    words: String,
    one: String,
    other: String,
    /// The lag, where its bar begins, how high it is, what it says, and whether it is the most.
    bars: Vec<Bar>,
}

struct Bar {
    lag: i32,
    x: usize,
    y: f64,
    height: f64,
    correlation: String,
    is_most: bool,
}

/// `GET /console/together`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let who = Who::User(session);
    let Chosen { asked, by, pair } = chosen;
    let asked = seen_by(&app, &who, &headers, asked).await?;
    let series = Series::of(&app, &asked, by, SERIES_MAX).await?;
    let named: Vec<Dimension> = asked.only.iter().map(|(it, _)| *it).collect();
    let names = Names::load(&app, &[named, vec![by]].concat()).await?;
    let name = |nth: usize| names.text(lang, &app, by, series.labels[nth].as_ref());
    let found = pairs(&series.days);
    let thin = (0..series.labels.len()).filter(|nth| is_thin(&series.days[*nth])).map(name);
    let words = |pair: &Pair| lang.moves(&name(pair.one), &name(pair.other), pair.lag, pair.correlation);
    let views = found.iter().enumerate().map(|(nth, it)| PairView {
        words: words(it),
        correlation: lang.correlation(it.correlation),
        range: format!("{} … {}", lang.correlation(it.from), lang.correlation(it.to)),
        is_remarkable: it.is_remarkable,
        address: format!("{}#picture", with_query(&here, "pair", Some(&nth.to_string()))),
        is_shown: nth == pair,
    });

    page(&TogetherPage {
        zone: asked.zone.clone().unwrap_or_default().name().to_owned(),
        tabs: MOVING
            .map(|it| (with_query(&here, "by", Some(it.as_str())), lang.dimension(it).to_owned(), it == by))
            .into(),
        thin: thin.collect(),
        pairs: views.collect(),
        picture: found.get(pair).map(|it| picture(lang, it, words(it), name(it.one), name(it.other))),
        asked: AskedView::of(lang, &app, &who, &here, &asked, &series.period, &names).alone(),
        frame: Frame::of(lang, &here, &who),
        o: lang.overview_texts(),
        t: lang.network_texts(),
    })
}

fn picture(lang: Lang, pair: &Pair, words: String, one: String, other: String) -> Picture {
    let bars = pair.by_lag.iter().enumerate().map(|(nth, correlation)| {
        let lag = nth as i32 - LAG_MOST as i32;
        let height = (correlation.abs() * 1_000.0).round() / 10.0;
        Bar {
            lag,
            x: nth * 10,
            y: if *correlation > 0.0 { 100.0 - height } else { 100.0 },
            height,
            correlation: lang.correlation(*correlation),
            is_most: lag == pair.lag,
        }
    });
    Picture { words, one, other, bars: bars.collect() }
}
