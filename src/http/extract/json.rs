//! A JSON body, with all that is wrong in it, and the position of what is met first.

mod mending;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use mending::{Wrong, all_wrong};

use crate::http::BODY_MAX;
use crate::http::error::{BadField, HttpError};

/// Reads the body as JSON; `text/plain` passes as well, since a page may send
/// it to another origin without a preflight. `LIMIT` is what the route's own
/// `DefaultBodyLimit` lets pass, in bytes.
pub struct Json<T, const LIMIT: usize = BODY_MAX>(pub T);

impl<T: DeserializeOwned, S: Send + Sync, const LIMIT: usize> FromRequest<S> for Json<T, LIMIT> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
        if !["application/json", "text/plain"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(HttpError::UnsupportedMediaType("application/json"));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                HttpError::TooLarge { limit: LIMIT }
            } else {
                HttpError::MalformedJson { reason: "the body broke off".into(), line: 1, column: 0 }
            }
        })?;
        read(&body).map(Self)
    }
}

/// As [`Json`], of a body that may weigh `most` bytes.
pub async fn read_json<T: DeserializeOwned>(request: Request, most: usize) -> Result<T, HttpError> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(HttpError::UnsupportedMediaType("application/json"));
    }
    let body = axum::body::to_bytes(request.into_body(), most).await;
    read(&body.map_err(|_| HttpError::TooLarge { limit: most })?)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, HttpError> {
    let mut text = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut text);
    match read {
        Ok(value) => text.end().map(|()| value).map_err(|failure| malformed(&failure)),
        Err(failure) if failure.inner().classify() == Category::Data => {
            let first = Wrong::new(failure.path(), failure.inner());
            let (field, at) = (first.field(), failure.inner());
            // The others are found in a copy, which has no lines.
            let told = |wrong: Wrong| match wrong.field() {
                it if it == field => {
                    let (reason, line, column) = (&wrong.reason, at.line(), at.column());
                    BadField::new(it, format!("{reason} (line {line}, column {column})"))
                }
                it => BadField::new(it, wrong.reason),
            };
            Err(HttpError::Invalid(all_wrong::<T>(body, first).into_iter().map(told).collect()))
        }
        Err(failure) => Err(malformed(failure.inner())),
    }
}

fn malformed(failure: &serde_json::Error) -> HttpError {
    let reason = failure.to_string();
    // serde_json ends with " at line 1 column 7", which we say in fields of its own.
    let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
    HttpError::MalformedJson { reason, line: failure.line(), column: failure.column() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Body {
        consent: bool,
    }

    #[test]
    fn malformed_json_is_told_with_its_position() {
        for (text, at) in [("{\"consent\": tru}", (1, 16)), ("{\n\"consent\" true}", (2, 11)), ("", (1, 0))] {
            match read::<Body>(text.as_bytes()) {
                Err(HttpError::MalformedJson { line, column, .. }) => {
                    assert_eq!((line, column), at, "{text}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_wrong_type_names_the_field() {
        let Err(HttpError::Invalid(fields)) = read::<Body>(b"{\"consent\": \"yes\"}") else { panic!() };

        assert_eq!(fields[0].field, "consent");
        assert!(fields[0].detail.contains("expected a boolean"), "{}", fields[0].detail);
        assert!(fields[0].detail.contains("line 1, column 17"), "{}", fields[0].detail);
    }

    #[test]
    fn all_that_is_wrong_is_told_and_the_first_with_its_position() {
        #[derive(serde::Deserialize, Debug)]
        #[allow(dead_code)]
        struct Two {
            consent: bool,
            page: String,
        }

        let Err(HttpError::Invalid(fields)) = read::<Two>(b"{\n\"page\": 2, \"consent\": 1}") else {
            panic!()
        };

        let told: Vec<_> = fields.iter().map(|bad| format!("{}: {}", bad.field, bad.detail)).collect();
        assert_eq!(
            told,
            [
                "consent: invalid type: integer `1`, expected a boolean",
                "page: invalid type: integer `2`, expected a string (line 2, column 9)",
            ]
        );
    }

    #[test]
    fn something_after_the_end_is_malformed() {
        assert!(matches!(read::<Body>(b"{\"consent\": true} x"), Err(HttpError::MalformedJson { .. })));
    }
}
