//! The console's style, script and icon.
//!
//! Their address holds their content's version, so a browser keeps them for
//! ever and still has the new ones the moment the program is updated.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::http::asset::{Asset, asset};
use crate::http::error::HttpError;

static STYLE: Asset = asset!(
    "text/css; charset=utf-8",
    "assets/console.css",
    "assets/pages.css",
    "assets/calls.css",
    "assets/staff.css",
    "assets/phone.css",
    "assets/reports.css",
    "assets/money.css",
    "assets/network.css",
    "assets/journeys.css",
    "assets/missed.css",
    "assets/live.css",
    "assets/administration.css"
);
static SCRIPT: Asset = asset!("text/javascript; charset=utf-8", "assets/console.js");
static PHONE: Asset = asset!("text/javascript; charset=utf-8", "assets/phone.js");
static LIVE: Asset = asset!("text/javascript; charset=utf-8", "assets/live.js");
static SETUP: Asset = asset!("text/javascript; charset=utf-8", "assets/setup.js");
static ICON: Asset = asset!("image/svg+xml", "assets/icon.svg");

fn find(file: &str) -> Option<&'static Asset> {
    match file {
        "console.css" => Some(&STYLE),
        "console.js" => Some(&SCRIPT),
        "phone.js" => Some(&PHONE),
        "live.js" => Some(&LIVE),
        "setup.js" => Some(&SETUP),
        "icon.svg" => Some(&ICON),
        _ => None,
    }
}

/// Where a page finds the present version of a file.
pub(in crate::http) fn address(file: &str) -> String {
    let version = find(file).map_or("", |asset| asset.version.as_str());
    format!("/console/assets/{file}?v={version}")
}

/// `GET /console/assets/{file}`
pub async fn serve(Path(file): Path<String>, asked: HeaderMap) -> Result<Response, HttpError> {
    let asset = find(&file).ok_or(HttpError::NoRoute)?;
    Ok(asset.serve(&asked, "public, max-age=31536000, immutable"))
}
