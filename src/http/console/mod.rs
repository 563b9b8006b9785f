//! What people see: one file per page, its template beside it in `templates/`.
//!
//! Pages are whole without JavaScript. A page's struct holds ready texts, so a
//! template decides how things look and nothing else.

pub mod account;
pub mod alerts;
mod asked;
pub mod assets;
pub mod attribution;
pub mod audit;
pub mod blocks;
pub mod call;
pub mod call_notes;
pub mod calls;
pub mod company;
pub mod consents;
pub mod contact;
pub mod contactability;
pub mod cross;
pub mod destinations;
pub mod duplicates;
pub mod imports;
pub mod journeys;
pub mod keys;
pub mod ladder;
pub mod live;
pub mod lookalikes;
pub mod media;
mod menu;
pub mod missed;
pub mod money;
mod names;
pub mod network;
pub mod numbers;
pub mod outlets;
pub mod overview;
mod parts;
pub mod permissions;
pub mod phone;
mod plan_choices;
mod plan_review;
pub mod pool;
pub mod pools;
pub mod pressure;
pub mod prompts;
pub mod qualification;
pub mod quality;
mod reach;
pub mod recording;
pub mod requests;
pub mod restriction;
pub mod retention;
pub mod schedules;
mod second_factor;
pub mod segments;
pub mod setup;
pub mod shared;
pub mod shares;
pub mod sign_in;
pub mod site;
pub mod sites;
pub mod sources;
pub mod tasks;
pub mod tester;
pub mod timeline;
pub mod together;
mod tries;
pub mod trunks;
pub mod unread;
pub mod users;
pub mod views;
pub mod webhooks;

use askama::Template;
use axum::http::Uri;
use axum::response::{Html, IntoResponse, Response};
use tracing::error;
use url::form_urlencoded;

use self::menu::Menu;
use self::shared::Who;
use super::error::HttpError;
use super::extract::Session;
use super::language::{Lang, Texts};
use crate::domain::reporting::share::SharedReport;
use crate::domain::staff::Post;
pub(in crate::http) use sign_in::hash_off_thread;
pub use sign_in::hash_password;
pub use tries::{PAIRS_MAX, Tries};

/// What stands around every page.
pub struct Frame {
    lang: Lang,
    t: &'static Texts,
    /// Who is signed in.
    user: Option<String>,
    post: Option<Post>,
    account: &'static str,
    /// The same page in each language: its name, its tag, the link, whether it is this one.
    languages: Vec<(&'static str, &'static str, String, bool)>,
    menu: Menu,
    menu_name: &'static str,
    /// Where a link to this report is made, and its words.
    share: Option<(String, &'static str)>,
    /// Somebody with a link looks, to whom nothing else is open.
    is_guest: bool,
    style: String,
    script: String,
}

impl Frame {
    fn new(lang: Lang, here: &Uri, session: Option<&Session>) -> Self {
        let languages = Lang::ALL.iter().map(|&other| {
            (other.own_name(), other.tag(), with_query(here, "lang", Some(other.tag())), other == lang)
        });
        Self {
            lang,
            t: lang.texts(),
            menu: session.map_or_else(Menu::default, |it| Menu::new(lang, &it.post, here.path())),
            menu_name: lang.menu_texts().menu,
            share: session.and_then(|_| share_link(here)).map(|it| (it, lang.share_texts().share_this)),
            is_guest: false,
            user: session.map(|session| session.email.clone()),
            post: session.map(|session| session.post.clone()),
            account: lang.staff_texts().account,
            languages: languages.collect(),
            style: assets::address("console.css"),
            script: assets::address("console.js"),
        }
    }

    /// Around a report, whoever looks.
    fn of(lang: Lang, here: &Uri, who: &Who) -> Self {
        Self { is_guest: who.is_guest(), ..Self::new(lang, here, who.session()) }
    }

    /// Whether whoever looks may open such a page: what they may not is not offered.
    fn opens(&self, page: &str) -> bool {
        self.post.as_ref().is_some_and(|post| permissions::opens(post, page))
    }

    /// Whether they may send such a form.
    fn sends(&self, form: &str) -> bool {
        self.post.as_ref().is_some_and(|post| permissions::sends(post, form))
    }
}

/// Where a link to the report at this address is made; `None`: it is none that is shared.
fn share_link(here: &Uri) -> Option<String> {
    let report: SharedReport = here.path().strip_prefix("/console/")?.parse().ok()?;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("report", report.as_str())
        .append_pair("query", here.query().unwrap_or_default())
        .finish();
    Some(format!("/console/shares?{query}#new"))
}

/// The address of `here` with one field of its query set anew or left out.
fn with_query(here: &Uri, name: &str, value: Option<&str>) -> String {
    let fields = form_urlencoded::parse(here.query().unwrap_or_default().as_bytes());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.filter(|(field, value)| field != name && !value.is_empty()));
    if let Some(value) = value {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() { here.path().to_owned() } else { format!("{}?{query}", here.path()) }
}

/// A filled template as an answer.
fn page(template: &impl Template) -> Result<Response, HttpError> {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(failure) => {
            error!(error = &failure as &dyn std::error::Error, "a page could not be filled");
            Err(HttpError::Internal)
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: &'static str,
    advice: String,
}

/// The face of an error that a person sees.
pub fn error_page(lang: Lang, here: &Uri, session: Option<&Session>, error: &HttpError) -> Response {
    let t = lang.texts();
    let (title, advice) = match error {
        HttpError::NotFound(_) | HttpError::NoRoute | HttpError::BadPath(_) | HttpError::Gone(_) => {
            (t.error_gone, t.error_gone_advice.to_owned())
        }
        HttpError::Invalid(fields) => {
            let names: Vec<_> = fields.iter().map(|bad| bad.field.as_ref()).collect();
            (t.error_query, names.join(", "))
        }
        HttpError::NotAllowed => {
            let of_staff = lang.staff_texts();
            (of_staff.not_allowed, of_staff.not_allowed_advice.to_owned())
        }
        HttpError::TooManyTries { retry_after } => (t.error_tries, lang.wait(*retry_after)),
        HttpError::NotReady(_)
        | HttpError::Busy(_)
        | HttpError::Vault
        | HttpError::Unavailable
        | HttpError::Internal => (t.error_ours, t.error_ours_advice.to_owned()),
        HttpError::MethodNotAllowed
        | HttpError::TooLarge { .. }
        | HttpError::UnsupportedMediaType(_)
        | HttpError::MalformedJson { .. }
        | HttpError::NoKey
        | HttpError::BadKey
        | HttpError::MissingScope(_)
        | HttpError::NoSource
        | HttpError::ForeignOrigin
        | HttpError::CrossSite
        | HttpError::BadSettings(_)
        | HttpError::Conflict(_)
        | HttpError::Merged(_)
        | HttpError::BeyondEnd { .. }
        | HttpError::SignedOut => (t.error_refused, t.error_refused_advice.to_owned()),
    };
    let frame = Frame::new(lang, here, session);
    match page(&ErrorPage { frame, title, advice }) {
        Ok(html) => (error.status(), html).into_response(),
        Err(_) => error.status().into_response(),
    }
}
