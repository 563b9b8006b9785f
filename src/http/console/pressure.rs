//! The calendar of a contact's load: what they were asked for and will be, day
//! by day and by channel, and what caps and wishes leave of it.
//!
//! A day is one of the contact's, since that is what caps count in; so the times
//! are theirs as well, and not the viewer's.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::contact::shown_name;
use super::reach::{self, Reach};
use super::{Frame, page, with_query};
use crate::domain::calling::schedule::Zone;
use crate::domain::ids::ContactId;
use crate::domain::people::consent::Channel;
use crate::domain::people::purpose::Purpose;
use crate::domain::people::rules::REACHING;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::api::pressure::{Day, Fill, Pressure, Solicitation};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, PressureTexts, ReachTexts};

/// How many days back and ahead may be looked at; the first is what is shown.
const SPANS: [u32; 3] = [30, 91, 366];

pub struct Asked {
    days: u32,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let days = query.text("days").and_then(|text| text.parse().ok());
        Self { days: days.filter(|days| SPANS.contains(days)).unwrap_or(SPANS[0]) }
    }
}

#[derive(Template)]
#[template(path = "pressure.html")]
struct PressurePage {
    frame: Frame,
    t: &'static PressureTexts,
    reach_t: &'static ReachTexts,
    reach: Vec<Reach>,
    contact: ContactId,
    name: String,
    zone: String,
    limits: Vec<LimitView>,
    /// The columns of the calendar.
    channels: Vec<&'static str>,
    days: Vec<DayView>,
    /// How many days, where that leads, and whether it is shown.
    spans: Vec<(u32, String, bool)>,
}

struct LimitView {
    name: String,
    /// What counts for it.
    about: String,
    used: String,
    left: u32,
    /// `None`: there is room now.
    /// In their time.
    free_at: Option<String>,
}

struct DayView {
    day: String,
    is_today: bool,
    /// What was or will be, by channel: the time and what for.
    cells: Vec<Vec<String>>,
}

/// `GET /console/contacts/{id}/pressure`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<ContactId>,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let contact = app.store.find_contact(id).await?.ok_or(HttpError::NotFound("contact"))?;
    if contact.erased_at.is_some() {
        return Err(HttpError::Gone("the contact"));
    }
    if let Some(into) = contact.merged_into {
        return Ok(Redirect::to(&format!("/console/contacts/{into}/pressure")).into_response());
    }
    let identities = app.store.list_identities(id).await?;
    let purposes = app.store.list_purposes().await?;
    let Pressure { zone, days, caps, wishes } = Pressure::of(&app, id, asked.days).await?;
    let t = lang.pressure_texts();
    let theirs: Zone = zone.parse().map_err(|_| HttpError::Internal)?;
    let caps = caps.into_iter().map(|cap| {
        let channel = cap.channel.map_or(t.any_channel, |word| channel_name(lang, word));
        let purpose =
            cap.purpose.map_or_else(|| t.any_purpose.to_owned(), |id| purpose_name(lang, &purposes, &id));
        let segment = cap.segment.map(|segment| format!(" · {} {segment}", t.of_segment)).unwrap_or_default();
        LimitView::new(lang, cap.id, format!("{channel} · {purpose}{segment}"), cap.fill, &theirs)
    });
    let wishes = wishes.into_iter().map(|wish| {
        let about = format!("{} · {}", channel_name(lang, wish.channel), t.any_purpose);
        LimitView::new(lang, t.own_wish.to_owned(), about, wish.fill, &theirs)
    });
    let clock = |at: Timestamp| at.to_calendar().to_zoned(theirs.0.time_zone().clone());
    let today = clock(app.clock.now()).date().to_string();
    let told = |it: &Solicitation| {
        let purpose = it.purpose.as_ref().map(|id| purpose_name(lang, &purposes, id));
        let planned = it.planned.then(|| t.planned.to_owned());
        let apart = (!it.prospects).then(|| t.no_prospecting.to_owned());
        let parts = [Some(clock(it.at).strftime("%H:%M").to_string()), purpose, planned, apart];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let shown = columns(&days);
    let rows = days.iter().map(|day| DayView {
        day: format!("{}T12:00:00Z", day.date)
            .parse::<Timestamp>()
            .map_or_else(|_| day.date.clone(), |noon| lang.day(noon)),
        is_today: day.date == today,
        cells: shown
            .iter()
            .map(|channel| day.items.iter().filter(|it| it.channel == *channel).map(&told).collect())
            .collect(),
    });
    page(&PressurePage {
        t,
        reach_t: lang.reach_texts(),
        reach: reach::of(&app, lang, id).await?,
        contact: id,
        name: shown_name(&contact.profile, &identities, app.config.home, lang.texts()),
        zone,
        limits: caps.chain(wishes).collect(),
        channels: shown.iter().map(|it| it.map_or(t.other, |word| channel_name(lang, word))).collect(),
        days: rows.collect(),
        spans: SPANS
            .map(|days| (days, with_query(&here, "days", Some(&days.to_string())), days == asked.days))
            .into(),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

impl LimitView {
    fn new(lang: Lang, name: String, about: String, fill: Fill, theirs: &Zone) -> Self {
        let shown = |at: Timestamp| lang.moment(at.shown_in(theirs.0.time_zone()));
        Self {
            name,
            about,
            used: lang.used_of(fill.used, fill.count, fill.days),
            left: fill.left,
            free_at: fill.free_at.map(shown),
        }
    }
}

/// All channels by which people are reached, and one more where something came by none of them.
fn columns(days: &[Day]) -> Vec<Option<&'static str>> {
    let by_other = days.iter().flat_map(|day| &day.items).any(|it| it.channel.is_none());
    let reaching = REACHING.iter().map(|channel| Some(channel.as_str()));
    reaching.chain(by_other.then_some(None)).collect()
}

fn channel_name(lang: Lang, word: &'static str) -> &'static str {
    word.parse::<Channel>().map_or(word, |channel| lang.reached_by(channel))
}

/// What the plan calls a purpose; one that left the plan has its id.
fn purpose_name(lang: Lang, purposes: &[Purpose], id: &str) -> String {
    let found = purposes.iter().find(|purpose| purpose.id.as_str() == id);
    found.map_or(id, |purpose| lang.purpose_name(purpose)).to_owned()
}
