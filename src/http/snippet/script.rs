//! `GET /whence.v1.js`: the snippet that a web developer pastes into a page.

use std::sync::LazyLock;

use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha384};

use crate::http::asset::{Asset, asset};

static SNIPPET: Asset = asset!("assets/whence.v1.js", "text/javascript; charset=utf-8");

/// Any page may load it, also one that isolates itself (`Cross-Origin-Embedder-Policy`)
/// or checks it (`integrity`); an hour's cache lets a correction reach visitors the same day.
pub async fn serve(asked: HeaderMap) -> Response {
    let mut response = SNIPPET.serve(&asked, "public, max-age=3600");
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// What a tag's `integrity` says for the snippet of this program, `sha384-…`.
pub fn integrity() -> &'static str {
    static INTEGRITY: LazyLock<String> =
        LazyLock::new(|| format!("sha384-{}", STANDARD.encode(Sha384::digest(SNIPPET.body.as_bytes()))));
    &INTEGRITY
}
