//! Tables of contacts: bring one, say what its columns mean, try it, import it, and see how far it is.
//!
//! While rows are worked on the page asks for itself anew (`Refresh`), so nothing
//! of it needs a script.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::Moment;
use super::{Frame, page, with_query};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ImportId;
use crate::domain::people::consent::Draft;
use crate::domain::people::import::Import;
use crate::domain::people::import::columns::Target;
use crate::domain::people::import::consents::{About, Column, Part};
use crate::domain::people::import::table::COLUMNS_MAX;
use crate::domain::people::search::Search;
use crate::flows::{ImportRun, declared};
use crate::http::AppState;
use crate::http::api::export::{Reader, exported, reported};
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{ImportTexts, Lang};
use crate::http::tables::{brought, deleted, mapping, started};
use crate::store::Window;

const HERE: &str = "/console/imports";
const ROWS: u32 = 50;
/// How often a page is asked for anew while rows are worked on.
const REFRESH_S: u32 = 2;

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
#[template(path = "imports.html")]
struct ImportsPage {
    frame: Frame,
    t: &'static ImportTexts,
    wrong: Vec<String>,
    rows: Vec<RowView>,
    more: Option<String>,
}

struct RowView {
    id: ImportId,
    name: String,
    at: Moment,
    state: &'static str,
    rows: u64,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    t: &'static ImportTexts,
    id: ImportId,
    name: String,
    at: Moment,
    state: &'static str,
    wrong: Vec<String>,
    problem: Option<String>,
    /// A run may begin.
    may_start: bool,
    /// Of each column its heading and what it means.
    columns: Vec<(String, String)>,
    targets: Vec<String>,
    /// What is said of every answer of the table: the field, how it is called, and what is said.
    consents: [(&'static str, &'static str, String); 5],
    /// In a hundred, of a run.
    done: Option<u64>,
    counts: [(&'static str, u64); 7],
}

/// `GET /console/imports`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    listed(&app, lang, &here, session, asked.cursor, vec![]).await
}

async fn listed(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: Session,
    cursor: Option<String>,
    wrong: Vec<String>,
) -> Result<Response, HttpError> {
    let found = app.store.list_imports(&Window { after: cursor, limit: ROWS }).await?;
    let rows = found.items.into_iter().map(|import| RowView {
        id: import.id,
        at: Moment::day_and_time(lang, import.created_at),
        state: lang.import_state(import.state),
        rows: import.counts.rows(),
        name: import.name,
    });
    page(&ImportsPage {
        t: lang.import_texts(),
        wrong,
        rows: rows.collect(),
        more: found.next.map(|next| with_query(here, "cursor", Some(&next))),
        frame: Frame::new(lang, here, Some(&session)),
    })
}

/// `POST /console/imports`: a file, in pieces as the browser sends them.
pub async fn bring(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    mut form: Multipart,
) -> Result<Response, HttpError> {
    let broke = |_: MultipartError| HttpError::Invalid(vec![BadField::new("file", "the form broke off")]);
    while let Some(field) = form.next_field().await.map_err(broke)? {
        if field.name() != Some("file") {
            continue;
        }
        let name: String = field.file_name().unwrap_or("contacts.csv").chars().take(100).collect();
        let brought = brought(&app, Accessor::User(session.user), &name, None, field).await;
        return match brought {
            Ok(import) => Ok(Redirect::to(&format!("{HERE}/{}", import.id)).into_response()),
            Err(refused @ (HttpError::Invalid(_) | HttpError::TooLarge { .. })) => {
                let again = listed(&app, lang, &here, session, None, told(refused)).await?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
            }
            Err(failure) => Err(failure),
        };
    }
    Err(HttpError::Invalid(vec![BadField::new("file", "is missing")]))
}

/// What is wrong, in the words of the API, which name headings of the table.
fn told(refused: HttpError) -> Vec<String> {
    match refused {
        HttpError::Invalid(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|bad| format!("{}: {}", bad.field.trim_start_matches("mapping."), bad.detail))
                .collect()
        }
        other => vec![other.to_string()],
    }
}

