//! The guided first run: from a trunk to the first call, each step ticked off by what has really happened.
//!
//! The steps are rendered here once for the page and for its stream, so a page without JavaScript shows the same, as it
//! was then. `/console` leads here while nothing has rung yet.

mod stream;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Redirect, Response};

use super::permissions::opens;
use super::{Frame, assets, page};
use crate::flows::plan_drafted;
use crate::http::AppState;
use crate::http::api::live::sent;
use crate::http::error::HttpError;
use crate::http::extract::{SESSION_COOKIE, Session, cookie, hash_token};
use crate::http::language::{Lang, SetupTexts};

const HERE: &str = "/console/setup";

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    frame: Frame,
    t: &'static SetupTexts,
    steps: String,
    script: String,
}

/// The steps, and where each is done.
#[derive(Template)]
#[template(path = "setup_steps.html")]
struct Steps {
    t: &'static SetupTexts,
    steps: Vec<Step>,
    is_all_done: bool,
}

struct Step {
    name: &'static str,
    how: &'static str,
    /// `done`, `next` or `later`, and its word.
    key: &'static str,
    word: &'static str,
    /// Where it is done, or seen: the address and its text.
    links: Vec<(String, &'static str)>,
    /// What came of it.
    told: Option<&'static str>,
}

/// `GET /console/`: to the first steps of a gateway at which nothing has rung, if the reader may take them. Whoever is
/// signed out comes back here, since only then is it known what they may.
pub async fn lead(State(app): State<AppState>, headers: HeaderMap) -> Result<Redirect, HttpError> {
    let token = cookie(&headers, SESSION_COOKIE).map(hash_token).ok_or(HttpError::SignedOut)?;
    let user = app.store.find_session(&token, app.clock.now()).await?.ok_or(HttpError::SignedOut)?;
    let is_new = opens(&user.post, HERE) && app.store.first_steps().await?.call.is_none();
    Ok(Redirect::to(if is_new { HERE } else { "/console/overview" }))
}

/// `GET /console/setup`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    page(&SetupPage {
        t: lang.setup_texts(),
        steps: steps(&app, lang).await?,
        script: assets::address("setup.js"),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// `GET /console/setup/events`: the steps, and again when one of them is done.
pub async fn events(
    _: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let token = cookie(&headers, SESSION_COOKIE).map(hash_token).ok_or(HttpError::SignedOut)?;
    Ok(sent(stream::Line::open(app, lang, token).events()).into_response())
}

/// The steps as they stand, rendered.
async fn steps(app: &AppState, lang: Lang) -> Result<String, HttpError> {
    let t = lang.setup_texts();
    let (plan, _) = plan_drafted(&app.store).await?;
    let happened = app.store.first_steps().await?;
    let first_site = plan.sites.first().map(|site| site.id.clone());
    let link = |address: &str, text| vec![(address.to_owned(), text)];
    let has_numbers = !plan.numbers.is_empty() || plan.pools.iter().any(|pool| !pool.numbers.is_empty());
    let mut of_snippet = link("/console/sites", t.go);
    of_snippet.extend(first_site.map(|site| (format!("/console/sites/{site}/tester"), t.test_page)));
    let mut of_number = link("/console/pools/new", t.add_pool);
    of_number.push(("/console/numbers/new".to_owned(), t.go));
    let of_call = happened.call.map(|(id, _)| (format!("/console/calls/{id}"), t.see));
    let rows = [
        (t.trunk, t.trunk_how, !app.watch.trunk_settings().is_empty(), link("/console/trunks", t.see)),
        (t.outlet, t.outlet_how, !plan.outlets.is_empty(), link("/console/outlets", t.go)),
        (
            t.destination,
            t.destination_how,
            !plan.destinations.is_empty(),
            link("/console/destinations/new", t.go),
        ),
        (t.site, t.site_how, !plan.sites.is_empty(), link("/console/sites/new", t.go)),
        (t.number, t.number_how, has_numbers, of_number),
        (t.snippet, t.snippet_how, happened.has_reported, of_snippet),
        (t.visit, t.visit_how, happened.has_lent, vec![]),
        (t.call, t.call_how, happened.call.is_some(), of_call.into_iter().collect()),
    ];
    let next = rows.iter().position(|(_, _, is_done, _)| !is_done);
    let rows = rows.into_iter().enumerate().map(|(nth, (name, how, is_done, links))| {
        let (key, word) = match next {
            _ if is_done => ("done", t.done),
            Some(next) if next == nth => ("next", t.next),
            _ => ("later", t.later),
        };
        // What is done is only looked at.
        let links = links.into_iter().filter(|(_, text)| !is_done || *text == t.see).collect();
        Step { name, how, key, word, links, told: None }
    });
    let mut rows: Vec<Step> = rows.collect();
    if let (Some(last), Some((_, is_answered))) = (rows.last_mut(), happened.call) {
        last.told = Some(if is_answered { t.answered } else { t.unanswered });
    }
    let rendered = Steps { t, steps: rows, is_all_done: next.is_none() }.render();
    rendered.map_err(|_| HttpError::Internal)
}

/// The event that brings them.
fn event(steps: &str) -> Event {
    Event::default().event("steps").data(steps)
}
