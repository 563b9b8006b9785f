//! The sound of a recording or a prompt, whole or by the range (RFC 9110 §14), for the API and the console.
//!
//! Whoever asks for a recording is written down before the first byte leaves.

use std::error::Error;
use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http_range_header::parse_range_header;
use tracing::error;

use super::AppState;
use super::error::HttpError;
use crate::domain::calling::recording::{AccessKind, Accessor, Format, RecordingRecord, wav_header};
use crate::domain::ids::RecordingId;
use crate::flows::recording_heard;
use crate::vault::{Reader, VaultError};

/// What is asked for and by whom.
pub struct Asked<'a> {
    pub recording: RecordingId,
    pub who: Accessor,
    /// To keep, not to play.
    pub is_download: bool,
    pub headers: &'a HeaderMap,
}

/// The sound, or the part of it that `Range` names.
pub async fn audio(app: &AppState, asked: &Asked<'_>) -> Result<Response, HttpError> {
    let record = app.store.find_recording(asked.recording).await?;
    let record = record.ok_or(HttpError::NotFound("recording"))?;
    let sound = find_sound(app, &record).await?;
    let head = head(&record, sound.length());
    let length = head.len() as u64 + sound.length();
    // A recording never changes, so its id is a strong validator.
    let etag = format!("\"{}\"", record.id);
    let part = part(asked.headers, &etag, length)?;
    let what = if asked.is_download { AccessKind::Downloaded } else { AccessKind::Listened };
    recording_heard(&app.store, &app.clock, record.id, asked.who, what).await?;

    let range = part.clone().unwrap_or(0..length);
    let in_head = |at: u64| at.min(head.len() as u64) as usize;
    let head_part = head.slice(in_head(range.start)..in_head(range.end));
    let past_head = |at: u64| at.saturating_sub(head.len() as u64);
    let id = record.id;
    let rest = sound.bytes(past_head(range.start)..past_head(range.end)).inspect(move |piece| {
        if let Err(failure) = piece {
            error!(recording.id = %id, error = failure as &dyn Error, "a recording breaks off for who listens");
        }
    });
    let body = Body::from_stream(stream::iter((!head_part.is_empty()).then_some(Ok(head_part))).chain(rest));

    let kind = match record.format {
        Format::OggOpus => "audio/ogg; codecs=opus",
        Format::Wav => "audio/wav",
    };
    let ending = ending(record.format);
    let place = if asked.is_download { "attachment" } else { "inline" };
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_LENGTH, (range.end - range.start).to_string()),
        (CONTENT_DISPOSITION, format!("{place}; filename=\"recording-{id}.{ending}\"")),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (ETAG, etag),
    ];
    Ok(match part {
        None => (headers, body).into_response(),
        Some(part) => {
            let told = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            (StatusCode::PARTIAL_CONTENT, headers, [(CONTENT_RANGE, told)], body).into_response()
        }
    })
}

/// The sound of a recording, if there is something to hear and it is here.
pub async fn find_sound(app: &AppState, record: &RecordingRecord) -> Result<Reader, HttpError> {
    check(record, app)?;
    app.vault.read(record.id).await.map_err(|failure| refused(failure, record))
}

/// What stands before so many bytes of sound in its file.
pub fn head(record: &RecordingRecord, length: u64) -> Bytes {
    match record.format {
        Format::OggOpus => Bytes::new(),
        Format::Wav => Bytes::copy_from_slice(&wav_header(record.rate, length)),
    }
}

/// How the name of its file ends.
pub const fn ending(format: Format) -> &'static str {
    match format {
        Format::OggOpus => "ogg",
        Format::Wav => "wav",
    }
}

/// A WAV file in memory, whole or by the range; who asks for it need not be written down.
pub fn sound(headers: &HeaderMap, etag: &str, name: &str, file: Bytes) -> Result<Response, HttpError> {
    let length = file.len() as u64;
    let part = part(headers, etag, length)?;
    let told = [
        (CONTENT_TYPE, "audio/wav".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (ETAG, etag.to_owned()),
    ];
    Ok(match part {
        None => (told, file).into_response(),
        Some(Range { start, end }) => {
            let range = [(CONTENT_RANGE, format!("bytes {start}-{}/{length}", end - 1))];
            let part = file.slice(start as usize..end as usize);
            (StatusCode::PARTIAL_CONTENT, told, range, part).into_response()
        }
    })
}

/// Whether there is something to hear, as far as the row tells.
fn check(record: &RecordingRecord, app: &AppState) -> Result<(), HttpError> {
    if record.deleted_at.is_some() || record.delete_at <= app.clock.now() {
        return Err(HttpError::Gone("the recording"));
    }
    match (record.ended_at, record.bytes) {
        (None, _) => Err(HttpError::Conflict("the recording still goes on".to_owned())),
        (Some(_), None | Some(0)) => Err(HttpError::NotFound("sound: nothing of this recording was kept")),
        (Some(_), Some(_)) => Ok(()),
    }
}

fn refused(failure: VaultError, record: &RecordingRecord) -> HttpError {
    match failure {
        VaultError::NotFound => {
            HttpError::Conflict(format!("the sound is not here; ask the node {}", record.node))
        }
        failure => {
            error!(recording.id = %record.id, error = &failure as &dyn Error, "a recording cannot be read");
            HttpError::Vault
        }
    }
}

/// The part that is asked for; `None`: all. Several parts at once, which nobody's player asks for,
/// are answered with all, as RFC 9110 §14.2 lets a server do.
fn part(headers: &HeaderMap, etag: &str, length: u64) -> Result<Option<Range<u64>>, HttpError> {
    let Some(range) = headers.get(RANGE).and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let is_other = headers.get(IF_RANGE).is_some_and(|validator| validator != etag);
    let Some(parsed) = parse_range_header(range).ok().filter(|_| !is_other) else { return Ok(None) };
    let Ok(parts) = parsed.validate(length) else { return Err(HttpError::BeyondEnd { length }) };
    Ok(match parts.as_slice() {
        [part] => Some(*part.start()..part.end() + 1),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_rfc_9110_says() {
        for (range, if_range, expected) in [
            ("bytes=0-", None, Ok(Some(0..100))),
            ("bytes=10-19", None, Ok(Some(10..20))),
            ("bytes=90-500", None, Ok(Some(90..100))),
            ("bytes=-5", None, Ok(Some(95..100))),
            ("bytes=0-", Some("\"a\""), Ok(Some(0..100))),
            ("bytes=0-", Some("\"b\""), Ok(None)),
            ("bytes=0-1, 5-6", None, Ok(None)),
            ("seconds=1-2", None, Ok(None)),
            ("bytes=100-", None, Err(HttpError::BeyondEnd { length: 100 })),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, range.parse().unwrap());
            if let Some(if_range) = if_range {
                headers.insert(IF_RANGE, if_range.parse().unwrap());
            }
            assert_eq!(part(&headers, "\"a\"", 100), expected, "{range} {if_range:?}");
        }
        assert_eq!(part(&HeaderMap::new(), "\"a\"", 100), Ok(None));
    }
}
