//! Segments: what they ask, how many are in each, and a filter that is tried or kept.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::names::Names;
use super::parts::Moment;
use super::{Frame, page, with_query};
use crate::domain::ids::{ContactId, SegmentId};
use crate::flows::{Counted, SegmentError, filter_counted, segment_deleted, segment_written};
use crate::http::AppState;
use crate::http::api::segments::{Segment, checked_name};
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, SegmentTexts};
use crate::store::Window;

const HERE: &str = "/console/segments";
const SAMPLE: u32 = 5;
const MEMBERS: u32 = 25;
const MOVES: u32 = 10;
/// Days of the trend on the page of a segment.
const DAYS: usize = 14;
const EXAMPLES: [&str; 4] = [
    "count(call.answered) >= 2 in 90d and last(purchase) > 365d",
    "address.postcode ^= \"69\" and has(email) and not has(phone)",
    "spent(EUR) >= 500 in 365d or segment(active) and source.channel = \"Paid Search\"",
    "first(act) >= 2026-01-01 and language = \"fr\"",
];

/// What the form sends, and what it is filled with again.
#[derive(Default)]
pub struct Fields {
    id: String,
    name: String,
    filter: String,
}

impl FromQuery for Fields {
    fn read(form: &mut QueryReader<'_>) -> Self {
        form.text("lang");
        let mut text =
            |name: &'static str| form.text(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        // A text area ends its lines as no filter needs it.
        Self { id: text("id"), name: text("name"), filter: text("filter").replace('\r', "") }
    }
}

#[derive(Template)]
#[template(path = "segments.html")]
struct SegmentsPage {
    frame: Frame,
    t: &'static SegmentTexts,
    rows: Vec<RowView>,
    editor: Editor,
}

/// The form, and what came of it.
struct Editor {
    /// Of a segment that is there, its short name is no field.
    is_new: bool,
    filled: Fields,
    wrong: Vec<String>,
    /// The line of the filter that cannot be read, with a caret below the place.
    pointed: Option<String>,
    counted: Option<CountedView>,
    examples: [&'static str; 4],
}

struct CountedView {
    contacts: i64,
    sample: Vec<(ContactId, String, String)>,
}

struct RowView {
    id: SegmentId,
    name: String,
    means: &'static str,
    filter: String,
    contacts: Option<i64>,
    /// Against a week before, with its sign.
    trend: Option<String>,
    problem: Option<String>,
}

impl RowView {
    fn new(lang: Lang, segment: Segment) -> Self {
        let id = segment.id.as_str();
        Self {
            name: lang.segment_name(id, segment.built_in, &segment.name),
            means: if segment.built_in { lang.segment_means(id) } else { "" },
            trend: segment.contacts.and_then(|now| {
                let before = segment.counts.iter().skip(1).take(7).next_back()?;
                Some(format!("{:+}", now - before.contacts))
            }),
            id: segment.id,
            filter: segment.filter,
            contacts: segment.contacts,
            problem: segment.problem,
        }
    }
}

/// `GET /console/segments`; with a filter, it is counted.
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(filled): Query<Fields>,
) -> Result<Response, HttpError> {
    let editor = tried(&app, lang, filled, true).await?;
    shown(&app, lang, &here, session, editor).await
}

/// `POST /console/segments`: keeps a segment, or changes one.
pub async fn save(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(filled): Form<Fields>,
) -> Result<Response, HttpError> {
    let t = lang.segment_texts();
    let (id, name) = (filled.id.parse::<SegmentId>(), checked_name(&filled.name));
    let (wrong, pointed) = match (id, name) {
        (Ok(id), Ok(name)) => {
            match segment_written(&app.store, &app.clock, id.clone(), name, filled.filter.clone()).await {
                Ok(_) => return Ok(Redirect::to(&format!("{HERE}/{id}")).into_response()),
                Err(SegmentError::Filter(problem)) => {
                    let pointed = problem.pointed(&filled.filter);
                    (vec![lang.filter_fault(&problem.fault)], Some(pointed))
                }
                Err(SegmentError::Breaks { by }) => (vec![format!("{} {by}", t.breaks)], None),
                Err(SegmentError::Full) => (vec![t.full.to_owned()], None),
                Err(failure) => return Err(failure.into()),
            }
        }
        (id, name) => {
            let bad_id = id.is_err().then_some(t.bad_id);
            let bad_name = name.is_err().then_some(t.bad_name);
            (bad_id.into_iter().chain(bad_name).map(str::to_owned).collect(), None)
        }
    };
    let editor = Editor { is_new: true, filled, wrong, pointed, counted: None, examples: EXAMPLES };
    let again = shown(&app, lang, &here, session, editor).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: Session,
    editor: Editor,
) -> Result<Response, HttpError> {
    let segments = Segment::every(app).await?;
    page(&SegmentsPage {
        t: lang.segment_texts(),
        rows: segments.into_iter().map(|segment| RowView::new(lang, segment)).collect(),
        editor,
        frame: Frame::new(lang, here, Some(&session)),
    })
}

