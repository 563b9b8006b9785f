//! One click takes consent to a kind of e-mail back: the link of the header
//! `List-Unsubscribe` (RFC 8058). A mail program posts to it by itself; a
//! person who follows it gets a button.

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::{Frame, Knocker, Wished, nowhere, page};
use crate::flows::{Mailing, find_unsubscribed, unsubscribed};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Query, hash_token};
use crate::http::language::Lang;

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct UnsubscribePage {
    frame: Frame,
    here: String,
    purpose: String,
    /// Some of them follow from a contract or the law.
    goes_on: bool,
    is_done: bool,
}

impl UnsubscribePage {
    fn new(here: &Uri, lang: Lang, Mailing { purpose, goes_on, .. }: &Mailing, is_done: bool) -> Self {
        let (frame, purpose) = (Frame::new(lang, here, None), lang.purpose(purpose).to_owned());
        Self { frame, here: here.to_string(), purpose, goes_on: *goes_on, is_done }
    }
}

/// `GET /unsubscribe/{link}`
pub async fn ask(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    let found = find_unsubscribed(&app.store, &app.clock, &hash_token(&link)).await?;
    answer(&app, (lang, wished), &here, knocker, found, false)
}

/// `POST /unsubscribe/{link}`
pub async fn take_back(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    let done = unsubscribed(&app.store, &app.clock, &hash_token(&link)).await?;
    answer(&app, (lang, wished), &here, knocker, done, true)
}

fn answer(
    app: &AppState,
    (browser, wished): (Lang, Wished),
    here: &Uri,
    knocker: Knocker,
    of: Option<Mailing>,
    is_done: bool,
) -> Result<Response, HttpError> {
    match of {
        Some(mailing) => {
            page(&UnsubscribePage::new(here, wished.or(&mailing.contact, browser), &mailing, is_done))
        }
        None => nowhere(app, browser, here, knocker),
    }
}
