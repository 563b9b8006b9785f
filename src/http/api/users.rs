//! `/api/v1/users`: who works at the console, what they may do, and of which part of the network.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::contact_writes::given;
use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::ids::{OutletId, UserId};
use crate::domain::staff::{PASSWORD_MIN, Post, Role, is_address};
use crate::domain::time::Timestamp;
use crate::flows::{StaffChange, StaffError, user_changed, user_made, user_removed};
use crate::http::AppState;
use crate::http::console::hash_off_thread;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, Json, Path, UsersRead, UsersWrite};
use crate::store;

/// Somebody who signs in to the console.
#[derive(Serialize, ToSchema)]
pub struct User {
    #[schema(value_type = Uuid)]
    id: UserId,
    email: String,
    /// `admin`, `telephony`, `marketing`, `outlet` or `reader`.
    #[schema(example = "marketing")]
    role: &'static str,
    /// They see this outlet and all below it; `null`: everything.
    #[schema(value_type = Option<String>)]
    outlet: Option<OutletId>,
    /// They are asked for a code of an authenticator app, too.
    second_factor: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<store::User> for User {
    fn from(it: store::User) -> Self {
        Self {
            id: it.id,
            email: it.email,
            role: it.post.role.as_str(),
            outlet: it.post.outlet,
            second_factor: it.totp.is_some(),
            created_at: it.created_at,
        }
    }
}

/// Somebody to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    email: String,
    /// At least 12 characters.
    password: String,
    /// `admin`, `telephony`, `marketing`, `outlet` or `reader`.
    #[schema(example = "marketing")]
    role: String,
    /// They see this outlet and all below it; without it, everything.
    outlet: Option<String>,
}

/// What changes of somebody; the rest stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// `admin`, `telephony`, `marketing`, `outlet` or `reader`.
    role: Option<String>,
    /// They see this outlet and all below it; `null`: everything.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    outlet: Option<Option<String>>,
    /// At least 12 characters; wherever they are signed in, they are out.
    password: Option<String>,
    /// `true`: the second factor is off until they set it up again.
    #[serde(default)]
    forget_second_factor: bool,
}

/// How a change of who works here may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum StaffProblems {
    /// The address is taken, or nobody else could change who works here
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(#[to_schema] Problem),
}

/// Everybody who signs in, by their addresses.
#[utoipa::path(
    get, path = "/api/v1/users", tag = "users", operation_id = "list_users", security(("api_key" = ["users:read"])),
    responses((status = 200, description = "All of them", body = List<User>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<UsersRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<User>>, HttpError> {
    Ok(List::whole(app.store.list_users().await?))
}

/// Adds somebody.
#[utoipa::path(
    post, path = "/api/v1/users", tag = "users", operation_id = "create_user", security(("api_key" = ["users:write"])),
    request_body = NewUser,
    responses((status = 201, description = "They can sign in now", body = User), BodyProblems, KeyProblems, StaffProblems, ServerProblems)
)]
pub async fn create(
    _: ApiKey<UsersWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewUser>,
) -> Result<(StatusCode, axum::Json<User>), HttpError> {
    let email = new.email.trim().to_lowercase();
    if !is_address(&email) {
        return Err(bad("email", "is no e-mail address"));
    }
    let post = post(&new.role, new.outlet.as_deref())?;
    let hash = hashed(&app, new.password).await?;
    let user = user_made(&app.store, &app.clock, email, hash, post).await.map_err(problem)?;
    Ok((StatusCode::CREATED, axum::Json(user.into())))
}

/// Gives somebody another role, part of the network or password, or lets go of their second factor.
#[utoipa::path(
    patch, path = "/api/v1/users/{id}", tag = "users", operation_id = "change_user",
    params(("id" = Uuid, Path, description = "The user")), security(("api_key" = ["users:write"])),
    request_body = UserChange,
    responses((status = 200, description = "As they are now", body = User), BodyProblems, KeyProblems, OneProblems, StaffProblems, ServerProblems)
)]
pub async fn change(
    _: ApiKey<UsersWrite>,
    State(app): State<AppState>,
    Path(id): Path<UserId>,
    Json(change): Json<UserChange>,
) -> Result<axum::Json<User>, HttpError> {
    let before = app.store.find_user(id).await?.ok_or(HttpError::NotFound("user"))?.post;
    let role = change.role.as_deref().unwrap_or(before.role.as_str());
    let outlet = match &change.outlet {
        Some(outlet) => outlet.as_deref(),
        None => before.outlet.as_ref().map(OutletId::as_str),
    };
    let post = Some(post(role, outlet)?).filter(|post| *post != before);
    let password_hash = match change.password {
        Some(password) => Some(hashed(&app, password).await?),
        None => None,
    };
    let change = StaffChange { post, password_hash, forgets_second_factor: change.forget_second_factor };
    Ok(axum::Json(user_changed(&app.store, id, change).await.map_err(problem)?.into()))
}

/// Takes somebody out: they are signed out and cannot sign in again. What they wrote down of calls stays.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}", tag = "users", operation_id = "delete_user",
    params(("id" = Uuid, Path, description = "The user")), security(("api_key" = ["users:write"])),
    responses((status = 204, description = "They are gone"), KeyProblems, OneProblems, StaffProblems, ServerProblems)
)]
pub async fn delete(
    _: ApiKey<UsersWrite>,
    State(app): State<AppState>,
    Path(id): Path<UserId>,
) -> Result<StatusCode, HttpError> {
    user_removed(&app.store, id).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

fn post(role: &str, outlet: Option<&str>) -> Result<Post, HttpError> {
    let role: Role = role
        .parse()
        .map_err(|_| bad("role", "must be one of admin, telephony, marketing, outlet, reader"))?;
    let outlet = outlet.map(str::parse).transpose().map_err(|_| bad("outlet", "names no outlet"))?;
    Ok(Post { role, outlet })
}

async fn hashed(app: &AppState, password: String) -> Result<String, HttpError> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(bad("password", "has at least 12 characters"));
    }
    hash_off_thread(app, password).await
}

fn problem(failure: StaffError) -> HttpError {
    match failure {
        StaffError::NotFound => HttpError::NotFound("user"),
        StaffError::NoOutlet => bad("outlet", "there is no outlet of this name"),
        StaffError::NeedsOutlet => bad("outlet", "the role outlet needs one"),
        StaffError::Taken | StaffError::LastHead => HttpError::Conflict(failure.to_string()),
        StaffError::Store(failure) => failure.into(),
    }
}

fn bad(field: &'static str, detail: &'static str) -> HttpError {
    HttpError::Invalid(vec![BadField::new(field, detail)])
}
