//! The one place where an error becomes a status.
//!
//! A handler or extractor fails with an [`HttpError`]. It answers with the bare
//! status and leaves the error in the response; [`show`], the outermost layer,
//! then gives it the face that suits who asked: problem details (RFC 9457) for
//! machines, a page in the reader's language for people. Only that layer knows
//! the address and the language, so no handler has to carry them along.

use std::borrow::Cow;
use std::time::Duration;

use axum::extract::{OriginalUri, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::error;
use utoipa::ToSchema;

use super::console;
use super::extract::{Known, Scope};
use super::language::Lang;
use crate::domain::ids::ContactId;
use crate::flows::{FindError, FlowError, ReportError};
use crate::store::StoreError;

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The thing named in the address or the body does not exist.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// No route has this address.
    #[error("there is nothing at this address")]
    NoRoute,
    #[error("this address does not answer to that method")]
    MethodNotAllowed,
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("send the body as {0}")]
    UnsupportedMediaType(&'static str),
    /// The body is no JSON at all.
    #[error("the body is not valid JSON: {reason} at line {line}, column {column}")]
    MalformedJson { reason: String, line: usize, column: usize },
    /// The request is well formed, but some of its fields cannot be meant so.
    #[error("{}", in_words(.0))]
    Invalid(Vec<BadField>),
    /// The address holds an id or a name that is not one.
    #[error("the address holds no valid {0}")]
    BadPath(&'static str),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
    #[error("an API key is needed")]
    NoKey,
    #[error("the API key is unknown or revoked")]
    BadKey,
    #[error("the API key lacks the scope {0}")]
    MissingScope(Scope),
    /// A message came by a key that does not say whose it is, or by one of a system that the plan has no more.
    #[error("the API key names no source of the plan; make one with whence key create --source")]
    NoSource,
    /// The snippet was called from a page that is not the site's.
    #[error("the site does not list this origin")]
    ForeignOrigin,
    /// A form was posted from another website.
    #[error("the form was sent from another website")]
    CrossSite,
    /// A page that needs somebody to be signed in; its face is a redirect.
    #[error("sign in first")]
    SignedOut,
    /// Somebody is signed in whose role, or part of the network, is another.
    #[error("the role of who is signed in does not open this")]
    NotAllowed,
    #[error("too many tries; wait {} s", .retry_after.as_secs())]
    TooManyTries { retry_after: Duration },
    #[error("not ready: {0}")]
    NotReady(String),
    /// No room for it just now.
    #[error("{0}; try again later")]
    Busy(&'static str),
    /// The settings on disk have a mistake; what ran before goes on.
    #[error("{0}")]
    BadSettings(String),
    /// The contact has become part of this one.
    #[error("the contact is part of {0}")]
    Merged(ContactId),
    /// It was there, and is deleted.
    #[error("{0} is deleted")]
    Gone(&'static str),
    /// `Range` begins after the end.
    #[error("there are no more than {length} bytes")]
    BeyondEnd { length: u64 },
    /// The vault of recordings cannot be read; the log says why.
    #[error("the vault of recordings does not answer")]
    Vault,
    /// The database does not answer; the same request may pass later.
    #[error("the database does not answer")]
    Unavailable,
    /// A fault of ours; the log says more.
    #[error("something went wrong on our side")]
    Internal,
}

/// One field of a request that cannot be meant so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BadField {
    /// The name of the field or query parameter.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub detail: String,
    /// Of a text that is read, where: so many characters come before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
}

impl BadField {
    pub fn new(field: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into(), at: None }
    }

    pub fn at(self, at: usize) -> Self {
        Self { at: Some(at), ..self }
    }
}

fn in_words(fields: &[BadField]) -> String {
    let each: Vec<_> = fields.iter().map(|bad| format!("{}: {}", bad.field, bad.detail)).collect();
    each.join("; ")
}

/// Problem details (RFC 9457): the answer to every request that was not done.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem, for programs: `urn:whence:problem:not-found`.
    #[serde(rename = "type")]
    #[schema(example = "urn:whence:problem:not-found")]
    kind: String,
    /// The kind of problem in a few words; the same for each of its kind.
    #[schema(example = "Not found")]
    title: &'static str,
    /// The HTTP status, once more.
    #[schema(example = 404)]
    status: u16,
    /// What was wrong this time.
    #[schema(example = "no such call")]
    detail: String,
    /// The address that was asked for.
    #[schema(example = "/api/v1/calls/0199…")]
    instance: String,
    /// Each field that was wrong, when fields were.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: Vec<BadField>,
    /// The contact that the one asked for has become part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    merged_into: Option<ContactId>,
}