/// `GET /console/imports/{id}`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<ImportId>,
    Query(_): Query<Asked>,
) -> Result<Response, HttpError> {
    shown(&app, lang, &here, session, id, vec![]).await
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: Session,
    id: ImportId,
    wrong: Vec<String>,
) -> Result<Response, HttpError> {
    let import = app.store.find_import(id).await?.ok_or(HttpError::NotFound("import"))?;
    let t = lang.import_texts();
    let mapping = mapping(app, &import).await?;
    let targets = targets(app).await?;
    let counts = import.counts;
    let done = |it: &Import| (100 * it.position.byte).checked_div(it.bytes).unwrap_or(100);
    let runs = import.state.runs();
    let (said, text) = (&import.consents, |it: &Option<String>| it.clone().unwrap_or_default());
    let columns = import.columns.iter().cloned().zip(mapping.0);
    let mut response = page(&ImportPage {
        t,
        id,
        name: import.name.clone(),
        at: Moment::day_and_time(lang, import.created_at),
        state: lang.import_state(import.state),
        wrong,
        problem: import.problem.clone(),
        may_start: import.state.may_start(),
        columns: columns
            .map(|(it, target)| (it, target.map(|it| it.to_string()).unwrap_or_default()))
            .collect(),
        targets,
        consents: [
            ("at", t.said_at, text(&said.at)),
            ("source", t.said_where, text(&said.source)),
            ("method", t.said_how, text(&said.method)),
            ("text", t.said_text, text(&said.text)),
            ("text_version", t.said_version, text(&said.text_version)),
        ],
        done: (import.run > 0).then(|| done(&import)),
        counts: [
            (t.created, counts.created),
            (t.changed, counts.changed),
            (t.unchanged, counts.unchanged),
            (t.merged, counts.merged),
            (t.refused, counts.refused),
            (t.marked, counts.marked),
            (t.consents, counts.consents),
        ],
        frame: Frame::new(lang, here, Some(&session)),
    })?;
    if runs {
        response.headers_mut().insert(header::REFRESH, HeaderValue::from(REFRESH_S));
    }
    Ok(response)
}

/// Everything that a column may mean.
async fn targets(app: &AppState) -> Result<Vec<String>, HttpError> {
    let declared = declared(&app.store, app.config.home).await?;
    let systems = declared.systems.iter().map(|id| format!("customer.{id}"));
    let fields = declared.fields.iter().map(|field| format!("fields.{}", field.id));
    let consents = About::all(&declared).flat_map(|about| {
        let column = move |part: &Part| Target::Consent(Column { about: about.clone(), part: *part });
        Part::ALL.iter().map(column).map(|target| target.to_string())
    });
    Ok(Target::words().map(str::to_owned).chain(systems).chain(fields).chain(consents).collect())
}

/// What the form of the page sends: of each column, by its place, what it means.
pub struct Start {
    meanings: Vec<Option<String>>,
    consents: Draft,
    dry: bool,
}

impl FromQuery for Start {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let meanings = (0..COLUMNS_MAX).map(|n| query.text_named(&format!("column-{n}")));
        let meanings = meanings.collect();
        let consents = Draft {
            at: query.text("consents-at"),
            source: query.text("consents-source"),
            method: query.text("consents-method"),
            text: query.text("consents-text"),
            text_version: query.text("consents-text_version"),
            ..Draft::default()
        };
        Self { meanings, consents, dry: query.text("then").as_deref() == Some("try") }
    }
}

/// `POST /console/imports/{id}/start`
pub async fn start(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<ImportId>,
    Form(asked): Form<Start>,
) -> Result<Response, HttpError> {
    let import = app.store.find_import(id).await?.ok_or(HttpError::NotFound("import"))?;
    let pairs = import.columns.into_iter().zip(asked.meanings);
    let mapping: BTreeMap<String, String> =
        pairs.filter_map(|(heading, target)| Some((heading, target?))).collect();
    let (mapping, consents) = (Some(mapping), Some(asked.consents));
    let run = ImportRun { mapping, consents, dry: asked.dry, may_consent: true };
    match started(&app, id, run).await {
        Ok(_) | Err(HttpError::Conflict(_)) => Ok(Redirect::to(&format!("{HERE}/{id}")).into_response()),
        Err(refused @ HttpError::Invalid(_)) => {
            let again = shown(&app, lang, &here, session, id, told(refused)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        Err(failure) => Err(failure),
    }
}

/// `GET /console/imports/{id}/report.csv`
pub async fn report(
    _: Session,
    lang: Lang,
    State(app): State<AppState>,
    Path(id): Path<ImportId>,
) -> Result<Response, HttpError> {
    reported(&app, id, Reader::Spreadsheet(lang)).await
}

/// `GET /console/contacts.csv`
pub async fn export(_: Session, lang: Lang, State(app): State<AppState>) -> Result<Response, HttpError> {
    exported(&app, Search::default(), Reader::Spreadsheet(lang), true).await
}

/// `POST /console/imports/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<ImportId>,
) -> Result<Response, HttpError> {
    match deleted(&app, id).await {
        Ok(()) | Err(HttpError::NotFound(_)) => Ok(Redirect::to(HERE).into_response()),
        Err(failure) => Err(failure),
    }
}
