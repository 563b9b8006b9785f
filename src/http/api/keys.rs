//! `/api/v1/keys`: keys to this API, made and revoked.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::ids::{ApiKeyId, SystemId};
use crate::domain::time::Timestamp;
use crate::flows::{key_made, key_revoked};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, Json, KeysRead, KeysWrite, Path, Scope, hash_token, new_token};
use crate::store;

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub struct KnownKey {
    #[schema(value_type = Uuid)]
    pub id: ApiKeyId,
    /// Which program has it.
    pub name: String,
    #[schema(example = json!(["calls:read"]))]
    pub scopes: Vec<String>,
    /// The system or site whose messages come by it; `null`: it sends none.
    #[schema(value_type = Option<String>)]
    pub source: Option<SystemId>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// To about ten minutes.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl From<store::ApiKey> for KnownKey {
    fn from(key: store::ApiKey) -> Self {
        let store::ApiKey { id, name, hash: _, scopes, source, created_at, revoked_at, last_used_at } = key;
        Self { id, name, scopes, source, created_at, revoked_at, last_used_at }
    }
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(min_items = 1, example = json!(["calls:read"]))]
    pub scopes: Vec<String>,
    /// A system or a site of the plan.
    pub source: Option<String>,
}

/// A new key with its secret, which is told this once.
#[derive(Serialize, ToSchema)]
pub struct MadeKey {
    #[schema(example = "whence_0123456789abcdef")]
    pub secret: String,
    #[serde(flatten)]
    pub key: KnownKey,
}

/// Makes a key and gives its secret, for the console, too.
pub async fn make(
    app: &AppState,
    name: &str,
    scopes: &[Scope],
    source: Option<SystemId>,
) -> Result<(String, store::ApiKey), HttpError> {
    let secret = format!("whence_{}", new_token());
    let scopes = scopes.iter().map(ToString::to_string).collect();
    let key = key_made(&app.store, &app.clock, name, scopes, source, hash_token(&secret)).await?;
    Ok((secret, key))
}

/// Every key, also the revoked, oldest first.
#[utoipa::path(
    get, path = "/api/v1/keys", tag = "keys", operation_id = "list_keys", security(("api_key" = ["keys:read"])),
    responses((status = 200, description = "The whole list", body = List<KnownKey>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<KeysRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<KnownKey>>, HttpError> {
    Ok(List::whole(app.store.list_api_keys().await?))
}

/// Makes a key. It may have no scope that the key which asks has not.
#[utoipa::path(
    post, path = "/api/v1/keys", tag = "keys", operation_id = "create_key", security(("api_key" = ["keys:write"])),
    request_body = NewKey,
    responses(
        (status = 201, description = "The key, its secret this once", body = MadeKey),
        (status = 400, description = "The body is no JSON", body = Problem, content_type = "application/problem+json"),
        BodyProblems, KeyProblems, ServerProblems
    )
)]
pub async fn create(
    by: ApiKey<KeysWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, axum::Json<MadeKey>), HttpError> {
    let bad = |field, detail: String| HttpError::Invalid(vec![BadField::new(field, detail)]);
    let name = new.name.trim();
    if !(1..=100).contains(&name.chars().count()) {
        return Err(bad("name", "takes 1 to 100 characters".to_owned()));
    }
    let scopes: Result<Vec<Scope>, _> = new.scopes.iter().map(|scope| scope.parse()).collect();
    let scopes = scopes.map_err(|wrong| bad("scopes", wrong.to_string()))?;
    if scopes.is_empty() {
        return Err(bad("scopes", "takes one or more".to_owned()));
    }
    if let Some(scope) = scopes.iter().find(|scope| !by.may(**scope)) {
        return Err(HttpError::MissingScope(*scope));
    }
    let source = new.source.map(|source| source.parse()).transpose();
    let source = source.map_err(|_| bad("source", "names no system and no site".to_owned()))?;
    let (secret, key) = make(&app, name, &scopes, source).await?;
    Ok((StatusCode::CREATED, axum::Json(MadeKey { secret, key: key.into() })))
}

/// Revokes a key: it opens nothing any more.
#[utoipa::path(
    delete, path = "/api/v1/keys/{id}", tag = "keys", operation_id = "revoke_key",
    params(("id" = Uuid, Path, description = "The key")), security(("api_key" = ["keys:write"])),
    responses((status = 204, description = "It opens nothing any more"), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn revoke(
    _: ApiKey<KeysWrite>,
    State(app): State<AppState>,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, HttpError> {
    key_revoked(&app.store, &app.clock, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
