//! `/api/v1/prompts`: what the gateway can say to callers, in whose words, and who says it.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::Serialize;
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems};
use crate::domain::calling::prompt::{self, BUILT_IN, RATE, Sayers};
use crate::domain::ids::{DestinationId, PromptId};
use crate::domain::time::Timestamp;
use crate::flows::{NewPrompt, PromptError, prompt_brought, prompt_taken_back};
use crate::http::audio::sound;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, FromQuery, Path, PromptsRead, PromptsWrite, Query, QueryReader};
use crate::http::{AppState, SOUND_MAX};
use crate::wav;

/// Something that the gateway can say.
#[derive(Serialize, ToSchema)]
pub struct Prompt {
    /// As a plan names it.
    #[schema(value_type = String, example = "welcome-lyon")]
    pub id: PromptId,
    /// What it is; `null`: it comes along with the gateway, and its name tells.
    #[schema(example = "Welcome, sales or workshop")]
    pub title: Option<String>,
    /// In which language it speaks (BCP 47); `null`: in none, as music does. Every caller hears it.
    #[schema(example = "fr")]
    pub language: Option<String>,
    pub length_ms: u64,
    /// It comes along with the gateway, and cannot be changed or deleted.
    pub built_in: bool,
    /// Since when it sounds so; `null`: since ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub changed_at: Option<Timestamp>,
    pub said_by: SaidBy,
}

/// Who says a prompt: as long as anybody does it cannot be deleted.
#[derive(Serialize, ToSchema)]
pub struct SaidBy {
    /// In a step of their ring plan, or as their music.
    #[schema(value_type = Vec<String>, example = json!(["lyon-desk"]))]
    pub destinations: Vec<DestinationId>,
    /// As the notice that calls are recorded.
    pub numbers: Vec<Labelled>,
}

/// Numbers of one label.
#[derive(Serialize, ToSchema)]
pub struct Labelled {
    #[schema(example = "pool web")]
    pub label: String,
    pub count: u64,
}

impl From<Sayers> for SaidBy {
    fn from(sayers: Sayers) -> Self {
        let numbers = sayers.numbers.into_iter().map(|(label, count)| Labelled { label, count });
        Self { destinations: sayers.destinations, numbers: numbers.collect() }
    }
}

impl Prompt {
    fn brought(prompt: prompt::Prompt, sayers: Sayers) -> Self {
        Self {
            id: prompt.id,
            title: Some(prompt.title),
            language: prompt.language,
            length_ms: prompt.length.as_millis() as u64,
            built_in: false,
            changed_at: Some(prompt.changed_at),
            said_by: sayers.into(),
        }
    }
}

/// What a prompt is.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what SaveQuery reads")]
pub struct SaveParams {
    /// What it is, for people who choose one: 1 to 100 characters.
    title: String,
    /// In which language it speaks (BCP 47), for instance `fr`.
    language: Option<String>,
}

pub struct SaveQuery {
    title: String,
    language: Option<String>,
}

impl FromQuery for SaveQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { title: query.text("title").unwrap_or_default(), language: query.text("language") }
    }
}

/// How bringing a prompt may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum SaveProblems {
    /// A prompt of this name comes along with the gateway, or all together would last more than an hour
    #[response(status = 409, content_type = "application/problem+json")]
    NoPlace(#[to_schema] Problem),
    /// The file is larger than 64 MiB
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// The body is not sent as `audio/wav`
    #[response(status = 415, content_type = "application/problem+json")]
    NoWav(#[to_schema] Problem),
}

/// How deleting a prompt may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum SaidProblems {
    /// The plan says it, or it comes along with the gateway
    #[response(status = 409, content_type = "application/problem+json")]
    Said(#[to_schema] Problem),
}

/// How asking for a part of a sound may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum RangeProblems {
    /// `Range` begins after the end
    #[response(status = 416, content_type = "application/problem+json")]
    BeyondEnd(#[to_schema] Problem),
}

/// Every prompt: those that an admin brought, then those that come along.
#[utoipa::path(
    get, path = "/api/v1/prompts", tag = "prompts", operation_id = "list_prompts",
    security(("api_key" = ["prompts:read"])),
    responses((status = 200, description = "The whole list", body = List<Prompt>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<PromptsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Prompt>>, HttpError> {
    Ok(List::whole(every(&app).await?))
}

/// One prompt, without its sound.
#[utoipa::path(
    get, path = "/api/v1/prompts/{id}", tag = "prompts", operation_id = "find_prompt",
    params(("id" = String, Path, description = "The prompt")), security(("api_key" = ["prompts:read"])),
    responses((status = 200, description = "The prompt", body = Prompt), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<PromptsRead>,
    State(app): State<AppState>,
    Path(id): Path<PromptId>,
) -> Result<axum::Json<Prompt>, HttpError> {
    let found = every(&app).await?.into_iter().find(|prompt| prompt.id == id);
    found.map(axum::Json).ok_or(HttpError::NotFound("prompt"))
}

/// Brings a prompt, or another sound for one: a WAV file of at most 5 minutes, mono or stereo, 8 to 48 kHz,
/// PCM or float. Calls hear it a second later.
#[utoipa::path(
    put, path = "/api/v1/prompts/{id}", tag = "prompts", operation_id = "save_prompt",
    params(("id" = String, Path, description = "The prompt: 1 to 64 of a–z, 0–9 and hyphen"), SaveParams),
    request_body(content = Vec<u8>, content_type = "audio/wav"), security(("api_key" = ["prompts:write"])),
    responses(
        (status = 200, description = "The prompt as it is now", body = Prompt),
        KeyProblems, SaveProblems, OneProblems, ListProblems, ServerProblems
    )
)]
pub async fn save(
    _: ApiKey<PromptsWrite>,
    State(app): State<AppState>,
    Path(id): Path<PromptId>,
    Query(asked): Query<SaveQuery>,
    request: Request,
) -> Result<axum::Json<Prompt>, HttpError> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"].contains(&kind.as_str()) {
        return Err(HttpError::UnsupportedMediaType("audio/wav"));
    }
    let file = axum::body::to_bytes(request.into_body(), SOUND_MAX).await;
    let file = file.map_err(|_| HttpError::TooLarge { limit: SOUND_MAX })?;
    let new = NewPrompt { id, title: asked.title, language: asked.language, file };
    let prompt = prompt_brought(&app.store, &app.clock, new).await?;
    let sayers = app.store.list_sayers(std::slice::from_ref(&prompt.id)).await?.remove(0);
    Ok(axum::Json(Prompt::brought(prompt, sayers)))
}

