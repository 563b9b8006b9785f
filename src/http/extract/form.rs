//! A form that a page posted, read field by field like a query.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use super::{FromQuery, QueryReader};
use crate::http::BODY_MAX;
use crate::http::error::HttpError;

/// A form without a problem.
pub struct Form<T>(pub T);

const KIND: &str = "application/x-www-form-urlencoded";

impl<T: FromQuery, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with(KIND)) {
            return Err(HttpError::UnsupportedMediaType(KIND));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                HttpError::TooLarge { limit: BODY_MAX }
            } else {
                HttpError::Invalid(Vec::new())
            }
        })?;
        let text = String::from_utf8_lossy(&body);
        let mut reader = QueryReader::new(&text);
        let value = T::read(&mut reader);
        reader.finish()?;
        Ok(Self(value))
    }
}
