//! Whether somebody meant it: what they agree to, and a button.

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::{Frame, Knocker, Wished, link as leads, nowhere, page};
use crate::flows::{Open, find_open_question, opt_in_confirmed, preference_link_made};
use crate::http::AppState;
use crate::http::api::opt_ins::problem;
use crate::http::error::HttpError;
use crate::http::extract::{Query, hash_token, new_token};
use crate::http::language::Lang;

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    here: String,
    question: String,
    is_done: bool,
    /// Their page, once they have shown that they are meant.
    preferences: Option<String>,
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
            preferences: None,
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
        Some(open) => {
            let (token, holds_for) = (new_token(), app.config.preference_link);
            let (of, hash) = (open.contact.id, hash_token(&token));
            let made = preference_link_made(&app.store, &app.clock, of, None, hash, holds_for);
            made.await.map_err(problem)?;
            let preferences = Some(leads(&app, "preferences", &token));
            page(&ConfirmPage { preferences, ..ConfirmPage::new(&here, wished, lang, open, true) })
        }
        None => nowhere(&app, lang, &here, knocker),
    }
}
