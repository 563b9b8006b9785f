//! `/api/v1/contacts/{id}/preference-links`: the page where somebody looks after their choices.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::consents::NewConsentProblems;
use super::opt_ins::problem;
use super::{BodyProblems, KeyProblems, OneProblems, ServerProblems};
use crate::domain::ids::ContactId;
use crate::domain::time::Timestamp;
use crate::flows::{preference_link_made, preference_links_revoked};
use crate::http::AppState;
use crate::http::choices::link;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ConsentsWrite, Json, Path, hash_token, new_token};

/// What a link is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPreferenceLink {
    /// A purpose of the plan, where the link goes into an e-mail for it: what one click takes back.
    #[schema(example = "offers")]
    purpose: Option<String>,
}

/// A link; whoever has it may change what the contact has agreed to.
#[derive(Serialize, ToSchema)]
pub struct PreferenceLink {
    #[schema(example = "https://calls.example.org/preferences/5f…")]
    url: String,
    /// For `List-Unsubscribe`, with `List-Unsubscribe-Post: List-Unsubscribe=One-Click` (RFC 8058); where a purpose
    /// is named. It does not end.
    unsubscribe_url: Option<String>,
    /// When `url` opens nothing any more.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Links that open nothing any more.
#[derive(Serialize, ToSchema)]
pub struct RevokedLinks {
    revoked: u64,
}

/// Makes a link to the page where the contact looks after their choices. It is shown once, and kept as its hash.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/preference-links", tag = "consents", operation_id = "make_preference_link",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["consents:write"])),
    request_body = NewPreferenceLink,
    responses(
        (status = 201, description = "The link", body = PreferenceLink),
        KeyProblems, BodyProblems, OneProblems, NewConsentProblems, ServerProblems
    )
)]
pub async fn create(
    _: ApiKey<ConsentsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(new): Json<NewPreferenceLink>,
) -> Result<(StatusCode, axum::Json<PreferenceLink>), HttpError> {
    let (token, holds_for) = (new_token(), app.config.preference_link);
    let made = preference_link_made(&app.store, &app.clock, id, new.purpose, hash_token(&token), holds_for);
    let made = made.await.map_err(problem)?;
    let answer = PreferenceLink {
        url: link(&app, "preferences", &token),
        unsubscribe_url: made.purpose.map(|_| link(&app, "unsubscribe", &token)),
        expires_at: made.expires_at,
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

/// Takes all links of a contact back: none of them opens anything any more. One click on a mail's own link goes on
/// to take consent back.
#[utoipa::path(
    delete, path = "/api/v1/contacts/{id}/preference-links", tag = "consents",
    operation_id = "revoke_preference_links",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["consents:write"])),
    responses(
        (status = 200, description = "How many opened something until now", body = RevokedLinks),
        KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn revoke(
    _: ApiKey<ConsentsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
) -> Result<axum::Json<RevokedLinks>, HttpError> {
    let revoked = preference_links_revoked(&app.store, &app.clock, id).await.map_err(problem)?;
    Ok(axum::Json(RevokedLinks { revoked }))
}
