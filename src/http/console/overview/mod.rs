//! The calls of a period at a glance: how many, how well they were taken, where
//! they came from, when they come. Every row filters the page, and all that was
//! chosen stands in the address.

pub(super) mod cards;
mod figures;
pub mod letter;
pub mod shared;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use url::form_urlencoded;

pub(super) use self::cards::Names;
use self::cards::{Card, card, table};
pub(super) use self::figures::{Change, Tile, Well, change, range};
use self::figures::{CourseView, WeekView, course, tiles, week};
use super::asked::seen_by;
use super::money::cost_tiles;
use super::parts::{self, Moment};
use super::views::ViewsView;
use super::{Frame, page, with_query};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::{Against, BadPeriod, Period};
use crate::domain::reporting::view::ViewPage;
use crate::domain::staff::{Area, Does};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::api::export::Reader;
use crate::http::api::overview_export::exported;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session, cookie};
use crate::http::language::{Lang, OverviewTexts};
use crate::http::money::Accounts;
use crate::http::report::{self, Zone};

const ZONE_COOKIE: &str = "whence_zone";
const CARD_ROWS: usize = 9;
const TABLE_ROWS: usize = 200;

/// Those that may be chosen by a link.
pub(super) const PERIODS: [Period; 8] = [
    Period::Today,
    Period::Yesterday,
    Period::Days(7),
    Period::Days(30),
    Period::Days(90),
    Period::Month,
    Period::LastMonth,
    Period::Days(365),
];

/// What each card shows: the field of the address in which one of these is chosen, and the first without it.
const CARDS: [(&str, &[Dimension]); 4] = [
    (
        "origins",
        &[Dimension::Channel, Dimension::Source, Dimension::Medium, Dimension::Campaign, Dimension::Term],
    ),
    ("pages", &[Dimension::LandingPage, Dimension::Device]),
    ("places", &[Dimension::Outlet, Dimension::Destination, Dimension::Number, Dimension::Site]),
    ("people", &[Dimension::Region, Dimension::Outcome]),
];

/// What the reader chose.
pub struct Chosen {
    asked: report::Asked,
    /// For each card.
    shown: [Dimension; 4],
    /// One dimension with all its rows, in the place of the cards.
    all: Option<Dimension>,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let shown = CARDS.map(|(name, dimensions)| {
            let asked: Option<Dimension> = query.value(name);
            asked.filter(|it| dimensions.contains(it)).unwrap_or(dimensions[0])
        });
        let all = query.value("all");
        let days = (query.value::<Date>("from"), query.value::<Date>("to"));
        let mut asked = report::Asked::read(query);
        if let (Some(first), Some(last)) = days {
            let days = format!("{}..{}", first.min(last), first.max(last));
            match days.parse() {
                Ok(period) => asked.period = period,
                Err(BadPeriod) => query.refuse("from", BadPeriod.to_string()),
            }
        }
        Self { asked, shown, all }
    }
}

/// The same of an address that was kept; what cannot be read in it is what is usual.
fn chosen(query: &str) -> Chosen {
    Chosen::read(&mut QueryReader::new(query))
}

/// The same in words: the period and each filter.
pub(super) async fn in_words(
    app: &AppState,
    lang: Lang,
    session: &Session,
    query: &str,
) -> Result<String, HttpError> {
    let asked = chosen(query).asked;
    // To whoever sees a part of the network, what they ask for may be of another one, and has no name.
    let named = asked.only.iter().map(|(it, _)| *it).filter(|_| session.post.outlet.is_none());
    let names = Names::load(app, &named.collect::<Vec<_>>()).await?;
    let filters = asked.only.iter().map(|(it, label)| names.only(lang, app, *it, label));
    Ok(std::iter::once(lang.period(asked.period)).chain(filters).collect::<Vec<_>>().join(" · "))
}

/// Who looks at it.
enum Who<'s> {
    User(&'s Session),
    /// Somebody with a link, which ends then.
    Guest {
        until: Moment,
        sees_part: bool,
    },
}

/// A link: its address, its text, whether it is where the reader is.
pub(super) type Link = (String, String, bool);

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    t: &'static OverviewTexts,
    periods: Vec<Link>,
    compares: Vec<Link>,
    /// The days of the period, for whoever chooses others.
    days: (String, String),
    /// What else was chosen, which a form must not forget.
    kept: Vec<(String, String)>,
    /// Each filter: what it asks, and the address without it.
    filters: Vec<(String, String)>,
    unfiltered: String,
    zone: String,
    tiles: Vec<Tile>,
    course: CourseView,
    cards: Vec<Card>,
    whole: Option<Card>,
    back: String,
    csv: String,
    week: WeekView,
    /// Where the same calls are listed.
    calls: String,
    /// `None`: it is shown to a guest.
    views: Option<ViewsView>,
    /// Where it is sent by mail, and where a link to it is made: their addresses and words.
    onward: Vec<(String, &'static str)>,
    /// What a guest is told, until when they see it, and of which days it is.
    guest: Option<(&'static str, Moment, String)>,
    empty: bool,
}

/// `GET /console/overview`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let asked = seen_by(&app, &session, &headers, chosen.asked).await?;
    let chosen = Chosen { asked, ..chosen };
    page(&filled(&app, lang, &here, chosen, Who::User(&session)).await?)
}

