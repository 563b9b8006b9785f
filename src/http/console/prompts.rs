//! What the gateway can say: each prompt to listen to, who says it, and a form to bring one.

use askama::Template;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::{Frame, page};
use crate::domain::ids::PromptId;
use crate::flows::{NewPrompt, PromptError, prompt_brought, prompt_taken_back};
use crate::http::api::prompts::{Prompt, every, heard};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::Lang;
use crate::http::{AppState, SOUND_MAX};

const HERE: &str = "/console/prompts";

pub struct Asked;

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self
    }
}

/// What the form sends; what it is filled with again when it will not do, without its file.
#[derive(Default)]
struct Fields {
    id: String,
    title: String,
    language: String,
    file: axum::body::Bytes,
}

#[derive(Template)]
#[template(path = "prompts.html")]
struct PromptsPage {
    frame: Frame,
    rows: Vec<RowView>,
    /// What is wrong with what the form sent.
    wrong: Option<&'static str>,
    filled: Fields,
}

struct RowView {
    id: PromptId,
    title: Option<String>,
    language: Option<String>,
    length: String,
    built_in: bool,
    /// Who says it.
    said_by: Vec<String>,
}

impl RowView {
    fn new(lang: Lang, prompt: Prompt) -> Self {
        let destinations = prompt.said_by.destinations.into_iter().map(|id| id.to_string());
        let numbers = prompt.said_by.numbers.into_iter().map(|it| format!("{} × {}", it.count, it.label));
        Self {
            length: lang.span(std::time::Duration::from_millis(prompt.length_ms)),
            id: prompt.id,
            title: prompt.title,
            language: prompt.language,
            built_in: prompt.built_in,
            said_by: destinations.chain(numbers).collect(),
        }
    }
}

/// `GET /console/prompts`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Asked): Query<Asked>,
) -> Result<Response, HttpError> {
    shown(&app, lang, &here, session, Fields::default(), None).await
}

/// `POST /console/prompts`: one of the same name is replaced.
pub async fn bring(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    form: Multipart,
) -> Result<Response, HttpError> {
    let filled = read(form).await.map_err(refused)?;
    let wrong = match filled.id.parse() {
        Err(_) => lang.texts().prompt_bad_name,
        Ok(id) => {
            let new = NewPrompt {
                id,
                title: filled.title.clone(),
                language: Some(filled.language.clone()).filter(|tag| !tag.is_empty()),
                file: filled.file.clone(),
            };
            match prompt_brought(&app.store, &app.clock, new).await {
                Ok(_) => return Ok(Redirect::to(HERE).into_response()),
                Err(PromptError::Store(failure)) => return Err(failure.into()),
                Err(refused) => lang.prompt_refused(&refused),
            }
        }
    };
    let again = shown(&app, lang, &here, session, filled, Some(wrong)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

/// `GET /console/prompts/{id}/audio`
pub async fn hear(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<PromptId>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    heard(&app, &id, &headers).await
}

/// `POST /console/prompts/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<PromptId>,
) -> Result<Response, HttpError> {
    match prompt_taken_back(&app.store, &id).await {
        Ok(_) | Err(PromptError::NotFound) => Ok(Redirect::to(HERE).into_response()),
        Err(refused) => Err(refused.into()),
    }
}

async fn read(mut form: Multipart) -> Result<Fields, MultipartError> {
    let mut fields = Fields::default();
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("id") => fields.id = field.text().await?.trim().to_owned(),
            Some("title") => fields.title = field.text().await?.trim().to_owned(),
            Some("language") => fields.language = field.text().await?.trim().to_owned(),
            Some("file") => fields.file = field.bytes().await?,
            _ => {}
        }
    }
    Ok(fields)
}

fn refused(failure: MultipartError) -> HttpError {
    if failure.status() == StatusCode::PAYLOAD_TOO_LARGE {
        HttpError::TooLarge { limit: SOUND_MAX }
    } else {
        HttpError::Invalid(vec![])
    }
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: Session,
    filled: Fields,
    wrong: Option<&'static str>,
) -> Result<Response, HttpError> {
    let rows = every(app).await?.into_iter().map(|prompt| RowView::new(lang, prompt));
    page(&PromptsPage { rows: rows.collect(), wrong, filled, frame: Frame::new(lang, here, Some(&session)) })
}
