//! Webhooks: how each stands, what it was told, and telling it again.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::Moment;
use super::{Frame, page, with_query};
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::webhook;
use crate::flows::{delivery_resent, webhook_tested};
use crate::http::AppState;
use crate::http::api::webhooks::Webhook;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, WebhookTexts};
use crate::store::Window;
use crate::store::deliveries::{Delivery, DeliveryFilter};

const HERE: &str = "/console/webhooks";
const ROWS: u32 = 50;

/// The list takes nothing but a language.
pub struct Asked;

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self
    }
}

/// Which deliveries.
pub struct Part {
    cursor: Option<String>,
    state: Option<webhook::State>,
}

impl FromQuery for Part {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { cursor: query.text("cursor"), state: query.value("state") }
    }
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage {
    frame: Frame,
    t: &'static WebhookTexts,
    rows: Vec<WebhookView>,
}

#[derive(Template)]
#[template(path = "webhook.html")]
struct WebhookPage {
    frame: Frame,
    t: &'static WebhookTexts,
    webhook: WebhookView,
    /// Each state of deliveries and all: its word, its link, whether it is shown.
    states: Vec<(&'static str, String, bool)>,
    /// It is one state that is asked for.
    is_filtered: bool,
    rows: Vec<DeliveryView>,
    earlier: Option<String>,
}

struct WebhookView {
    id: WebhookId,
    url: String,
    events: String,
    /// How it stands, and since or until when.
    stands: (&'static str, Option<Moment>),
    /// Its plan says so; else it takes no test.
    enabled: bool,
    /// It is told nothing for now, and a test changes that.
    is_shut: bool,
    /// What it was told can be sent again.
    is_open: bool,
    waiting: i64,
    taken: Option<Moment>,
    /// What happened when, and why it was not taken.
    failed: Option<(Moment, String)>,
}

impl WebhookView {
    fn new(lang: Lang, it: Webhook) -> Self {
        let t = lang.webhook_texts();
        let moment = |at| Moment::day_and_time(lang, at);
        let stands = match (it.gone_at, it.rests_until) {
            _ if !it.enabled => (t.off, None),
            (Some(at), _) => (t.gone, Some(moment(at))),
            _ if !it.signed => (t.unsigned, None),
            (None, Some(until)) => (t.rests, Some(moment(until))),
            (None, None) => (t.open, None),
        };
        let failed = it.last_failed.map(|failed| {
            let why = lang.delivery_failure(failed.why.as_deref().unwrap_or_default(), failed.status);
            (moment(failed.at), why)
        });
        Self {
            id: it.id,
            url: it.url,
            events: it.events.join(" · "),
            stands,
            enabled: it.enabled,
            is_open: it.enabled && it.gone_at.is_none(),
            is_shut: it.gone_at.is_some() || it.rests_until.is_some(),
            waiting: it.waiting,
            taken: it.last_taken_at.map(moment),
            failed,
        }
    }
}

/// A delivery, as the page shows it.
struct DeliveryView {
    id: DeliveryId,
    kind: &'static str,
    at: Moment,
    subject: String,
    /// The page of what it is about.
    about: Option<String>,
    state: &'static str,
    tries: String,
    /// When it is due, or was settled.
    when: Moment,
    is_waiting: bool,
    failure: Option<String>,
    data: String,
}

impl DeliveryView {
    fn new(lang: Lang, it: Delivery) -> Self {
        let has_page = ["contacts/", "calls/"].iter().any(|room| it.subject.starts_with(room));
        Self {
            id: it.id,
            kind: it.kind.as_str(),
            at: Moment::day_and_time(lang, it.at),
            about: has_page.then(|| format!("/console/{}", it.subject)),
            subject: it.subject,
            state: lang.delivery_state(it.state),
            tries: lang.tries(it.tries),
            when: Moment::day_and_time(lang, it.settled_at.unwrap_or(it.due_at)),
            is_waiting: it.settled_at.is_none(),
            failure: it.why.map(|why| lang.delivery_failure(&why, it.reply)),
            data: format!("{:#}", it.data),
        }
    }
}

/// `GET /console/webhooks`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let all = Webhook::all(&app).await?;
    page(&WebhooksPage {
        t: lang.webhook_texts(),
        rows: all.into_iter().map(|it| WebhookView::new(lang, it)).collect(),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// `GET /console/webhooks/{id}`: what it was and will be told, or what of that stands as asked for.
pub async fn one(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    Path(id): Path<WebhookId>,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Part>,
) -> Result<Response, HttpError> {
    let webhook = WebhookView::new(lang, Webhook::find(&app, &id).await?);
    let filter = DeliveryFilter { state: asked.state, ..DeliveryFilter::default() };
    let window = Window { after: asked.cursor, limit: ROWS };
    let found = app.store.list_deliveries(&id, &filter, &window).await?;
    let t = lang.webhook_texts();
    let all = (t.all, format!("{HERE}/{id}"), asked.state.is_none());
    let states = webhook::State::ALL
        .iter()
        .map(|it| (lang.delivery_state(*it), format!("{HERE}/{id}?state={it}"), asked.state == Some(*it)));
    page(&WebhookPage {
        t,
        webhook,
        states: std::iter::once(all).chain(states).collect(),
        is_filtered: asked.state.is_some(),
        rows: found.items.into_iter().map(|it| DeliveryView::new(lang, it)).collect(),
        earlier: found.next.map(|next| with_query(&here, "cursor", Some(&next))),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// `POST /console/webhooks/{id}/test`
pub async fn test(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<WebhookId>,
) -> Result<Response, HttpError> {
    webhook_tested(&app.store, &app.clock, &id).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}")).into_response())
}

/// `POST /console/webhooks/{id}/deliveries/{delivery}/resend`
pub async fn resend(
    _: Session,
    State(app): State<AppState>,
    Path((webhook, id)): Path<(WebhookId, DeliveryId)>,
) -> Result<Response, HttpError> {
    delivery_resent(&app.store, &app.clock, &webhook, id).await?;
    Ok(Redirect::to(&format!("{HERE}/{webhook}#d{id}")).into_response())
}
