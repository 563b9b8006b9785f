//! Where people decide for themselves, by a link that was sent to them and
//! without an account.
//!
//! Whoever has a link may do what it is for, and nobody else can know it (256
//! bits of chance, kept as a hash): so a form needs no other proof of where it
//! comes from. A link that leads nowhere any more is answered like one that never did.
//! Opening one changes nothing, since mail scanners open them all.

mod all_data;
mod confirm;
mod key_letter;
mod letter;
mod own_data;
mod own_email;
mod preferences;
mod report_off;
mod unsubscribe;

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use tracing::error;

use super::console::assets;
use super::error::HttpError;
use super::extract::{ClientAddress, FromQuery, QueryReader};
use super::language::{ChoiceTexts, Lang};
use super::snippet::gate;
use super::{AppState, if_absent};
use crate::domain::people::contact::Contact;
use crate::domain::people::mail_key::Opens;
use crate::domain::people::purpose::Controller;
use crate::domain::tracking::guard::{self, Block};
use crate::flows::KeySent;
pub use letter::compose;

/// No script runs here, and nothing comes from elsewhere.
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                   base-uri 'none'";
const NO_INDEX: HeaderName = HeaderName::from_static("x-robots-tag");

pub fn routes() -> Router<AppState> {
    let pages = Router::new()
        .route("/confirm/{link}", get(confirm::ask).post(confirm::say_yes))
        .route("/preferences/{link}", get(preferences::show).post(preferences::change))
        .route("/preferences/{link}/data", post(own_data::correct))
        .route("/preferences/{link}/email", post(own_data::tell_email))
        .route("/preferences/{link}/key", post(own_data::ask_for_key))
        .route("/my-email/{key}", get(own_email::ask).post(own_email::confirm))
        .route("/my-data/{key}", get(all_data::show))
        .route("/my-data/{key}/archive", post(all_data::download))
        .route("/my-data/{key}/erasure", post(all_data::ask_for_erasure))
        .route("/report-off/{link}", get(report_off::ask).post(report_off::take_off))
        .route("/unsubscribe/{link}", get(unsubscribe::ask).post(unsubscribe::take_back));
    pages.layer((
        if_absent(CONTENT_SECURITY_POLICY, CSP),
        // The address is the key: it is told to nobody.
        if_absent(REFERRER_POLICY, "no-referrer"),
        if_absent(NO_INDEX, "noindex"),
    ))
}

/// The language that somebody has asked for on a page.
#[derive(Clone, Copy)]
struct Wished(Option<Lang>);

impl FromQuery for Wished {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self(query.text("lang").and_then(|tag| Lang::from_tag(&tag)))
    }
}

impl Wished {
    /// That one, or else the person's, or else the browser's.
    fn or(self, contact: &Contact, browser: Lang) -> Lang {
        let theirs = || contact.profile.language.as_deref().and_then(Lang::from_tag);
        self.0.or_else(theirs).unwrap_or(browser)
    }
}

/// What was done last, as the address of the page carries it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Done {
    Saved,
    Corrected,
    KeySent,
    EmailSent,
    NoEmail,
    TooOften,
}

impl Done {
    const ALL: [(Done, &'static str); 6] = [
        (Done::Saved, "saved"),
        (Done::Corrected, "corrected"),
        (Done::KeySent, "key-sent"),
        (Done::EmailSent, "email-sent"),
        (Done::NoEmail, "no-email"),
        (Done::TooOften, "too-often"),
    ];

    const fn of(sent: KeySent, opens: Opens) -> Self {
        match (sent, opens) {
            (KeySent::Sent, Opens::Data) => Done::KeySent,
            (KeySent::Sent, Opens::Email) => Done::EmailSent,
            (KeySent::NoEmail, _) => Done::NoEmail,
            (KeySent::TooOften, _) => Done::TooOften,
        }
    }

    const fn words(self, lang: Lang) -> &'static str {
        let o = lang.own_data_texts();
        match self {
            Done::Saved => lang.choice_texts().saved,
            Done::Corrected => o.corrected,
            Done::KeySent => o.key_sent,
            Done::EmailSent => o.email_sent,
            Done::NoEmail => o.everything_by_hand,
            Done::TooOften => o.too_often,
        }
    }

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(done, _)| *done == self).map_or("", |(_, word)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, its)| *its == word).map(|(done, _)| *done)
    }
}

/// Where a link leads.
pub fn link(app: &AppState, to: &str, token: &str) -> String {
    format!("{}{to}/{token}", app.config.public_url)
}

/// Who comes with links that lead nowhere. The counts are this node's own.
#[derive(Default)]
pub struct Knocks(Mutex<guard::Knocks>);

/// The address block that somebody comes from; `None`: a private one, of a proxy or this house.
pub struct Knocker(Option<Block>);

impl FromRequestParts<AppState> for Knocker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let ClientAddress(from) = ClientAddress::from_request_parts(parts, app).await?;
        Ok(Self(gate::block(&parts.headers, from, app.config.address_header.as_ref())))
    }
}

/// The frame of a page: whose it is, and in which language.
struct Frame {
    lang: Lang,
    t: &'static ChoiceTexts,
    /// Whom the page speaks for; `None`: a link that leads nowhere.
    controller: Option<Controller>,
    languages: Vec<(&'static str, &'static str, String, bool)>,
    style: String,
}

impl Frame {
    fn new(lang: Lang, here: &Uri, controller: Option<Controller>) -> Self {
        let languages = Lang::ALL.iter().map(|&other| {
            (other.own_name(), other.tag(), format!("{}?lang={}", here.path(), other.tag()), other == lang)
        });
        let (t, style) = (lang.choice_texts(), assets::address("console.css"));
        Self { lang, t, controller, languages: languages.collect(), style }
    }
}

#[derive(Template)]
#[template(path = "nowhere.html")]
struct NowherePage {
    frame: Frame,
}

/// Counts a link that leads nowhere, or something that somebody does by one; who has too many of them waits.
fn allow(app: &AppState, Knocker(block): &Knocker) -> Result<(), HttpError> {
    let mut knocks = app.knocks.0.lock().unwrap_or_else(PoisonError::into_inner);
    if block.is_some_and(|block| !knocks.missed(block, app.clock.now())) {
        return Err(HttpError::TooManyTries { retry_after: Duration::from_secs(60) });
    }
    Ok(())
}

/// The answer to a link that leads nowhere, whatever the reason.
pub fn nowhere(app: &AppState, lang: Lang, here: &Uri, knocker: Knocker) -> Result<Response, HttpError> {
    allow(app, &knocker)?;
    let page = page(&NowherePage { frame: Frame::new(lang, here, None) })?;
    Ok((StatusCode::NOT_FOUND, page).into_response())
}

/// A filled template as an answer.
fn page(template: &impl Template) -> Result<Response, HttpError> {
    template.render().map(|html| Html(html).into_response()).map_err(|failure| {
        error!(error = &failure as &dyn std::error::Error, "a page could not be filled");
        HttpError::Internal
    })
}
