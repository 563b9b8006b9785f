//! Whether an address is theirs who has added it to what is known of them: the address, and a button.

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::{Frame, Knocker, Wished, nowhere, page};
use crate::domain::people::contact::Contact;
use crate::domain::people::email::Email;
use crate::flows::{email_confirmed, find_told_email};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Query, hash_token};
use crate::http::language::{Lang, OwnDataTexts};

#[derive(Template)]
#[template(path = "own_email.html")]
struct OwnEmailPage {
    frame: Frame,
    o: &'static OwnDataTexts,
    here: String,
    /// Masked: the mail may have gone on.
    email: String,
    is_done: bool,
}

/// `GET /my-email/{key}`
pub async fn ask(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(key): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    let found = find_told_email(&app.store, &app.clock, &hash_token(&key)).await?;
    answer(&app, (lang, wished), &here, knocker, found, false)
}

/// `POST /my-email/{key}`
pub async fn confirm(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(key): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    let confirmed = email_confirmed(&app.store, &app.clock, &hash_token(&key)).await?;
    answer(&app, (lang, wished), &here, knocker, confirmed, true)
}

fn answer(
    app: &AppState,
    (browser, wished): (Lang, Wished),
    here: &Uri,
    knocker: Knocker,
    of: Option<(Contact, Email)>,
    is_done: bool,
) -> Result<Response, HttpError> {
    let Some((contact, email)) = of else { return nowhere(app, browser, here, knocker) };
    let lang = wished.or(&contact, browser);
    page(&OwnEmailPage {
        frame: Frame::new(lang, here, None),
        o: lang.own_data_texts(),
        here: here.to_string(),
        email: email.to_string(),
        is_done,
    })
}
