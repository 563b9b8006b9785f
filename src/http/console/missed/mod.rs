//! Callers whom nobody answered: who still waits, when that happens, and how many people would have to answer.
//!
//! It is the daily list of a point of sale, so it is open to whoever sees calls. Who people are, what is planned about
//! them and why they may not be called is told to whom people are shown; what they may be worth, to whom costs are.

mod hours;
mod rows;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use self::hours::{HoursView, StaffingView, hours, staffing};
use self::rows::RowView;
use super::calls::Select;
use super::destinations::name_in;
use super::names::Names;
use super::overview::{Link, PERIODS, kept_but, zone_told};
use super::permissions::{reader, sees};
use super::{Frame, page, with_query};
use crate::domain::calling::destination::Destination;
use crate::domain::calling::missed::Fate;
use crate::domain::ids::OutletId;
use crate::domain::outlet::Outlet;
use crate::domain::reporting::staffing::Aim;
use crate::domain::tracking::channels::Channel;
use crate::flows::callers_missed;
use crate::http::AppState;
use crate::http::api::as_csv::{callers_table, hours_table, staffing_table};
use crate::http::api::export::Reader;
use crate::http::api::staffing::aim;
use crate::http::calls_asked;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, MissedTexts};
use crate::http::missed::{Asked, Fates};
use crate::store::Window;

const ROWS: u32 = 25;
/// What the forms on the page set themselves.
const FILTERS: [&str; 4] = ["outlet", "destination", "channel", "cursor"];
const AIMS: [&str; 2] = ["share", "within_seconds"];

/// What the reader chose.
pub struct Chosen {
    asked: Asked,
    fates: Fates,
    aim: Aim,
    cursor: Option<String>,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self {
            fates: query.value("state").unwrap_or_default(),
            aim: aim(query),
            cursor: query.text("cursor"),
            asked: Asked::read(query),
        }
    }
}

#[derive(Template)]
#[template(path = "missed.html")]
struct MissedPage {
    frame: Frame,
    t: &'static MissedTexts,
    zone: String,
    zone_text: &'static str,
    as_table: &'static str,
    periods: Vec<Link>,
    states: Vec<Link>,
    selects: Vec<Select>,
    /// What the form of filters and the one of the aim must not forget.
    kept: Vec<(String, String)>,
    kept_by_aim: Vec<(String, String)>,
    filtered: bool,
    rows: Vec<RowView>,
    of_nobody: Option<String>,
    purpose: String,
    earlier: Option<String>,
    latest: Option<String>,
    hours: HoursView,
    staffing: Vec<StaffingView>,
    aimed_at: String,
    share: u32,
    within: u64,
    /// Whether it is told what callers may be worth.
    tells_worth: bool,
    /// The lists as tables: callers, hours, people.
    csv: [String; 3],
    csv_text: &'static str,
}

/// `GET /console/missed`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let Chosen { asked, fates, aim, cursor } = chosen;
    let (asked, reader) = seen_by(&app, &session, &headers, asked).await?;
    let (outlets, destinations) = (app.store.list_outlets().await?, app.store.list_destinations().await?);
    let filter = asked.filter(&app, &outlets, fates.0);
    let window = Window { after: cursor.clone(), limit: ROWS };
    let mut missed = callers_missed(&app.store, &app.clock, &app.reports, &filter, &window).await?;
    let callers = std::mem::take(&mut missed.callers.items);
    let names = if reader.sees_people {
        Some(Names::of(&app, lang, callers.iter().map(|caller| caller.contact)).await?)
    } else {
        None
    };
    let place = name_in(lang, &destinations, reader.within.as_ref());
    let names = (names.as_ref(), &place);
    let rows = callers.into_iter().map(|caller| RowView::of(lang, &app, caller, &missed, names, &reader));
    let t = lang.missed_texts();

    page(&MissedPage {
        zone: asked.zone.clone().unwrap_or_default().name().to_owned(),
        zone_text: lang.overview_texts().zone,
        as_table: lang.overview_texts().as_table,
        periods: PERIODS
            .map(|it| (of(&here, "period", &it.to_string()), lang.period(it), it == asked.period))
            .into(),
        states: states(lang, &here, fates.0),
        selects: selects(lang, &asked, &outlets, &destinations),
        kept: kept_but(&here, &FILTERS),
        kept_by_aim: kept_but(&here, &AIMS),
        filtered: asked.outlet.is_some() || asked.destination.is_some() || asked.channel.is_some(),
        rows: rows.collect(),
        of_nobody: lang.missed_of_nobody(missed.of_nobody),
        purpose: lang.purpose_name(&missed.purpose).to_owned(),
        earlier: missed.callers.next.as_ref().map(|next| with_query(&here, "cursor", Some(next))),
        latest: cursor.map(|_| with_query(&here, "cursor", None)),
        hours: hours(lang, &asked.hours(&app).await?),
        staffing: asked.staffing(&app, aim).await?.iter().map(|it| staffing(lang, it)).collect(),
        aimed_at: lang.aimed_at(aim),
        share: (aim.share * 100.0).round() as u32,
        within: aim.within.as_secs(),
        tells_worth: reader.sees_worth,
        csv: [".csv", "/hours.csv", "/staffing.csv"].map(|it| {
            let here = with_query(&here, "cursor", None);
            here.replacen("/console/missed", &format!("/console/missed{it}"), 1)
        }),
        csv_text: lang.overview_texts().csv,
        frame: Frame::new(lang, &here, Some(&session)),
        t,
    })
}

