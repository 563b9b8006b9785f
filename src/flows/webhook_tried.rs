//! Somebody tries whether a webhook is there, or has it told again what it was told or not.
//!
//! Neither passes by what holds of all deliveries: of one subject one message is under way at a time, and the earlier
//! of two that wait goes first.

use crate::clock::Clock;
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::webhook::Closed;
use crate::domain::webhook::event::{Data, Event, Kind};
use crate::store::deliveries::Delivery;
use crate::store::{Store, StoreError};

/// Why it is not tried.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WebhookError {
    #[error("no such webhook")]
    NoWebhook,
    #[error("no such delivery")]
    NoDelivery,
    #[error(transparent)]
    Closed(#[from] Closed),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells a webhook that it is tried, and from then on what happens, though it had said that it is gone or is to be
/// left alone. Tests that wait from before go first, at once.
pub async fn webhook_tested(store: &Store, clock: &Clock, id: &WebhookId) -> Result<(), WebhookError> {
    let (now, id) = (clock.now(), id.clone());
    let tested = store.write(move |tx| {
        let webhook = id.clone();
        Box::pin(async move {
            let Some(it) = tx.find_webhook(&webhook).await? else {
                return Ok(Err(WebhookError::NoWebhook));
            };
            if !it.webhook.enabled {
                return Ok(Err(Closed::Off.into()));
            }
            tx.open_webhook(&webhook).await?;
            let test = Event { kind: Kind::Test, at: now, data: Data::Webhook { webhook: webhook.clone() } };
            tx.hasten_deliveries(&webhook, &test.subject(), now).await?;
            tx.tell(test);
            Ok(Ok(()))
        })
    });
    tested.await?
}

/// Sends anew what was taken or given up, and at once what waits and what of its subject is before it. Gives the
/// delivery as it is now.
pub async fn delivery_resent(
    store: &Store,
    clock: &Clock,
    webhook: &WebhookId,
    id: DeliveryId,
) -> Result<Delivery, WebhookError> {
    let (now, webhook) = (clock.now(), webhook.clone());
    let resent = store.write(move |tx| {
        let webhook = webhook.clone();
        Box::pin(async move {
            let Some(it) = tx.find_webhook(&webhook).await? else {
                return Ok(Err(WebhookError::NoWebhook));
            };
            let Some(delivery) = tx.find_delivery(&webhook, id).await? else {
                return Ok(Err(WebhookError::NoDelivery));
            };
            if let Some(closed) = it.webhook.closed(it.gone_at) {
                return Ok(Err(closed.into()));
            }
            if delivery.settled_at.is_some() {
                tx.resend_delivery(&delivery, now).await?;
            } else {
                tx.hasten_deliveries(&webhook, &delivery.subject, now).await?;
            }
            Ok(tx.find_delivery(&webhook, id).await?.ok_or(WebhookError::NoDelivery))
        })
    });
    resent.await?
}
