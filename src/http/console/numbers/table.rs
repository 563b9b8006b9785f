//! Numbers as a table: all of them taken along, or many brought at once, with what becomes of each line shown first.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use encoding_rs::WINDOWS_1252;

use super::HERE;
use crate::domain::plan::Draft;
use crate::domain::plan::diff::{Action, Thing};
use crate::domain::plan::number_table::{COLUMNS, NumberLine, read_numbers};
use crate::flows::{Comparison, plan_drafted};
use crate::http::api::export::Reader;
use crate::http::api::numbers_table::exported;
use crate::http::console::plan_review::{LineView, Outcome, Proposal, Sent, TableLine, Wrong, decide};
use crate::http::console::{Frame, page};
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{Form, FromQuery, QueryReader, Session};
use crate::http::language::{EditTexts, Lang, NumberTexts};
use crate::http::{AppState, TABLE_MAX};

const EXAMPLE: &str =
    "+33199002010,,Spring flyer,lyon,lyon-desk,Offline,flyer,print,spring,flyer,2026-03-01..2026-05-31,,,,";
/// So many faults are shown.
const FAULTS_MAX: usize = 100;

#[derive(Template)]
#[template(path = "numbers_table.html")]
struct TablePage {
    frame: Frame,
    t: &'static NumberTexts,
    e: &'static EditTexts,
    wrong: Vec<String>,
    example: String,
}

/// `GET /console/numbers/table`
pub async fn form(
    session: Session,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    shown(lang, &here, &session, vec![])
}

fn shown(lang: Lang, here: &Uri, session: &Session, wrong: Vec<String>) -> Result<Response, HttpError> {
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = page(&TablePage {
        t: lang.number_texts(),
        e: lang.edit_texts(),
        wrong,
        example: format!("{}\n{EXAMPLE}", COLUMNS.join(",")),
        frame: Frame::new(lang, here, Some(session)),
    })?;
    Ok((status, shown).into_response())
}

/// `GET /console/numbers.csv`
pub async fn export(_: Session, State(app): State<AppState>, lang: Lang) -> Result<Response, HttpError> {
    exported(&app, Reader::Spreadsheet(lang)).await
}

/// `POST /console/numbers/table`: what a table would change.
pub async fn bring(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    mut form: Multipart,
) -> Result<Response, HttpError> {
    let broke = |failure: MultipartError| {
        if failure.status() == StatusCode::PAYLOAD_TOO_LARGE {
            HttpError::TooLarge { limit: TABLE_MAX }
        } else {
            HttpError::Invalid(vec![BadField::new("file", "the form broke off")])
        }
    };
    while let Some(field) = form.next_field().await.map_err(broke)? {
        if field.name() != Some("file") {
            continue;
        }
        let bytes = field.bytes().await.map_err(broke)?;
        let text = match str::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            // As spreadsheets of Windows write it.
            Err(_) => WINDOWS_1252.decode(&bytes).0.into_owned(),
        };
        let sent = Sent::of(vec![("table".to_owned(), text.clone())]);
        return brought(&app, lang, &here, &session, sent, &text).await;
    }
    Err(HttpError::Invalid(vec![BadField::new("file", "is missing")]))
}

/// The table that was shown, to be applied.
pub struct Shown {
    sent: Sent,
    table: String,
}

impl FromQuery for Shown {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let sent = Sent::read(query);
        Self { sent, table: query.text("table").unwrap_or_default() }
    }
}

/// `POST /console/numbers/table/apply`
pub async fn apply(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(asked): Form<Shown>,
) -> Result<Response, HttpError> {
    brought(&app, lang, &here, &session, asked.sent, &asked.table).await
}

async fn brought(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    sent: Sent,
    table: &str,
) -> Result<Response, HttpError> {
    let (lines, mut faults) = read_numbers(table, app.config.home);
    faults.extend(plan_drafted(&app.store).await?.0.check_lines(&lines));
    faults.sort_by_key(|fault| fault.line);
    if !faults.is_empty() {
        let told = faults.iter().take(FAULTS_MAX);
        let told = told.map(|fault| lang.at_line(fault.line, &lang.number_line_wrong(&fault.what)));
        return shown(lang, here, session, told.collect());
    }
    let of_table = lines.iter().map(|it| TableLine { line: it.line, number: it.number.reveal().to_owned() });
    let table_lines: Vec<TableLine> = of_table.collect();
    let at: HashMap<String, u64> = table_lines.iter().map(|it| (it.number.clone(), it.line)).collect();
    let lines: Arc<[NumberLine]> = lines.into();
    let edit = Arc::new(move |draft: &mut Draft| draft.put_lines(&lines));
    let title = lang.numbers_changed(lang.number_texts().bring, table_lines.len());
    let mut proposal = Proposal::new(title, "/console/numbers/table/apply", HERE, edit);
    (proposal.lines, proposal.table) = (line_views, table_lines);
    match decide(app, lang, here, session, sent, proposal).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            let told = wrong.into_iter().take(FAULTS_MAX).map(|Wrong { entry, told }| match at.get(&entry) {
                Some(line) => lang.at_line(*line, &told),
                None => told,
            });
            shown(lang, here, session, told.collect())
        }
    }
}

/// What becomes of each line.
fn line_views(lang: Lang, comparison: &Comparison, table: &[TableLine]) -> Vec<LineView> {
    let t = lang.edit_texts();
    let changes = comparison.changes.iter().filter_map(|change| match &change.thing {
        Thing::Number(number) => Some((number.reveal(), change)),
        _ => None,
    });
    let changes: HashMap<&str, _> = changes.collect();
    let view = |it: &TableLine| {
        let change = changes.get(it.number.as_str());
        let (key, word) = match change.map(|change| change.action) {
            None => ("same", t.line_same),
            Some(Action::Create) => ("new", t.line_new),
            Some(Action::Update | Action::Remove) => ("changed", t.line_changed),
        };
        let facts = change.into_iter().flat_map(|change| &change.facts);
        let facts = facts.filter(|(_, before, after)| before != after);
        let told = facts.map(|(key, _, after)| format!("{key} {after}")).collect::<Vec<_>>().join(" · ");
        LineView { line: it.line, number: it.number.clone(), key, word, told }
    };
    table.iter().map(view).collect()
}
