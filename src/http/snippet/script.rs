//! `GET /whence.v1.js`: the snippet that a web developer pastes into a page,
//! and the files that only some pages need, each loaded by the one before.
//!
//! All are written to be read and travel without comments and spaces, for the
//! snippet has 4 KiB. The same program always serves the same bytes, so that a
//! page may pin the snippet by its hash (`integrity`); each file pins the next
//! in the same way.

use std::sync::LazyLock;

use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use sha2::{Digest, Sha256, Sha384};

use crate::http::asset::{Asset, version_of};

/// What each of the files is, those first that another one loads.
static CALL: LazyLock<String> = LazyLock::new(|| terse(include_str!("assets/whence-call.v1.js")));
static MORE: LazyLock<String> = LazyLock::new(|| pinning(include_str!("assets/whence-more.v1.js"), &CALL));
static SERVED: LazyLock<String> = LazyLock::new(|| pinning(include_str!("assets/whence.v1.js"), &MORE));

macro_rules! script {
    ($name:ident, $body:ident) => {
        static $name: LazyLock<Asset> = LazyLock::new(|| Asset {
            content_type: "text/javascript; charset=utf-8",
            body: &$body,
            version: LazyLock::new(|| version_of(&$body)),
        });
    };
}
script!(SNIPPET, SERVED);
script!(MORE_ASSET, MORE);
script!(CALL_ASSET, CALL);

/// The source as it travels, with the hash of the file that it loads.
fn pinning(source: &str, loads: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(loads.as_bytes()));
    terse(source).replace("INTEGRITY", &format!("sha256-{hash}"))
}

/// Any page may load it, also one that isolates itself (`Cross-Origin-Embedder-Policy`)
/// or checks it (`integrity`); an hour's cache lets a correction reach visitors the same day.
pub async fn serve(asked: HeaderMap) -> Response {
    to_any_page(&SNIPPET, &asked)
}

/// `GET /whence-more.v1.js`: listens to the platform that asks for consent, and loads the next.
pub async fn serve_more(asked: HeaderMap) -> Response {
    to_any_page(&MORE_ASSET, &asked)
}

/// `GET /whence-call.v1.js`: calls from the page.
pub async fn serve_call(asked: HeaderMap) -> Response {
    to_any_page(&CALL_ASSET, &asked)
}

fn to_any_page(script: &Asset, asked: &HeaderMap) -> Response {
    let mut response = script.serve(asked, "public, max-age=3600");
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

/// The source without lines of comment, and without most of its spaces.
///
/// The first comment stays: it tells whoever meets the script on a page what
/// it is. No literal of the source may go on in a second line, no comment may
/// follow code, nothing may be divided (a slash begins a regular expression),
/// and `;}` ends a block wherever it stands, in a literal, too.
fn terse(source: &str) -> String {
    let (header, code) = source.split_once("*/\n").expect("the source begins with its name");
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let code = lines.fold(String::new(), |mut served, line| {
        served += &tight(line);
        // After any other sign the end of the line may be the end of the statement.
        if !line.ends_with([';', '{', '}', ',', '(']) {
            served.push('\n');
        }
        served
    });
    format!("{header}*/\n{}", code.replace(";}", "}"))
}

/// A line without the spaces around its signs, where no literal is.
fn tight(line: &str) -> String {
    const SIGNS: [&str; 22] = [
        "=>", "===", "!==", "!=", "||=", "+=", "=", "&&", "||", "?", ":", "+", "-", "*", "<", ">", ",", ";",
        "{", "}", "(", ")",
    ];
    static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|/(?:\\.|[^/\\])*/").expect("it can be read")
    });
    let code = |text: &str| {
        SIGNS.iter().fold(text.to_owned(), |text, sign| {
            text.replace(&format!(" {sign}"), sign).replace(&format!("{sign} "), sign)
        })
    };
    let mut served = String::new();
    let mut done = 0;
    for literal in LITERAL.find_iter(line) {
        served += &code(&line[done..literal.start()]);
        served += literal.as_str();
        done = literal.end();
    }
    served + &code(&line[done..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCES: [&str; 3] = [
        include_str!("assets/whence.v1.js"),
        include_str!("assets/whence-more.v1.js"),
        include_str!("assets/whence-call.v1.js"),
    ];

    #[test]
    fn comments_and_spaces_stay_at_home() {
        let source = "/* Name */\n(() => {\n  // why\n  const a = 'b = c';\n\n  go(a, `d, e`)\n  stop(/f, \\/ g/i, h);\n})();\n";

        assert_eq!(terse(source), "/* Name */\n(()=>{const a='b = c';go(a,`d, e`)\nstop(/f, \\/ g/i,h)})();");
    }

    #[test]
    fn no_literal_goes_over_two_lines_and_no_comment_follows_code() {
        for line in SOURCES.iter().flat_map(|source| source.lines()) {
            let comment = line.trim_start().starts_with("//");
            let open = |quote: &str| !comment && line.matches(quote).count() % 2 == 1;

            assert!(!open("`") && (!open("'") || line.contains('`')), "{line}");
            assert!(comment || !line.contains(" // "), "{line}");
        }
    }

    #[test]
    fn each_script_pins_the_file_it_loads() {
        for (script, loads) in [(&SERVED, &MORE), (&MORE, &CALL)] {
            let hash = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, loads.as_bytes()));

            assert!(script.contains(&format!("integrity:'sha256-{hash}'")));
            assert!(!script.contains("INTEGRITY"));
        }
    }

    #[test]
    fn the_integrity_is_that_of_the_bytes_served() {
        let (name, hash) = integrity().split_once('-').unwrap();

        assert_eq!(name, "sha384");
        let other = ring::digest::digest(&ring::digest::SHA384, SERVED.as_bytes());
        assert_eq!(STANDARD.decode(hash).unwrap(), other.as_ref());
    }
}
