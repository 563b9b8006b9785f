//! Keys to the API: which there are and when they were used; made, with their secret shown once; revoked by their name.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::Moment;
use super::plan_choices::Choice;
use super::{Frame, page};
use crate::domain::ids::{ApiKeyId, SystemId};
use crate::flows::key_revoked;
use crate::http::AppState;
use crate::http::api::keys::make;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Scope, Session};
use crate::http::language::{KeyTexts, Lang};
use crate::store::ApiKey;

const HERE: &str = "/console/keys";
const NAME_MAX: usize = 100;

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage {
    frame: Frame,
    t: &'static KeyTexts,
    rows: Vec<RowView>,
    /// The key that was just made.
    secret: Option<String>,
    wrong: Option<&'static str>,
    name: String,
    scopes: Vec<(&'static str, bool)>,
    sources: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "key.html")]
struct KeyPage {
    frame: Frame,
    t: &'static KeyTexts,
    row: RowView,
    is_wrong: bool,
}

struct RowView {
    id: String,
    name: String,
    scopes: Vec<String>,
    source: Option<String>,
    made: Moment,
    last_used: Option<Moment>,
    revoked: Option<Moment>,
}

impl RowView {
    fn of(lang: Lang, key: ApiKey) -> Self {
        let at = |at| Moment::day_and_time(lang, at);
        Self {
            id: key.id.to_string(),
            name: key.name,
            scopes: key.scopes,
            source: key.source.map(|source| source.to_string()),
            made: at(key.created_at),
            last_used: key.last_used_at.map(at),
            revoked: key.revoked_at.map(at),
        }
    }
}

/// What the form says.
#[derive(Default)]
pub struct Fields {
    name: String,
    scopes: Vec<Scope>,
    source: Option<SystemId>,
}

impl FromQuery for Fields {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self {
            name: query.text("name").unwrap_or_default().trim().to_owned(),
            scopes: query.texts("scope").iter().filter_map(|scope| scope.parse().ok()).collect(),
            source: query.value("source"),
        }
    }
}

/// `GET /console/keys`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    listed(&app, lang, &here, &session, Fields::default(), None, None).await
}

async fn listed(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    filled: Fields,
    secret: Option<String>,
    wrong: Option<&'static str>,
) -> Result<Response, HttpError> {
    let mut keys = app.store.list_api_keys().await?;
    keys.sort_by_key(|key| (key.revoked_at.is_some(), std::cmp::Reverse(key.created_at)));
    let status = if wrong.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = page(&KeysPage {
        t: lang.key_texts(),
        rows: keys.into_iter().map(|key| RowView::of(lang, key)).collect(),
        secret,
        wrong,
        scopes: Scope::ALL.iter().map(|scope| (scope.as_str(), filled.scopes.contains(scope))).collect(),
        sources: sources(app, filled.source.as_ref()).await?,
        name: filled.name,
        frame: Frame::new(lang, here, Some(session)),
    })?;
    Ok((status, shown).into_response())
}

/// Sites and systems of the plan.
async fn sources(app: &AppState, chosen: Option<&SystemId>) -> Result<Vec<Choice>, HttpError> {
    let sites = app.store.list_sites().await?.into_iter().map(|site| (site.id.to_string(), site.name));
    let systems = app.store.list_systems().await?.into_iter().map(|it| (it.id.to_string(), it.name));
    let chosen = chosen.map(ToString::to_string);
    Ok(sites.chain(systems).map(|(id, name)| (id.clone(), name, Some(id) == chosen)).collect())
}

/// `POST /console/keys`: the answer has the secret, and nothing else ever does.
pub async fn create(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let t = lang.key_texts();
    let wrong = if !(1..=NAME_MAX).contains(&fields.name.chars().count()) {
        Some(t.name_missing)
    } else if fields.scopes.is_empty() {
        Some(t.scope_missing)
    } else {
        None
    };
    if wrong.is_some() {
        return listed(&app, lang, &here, &session, fields, None, wrong).await;
    }
    let (secret, _) = make(&app, &fields.name, &fields.scopes, fields.source).await?;
    listed(&app, lang, &here, &session, Fields::default(), Some(secret), None).await
}

async fn find(app: &AppState, id: ApiKeyId) -> Result<ApiKey, HttpError> {
    let keys = app.store.list_api_keys().await?;
    keys.into_iter().find(|key| key.id == id).ok_or(HttpError::NotFound("key"))
}

/// `GET /console/keys/{id}`: what it opens, and the way to revoke it.
pub async fn one(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<ApiKeyId>,
) -> Result<Response, HttpError> {
    let row = RowView::of(lang, find(&app, id).await?);
    page(&KeyPage {
        t: lang.key_texts(),
        row,
        is_wrong: false,
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

pub struct Typed(String);

impl FromQuery for Typed {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self(query.text("typed").unwrap_or_default())
    }
}

/// `POST /console/keys/{id}/revoke`: who does it types its name.
pub async fn revoke(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<ApiKeyId>,
    Form(Typed(typed)): Form<Typed>,
) -> Result<Response, HttpError> {
    let key = find(&app, id).await?;
    if key.name.trim() != typed.trim() {
        let row = RowView::of(lang, key);
        let again = page(&KeyPage {
            t: lang.key_texts(),
            row,
            is_wrong: true,
            frame: Frame::new(lang, &here, Some(&session)),
        })?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    key_revoked(&app.store, &app.clock, id).await?;
    Ok(Redirect::to(HERE).into_response())
}
