//! The page on which employees answer calls: for whom they do, what rings with all
//! that is known of it, and the talk. What happens on it comes over [`line`].

mod journey;
pub mod line;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::{Frame, assets, page};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::Session;
use crate::http::language::{Lang, PhoneTexts};

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage {
    frame: Frame,
    t: &'static PhoneTexts,
    /// Those whose plan rings consoles: identifier and name.
    destinations: Vec<(String, String)>,
    script: String,
}

/// `GET /console/phone`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    let all = app.store.list_destinations().await?;
    let ringing = all.into_iter().filter(|destination| destination.ring_plan.rings_consoles());
    page(&PhonePage {
        frame: Frame::new(lang, &here, Some(&session)),
        t: lang.phone(),
        destinations: ringing.map(|destination| (destination.id.to_string(), destination.name)).collect(),
        script: assets::address("phone.js"),
    })
}
