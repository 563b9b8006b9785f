//! `/api/v1/webhooks`: programs that are told what happens, what each was told, and telling it again.
//!
//! The plan declares them; here they are watched.

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems};
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::State as Stands;
use crate::domain::webhook::event::Kind;
use crate::flows::{WebhookError, delivery_resent, webhook_tested};
use crate::http::AppState;
use crate::http::error::{HttpError, Problem};
use crate::http::extract::{ApiKey, FromQuery, Path, Query, QueryReader, WebhooksRead, WebhooksWrite};
use crate::store::Window;
use crate::store::deliveries::{self, DeliveryFilter};
use crate::store::webhooks::Standing;

/// A program that is told what happens, and how it stands (`docs/webhooks.md`).
#[derive(Serialize, ToSchema)]
pub struct Webhook {
    /// As the plan names it.
    #[schema(value_type = String, example = "crm")]
    pub id: WebhookId,
    #[schema(example = "https://crm.example.org/whence")]
    pub url: String,
    /// What it is told: kinds of events, all of a room, or `*`.
    #[schema(example = json!(["call.ended", "contact.*"]))]
    pub events: Vec<String>,
    /// Otherwise nothing is written down for it, and nothing sent.
    pub enabled: bool,
    /// It may stand in a network that is not the internet.
    pub private: bool,
    /// When it answered that it is gone (410): it is told nothing until it is tested, or changed in the plan.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub gone_at: Option<Timestamp>,
    /// Until then it has asked to be left alone (`Retry-After`).
    #[schema(value_type = Option<String>, format = DateTime)]
    pub rests_until: Option<Timestamp>,
    /// How many deliveries wait.
    #[schema(example = 0)]
    pub waiting: i64,
    /// This node has a secret for it in its settings; without one it tells it nothing.
    pub signed: bool,
    /// When it took the latest of the events that it has taken.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_taken_at: Option<Timestamp>,
    /// The latest event that was told in vain and has not been taken since.
    pub last_failed: Option<Delivery>,
}

/// What a webhook was or will be told.
#[derive(Serialize, ToSchema)]
pub struct Delivery {
    /// Of the event: the `id` of the message and its `webhook-id`, the same for each webhook and each try.
    #[schema(value_type = Uuid)]
    pub id: DeliveryId,
    #[serde(rename = "type")]
    #[schema(example = "contact.changed")]
    pub kind: &'static str,
    /// What it is about; of one subject, what comes later waits for what came before.
    #[schema(example = "contacts/019aab5e-3bff-7d21-a1a5-2f1d5f0d0a11")]
    pub subject: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How often it was tried, since it was last sent anew.
    #[schema(example = 2)]
    pub tries: u32,
    /// `waiting`, `taken` (it answered 2xx) or `given_up`.
    #[schema(example = "waiting")]
    pub state: &'static str,
    /// While it waits: when it is tried next, unless something of its subject goes before it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// When it was taken or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
    /// What was answered to the last try that failed; `null`: nothing, or it was taken.
    #[schema(example = 503)]
    pub status: Option<u16>,
    /// What was wrong with that: `status`, `slow`, `unreached`, `private` (its address leads into a network that is not
    /// the internet) or `gone`.
    #[schema(example = "status")]
    pub why: Option<String>,
}

/// The same, with what the message says.
#[derive(Serialize, ToSchema)]
pub struct WholeDelivery {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// As it stands in the message.
    #[schema(value_type = Object, example = json!({"contact": "019aab5e-3bff-7d21-a1a5-2f1d5f0d0a11", "changed": ["language"]}))]
    pub data: Value,
}

impl From<deliveries::Delivery> for Delivery {
    fn from(it: deliveries::Delivery) -> Self {
        Self {
            id: it.id,
            kind: it.kind.as_str(),
            subject: it.subject,
            at: it.at,
            tries: it.tries,
            state: it.state.as_str(),
            due_at: (it.state == Stands::Waiting).then_some(it.due_at),
            settled_at: it.settled_at,
            status: it.reply,
            why: it.why,
        }
    }
}

impl Webhook {
    /// How all of them stand now, by name.
    pub async fn all(app: &AppState) -> Result<Vec<Self>, HttpError> {
        let mut all = Vec::new();
        for standing in app.store.list_webhooks().await? {
            all.push(Self::of(app, standing).await?);
        }
        Ok(all)
    }

    pub async fn find(app: &AppState, id: &WebhookId) -> Result<Self, HttpError> {
        let standing = app.store.find_webhook(id).await?.ok_or(HttpError::NotFound("webhook"))?;
        Self::of(app, standing).await
    }

    async fn of(app: &AppState, standing: Standing) -> Result<Self, HttpError> {
        let Standing { webhook, gone_at, rests_until, waiting } = standing;
        let last = async |filter: DeliveryFilter| {
            let found = app.store.list_deliveries(&webhook.id, &filter, &Window::first(1)).await;
            found.map(|page| page.items.into_iter().next())
        };
        let taken = last(DeliveryFilter { state: Some(Stands::Taken), ..Default::default() }).await?;
        let failed = last(DeliveryFilter { has_failed: true, ..Default::default() }).await?;
        let now = app.clock.now();
        Ok(Self {
            signed: app.watch.signs(&webhook.id),
            events: webhook.events.iter().map(ToString::to_string).collect(),
            id: webhook.id,
            url: webhook.url,
            enabled: webhook.enabled,
            private: webhook.private,
            gone_at,
            rests_until: rests_until.filter(|until| *until > now),
            waiting,
            last_taken_at: taken.and_then(|it| it.settled_at),
            last_failed: failed.map(Into::into),
        })
    }
}