/// The form with what its filter finds, where it has one.
async fn tried(app: &AppState, lang: Lang, filled: Fields, is_new: bool) -> Result<Editor, HttpError> {
    let mut editor =
        Editor { is_new, filled, wrong: vec![], pointed: None, counted: None, examples: EXAMPLES };
    if editor.filled.filter.is_empty() {
        return Ok(editor);
    }
    match filter_counted(&app.store, &app.clock, &editor.filled.filter, SAMPLE).await {
        Ok(Counted { contacts, sample, .. }) => {
            editor.counted = Some(CountedView { contacts, sample: names(app, lang, sample).await? });
        }
        Err(SegmentError::Filter(problem)) => {
            editor.wrong = vec![lang.filter_fault(&problem.fault)];
            editor.pointed = Some(problem.pointed(&editor.filled.filter));
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(editor)
}

async fn names(
    app: &AppState,
    lang: Lang,
    contacts: Vec<ContactId>,
) -> Result<Vec<(ContactId, String, String)>, HttpError> {
    let names = Names::of(app, lang, contacts.iter().copied()).await?;
    let named = contacts.into_iter().map(|id| {
        let (name, known_by) = names.called(id);
        (id, name, known_by)
    });
    Ok(named.collect())
}

#[derive(Template)]
#[template(path = "segment.html")]
struct SegmentPage {
    frame: Frame,
    t: &'static SegmentTexts,
    row: RowView,
    built_in: bool,
    told_at: Option<Moment>,
    editor: Editor,
    members: Vec<(ContactId, String, String, Moment)>,
    earlier: Option<String>,
    moves: Vec<(ContactId, String, Moment, bool)>,
    /// The day, how many, and that in per cent of the greatest of these.
    counts: Vec<(String, i64, i64)>,
}

pub struct Asked {
    cursor: Option<String>,
    filter: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        for sent in ["lang", "id", "name"] {
            query.text(sent);
        }
        Self { cursor: query.text("cursor"), filter: query.text("filter") }
    }
}

/// `GET /console/segments/{id}`; with a filter, that is counted beside.
pub async fn one(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<SegmentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let segment = Segment::find(&app, &id).await?;
    let filled = |filter: String| Fields { id: id.to_string(), name: segment.name.clone(), filter };
    let editor = match asked.filter {
        Some(filter) => tried(&app, lang, filled(filter.replace('\r', "")), false).await?,
        None => {
            let filled = filled(segment.filter.clone());
            Editor { is_new: false, filled, wrong: vec![], pointed: None, counted: None, examples: EXAMPLES }
        }
    };
    let found = app.store.list_members(&id, &Window { after: asked.cursor, limit: MEMBERS }).await?;
    let moves = app.store.list_moves(&id, &Window::first(MOVES)).await?.items;
    let shown = found.items.iter().map(|it| it.contact).chain(moves.iter().map(|it| it.contact));
    let names = Names::of(&app, lang, shown).await?;
    let members = found.items.into_iter().map(|it| {
        let (name, known_by) = names.called(it.contact);
        (it.contact, name, known_by, Moment::day(lang, it.since))
    });
    let moves = moves.into_iter().map(|it| {
        let (name, _) = names.called(it.contact);
        (it.contact, name, Moment::day_and_time(lang, it.at), it.entered)
    });
    let days = segment.counts.iter().take(DAYS);
    let most = days.clone().map(|it| it.contacts).max().unwrap_or_default().max(1);
    page(&SegmentPage {
        t: lang.segment_texts(),
        built_in: segment.built_in,
        told_at: segment.computed_at.map(|at| Moment::day_and_time(lang, at)),
        counts: days.map(|it| (it.day.clone(), it.contacts, it.contacts * 100 / most)).collect(),
        row: RowView::new(lang, segment),
        editor,
        members: members.collect(),
        earlier: found.next.map(|next| with_query(&here, "cursor", Some(&next))),
        moves: moves.collect(),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// `POST /console/segments/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<SegmentId>,
) -> Result<Response, HttpError> {
    match segment_deleted(&app.store, id).await {
        Ok(()) | Err(SegmentError::NotFound) => Ok(Redirect::to(HERE).into_response()),
        Err(failure) => Err(failure.into()),
    }
}
