//! The outlets of a network held against each other: a funnel, in which chance has its place, and a row for each.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::asked::{AskedView, read_or, seen_by};
use super::overview::{Change, Link, Names, Well, change, range};
use super::shared::Who;
use super::{Frame, page, with_query};
use crate::domain::ids::OutletId;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::funnel::{CALLS_LEAST, Funnel, INNER, OUTER, Verdict};
use crate::domain::reporting::period::Period;
use crate::domain::reporting::sums::calls;
use crate::http::AppState;
use crate::http::api::export::Reader;
use crate::http::api::network::exported;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, NetworkTexts, OverviewTexts};
use crate::http::network::{Network, Ranked};
use crate::http::report::{self, NOT_SET};

/// The page shows so many; the table of the export has all.
const ROWS: usize = 100;
const HEADS: usize = 12;

/// What the reader chose.
pub struct Chosen {
    asked: report::Asked,
    below: Option<OutletId>,
    sort: Sort,
}

/// By what the outlets stand in order.
#[derive(Clone, Copy, PartialEq, Default)]
enum Sort {
    #[default]
    Calls,
    Missed,
    Rate,
    Change,
}

impl Sort {
    const ALL: [(Sort, &str); 4] =
        [(Sort::Calls, "calls"), (Sort::Missed, "missed"), (Sort::Rate, "rate"), (Sort::Change, "change")];

    fn key(self, it: &Ranked) -> f64 {
        match self {
            Sort::Calls => calls(it.sums.calls),
            Sort::Missed => calls(it.sums.missed),
            Sort::Rate => it.sums.answered_rate().map_or(-1.0, |rate| 1.0 - rate),
            Sort::Change => it
                .before
                .filter(|it| it.calls > 0)
                .map_or(f64::NEG_INFINITY, |before| it.sums.calls as f64 / before.calls as f64),
        }
    }
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let word = query.text("sort");
        let sort = Sort::ALL.into_iter().find(|(_, its)| word.as_deref() == Some(its));
        Self {
            below: query.value("below"),
            sort: sort.map(|it| it.0).unwrap_or_default(),
            asked: read_or(query, Period::default()),
        }
    }
}

#[derive(Template)]
#[template(path = "network.html")]
struct NetworkPage {
    frame: Frame,
    t: &'static NetworkTexts,
    o: &'static OverviewTexts,
    zone: String,
    asked: AskedView,
    /// Every outlet by itself, or those below one.
    heads: Vec<Link>,
    verdict: String,
    picture: Option<Picture>,
    /// The headings that set the rows in order: address, text, whether they do.
    sorts: Vec<Link>,
    rows: Vec<RowView>,
    cut: bool,
    csv: String,
    campaigns: String,
}

struct RowView {
    rank: usize,
    name: String,
    /// The overview of its calls.
    address: String,
    /// Those below it.
    below: Option<String>,
    calls: String,
    range: String,
    change: Option<Change>,
    missed: String,
    rate: String,
    usual: String,
    verdict: &'static str,
    word: &'static str,
    /// Of all missed calls.
    share: String,
    first_time: String,
    ring: String,
}

/// `GET /console/network`
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
    Chosen { asked, below, sort }: Chosen,
    who: Who,
) -> Result<Response, HttpError> {
    let asked = seen_by(app, &who, headers, asked).await?;
    let network = Network::of(app, &asked, below.as_ref()).await?;
    let names = Names::load(app, &named(&asked)).await?;
    let t = lang.network_texts();
    let mut rows: Vec<(&Ranked, Verdict)> = network.verdicts().collect();
    rows.sort_by(|(a, _), (b, _)| sort.key(b).total_cmp(&sort.key(a)));
    let missed: u64 = network.outlets.iter().map(|it| it.sums.missed).sum();
    let view = |(nth, (it, verdict)): (usize, &(&Ranked, Verdict))| {
        row(lang, app, here, &names, &network.funnel, missed, nth, it, *verdict)
    };

    page(&NetworkPage {
        zone: asked.zone.clone().unwrap_or_default().name().to_owned(),
        heads: heads(lang, here, &network, below.as_ref()),
        verdict: lang.network_verdict(&network.funnel),
        picture: picture(lang, app, &names, &network),
        sorts: Sort::ALL
            .iter()
            .map(|(it, word)| {
                (with_query(here, "sort", Some(word)), t.sorts[*it as usize].to_owned(), *it == sort)
            })
            .collect(),
        rows: rows.iter().take(ROWS).enumerate().map(view).collect(),
        cut: rows.len() > ROWS,
        csv: here.to_string().replacen("/console/network", "/console/network.csv", 1),
        campaigns: campaigns(here),
        asked: AskedView::of(lang, app, &who, here, &asked, &network.reported.period, &names),
        frame: Frame::of(lang, here, &who),
        o: lang.overview_texts(),
        t,
    })
}

/// `GET /console/network.csv`
pub async fn export(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let Chosen { asked, below, .. } = chosen;
    let asked = seen_by(&app, &Who::User(session), &headers, asked).await?;
    exported(&app, &asked, below.as_ref(), Reader::Spreadsheet(lang)).await
}

fn named(asked: &report::Asked) -> Vec<Dimension> {
    asked.only.iter().map(|(it, _)| *it).chain([Dimension::Outlet]).collect()
}

fn heads(lang: Lang, here: &Uri, network: &Network, below: Option<&OutletId>) -> Vec<Link> {
    let t = lang.network_texts();
    let all = (with_query(here, "below", None), t.each.to_owned(), below.is_none());
    let heads = network.heads.iter().take(HEADS).map(|it| {
        let address = with_query(here, "below", Some(it.id.as_str()));
        (address, format!("{} {}", t.below, it.name), below == Some(&it.id))
    });
    [all].into_iter().chain(heads).collect()
}

