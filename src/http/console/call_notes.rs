//! What people write down of a call on its page: notes, tags, and where it came from, when they know.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::{self, Moment};
use crate::domain::calling::note::{Note, NoteText, TAGS_MAX, Tag};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{CallId, NoteId, VisitId};
use crate::flows::{call_corrected, call_noted, call_tagged, note_deleted};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::{CallTexts, Lang};
use crate::http::story::CallStory;

/// What was written, and what may be.
pub struct NotesView {
    pub t: &'static CallTexts,
    pub notes: Vec<NoteView>,
    /// As the form takes them: separated by commas.
    pub tags: String,
    pub shown: Vec<String>,
    /// Tags that other calls have.
    pub known: Vec<String>,
    /// The visits that the call may have come from: their ids, and their names.
    pub visits: Vec<(VisitId, String, Moment)>,
}

pub struct NoteView {
    pub id: NoteId,
    pub at: Moment,
    pub by: String,
    pub text: String,
}

impl NotesView {
    pub fn new(lang: Lang, story: &CallStory, known: Vec<Tag>) -> Self {
        let mut visits: Vec<(VisitId, String, Moment)> = Vec::new();
        // Also those of earlier reckonings: whoever corrected a mistake may have made one.
        for (version, share) in story.versions.iter().flat_map(|it| it.shares.iter().map(move |s| (it, s))) {
            if let Some(visit) = share.visit
                && visits.iter().all(|(known, ..)| *known != visit)
            {
                let seen = story.visits.iter().find(|seen| seen.visit.id == visit);
                let at = seen.map_or(version.at, |seen| seen.visit.started_at);
                let name =
                    format!("{} · {}", lang.channel(share.source.channel), parts::source(&share.source));
                visits.push((visit, name, Moment::day_and_time(lang, at)));
            }
        }
        let note = |it: &Note| NoteView {
            id: it.id,
            at: Moment::day_and_time(lang, it.at),
            by: it.name.clone().unwrap_or_else(|| it.by.clone()),
            text: it.text.as_str().to_owned(),
        };
        let shown: Vec<String> = story.tags.iter().map(Tag::to_string).collect();
        Self {
            t: lang.call_texts(),
            notes: story.notes.iter().map(note).collect(),
            tags: shown.join(", "),
            known: known.iter().map(Tag::to_string).collect(),
            shown,
            visits,
        }
    }
}

/// A note to be.
pub struct NewNote {
    text: Option<NoteText>,
}

impl FromQuery for NewNote {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let text = query.value("text");
        if text.is_none() {
            query.refuse("text", crate::domain::calling::note::BadNote.to_string());
        }
        Self { text }
    }
}

/// `POST /console/calls/{id}/notes`
pub async fn write(
    session: Session,
    State(app): State<AppState>,
    Path(call): Path<CallId>,
    Form(new): Form<NewNote>,
) -> Result<Response, HttpError> {
    if let Some(text) = new.text {
        call_noted(&app.store, &app.clock, call, text, Accessor::User(session.user)).await?;
    }
    Ok(back(call, "notes"))
}

/// `POST /console/calls/{id}/notes/{note}/delete`; one that is gone already is gone.
pub async fn delete(
    _: Session,
    State(app): State<AppState>,
    Path((call, note)): Path<(CallId, NoteId)>,
) -> Result<Response, HttpError> {
    match note_deleted(&app.store, call, note).await.map_err(HttpError::from) {
        Ok(()) | Err(HttpError::NotFound(_)) => Ok(back(call, "notes")),
        Err(failure) => Err(failure),
    }
}

/// The tags of a call, separated by commas.
pub struct NewTags {
    tags: BTreeSet<Tag>,
}

impl FromQuery for NewTags {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let text = query.text("tags").unwrap_or_default();
        let mut tags = BTreeSet::new();
        for word in text.split(',').filter(|word| !word.trim().is_empty()) {
            match word.parse() {
                Ok(tag) => {
                    tags.insert(tag);
                }
                Err(bad) => query.refuse("tags", format!("{bad}: {word}")),
            }
        }
        if tags.len() > TAGS_MAX {
            query.refuse("tags", format!("at most {TAGS_MAX}"));
        }
        Self { tags }
    }
}

/// `POST /console/calls/{id}/tags`
pub async fn tag(
    _: Session,
    State(app): State<AppState>,
    Path(call): Path<CallId>,
    Form(new): Form<NewTags>,
) -> Result<Response, HttpError> {
    call_tagged(&app.store, call, new.tags).await?;
    Ok(back(call, "notes"))
}

/// Where somebody says that the call came from.
pub struct NewOrigin {
    /// `None`: from no visit.
    visit: Option<VisitId>,
}

impl FromQuery for NewOrigin {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { visit: query.id("visit") }
    }
}

/// `POST /console/calls/{id}/origin`
pub async fn correct(
    _: Session,
    State(app): State<AppState>,
    Path(call): Path<CallId>,
    Form(new): Form<NewOrigin>,
) -> Result<Response, HttpError> {
    call_corrected(&app.store, &app.clock, call, new.visit).await?;
    Ok(back(call, "origin"))
}

fn back(call: CallId, place: &str) -> Response {
    Redirect::to(&format!("/console/calls/{call}#{place}")).into_response()
}
