//! The block and allow lists: who may not ring, and who may whatever else holds.
//!
//! An entry of the plan is shown and not changed here: it would be back the
//! next time that the plan is applied.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::{self, Moment};
use super::{Frame, page, with_query};
use crate::domain::calling::screening::block::{Scope, Who};
use crate::domain::calling::screening::rules::Action;
use crate::domain::ids::BlockId;
use crate::domain::phone::{Country, Phone};
use crate::domain::plan::screening::DraftBlock;
use crate::flows::{BlockError, block_made, block_taken_back};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::Lang;
use crate::store::{BlockRow, Window};

const HERE: &str = "/console/blocks";
const ROWS: u32 = 50;
/// Whom an entry may mean; what a form sends as `kind`.
const KINDS: [&str; 4] = ["number", "prefix", "country", "withheld"];
const ACTIONS: [Action; 4] = [Action::Refuse, Action::Busy, Action::Mark, Action::Allow];

pub struct Asked {
    cursor: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { cursor: query.text("cursor") }
    }
}

/// What the form sends; what it is filled with again when it will not do.
#[derive(Default)]
pub struct Fields {
    kind: String,
    value: String,
    outlet: Option<String>,
    then: String,
    /// A day.
    until: Option<String>,
    note: Option<String>,
}

impl FromQuery for Fields {
    fn read(form: &mut QueryReader<'_>) -> Self {
        // PostgreSQL keeps no NUL in a text.
        let mut text = |name: &'static str| {
            let text = form.text(name).map(|text| text.replace(char::is_control, " ").trim().to_owned());
            text.filter(|text| !text.is_empty())
        };
        Self {
            kind: text("kind").unwrap_or_default(),
            value: text("value").unwrap_or_default(),
            outlet: text("outlet"),
            then: text("then").unwrap_or_default(),
            until: text("until"),
            note: text("note"),
        }
    }
}

impl Fields {
    /// The entry that is meant; numbers as they are written at home.
    fn draft(&self, home: Country) -> DraftBlock {
        let value = |kind: &str| (self.kind == kind).then(|| self.value.clone());
        let number = value("number").map(|text| match Phone::parse(&text, Some(home)) {
            Ok(number) => number.reveal().to_owned(),
            Err(_) => text,
        });
        DraftBlock {
            number,
            prefix: value("prefix"),
            country: value("country").map(|text| text.to_uppercase()),
            withheld: (self.kind == "withheld").then_some(true),
            outlet: self.outlet.clone(),
            then: Some(self.then.clone()),
            until: self.until.as_ref().map(|day| format!("{day}T00:00:00Z")),
            note: self.note.clone(),
            ..DraftBlock::default()
        }
    }
}

#[derive(Template)]
#[template(path = "blocks.html")]
struct BlocksPage {
    frame: Frame,
    rows: Vec<RowView>,
    older: Option<String>,
    newest: Option<String>,
    /// What is wrong with what the form sent.
    wrong: Vec<&'static str>,
    /// Each with its text, and whether it is chosen.
    kinds: Vec<(&'static str, &'static str, bool)>,
    actions: Vec<(&'static str, &'static str, bool)>,
    outlets: Vec<(String, String, bool)>,
    filled: Fields,
}

struct RowView {
    id: String,
    who: String,
    kind: &'static str,
    scope: Option<String>,
    then: &'static str,
    until: Option<Moment>,
    is_over: bool,
    note: Option<String>,
    planned: bool,
    made: Moment,
}

/// `GET /console/blocks`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    shown(&app, lang, &here, session, asked.cursor, Fields::default(), vec![]).await
}

/// `POST /console/blocks`: for the same callers and calls there is one entry;
/// made again, it says what was sent last.
pub async fn make(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let wrong = match block_made(&app.store, &app.clock, &fields.draft(app.config.home)).await {
        Ok(_) => return Ok(Redirect::to(HERE).into_response()),
        Err(BlockError::Faults(faults)) => faults.iter().map(|fault| lang.block_fault(fault)).collect(),
        Err(BlockError::Nowhere { .. }) => vec![lang.texts().block_nowhere],
        Err(BlockError::Full) => vec![lang.texts().block_full],
        Err(BlockError::NotFound | BlockError::Planned) => return Err(HttpError::NotFound("block")),
        Err(BlockError::Store(failure)) => return Err(failure.into()),
    };
    let again = shown(&app, lang, &here, session, None, fields, wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

/// `POST /console/blocks/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<BlockId>,
) -> Result<Response, HttpError> {
    match block_taken_back(&app.store, &id).await {
        Ok(_) | Err(BlockError::NotFound) => Ok(Redirect::to(HERE).into_response()),
        Err(BlockError::Store(failure)) => Err(failure.into()),
        Err(refused) => Err(HttpError::Conflict(refused.to_string())),
    }
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: Session,
    cursor: Option<String>,
    filled: Fields,
    wrong: Vec<&'static str>,
) -> Result<Response, HttpError> {
    let window = Window { after: cursor, limit: ROWS };
    let found = app.store.list_blocks(&window).await?;
    let outlets = app.store.list_outlets().await?;
    let (now, home) = (app.clock.now(), app.config.home);
    let rows = found.items.into_iter().map(|row| {
        let outlet_name = |id: &str| {
            outlets
                .iter()
                .find(|outlet| outlet.id.as_str() == id)
                .map_or(id, |outlet| &outlet.name)
                .to_owned()
        };
        let BlockRow { block, planned, created_at } = row;
        RowView {
            who: match &block.who {
                Who::Number(number) => parts::phone(number, home),
                Who::Withheld => String::new(),
                other => other.reveal(),
            },
            kind: lang.block_kind(block.who.kind()),
            scope: match &block.scope {
                Scope::All => None,
                Scope::Outlet(outlet) => Some(outlet_name(outlet.as_str())),
                Scope::Number(number) => Some(parts::phone(number, home)),
            },
            then: lang.block_action(block.then),
            is_over: block.until.is_some_and(|until| until <= now),
            until: block.until.map(|until| Moment::day_and_time(lang, until)),
            note: block.note,
            planned,
            made: Moment::day(lang, created_at),
            id: block.id.to_string(),
        }
    });
    let chosen = |asked: &str, value: &str| asked == value;
    page(&BlocksPage {
        rows: rows.collect(),
        older: found.next.map(|cursor| with_query(&HERE.parse().expect("a path"), "cursor", Some(&cursor))),
        newest: window.after.is_some().then(|| HERE.to_owned()),
        wrong,
        kinds: KINDS.map(|kind| (kind, lang.block_kind(kind), chosen(&filled.kind, kind))).into(),
        actions: ACTIONS
            .map(|then| (then.as_str(), lang.block_action(then), chosen(&filled.then, then.as_str())))
            .into(),
        outlets: outlets
            .iter()
            .map(|outlet| {
                let id = outlet.id.to_string();
                let is_chosen = filled.outlet.as_ref() == Some(&id);
                (id, outlet.name.clone(), is_chosen)
            })
            .collect(),
        filled,
        frame: Frame::new(lang, here, Some(&session)),
    })
}
