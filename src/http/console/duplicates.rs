//! Contacts that may be one person: merge them, or say that they are not.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::names::Names;
use super::{Frame, page, with_query};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::flows::{ContactError, contacts_merged, duplicate_refused};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{Form, FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, PeopleTexts};
use crate::store::Window;

const HERE: &str = "/console/duplicates";
const ROWS: u32 = 50;

pub struct Asked {
    cursor: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { cursor: query.text("cursor") }
    }
}

#[derive(Template)]
#[template(path = "duplicates.html")]
struct DuplicatesPage {
    frame: Frame,
    t: &'static PeopleTexts,
    rows: Vec<RowView>,
    more: Option<String>,
}

struct RowView {
    /// Both: the id, the name, and what tells them from others of that name.
    pair: [(ContactId, String, String); 2],
    score: u8,
    /// `names +55`
    reasons: Vec<String>,
}

/// `GET /console/duplicates`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let found = app.store.list_duplicates(&Window { after: asked.cursor, limit: ROWS }).await?;
    let names = Names::of(&app, lang, found.items.iter().flat_map(|it| it.pair)).await?;
    let rows = found.items.into_iter().map(|it| {
        let pair = it.pair.map(|id| {
            let (name, known_by) = names.called(id);
            (id, name, known_by)
        });
        let signs = it.likeness.reasons.iter();
        let reasons = signs.map(|it| format!("{} {:+}", lang.sign(it.sign), it.points)).collect();
        RowView { pair, score: it.likeness.score, reasons }
    });
    page(&DuplicatesPage {
        t: lang.people_texts(),
        rows: rows.collect(),
        more: found.next.map(|next| with_query(&here, "cursor", Some(&next))),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// What a row of the page sends.
pub struct Decision {
    pair: [Option<ContactId>; 2],
    merges: bool,
}

impl FromQuery for Decision {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let pair = [query.id("one"), query.id("other")];
        Self { pair, merges: query.text("then").as_deref() == Some("merge") }
    }
}

/// `POST /console/duplicates`; whoever was faster has decided.
pub async fn decide(
    session: Session,
    State(app): State<AppState>,
    Form(Decision { pair, merges }): Form<Decision>,
) -> Result<Response, HttpError> {
    let [Some(one), Some(other)] = pair else {
        return Err(HttpError::Invalid(vec![BadField::new("one", "must be an id, like other")]));
    };
    let by = Accessor::User(session.user);
    let decided = if merges {
        contacts_merged(&app.store, &app.clock, [one, other], by).await.map(drop)
    } else {
        duplicate_refused(&app.store, &app.clock, [one, other], by).await
    };
    match decided {
        Ok(()) | Err(ContactError::NotFound { .. } | ContactError::Gone { .. }) => {
            Ok(Redirect::to(HERE).into_response())
        }
        Err(failure) => Err(failure.into()),
    }
}
