//! What goes on just now: calls that ring and talk, numbers that are lent, trunks, and who watches.
//!
//! ```text
//!   switchboard ─ news ─┐
//!   somebody watches ───┼─▶ stream ─▶ snapshot (one for all who watch) ─▶ parts that have changed ─▶ page
//!   every 5 s ──────────┘
//! ```
//!
//! Parts are rendered here once for the page and for its stream alike, so a page
//! without JavaScript shows the same, as it was then.

mod calls;
mod snapshot;
mod stream;
mod trunks;
mod watchers;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use self::snapshot::{Parts, Snapshots};
use self::stream::Line;
pub(super) use self::trunks::TrunksPart;
use self::watchers::Watchers;
use super::{Frame, assets, page};
use crate::http::AppState;
use crate::http::api::live::sent;
use crate::http::error::HttpError;
use crate::http::extract::{SESSION_COOKIE, Session, cookie, hash_token};
use crate::http::language::{Lang, LiveTexts};

/// What the live pages of all who watch share.
#[derive(Default)]
pub struct Live {
    snapshots: Snapshots,
    watchers: Watchers,
}

#[derive(Template)]
#[template(path = "live.html")]
struct LivePage {
    frame: Frame,
    t: &'static LiveTexts,
    node: String,
    parts: Parts,
    script: String,
}

/// `GET /console/live`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    page(&LivePage {
        t: lang.live_texts(),
        node: app.config.node.clone(),
        parts: app.live_page.snapshots.take(&app, lang, &session.post).await?,
        script: assets::address("live.js"),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// `GET /console/live/events`: the parts of the page, and each again when it changes; `full` if as many watch as may.
pub async fn events(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let token = cookie(&headers, SESSION_COOKIE).map(hash_token).ok_or(HttpError::SignedOut)?;
    let Some(watcher) = app.live.watch() else { return Ok(sent(stream::full()).into_response()) };
    let line = Line::open(app, lang, (session, token), watcher);
    Ok(sent(line.events()).into_response())
}