/// `GET /console/missed.csv`: all callers who fit.
pub async fn export_callers(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let (asked, reader) = seen_by(&app, &session, &headers, chosen.asked).await?;
    callers_table(&app, &asked, chosen.fates.0, &reader, Reader::Spreadsheet(lang)).await
}

/// `GET /console/missed/hours.csv`
pub async fn export_hours(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let (asked, _) = seen_by(&app, &session, &headers, chosen.asked).await?;
    hours_table(&app, &asked, Reader::Spreadsheet(lang)).await
}

/// `GET /console/missed/staffing.csv`
pub async fn export_staffing(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let (asked, _) = seen_by(&app, &session, &headers, chosen.asked).await?;
    staffing_table(&app, &asked, chosen.aim, Reader::Spreadsheet(lang)).await
}

/// The same for whoever looks: in their zone where the address names none, and of what they may see.
async fn seen_by(
    app: &AppState,
    session: &Session,
    headers: &HeaderMap,
    asked: Asked,
) -> Result<(Asked, calls_asked::Reader), HttpError> {
    let reader = reader(app, &session.post).await?;
    let zone = asked.zone.or_else(|| zone_told(headers));
    Ok((Asked { zone, within: reader.within.clone(), ..asked }, reader))
}

/// The page with one choice made anew, from its beginning.
fn of(here: &Uri, name: &str, value: &str) -> String {
    let address = with_query(here, "cursor", None);
    let address: Uri = address.parse().unwrap_or_else(|_| here.clone());
    with_query(&address, name, Some(value))
}

fn states(lang: Lang, here: &Uri, chosen: Option<Fate>) -> Vec<Link> {
    let all = Fate::ALL.iter().map(|it| (Some(*it), it.as_str(), lang.fate(*it)));
    let all = all.chain([(None, "all", lang.missed_texts().all_states)]);
    all.map(|(it, word, text)| (of(here, "state", word), text.to_owned(), it == chosen)).collect()
}

fn selects(lang: Lang, asked: &Asked, outlets: &[Outlet], destinations: &[Destination]) -> Vec<Select> {
    let (t, all) = (lang.texts(), lang.overview_texts());
    let sees = |outlet: &OutletId| sees(asked.within.as_ref(), outlet);
    let outlets = outlets
        .iter()
        .filter(|it| sees(&it.id))
        .map(|it| (it.id.to_string(), it.name.clone(), asked.outlet.as_ref() == Some(&it.id)));
    let destinations = destinations
        .iter()
        .filter(|it| sees(&it.outlet))
        .map(|it| (it.id.to_string(), it.name.clone(), asked.destination.as_ref() == Some(&it.id)));
    let channels = Channel::ALL
        .iter()
        .map(|&it| (it.as_str().to_owned(), lang.channel(it).to_owned(), asked.channel == Some(it)));
    vec![
        Select { name: "outlet", label: all.outlet, any: t.all, choices: outlets.collect() },
        Select { name: "destination", label: t.destination, any: t.all, choices: destinations.collect() },
        Select { name: "channel", label: t.channel, any: t.all, choices: channels.collect() },
    ]
}