impl From<WebhookError> for HttpError {
    fn from(failure: WebhookError) -> Self {
        match failure {
            WebhookError::NoWebhook => Self::NotFound("webhook"),
            WebhookError::NoDelivery => Self::NotFound("delivery"),
            WebhookError::Closed(why) => Self::Conflict(why.to_string()),
            WebhookError::Store(failure) => failure.into(),
        }
    }
}

/// Which deliveries; each condition given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ListQuery reads")]
pub struct Filters {
    /// `waiting`, `taken` or `given_up`.
    #[param(example = "given_up")]
    state: Option<String>,
    /// A kind of event.
    #[param(example = "call.ended")]
    event: Option<String>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// How many, 1 to 200; without it 50.
    limit: Option<u32>,
}

pub struct ListQuery {
    filter: DeliveryFilter,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let (state, kind) = (query.value("state"), query.value::<Kind>("event"));
        Self { filter: DeliveryFilter { state, kind, has_failed: false }, window: query.window() }
    }
}

/// How a try of a webhook may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ClosedProblem {
    /// The webhook is off, or has answered that it is gone
    #[response(status = 409, content_type = "application/problem+json")]
    Closed(#[to_schema] Problem),
}

/// The webhooks of the plan, by name, and how each stands.
#[utoipa::path(
    get, path = "/api/v1/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    security(("api_key" = ["webhooks:read"])),
    responses((status = 200, description = "All of them", body = List<Webhook>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<WebhooksRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Webhook>>, HttpError> {
    Ok(List::whole(Webhook::all(&app).await?))
}

/// What a webhook was and will be told in the last 30 days, what happened last first.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks", operation_id = "list_deliveries",
    params(("id" = String, Path, description = "The webhook"), Filters), security(("api_key" = ["webhooks:read"])),
    responses(
        (status = 200, description = "A part of the list", body = List<Delivery>),
        KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn deliveries(
    _: ApiKey<WebhooksRead>,
    State(app): State<AppState>,
    Path(id): Path<WebhookId>,
    Query(asked): Query<ListQuery>,
) -> Result<axum::Json<List<Delivery>>, HttpError> {
    app.store.find_webhook(&id).await?.ok_or(HttpError::NotFound("webhook"))?;
    Ok(List::part(app.store.list_deliveries(&id, &asked.filter, &asked.window).await?))
}

/// One delivery, with what it says.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries/{delivery}", tag = "webhooks", operation_id = "find_delivery",
    params(("id" = String, Path, description = "The webhook"), ("delivery" = Uuid, Path, description = "The delivery")),
    security(("api_key" = ["webhooks:read"])),
    responses((status = 200, description = "The delivery", body = WholeDelivery), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn delivery(
    _: ApiKey<WebhooksRead>,
    State(app): State<AppState>,
    Path((webhook, id)): Path<(WebhookId, DeliveryId)>,
) -> Result<axum::Json<WholeDelivery>, HttpError> {
    let found = app.store.find_delivery(&webhook, id).await?.ok_or(HttpError::NotFound("delivery"))?;
    Ok(axum::Json(WholeDelivery { data: found.data.clone(), delivery: found.into() }))
}

/// Sends a delivery anew, under the same id, whether it was taken or given up. One that waits is tried at once, after
/// what of its subject comes before it.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/deliveries/{delivery}/resend", tag = "webhooks", operation_id = "resend_delivery",
    params(("id" = String, Path, description = "The webhook"), ("delivery" = Uuid, Path, description = "The delivery")),
    security(("api_key" = ["webhooks:write"])),
    responses(
        (status = 200, description = "The delivery, which waits now", body = Delivery),
        ClosedProblem, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn resend(
    _: ApiKey<WebhooksWrite>,
    State(app): State<AppState>,
    Path((webhook, id)): Path<(WebhookId, DeliveryId)>,
) -> Result<axum::Json<Delivery>, HttpError> {
    Ok(axum::Json(delivery_resent(&app.store, &app.clock, &webhook, id).await?.into()))
}

/// Tells a webhook `webhook.test`, whatever it wants to be told. One that had answered that it is gone, or is to be left
/// alone, is told what happens again from then on.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/test", tag = "webhooks", operation_id = "test_webhook",
    params(("id" = String, Path, description = "The webhook")), security(("api_key" = ["webhooks:write"])),
    responses(
        (status = 200, description = "The webhook; its deliveries tell how the test went", body = Webhook),
        ClosedProblem, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn test(
    _: ApiKey<WebhooksWrite>,
    State(app): State<AppState>,
    Path(id): Path<WebhookId>,
) -> Result<axum::Json<Webhook>, HttpError> {
    webhook_tested(&app.store, &app.clock, &id).await?;
    Ok(axum::Json(Webhook::find(&app, &id).await?))
}