/// How national campaigns do here: the same period and filters, outlets against campaigns.
fn campaigns(here: &Uri) -> String {
    let mut there = here.clone();
    for (name, value) in
        [("below", None), ("sort", None), ("rows", Some("outlet")), ("columns", Some("campaign"))]
    {
        there = with_query(&there, name, value).parse().unwrap_or(there);
    }
    format!("/console/cross?{}", there.query().unwrap_or_default())
}

#[allow(clippy::too_many_arguments, reason = "what a row is made of")]
fn row(
    lang: Lang,
    app: &AppState,
    here: &Uri,
    names: &Names,
    funnel: &Funnel,
    missed: u64,
    nth: usize,
    it: &Ranked,
    verdict: Verdict,
) -> RowView {
    let label = it.outlet.as_ref().map(ToString::to_string);
    let over = calls(it.sums.answered + it.sums.missed);
    let (from, to) = funnel.bounds(over.max(1.0), INNER);
    let there = with_query(here, "outlet", Some(label.as_deref().unwrap_or(NOT_SET)));
    let there = there.parse::<Uri>().ok();
    let query = there.as_ref().and_then(Uri::query).unwrap_or_default();
    let (key, word) = lang.outlet_verdict(verdict);
    RowView {
        rank: nth + 1,
        name: names.text(lang, app, Dimension::Outlet, label.as_ref()),
        address: format!("/console/overview?{query}"),
        below: it.is_head.then(|| with_query(here, "below", label.as_deref())),
        calls: lang.figure(calls(it.sums.calls)),
        range: range(lang, it.expected),
        change: it
            .before
            .and_then(|before| change(lang, Well::More, calls(it.sums.calls), calls(before.calls))),
        missed: lang.figure(calls(it.sums.missed)),
        rate: it.sums.answered_rate().map_or_else(|| "–".to_owned(), |rate| lang.percent(1.0 - rate)),
        usual: if over < CALLS_LEAST {
            String::new()
        } else {
            format!("{}–{}", lang.percent(from), lang.percent(to))
        },
        verdict: key,
        word,
        share: if missed == 0 {
            "–".to_owned()
        } else {
            lang.percent(it.sums.missed as f64 / missed as f64)
        },
        first_time: it
            .sums
            .first_time_answered_rate()
            .map_or_else(|| "–".to_owned(), |rate| lang.percent(rate)),
        ring: it.sums.mean_ring_ms().map_or_else(
            || "–".to_owned(),
            |ms| lang.span(std::time::Duration::from_millis(ms.round() as u64)),
        ),
    }
}

/// Outlets by how many calls they had and how many of these they missed, 1,000 wide and 320 high.
struct Picture {
    /// What all miss together.
    middle: f64,
    /// The points of the lines that 95, and 99.8, of 100 stay within.
    inner: [String; 2],
    outer: [String; 2],
    /// Where it is, how it does, and what it is in words.
    dots: Vec<(f64, f64, &'static str, String)>,
    /// Lines across, with what they stand for.
    lines: Vec<(f64, String)>,
    most: String,
}

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 320.0;
const POINTS: u32 = 60;

fn picture(lang: Lang, app: &AppState, names: &Names, network: &Network) -> Option<Picture> {
    let over = |it: &Ranked| calls(it.sums.answered + it.sums.missed);
    let rate = |it: &Ranked| calls(it.sums.missed) / over(it);
    let known: Vec<(&Ranked, Verdict)> =
        network.verdicts().filter(|(it, _)| over(it) >= CALLS_LEAST).collect();
    if known.len() < 2 {
        return None;
    }
    let most = known.iter().map(|(it, _)| over(it)).fold(0.0, f64::max) * 1.05;
    let top = known.iter().map(|(it, _)| rate(it)).fold(network.funnel.rate * 2.0, f64::max).clamp(0.1, 1.0);
    let top = (top * 10.0).ceil() / 10.0;
    // Few and many both have room: the places lie by their square root.
    let x = |over: f64| ((over / most).sqrt() * WIDTH * 10.0).round() / 10.0;
    let y = |rate: f64| ((1.0 - rate.min(top) / top) * HEIGHT * 10.0).round() / 10.0;
    let line = |deviations: f64, upper: bool| {
        let points = (1..=POINTS).map(|nth| {
            let over = most * (f64::from(nth) / f64::from(POINTS)).powi(2);
            let (from, to) = network.funnel.bounds(over, deviations);
            format!("{},{}", x(over), y(if upper { to } else { from }))
        });
        points.collect::<Vec<_>>().join(" ")
    };
    let dots = known.iter().map(|(it, verdict)| {
        let label = it.outlet.as_ref().map(ToString::to_string);
        let name = names.text(lang, app, Dimension::Outlet, label.as_ref());
        let (key, word) = lang.outlet_verdict(*verdict);
        let words = format!(
            "{name}: {} {}, {word}",
            lang.percent(rate(it)),
            lang.network_texts().missed_of(lang.figure(over(it)))
        );
        (x(over(it)), y(rate(it)), key, words)
    });
    let steps = if top > 0.5 { 0.2 } else { 0.1 };
    let lines = (0..=(top / steps).round() as u32).rev().map(|nth| {
        let rate = f64::from(nth) * steps;
        (y(rate), lang.percent(rate))
    });
    Some(Picture {
        middle: y(network.funnel.rate),
        inner: [line(INNER, true), line(INNER, false)],
        outer: [line(OUTER, true), line(OUTER, false)],
        dots: dots.collect(),
        lines: lines.collect(),
        most: lang.figure(most / 1.05),
    })
}
