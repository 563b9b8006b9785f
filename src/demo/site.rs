//! The demo's website: a small business that carries the real snippet.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

macro_rules! files {
    ($($name:literal: $kind:literal,)*) => {
        /// Name below `/demo/`, type, content.
        const FILES: &[(&str, &str, &str)] = &[$(($name, $kind, include_str!(concat!("site/", $name))),)*];
    };
}

files! {
    "index.html": "text/html; charset=utf-8",
    "contact.html": "text/html; charset=utf-8",
    "app.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "demo.css": "text/css; charset=utf-8",
    "demo.js": "text/javascript; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "logo.svg": "image/svg+xml",
    "hero.svg": "image/svg+xml",
    "phone.svg": "image/svg+xml",
    "baguette.svg": "image/svg+xml",
    "brioche.svg": "image/svg+xml",
    "croissant.svg": "image/svg+xml",
    "miche.svg": "image/svg+xml",
}

/// Serves the website below `/demo/`.
pub fn router() -> Router {
    Router::new()
        .route("/demo", get(async || Redirect::to("/demo/")))
        .route("/demo/", get(async || file("index.html")))
        .route("/demo/{name}", get(async |Path(name): Path<String>| file(&name)))
}

fn file(name: &str) -> Response {
    match FILES.iter().find(|file| file.0 == name) {
        Some((_, kind, content)) => ([(CONTENT_TYPE, *kind)], *content).into_response(),
        None => (StatusCode::NOT_FOUND, "No such page.").into_response(),
    }
}
