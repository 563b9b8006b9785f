//! The calls of a period at a glance: how many, how well they were taken, where
//! they came from, when they come. Every row filters the page, and all that was
//! chosen stands in the address.

pub(super) mod cards;
mod figures;
pub mod letter;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use url::form_urlencoded;

pub(super) use self::cards::Names;
use self::cards::{Card, card, table};
pub(super) use self::figures::{Change, Tile, Well, change, range};
use self::figures::{CourseView, WeekView, course, tiles, week};
use super::asked::{AskedView, read_or, seen_by};
use super::money::cost_tiles;
use super::shared::{UNTOLD, Who};
use super::views::ViewsView;
use super::{Frame, page, with_query};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::{Against, Period};
use crate::domain::reporting::view::ViewPage;
use crate::domain::staff::{Area, Does};
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
        Self { asked: read_or(query, Period::default()), shown, all }
    }
}

impl Chosen {
    /// Shows something else in the place of what no guest is told.
    fn keep_to(&mut self) {
        self.all = self.all.filter(|it| !UNTOLD.contains(it));
        for (shown, instead) in self.shown.iter_mut().zip([Dimension::Channel, Dimension::Device]) {
            if UNTOLD.contains(shown) {
                *shown = instead;
            }
        }
    }
}

/// A link: its address, its text, whether it is where the reader is.
pub(super) type Link = (String, String, bool);

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    t: &'static OverviewTexts,
    asked: AskedView,
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
    /// Where it is sent by mail.
    by_mail: String,
    by_mail_text: &'static str,
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
    filled(&app, lang, &here, &headers, chosen, Who::User(session)).await
}

/// The page of what was chosen, for whoever looks. A guest's has no address to anywhere else.
pub(super) async fn filled(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    headers: &HeaderMap,
    mut chosen: Chosen,
    who: Who,
) -> Result<Response, HttpError> {
    if who.is_guest() {
        chosen.keep_to();
    }
    let Chosen { asked, shown, all } = chosen;
    let asked = seen_by(app, &who, headers, asked).await?;
    let zone = asked.zone.clone().unwrap_or_default();
    let apart = all.map_or_else(|| shown.to_vec(), |all| vec![all]);
    let rows = if all.is_some() { TABLE_ROWS } else { CARD_ROWS };
    let reported = asked.report(app, apart, rows).await?;
    let (session, sees_part) = (who.session(), who.outlet().is_some());
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

    page(&OverviewPage {
        asked: AskedView::of(lang, app, &who, here, &asked, &reported.period, &names),
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
        by_mail: by_mail(here),
        by_mail_text: lang.schedule_texts().send_this,
        empty: reported.counted.total.calls == 0,
        frame: Frame::of(lang, here, &who),
        t,
    })
}

/// Where it is sent by mail.
fn by_mail(here: &Uri) -> String {
    let query = here.query().unwrap_or_default();
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("query", query).finish();
    format!("/console/schedules?{query}#new")
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
    let asked = seen_by(&app, &Who::User(session), &headers, asked).await?;
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
