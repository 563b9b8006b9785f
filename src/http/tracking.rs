//! `/v1/…`: the tracking interface that Segment's libraries speak, so that whoever sends to one place sends here
//! as well: set a library's host to the gateway's address.
//!
//! It is not under `/api` and not in its description: its shapes are the libraries', not ours.

use std::io::Read;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_ENCODING;
use axum::routing::post;
use axum::{Json, Router};
use flate2::read::MultiGzDecoder;
use serde::Serialize;
use serde_json::Value;
use tracing::info;

use super::AppState;
use super::error::{BadField, HttpError};
use super::extract::WriteKey;
use crate::domain::calling::recording::Accessor;
use crate::domain::people::message::{Desk, Type};
use crate::flows::{Taken, declared, message_taken};

/// What a body may weigh, packed and unpacked: 500 kB as at Segment.
const BATCH_MAX: usize = 500 * 1024;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/v1/{what}", post(take)).layer(DefaultBodyLimit::max(BATCH_MAX))
}

/// What became of the messages. The libraries look at the status alone; the rest is for who reads.
#[derive(Serialize, Default)]
struct Answer {
    success: bool,
    taken: usize,
    /// Taken before, by their `messageId`.
    repeated: usize,
    /// About nobody who is known.
    of_nobody: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Refused>,
    /// Traits and properties that were not taken, of all messages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
    /// Traits that cannot be read: kept as they were given, and marked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

#[derive(Serialize)]
struct Refused {
    index: usize,
    detail: String,
}

/// `POST /v1/batch`, or the type of a single message.
async fn take(
    key: WriteKey,
    State(app): State<AppState>,
    Path(what): Path<String>,
    request: Request,
) -> Result<Json<Answer>, HttpError> {
    let kind: Option<Type> = match what.as_str() {
        "batch" => None,
        kind => Some(kind.parse().map_err(|_| HttpError::NoRoute)?),
    };
    let declared = declared(&app.store, app.config.home).await?;
    if !declared.systems.contains(&key.source) {
        return Err(HttpError::NoSource);
    }
    let body: Value = read(request).await?;
    let sent_at = body.get("sentAt").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let one = [body];
    let messages = match (kind, one[0].get("batch").and_then(Value::as_array)) {
        (Some(_), _) => &one[..],
        (None, Some(batch)) => batch,
        (None, None) => {
            return Err(HttpError::Invalid(vec![BadField::new("batch", "is missing")]));
        }
    };
    let desk = Desk { source: &key.source, declared: &declared, sent_at, now: app.clock.now() };

    let mut answer = Answer { success: true, ..Answer::default() };
    for (index, raw) in messages.iter().enumerate() {
        let message = match desk.read(raw, kind) {
            Ok(message) => message,
            Err(bad) => {
                answer.refused.push(Refused { index, detail: bad.to_string() });
                continue;
            }
        };
        let (left_out, unreadable) = (message.left_out.clone(), message.unreadable.clone());
        match message_taken(&app.store, &app.clock, Accessor::Key(key.id), &key.source, message).await? {
            Taken::Now => {
                answer.taken += 1;
                answer.left_out.extend(left_out);
                answer.unreadable.extend(unreadable);
            }
            Taken::Before => answer.repeated += 1,
            Taken::OfNobody => answer.of_nobody += 1,
            Taken::Not(detail) => answer.refused.push(Refused { index, detail }),
        }
    }
    for names in [&mut answer.left_out, &mut answer.unreadable] {
        names.sort();
        names.dedup();
    }
    if !answer.refused.is_empty() {
        let (refused, reason) = (answer.refused.len(), &answer.refused[0].detail);
        info!(source = %key.source, refused, reason, "messages of {} were not taken", key.source);
    }
    Ok(Json(answer))
}

/// The body, unpacked if it came as gzip; no more of it is unpacked than may be.
async fn read(request: Request) -> Result<Value, HttpError> {
    let encoding = request.headers().get(CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase());
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            HttpError::TooLarge { limit: BATCH_MAX }
        } else {
            broken("the body broke off")
        }
    })?;
    let text = match encoding.as_deref() {
        None | Some(b"identity") => body.to_vec(),
        Some(b"gzip") => {
            let mut text = Vec::new();
            let unpacked = MultiGzDecoder::new(&body[..]).take(BATCH_MAX as u64 + 1).read_to_end(&mut text);
            unpacked.map_err(|_| broken("the body is no gzip"))?;
            text
        }
        Some(_) => return Err(HttpError::UnsupportedMediaType("application/json, bare or as gzip")),
    };
    if text.len() > BATCH_MAX {
        return Err(HttpError::TooLarge { limit: BATCH_MAX });
    }
    serde_json::from_slice(&text).map_err(|failure| HttpError::MalformedJson {
        reason: failure.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        line: failure.line(),
        column: failure.column(),
    })
}

fn broken(reason: &str) -> HttpError {
    HttpError::MalformedJson { reason: reason.to_owned(), line: 1, column: 0 }
}
