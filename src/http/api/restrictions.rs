//! `/api/v1/contacts/{id}/restriction` and `…/objection`: data that is kept and not used, and a no to prospecting.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::consents::Consent;
use super::contact_writes::ContactProblems;
use super::requests::one_of;
use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::domain::people::consent::{Channel, Method};
use crate::domain::people::restriction::{self, Ground};
use crate::domain::people::rules::REACHING;
use crate::domain::time::Timestamp;
use crate::flows::{Objection, contact_restricted, prospecting_objected, restriction_lifted};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, Json, Path, RequestsWrite};

/// That a contact's data is kept and not used.
#[derive(Serialize, ToSchema)]
pub struct Restriction {
    #[schema(value_type = Uuid)]
    contact: ContactId,
    /// `accuracy`, `unlawful`, `claims` or `objection`; `null`: nobody has told.
    #[schema(example = "accuracy")]
    ground: Option<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `user:` and who did it at the console; `key:` and the API key.
    by: String,
    /// `null`: it stands.
    #[schema(value_type = Option<String>, format = DateTime)]
    lifted_at: Option<Timestamp>,
    lifted_by: Option<String>,
}

impl From<restriction::Restriction> for Restriction {
    fn from(it: restriction::Restriction) -> Self {
        let (lifted_at, lifted_by) = it.lifted.unzip();
        let ground = it.ground.map(Ground::as_str);
        Self { contact: it.contact, ground, at: it.at, by: it.by, lifted_at, lifted_by }
    }
}

/// Why the data is not to be used.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRestriction {
    /// `accuracy`: they say that it is wrong, and it is looked at; `unlawful`: it should not have been used, and they want
    /// it kept; `claims`: they need it for a claim; `objection`: they object, and it is weighed (RGPD art. 18(1) a–d).
    #[schema(example = "accuracy")]
    ground: Option<String>,
}

/// To what somebody objects.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewObjection {
    /// Of `phone`, `sms`, `email`, `post` and `push`; without it all of them.
    #[schema(example = json!(["phone", "sms"]))]
    channels: Option<Vec<String>>,
    /// How they said so, as in the ledger; without it `written`.
    #[schema(example = "spoken")]
    method: Option<String>,
}

/// Keeps a contact's data without using it (RGPD art. 18): they are reached for nothing, are in no segment and no export, and
/// no program, import or merge changes them until it is lifted. Settles what they have asked for of that in the register.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/restriction", tag = "people", operation_id = "restrict_contact",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["requests:write"])),
    request_body(content = NewRestriction, content_type = "application/json"),
    responses(
        (status = 201, description = "They are restricted", body = Restriction),
        (status = 200, description = "They were before, and nothing has changed", body = Restriction),
        (status = 410, description = "The person is erased", body = Problem, content_type = "application/problem+json"),
        BodyProblems, ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn restrict(
    key: ApiKey<RequestsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(new): Json<NewRestriction>,
) -> Result<(StatusCode, axum::Json<Restriction>), HttpError> {
    let ground = new.ground.map(|word| word.parse::<Ground>()).transpose().map_err(|_| {
        let words = one_of(Ground::ALL.iter().map(|it| it.as_str()));
        HttpError::Invalid(vec![BadField::new("ground", words)])
    })?;
    let by = Accessor::Key(key.id);
    let (restriction, is_new) = contact_restricted(&app.store, &app.clock, id, ground, by).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(restriction.into())))
}

/// Lets a contact's data be used again; tell them before (RGPD art. 18(3)).
#[utoipa::path(
    delete, path = "/api/v1/contacts/{id}/restriction", tag = "people", operation_id = "lift_restriction",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["requests:write"])),
    responses(
        (status = 200, description = "It is lifted", body = Restriction),
        (status = 410, description = "The person is erased", body = Problem, content_type = "application/problem+json"),
        ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn lift(
    key: ApiKey<RequestsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
) -> Result<axum::Json<Restriction>, HttpError> {
    let lifted = restriction_lifted(&app.store, &app.clock, id, Accessor::Key(key.id)).await?;
    Ok(axum::Json(lifted.into()))
}

/// Writes a no into the ledger for every purpose that prospects, before every controller, by every channel or those that are
/// named (RGPD art. 21(2)); what was said already gets no second line. Settles what they have asked for of that in the
/// register.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/objection", tag = "people", operation_id = "object_to_prospecting",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["requests:write"])),
    request_body(content = NewObjection, content_type = "application/json"),
    responses(
        (status = 200, description = "The lines that are new", body = List<Consent>),
        (status = 410, description = "The person is erased", body = Problem, content_type = "application/problem+json"),
        BodyProblems, ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn object(
    key: ApiKey<RequestsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(new): Json<NewObjection>,
) -> Result<axum::Json<List<Consent>>, HttpError> {
    let mut problems = Vec::new();
    let channel = |word: &String| word.parse().ok().filter(|it: &Channel| REACHING.contains(it));
    let channels = new.channels.map_or(Some(REACHING.to_vec()), |words| words.iter().map(channel).collect());
    let channels = channels.filter(|all: &Vec<Channel>| !all.is_empty());
    if channels.is_none() {
        let words = REACHING.iter().map(|it| it.as_str());
        problems.push(BadField::new("channels", format!("each {}", one_of(words))));
    }
    let method = new.method.map_or(Ok(Method::Written), |word| word.parse());
    let method = method.ok().filter(|it| *it != Method::Rule);
    if method.is_none() {
        let words = Method::ALL.iter().filter(|it| **it != Method::Rule).map(|it| it.as_str());
        problems.push(BadField::new("method", one_of(words)));
    }
    let (Some(channels), Some(method)) = (channels, method) else {
        return Err(HttpError::Invalid(problems));
    };
    let objection = Objection { channels, method };
    let lines = prospecting_objected(&app.store, &app.clock, id, objection, Accessor::Key(key.id)).await?;
    Ok(List::whole(lines))
}
