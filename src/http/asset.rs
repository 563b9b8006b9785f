//! A file that is part of the program, served with its content as its version.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::extract::hash_token;

pub struct Asset {
    pub content_type: &'static str,
    pub body: &'static str,
    /// The first 16 hex digits of the content's hash.
    pub version: LazyLock<String>,
}

impl Asset {
    /// Answers 304 to who has this version already.
    pub fn serve(&self, asked: &HeaderMap, cache: &'static str) -> Response {
        let etag = format!("\"{}\"", *self.version);
        let headers = [(CACHE_CONTROL, cache.to_owned()), (ETAG, etag.clone())];
        let known = asked.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        // RFC 9110 §13.1.2: a list, compared weakly.
        let mut known = known.flat_map(|list| list.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
        if known.any(|tag| tag == etag || tag == "*") {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        ([(CONTENT_TYPE, self.content_type)], headers, self.body).into_response()
    }
}

pub fn version_of(body: &str) -> String {
    hash_token(body)[..16].to_owned()
}

/// An [`Asset`] from files beside the one that says so, one behind the other.
macro_rules! asset {
    ($content_type:literal, $($file:literal),+) => {
        $crate::http::asset::Asset {
            content_type: $content_type,
            body: concat!($(include_str!($file)),+),
            version: std::sync::LazyLock::new(|| {
                $crate::http::asset::version_of(concat!($(include_str!($file)),+))
            }),
        }
    };
}
pub(super) use asset;
