//! Where calls go: each destination with its ring plan as a picture, its week, and what happens to a call at a moment.

pub mod form;
mod picture;
mod week;

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use self::picture::Picture;
use self::week::WeekPart;
use super::parts::Moment;
use super::permissions::{plan_seen, sees, sends, within};
use super::plan_review::Saved;
use super::{Frame, page};
use crate::domain::calling::destination::Destination;
use crate::domain::calling::explain::explain;
use crate::domain::calling::schedule::Schedule;
use crate::domain::ids::DestinationId;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{DestinationTexts, EditTexts, Lang};

pub(super) const HERE: &str = "/console/destinations";

#[derive(Template)]
#[template(path = "destinations.html")]
struct DestinationsPage {
    frame: Frame,
    t: &'static DestinationTexts,
    e: &'static EditTexts,
    is_saved: bool,
    rows: Vec<RowView>,
}

struct RowView {
    id: String,
    name: String,
    outlet: String,
    rings: String,
    now: &'static str,
    numbers: usize,
}

/// `GET /console/destinations`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Saved(is_saved)): Query<Saved>,
) -> Result<Response, HttpError> {
    let (draft, _) = plan_seen(&app, &session.post).await?;
    let (now, t) = (app.clock.now(), lang.destination_texts());
    let within = within(&app, session.post.outlet.as_ref()).await?;
    let mut destinations = app.store.list_destinations().await?;
    destinations.retain(|it| sees(within.as_ref(), &it.outlet));
    let name = name_in(lang, &destinations, within.as_ref());
    let rows = destinations.iter().map(|it| {
        let outlet = draft.outlets.iter().find(|outlet| outlet.id == it.outlet.as_str());
        let steps = it.ring_plan.steps.iter().map(|step| lang.ring_step(step, &name));
        RowView {
            id: it.id.to_string(),
            name: it.name.clone(),
            outlet: outlet.map(|outlet| outlet.name.clone()).unwrap_or_default(),
            rings: steps.collect::<Vec<_>>().join(" · "),
            now: match it.ring_plan.hours.as_ref().map(|hours| hours.is_open(now)) {
                None => t.always,
                Some(true) => t.open,
                Some(false) => t.closed,
            },
            numbers: draft.count_numbers_to(it.id.as_str()),
        }
    });
    let rows = rows.collect();
    page(&DestinationsPage {
        t,
        e: lang.edit_texts(),
        is_saved,
        rows,
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// What a destination is called: to whoever sees a part, one that is not of it is no more than elsewhere.
pub(super) fn name_in<'a>(
    lang: Lang,
    destinations: &'a [Destination],
    within: Option<&'a BTreeSet<Option<String>>>,
) -> impl Fn(&DestinationId) -> String + 'a {
    move |id| {
        let found = destinations.iter().find(|it| it.id == *id && sees(within, &it.outlet));
        found.map_or_else(|| lang.nameless_destination(id, within.is_none()), |it| it.name.clone())
    }
}

/// The moment that is asked about, as its field sends it.
#[derive(Default)]
pub struct Asked {
    at: Option<DateTime>,
    is_saved: bool,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { at: query.value("at"), is_saved: query.text("saved").is_some() }
    }
}

#[derive(Template)]
#[template(path = "destination.html")]
struct DestinationPage {
    frame: Frame,
    t: &'static DestinationTexts,
    e: &'static EditTexts,
    is_saved: bool,
    id: String,
    name: String,
    picture: Picture,
    week: Option<WeekPart>,
    at: String,
    zone: String,
    told: Told,
    form: Option<form::DestinationForm>,
}

/// What happens to a call at the moment asked about.
struct Told {
    /// Open or closed, and why; `None`: it is always open.
    stands: Option<String>,
    opens_at: Option<Moment>,
    steps: Vec<String>,
    nothing: Option<&'static str>,
    /// It goes on to where the reader does not see.
    leaves: bool,
}

/// `GET /console/destinations/{id}`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<DestinationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let form = if sends(&session.post, HERE) {
        Some(form::DestinationForm::of(&app, lang, &id).await?)
    } else {
        None
    };
    shown(&app, lang, &here, &session, &id, asked, form).await
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &axum::http::Uri,
    session: &Session,
    id: &DestinationId,
    asked: Asked,
    form: Option<form::DestinationForm>,
) -> Result<Response, HttpError> {
    let within = within(app, session.post.outlet.as_ref()).await?;
    let all = app.store.list_destinations().await?;
    let destinations: Vec<Destination> =
        all.iter().filter(|it| sees(within.as_ref(), &it.outlet)).cloned().collect();
    let destination =
        destinations.iter().find(|it| it.id == *id).ok_or(HttpError::NotFound("destination"))?;
    let hours = destination.ring_plan.hours.as_ref();
    let zone = hours.map_or(TimeZone::UTC, |hours| hours.zone.0.time_zone().clone());
    let (now, name) = (app.clock.now(), name_in(lang, &destinations, within.as_ref()));
    let at = asked.at.and_then(|at| at.to_zoned(zone.clone()).ok());
    let at = at.map_or(now, |at| Timestamp::from_ms(at.timestamp().as_millisecond()));
    page(&DestinationPage {
        t: lang.destination_texts(),
        e: lang.edit_texts(),
        is_saved: asked.is_saved,
        id: id.to_string(),
        name: destination.name.clone(),
        picture: Picture::of(lang, destination, &name),
        week: hours.map(|hours| WeekPart::of(lang, hours, now)),
        at: zone.to_datetime(at.to_calendar()).strftime("%Y-%m-%dT%H:%M").to_string(),
        zone: hours.map_or_else(|| "UTC".to_owned(), |hours: &Schedule| hours.zone.to_string()),
        told: told(lang, (&destinations, &all), id, at, &name)?,
        form,
        frame: Frame::new(lang, here, Some(session)),
    })
}

fn told(
    lang: Lang,
    (seen, all): (&[Destination], &[Destination]),
    id: &DestinationId,
    at: Timestamp,
    name: impl Fn(&DestinationId) -> String,
) -> Result<Told, HttpError> {
    let explained = explain(seen, id, at).ok_or(HttpError::NotFound("destination"))?;
    let leaves = explain(all, id, at).is_some_and(|it| it.way != explained.way);
    let t = lang.destination_texts();
    let stands = explained.open.map(|(is_open, kind)| {
        format!("{} ({})", if is_open { t.open } else { t.closed }, lang.day_kind(kind))
    });
    Ok(Told {
        stands,
        opens_at: explained.opens_at.map(|at| Moment::day_and_time(lang, at)),
        leaves,
        nothing: (explained.way.steps.is_empty() && !leaves)
            .then(|| lang.nothing_rings(explained.way.otherwise)),
        steps: explained.way.steps.iter().map(|step| lang.way_step(step, &name)).collect(),
    })
}
