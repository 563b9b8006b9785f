//! `/api/v1/consents/{id}/resend`, and how people are asked whether they meant it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use utoipa::IntoResponses;

use super::consents::{Consent, NewConsentProblems};
use super::{KeyProblems, OneProblems, ServerProblems};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ConsentId;
use crate::domain::people::consent::Fault;
use crate::domain::people::email::Email;
use crate::flows::{Asking, ConsentError, Question, opt_in_asked_again};
use crate::http::AppState;
use crate::http::choices::{compose, link};
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, ConsentsWrite, Path, hash_token, new_token};
use crate::http::language::Lang;

/// How asking somebody may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum AskedTooOften {
    /// The address has had as many questions as it gets in a day; `Retry-After` says when it gets another
    #[response(status = 429, content_type = "application/problem+json")]
    TooOften(#[to_schema] Problem),
}

/// Asks once more what waits for an answer by mail: a new line, and a new mail to the same address.
#[utoipa::path(
    post, path = "/api/v1/consents/{id}/resend", tag = "consents", operation_id = "ask_again",
    params(("id" = Uuid, Path, description = "The line that waits")), security(("api_key" = ["consents:write"])),
    responses(
        (status = 201, description = "The line that waits now", body = Consent),
        KeyProblems, OneProblems, NewConsentProblems, AskedTooOften, ServerProblems
    )
)]
pub async fn resend(
    key: ApiKey<ConsentsWrite>,
    State(app): State<AppState>,
    lang: Lang,
    Path(id): Path<ConsentId>,
) -> Result<(StatusCode, axum::Json<Consent>), HttpError> {
    let (who, asking) = (Accessor::Key(key.id), asking(&app, lang, None)?);
    let asked = opt_in_asked_again(&app.store, &app.clock, id, who, asking).await.map_err(problem)?;
    Ok((StatusCode::CREATED, axum::Json(asked.into())))
}

/// How somebody is asked at `email`, in `lang` where theirs is not known.
pub(super) fn asking(app: &AppState, lang: Lang, email: Option<Email>) -> Result<Asking, HttpError> {
    if !app.config.sends_mail {
        return Err(HttpError::Conflict(
            "no mail leaves here; set `server` in [mail] of the settings".to_owned(),
        ));
    }
    let token = new_token();
    let (token_hash, confirm) = (hash_token(&token), link(app, "confirm", &token));
    let compose = Arc::new(move |question: &Question| compose(question, &confirm, lang));
    let unsubscribe = new_token();
    let unsubscribe = (hash_token(&unsubscribe), link(app, "unsubscribe", &unsubscribe));
    Ok(Asking { policy: app.config.opt_in, email, token_hash, unsubscribe, compose })
}

/// The fields of a line that cannot be meant so.
pub(super) fn bad_fields(faults: &[Fault]) -> Vec<BadField> {
    faults.iter().map(|fault| BadField::new(fault.field, fault.wrong.to_string())).collect()
}

pub fn problem(failure: ConsentError) -> HttpError {
    match failure {
        ConsentError::Faults(faults) => HttpError::Invalid(bad_fields(&faults)),
        ConsentError::NobodyAsked(why) => HttpError::Invalid(vec![BadField::new("email", why.to_string())]),
        ConsentError::NoContact => HttpError::NotFound("contact"),
        ConsentError::NoLine => HttpError::NotFound("consent"),
        ConsentError::AskedTooOften { retry_after } => HttpError::TooManyTries { retry_after },
        ConsentError::Merged { .. } | ConsentError::OtherLine | ConsentError::NotWaiting => {
            HttpError::Conflict(failure.to_string())
        }
        ConsentError::Store(failure) => failure.into(),
    }
}