/// The page of what was chosen. A guest's has no address to anywhere else.
async fn filled(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    Chosen { asked, shown, all }: Chosen,
    who: Who<'_>,
) -> Result<OverviewPage, HttpError> {
    let zone = asked.zone.clone().unwrap_or_default();
    let apart = all.map_or_else(|| shown.to_vec(), |all| vec![all]);
    let rows = if all.is_some() { TABLE_ROWS } else { CARD_ROWS };
    let reported = asked.report(app, apart, rows).await?;
    let (session, sees_part) = match &who {
        Who::User(session) => (Some(*session), session.post.outlet.is_some()),
        Who::Guest { sees_part, .. } => (None, *sees_part),
    };
    let costs = if session.is_some_and(|it| it.post.role.may(Does::Sees, Area::Costs)) {
        let accounts = Accounts::of(app, &asked, &reported, Dimension::Channel, None).await?;
        Some(cost_tiles(lang, &accounts))
    } else {
        None
    };
    let told =
        asked.only.iter().map(|(it, _)| it).chain(reported.counted.apart.iter().map(|it| &it.dimension));
    // Rows are of what the reader sees; what else they ask for has no name.
    let mut told: Vec<Dimension> = told.copied().collect();
    if sees_part {
        told.retain(|it| asked.only.iter().all(|(asked, _)| asked != it));
    }
    let names = Names::load(app, &told).await?;
    let t = lang.overview_texts();
    let period = &reported.period;
    let day = |at: Timestamp| zone.0.to_datetime(at.to_calendar()).date().to_string();
    let last = Timestamp::from_ms(period.end.as_ms() - 1);
    let apart = &reported.counted.apart;
    let mut cards: Vec<Card> = match all {
        Some(_) => vec![],
        None => {
            let cards = CARDS.iter().zip(apart);
            cards.map(|(of, breakdown)| card(lang, app, here, &names, *of, breakdown)).collect()
        }
    };
    let mut whole = all.and_then(|_| apart.first()).map(|it| table(lang, app, here, &names, it));
    if session.is_none() {
        cards.iter_mut().chain(&mut whole).for_each(Card::lock);
    }
    let views = match session {
        Some(session) => Some(ViewsView::of(app, lang, ViewPage::Overview, here, session).await?),
        None => None,
    };

    Ok(OverviewPage {
        periods: periods(lang, here, asked.period),
        compares: compares(lang, here, asked.against),
        days: (day(period.start), day(last.max(period.start))),
        kept: kept_but(here, &["from", "to", "period"]),
        filters: asked
            .only
            .iter()
            .map(|(it, label)| (names.only(lang, app, *it, label), with_query(here, it.as_str(), None)))
            .collect(),
        unfiltered: with_query_without(here, &Dimension::ALL.map(Dimension::as_str)).to_string(),
        zone: zone.name().to_owned(),
        tiles: tiles(lang, &reported).into_iter().chain(costs.into_iter().flatten()).collect(),
        course: course(lang, &zone.0, &reported),
        cards,
        whole,
        back: with_query(here, "all", None),
        csv: here.to_string().replacen("/console/overview", "/console/overview.csv", 1),
        week: week(lang, &reported.counted.week),
        calls: calls_of(&asked),
        views,
        onward: onward(lang, here),
        empty: reported.counted.total.calls == 0,
        frame: Frame::new(lang, here, session),
        t,
        guest: match who {
            Who::Guest { until, .. } => {
                Some((lang.share_texts().shared, until, parts::days(lang, &zone.0, period)))
            }
            Who::User(_) => None,
        },
    })
}

/// Where it is sent by mail, and where a link to it is made.
fn onward(lang: Lang, here: &Uri) -> Vec<(String, &'static str)> {
    let query = here.query().unwrap_or_default();
    let to = |page: &str| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("query", query).finish();
        format!("{page}?{query}#new")
    };
    vec![
        (to("/console/schedules"), lang.schedule_texts().send_this),
        (to("/console/shares"), lang.share_texts().share_this),
    ]
}

/// `GET /console/overview.csv`: all rows of one dimension.
pub async fn export(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let Chosen { asked, all, .. } = chosen;
    let asked = seen_by(&app, &session, &headers, asked).await?;
    exported(&app, &asked, all.unwrap_or_default(), Reader::Spreadsheet(lang)).await
}

/// The periods that a link leads to; days that were chosen go.
pub(super) fn periods(lang: Lang, here: &Uri, chosen: Period) -> Vec<Link> {
    let here = with_query_without(here, &["from", "to"]);
    PERIODS
        .map(|it| (with_query(&here, "period", Some(&it.to_string())), lang.period(it), it == chosen))
        .into()
}

/// What a period may be held against.
pub(super) fn compares(lang: Lang, here: &Uri, chosen: Option<Against>) -> Vec<Link> {
    [(Some(Against::Before), "before"), (Some(Against::YearBefore), "year"), (None, "none")]
        .map(|(it, word)| {
            (with_query(here, "compare", Some(word)), lang.against(it).to_owned(), it == chosen)
        })
        .into()
}

/// The address of the list of these calls.
fn calls_of(asked: &report::Asked) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("period", &asked.period.to_string());
    query.extend_pairs(asked.only.iter().map(|(it, label)| (it.as_str(), label)));
    format!("/console/calls?{}", query.finish())
}

/// The address without some fields of its query.
pub(super) fn with_query_without(here: &Uri, names: &[&str]) -> Uri {
    names.iter().fold(here.clone(), |here, name| with_query(&here, name, None).parse().unwrap_or(here))
}

/// The reader's zone, as their browser told it.
pub(super) fn zone_told(headers: &HeaderMap) -> Option<Zone> {
    cookie(headers, ZONE_COOKIE).and_then(|name| name.parse().ok())
}

/// The fields of the address that a form sends along: all but those that it has itself.
pub(super) fn kept_but(here: &Uri, its: &[&str]) -> Vec<(String, String)> {
    let fields = form_urlencoded::parse(here.query().unwrap_or_default().as_bytes());
    let others = fields.filter(|(name, value)| !its.contains(&&**name) && !value.is_empty());
    others.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
