//! `GET /whence.v1.js`: the snippet that a web developer pastes into a page.
//!
//! It is written to be read and travels without its comments and indentation.
//! The same program always serves the same bytes, so that a page may pin them
//! by their hash (`integrity`).

use std::sync::LazyLock;

use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha384};

use crate::http::asset::{Asset, version_of};

static SERVED: LazyLock<String> = LazyLock::new(|| terse(include_str!("assets/whence.v1.js")));

static SNIPPET: LazyLock<Asset> = LazyLock::new(|| Asset {
    content_type: "text/javascript; charset=utf-8",
    body: &SERVED,
    version: LazyLock::new(|| version_of(&SERVED)),
});

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
        LazyLock::new(|| format!("sha384-{}", STANDARD.encode(Sha384::digest(SERVED.as_bytes()))));
    &INTEGRITY
}

/// The source without indentation, empty lines and lines of comment.
///
/// The first comment stays: it tells whoever meets the script on a page what
/// it is. No literal of the source may go on in a second line.
fn terse(source: &str) -> String {
    let (header, code) = source.split_once("*/\n").expect("the source begins with its name");
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(format!("{header}*/\n"), |served, line| served + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_stay_at_home() {
        let source = "/*\n * Name\n */\n(() => {\n  // why\n  const a = '//'; // kept\n\n  go(a);\n})();\n";

        assert_eq!(terse(source), "/*\n * Name\n */\n(() => {\nconst a = '//'; // kept\ngo(a);\n})();\n");
    }

    #[test]
    fn no_literal_goes_over_two_lines() {
        let source = include_str!("assets/whence.v1.js");

        let open = source.lines().filter(|line| line.matches('`').count() % 2 == 1);
        assert_eq!(open.collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn the_integrity_is_that_of_the_bytes_served() {
        let (name, hash) = integrity().split_once('-').unwrap();

        assert_eq!(name, "sha384");
        let other = ring::digest::digest(&ring::digest::SHA384, SERVED.as_bytes());
        assert_eq!(STANDARD.decode(hash).unwrap(), other.as_ref());
    }
}
