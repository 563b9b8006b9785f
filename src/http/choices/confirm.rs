//! Whether somebody meant it: what they agree to, and a button.

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::{Frame, Knocker, Wished, nowhere, page};
use crate::flows::{Open, find_open_question, opt_in_confirmed};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Query, hash_token};
use crate::http::language::Lang;

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    here: String,
    question: String,
    is_done: bool,
}

impl ConfirmPage {
    fn new(here: &Uri, wished: Wished, browser: Lang, open: Open, is_done: bool) -> Self {
        let lang = wished.or(&open.contact, browser);
        let question = open.asked.text.unwrap_or_else(|| {
            lang.question(open.asked.matter.channel, &open.controller.name, lang.purpose(&open.purpose))
        });
        Self {
            frame: Frame::new(lang, here, Some(open.controller)),
            here: here.to_string(),
            question,
            is_done,
        }
    }
}

/// `GET /confirm/{link}`
pub async fn ask(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    match find_open_question(&app.store, &app.clock, &hash_token(&link)).await? {
        Some(open) => page(&ConfirmPage::new(&here, wished, lang, open, false)),
        None => nowhere(&app, lang, &here, knocker),
    }
}

/// `POST /confirm/{link}`
pub async fn say_yes(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    match opt_in_confirmed(&app.store, &app.clock, &hash_token(&link)).await? {
        Some(open) => page(&ConfirmPage::new(&here, wished, lang, open, true)),
        None => nowhere(&app, lang, &here, knocker),
    }
}