impl HttpError {
    /// Status, name for programs, title for people.
    const fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NotFound(_) => (S::NOT_FOUND, "not-found", "Not found"),
            Self::NoRoute => (S::NOT_FOUND, "no-route", "No such address"),
            Self::BadPath(_) => (S::BAD_REQUEST, "bad-path", "Bad address"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed"),
            Self::TooLarge { .. } => (S::PAYLOAD_TOO_LARGE, "too-large", "Body too large"),
            Self::UnsupportedMediaType(_) => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type")
            }
            Self::MalformedJson { .. } => (S::BAD_REQUEST, "malformed-json", "Malformed JSON"),
            Self::Conflict(_) => (S::CONFLICT, "conflict", "Conflict"),
            Self::Invalid(_) => (S::UNPROCESSABLE_ENTITY, "invalid", "Invalid request"),
            Self::NoKey | Self::BadKey => (S::UNAUTHORIZED, "unauthenticated", "Not authenticated"),
            Self::SignedOut => (S::UNAUTHORIZED, "signed-out", "Signed out"),
            Self::NotAllowed => (S::FORBIDDEN, "not-allowed", "Not allowed"),
            Self::MissingScope(_) => (S::FORBIDDEN, "missing-scope", "Scope missing"),
            Self::NoSource => (S::FORBIDDEN, "no-source", "No source"),
            Self::ForeignOrigin => (S::FORBIDDEN, "foreign-origin", "Foreign origin"),
            Self::CrossSite => (S::FORBIDDEN, "cross-site", "Sent from another website"),
            Self::TooManyTries { .. } => (S::TOO_MANY_REQUESTS, "too-many-tries", "Too many tries"),
            Self::NotReady(_) => (S::SERVICE_UNAVAILABLE, "not-ready", "Not ready"),
            Self::Busy(_) => (S::SERVICE_UNAVAILABLE, "busy", "Busy"),
            Self::BadSettings(_) => (S::UNPROCESSABLE_ENTITY, "bad-settings", "Settings that cannot be used"),
            Self::Merged(_) => (S::MOVED_PERMANENTLY, "merged", "Part of another contact"),
            Self::Gone(_) => (S::GONE, "gone", "Deleted"),
            Self::BeyondEnd { .. } => (S::RANGE_NOT_SATISFIABLE, "beyond-end", "Range beyond the end"),
            Self::Vault => (S::SERVICE_UNAVAILABLE, "vault", "Vault unavailable"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Unavailable"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
        }
    }

    pub const fn status(&self) -> StatusCode {
        self.kind().0
    }

    /// The header that some statuses promise.
    fn header(&self) -> Option<(header::HeaderName, String)> {
        match self {
            Self::NoKey => Some((header::WWW_AUTHENTICATE, r#"Bearer realm="whence""#.into())),
            Self::BadKey => {
                Some((header::WWW_AUTHENTICATE, r#"Bearer realm="whence", error="invalid_token""#.into()))
            }
            Self::MissingScope(scope) => Some((
                header::WWW_AUTHENTICATE,
                format!(r#"Bearer realm="whence", error="insufficient_scope", scope="{scope}""#),
            )),
            Self::TooManyTries { retry_after } => {
                Some((header::RETRY_AFTER, retry_after.as_secs().max(1).to_string()))
            }
            Self::Merged(into) => Some((header::LOCATION, format!("/api/v1/contacts/{into}"))),
            Self::BeyondEnd { length } => Some((header::CONTENT_RANGE, format!("bytes */{length}"))),
            Self::Busy(_) | Self::Vault | Self::Unavailable => Some((header::RETRY_AFTER, "5".into())),
            _ => None,
        }
    }

    fn problem(&self, instance: String) -> Problem {
        let (status, name, title) = self.kind();
        let errors = match self {
            Self::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        };
        Problem {
            kind: format!("urn:whence:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: self.to_string(),
            instance,
            errors,
            merged_into: if let Self::Merged(into) = self { Some(*into) } else { None },
        }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for HttpError {
    fn from(failure: StoreError) -> Self {
        match failure {
            StoreError::NotFound { what } => Self::NotFound(what),
            StoreError::BadCursor => Self::Invalid(vec![BadField::new("cursor", failure.to_string())]),
            // It is there, so trying again would not help.
            StoreError::Refused { .. } | StoreError::Panicked => {
                error!(
                    error = &failure as &dyn std::error::Error,
                    "the database refuses what a request is about"
                );
                Self::Internal
            }
            other => {
                error!(error = &other as &dyn std::error::Error, "a request met a failing database");
                Self::Unavailable
            }
        }
    }
}

impl From<ReportError> for HttpError {
    fn from(failure: ReportError) -> Self {
        match failure {
            ReportError::NotRead => Self::NotReady(failure.to_string()),
            ReportError::Panicked => Self::Internal,
        }
    }
}

impl From<FindError> for HttpError {
    fn from(failure: FindError) -> Self {
        match failure {
            FindError::Report(failure) => failure.into(),
            FindError::Store(failure) => failure.into(),
        }
    }
}

impl From<FlowError> for HttpError {
    fn from(failure: FlowError) -> Self {
        match failure {
            FlowError::NotFound { what } => Self::NotFound(what),
            FlowError::Store(failure) => failure.into(),
            // Only the gateway itself tells facts about calls, and not over HTTP.
            FlowError::CallUnknown { .. } => Self::Internal,
        }
    }
}

/// Gives every error its face. The outermost layer but the one for the language.
pub async fn show(lang: Lang, OriginalUri(uri): OriginalUri, mut request: Request, next: Next) -> Response {
    let for_people = wants_page(uri.path(), &request);
    let known = Known::default();
    request.extensions_mut().insert(known.clone());
    let mut response = next.run(request).await;
    let Some(error) = take_error(&mut response) else { return response };

    let mut shown = if !for_people {
        problem_response(&error, uri.path())
    } else if error == HttpError::SignedOut {
        console::sign_in::redirect_to(&uri)
    } else {
        console::error_page(lang, &uri, known.0.get(), &error)
    };
    // What a layer further in has set (CORS, cookies) stays.
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            shown.headers_mut().append(name, value.clone());
        }
    }
    if let Some((name, value)) = error.header()
        && let Ok(value) = HeaderValue::from_str(&value)
    {
        shown.headers_mut().insert(name, value);
    }
    shown
}

/// The router answers a wrong method by itself, without an error of ours.
fn take_error(response: &mut Response) -> Option<HttpError> {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return Some(HttpError::MethodNotAllowed);
    }
    response.extensions_mut().remove::<HttpError>()
}

/// Machines get problems under `/api/` whatever they accept; elsewhere who
/// accepts HTML gets a page, and the console speaks nothing else.
fn wants_page(path: &str, request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let html = accepts.is_some_and(|value| value.contains("text/html"));
    path.starts_with("/console") || (html && !path.starts_with("/api/"))
}

fn problem_response(error: &HttpError, path: &str) -> Response {
    let body = serde_json::to_string(&error.problem(path.to_owned())).unwrap_or_default();
    (error.status(), [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
}