/// Deletes a prompt that nobody says; calls that hear it now hear it out.
#[utoipa::path(
    delete, path = "/api/v1/prompts/{id}", tag = "prompts", operation_id = "delete_prompt",
    params(("id" = String, Path, description = "The prompt")), security(("api_key" = ["prompts:write"])),
    responses(
        (status = 200, description = "What was deleted", body = Prompt),
        KeyProblems, SaidProblems, OneProblems, ServerProblems
    )
)]
pub async fn delete(
    _: ApiKey<PromptsWrite>,
    State(app): State<AppState>,
    Path(id): Path<PromptId>,
) -> Result<axum::Json<Prompt>, HttpError> {
    let prompt = prompt_taken_back(&app.store, &id).await?;
    Ok(axum::Json(Prompt::brought(prompt, Sayers::default())))
}

/// What callers hear, whole or by `Range`.
#[utoipa::path(
    get, path = "/api/v1/prompts/{id}/audio", tag = "prompts", operation_id = "hear_prompt",
    params(("id" = String, Path, description = "The prompt")), security(("api_key" = ["prompts:read"])),
    responses(
        (status = 200, description = "All of it", body = Vec<u8>, content_type = "audio/wav"),
        (status = 206, description = "A part of it", body = Vec<u8>, content_type = "audio/wav"),
        KeyProblems, RangeProblems, OneProblems, ServerProblems
    )
)]
pub async fn hear(
    _: ApiKey<PromptsRead>,
    State(app): State<AppState>,
    Path(id): Path<PromptId>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    heard(&app, &id, &headers).await
}

/// The same for the console.
pub async fn heard(app: &AppState, id: &PromptId, headers: &HeaderMap) -> Result<Response, HttpError> {
    let (samples, version) = match app.store.find_prompt(id).await? {
        Some(prompt) => (app.store.find_sound(id).await?, prompt.digest),
        // Another version of the gateway may say it otherwise.
        None => (app.watch.prompt(id), format!("{id}-{}", env!("CARGO_PKG_VERSION"))),
    };
    let samples = samples.ok_or(HttpError::NotFound("prompt"))?;
    sound(headers, &format!("\"{version}\""), &format!("{id}.wav"), Bytes::from(wav::write(&samples)))
}

/// Every prompt: those that an admin brought, then those that come along.
pub async fn every(app: &AppState) -> Result<Vec<Prompt>, HttpError> {
    let brought = app.store.list_prompts().await?;
    let built_in: Vec<PromptId> = BUILT_IN.iter().filter_map(|name| name.parse().ok()).collect();
    let ids: Vec<PromptId> = brought.iter().map(|prompt| prompt.id.clone()).chain(built_in.clone()).collect();
    let mut sayers = app.store.list_sayers(&ids).await?.into_iter();
    let mut of_next = || sayers.next().unwrap_or_default();
    let mut every: Vec<Prompt> =
        brought.into_iter().map(|prompt| Prompt::brought(prompt, of_next())).collect();
    every.extend(built_in.into_iter().map(|id| Prompt {
        length_ms: app.watch.prompt(&id).map_or(0, |it| it.len() as u64 * 1_000 / u64::from(RATE)),
        language: id.as_str().split_once('-').map(|(language, _)| language.to_owned()),
        id,
        title: None,
        built_in: true,
        changed_at: None,
        said_by: of_next().into(),
    }));
    Ok(every)
}

impl From<PromptError> for HttpError {
    fn from(failure: PromptError) -> Self {
        let field = match failure {
            PromptError::Title => "title",
            PromptError::Language => "language",
            PromptError::File(_) => "body",
            PromptError::BuiltIn | PromptError::Full | PromptError::Said(_) => {
                return HttpError::Conflict(failure.to_string());
            }
            PromptError::NotFound => return HttpError::NotFound("prompt"),
            PromptError::Store(failure) => return failure.into(),
        };
        HttpError::Invalid(vec![BadField::new(field, failure.to_string())])
    }
}
