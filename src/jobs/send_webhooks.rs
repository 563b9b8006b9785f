//! Tells webhooks what has happened.
//!
//! Each webhook has a task of its own, so that a slow one holds up no other, and each has so many messages under
//! way at the most. A delivery is taken before it is sent, and is the taker's for longer than sending can last: two
//! nodes do not send it both. A node that dies in between leaves it to be sent again, under the same id, since
//! nobody knows how far it got. One that asks to be left alone for a while is told nothing meanwhile, by no node.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::join_all;
use tokio::task::{AbortHandle, JoinSet};
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::domain::ids::WebhookId;
use crate::domain::time::Timestamp;
use crate::domain::webhook::secret::Secret;
use crate::domain::webhook::{HELD, KEPT, Webhook, next_try};
use crate::notify::webhook::{Message, Refused, Sender};
use crate::store::deliveries::{Attempt, Delivery, Tried};
use crate::store::{Store, StoreError};
use crate::telemetry::Metrics;

const EVERY: Duration = Duration::from_secs(1);
/// So many are taken at a time, and are under way at once.
const AT_ONCE: u32 = 8;
/// How often it is looked for what is too old.
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);
/// So many go at a time: whoever writes meanwhile waits for few.
const SWEPT_AT_ONCE: u32 = 1_000;

/// What the messages of each webhook are signed with: the one in use, and before or after a change another.
pub type Secrets = BTreeMap<WebhookId, Vec<Secret>>;

/// Cheap to clone.
#[derive(Clone)]
pub struct Courier {
    pub store: Store,
    pub clock: Clock,
    pub sender: Sender,
    pub metrics: Metrics,
    /// The address of this gateway, which events name as their source.
    pub source: Arc<str>,
    pub secrets: Arc<ArcSwap<Secrets>>,
}

/// Looks every second, for ever.
pub async fn send_webhooks(courier: Courier) {
    let mut round = Round::default();
    let mut sweep_at = courier.clock.now();
    loop {
        let now = courier.clock.now();
        if let Err(failure) = courier.look(&mut round).await {
            warn!(error = &failure as &dyn Error, "what webhooks are to be told is not known");
        }
        if now >= sweep_at {
            sweep_at = now + SWEEP_EVERY;
            if let Err(failure) = courier.sweep(now).await {
                warn!(error = &failure as &dyn Error, "old deliveries to webhooks are not deleted");
            }
        }
        courier.clock.until(Some(now + EVERY)).await;
    }
}

/// Who is told something just now.
#[derive(Default)]
struct Round {
    webhooks: Vec<Webhook>,
    tasks: JoinSet<()>,
    busy: HashMap<WebhookId, AbortHandle>,
}

impl Courier {
    async fn look(&self, round: &mut Round) -> Result<(), StoreError> {
        let open = self.store.list_open_webhooks(self.clock.now()).await?;
        let due: Vec<Webhook> = open.iter().filter(|(_, is_due)| *is_due).map(|(it, _)| it.clone()).collect();
        let webhooks: Vec<Webhook> = open.into_iter().map(|(webhook, _)| webhook).collect();
        if webhooks != round.webhooks {
            // A plan may have been applied by another process.
            self.store.webhooks_have_changed();
            self.warn_of_unsigned(&webhooks);
            round.webhooks = webhooks;
        }
        while round.tasks.try_join_next().is_some() {}
        round.busy.retain(|_, task| !task.is_finished());
        for webhook in due {
            if !round.busy.contains_key(&webhook.id) {
                let (courier, id) = (self.clone(), webhook.id.clone());
                let task = round.tasks.spawn(async move {
                    if let Err(failure) = courier.send_due(&webhook).await {
                        let id = &webhook.id;
                        warn!(webhook.id = %id, error = &failure as &dyn Error, "what webhook {id} is to be told is not known");
                    }
                });
                round.busy.insert(id, task);
            }
        }
        Ok(())
    }

    fn warn_of_unsigned(&self, webhooks: &[Webhook]) {
        let secrets = self.secrets.load();
        for Webhook { id, .. } in webhooks.iter().filter(|it| !secrets.contains_key(&it.id)) {
            warn!(webhook.id = %id, "webhook {id} has no secret in the settings of this node, which tells it nothing");
        }
    }

    /// Tells a webhook all that is due, and gives how many messages that were.
    ///
    /// Where none of those that were taken together arrives, the rest waits for the next look.
    pub async fn send_due(&self, webhook: &Webhook) -> Result<usize, StoreError> {
        let mut sent = 0;
        loop {
            let secrets = self.secrets.load().get(&webhook.id).cloned().unwrap_or_default();
            if secrets.is_empty() {
                return Ok(sent);
            }
            let (now, id) = (self.clock.now(), webhook.id.clone());
            let claimed = self.store.write(move |tx| {
                let id = id.clone();
                Box::pin(async move { tx.claim_deliveries(&id, now, now + HELD, AT_ONCE).await })
            });
            let due = claimed.await?;
            let tries = due.iter().map(|delivery| self.try_one(webhook, &secrets, delivery));
            let tried: Vec<Tried> = join_all(tries).await.into_iter().collect::<Result<_, _>>()?;
            sent += tried.len();
            if !tried.contains(&Tried::Taken) || tried.contains(&Tried::Gone) {
                return Ok(sent);
            }
        }
    }

    async fn try_one(
        &self,
        webhook: &Webhook,
        secrets: &[Secret],
        delivery: &Delivery,
    ) -> Result<Tried, StoreError> {
        let message = Message {
            specversion: "1.0",
            id: delivery.id.to_string(),
            source: &self.source,
            kind: delivery.kind.as_str(),
            subject: &delivery.subject,
            time: delivery.at,
            datacontenttype: "application/json",
            data: &delivery.data,
        };
        let sent = self.sender.send(webhook, secrets, &message, self.clock.now()).await;
        let now = self.clock.now();
        let failure = sent.err();
        let rests_until = failure.and_then(Refused::retry_after).and_then(|asked| asked.until(now));
        let tried = match sent {
            Ok(()) => Tried::Taken,
            Err(Refused::Gone) => Tried::Gone,
            Err(_) => match next_try(delivery.tries, now) {
                Some(next) => Tried::Again(rests_until.map_or(next, |until| next.max(until))),
                None => Tried::GivenUp,
            },
        };
        let (id, delivery_id) = (&webhook.id, delivery.id);
        match (&sent, tried) {
            (Err(failure), Tried::Gone | Tried::GivenUp) => {
                error!(webhook.id = %id, delivery.id = %delivery_id, error = failure as &dyn Error, "webhook {id} is told no more of it");
            }
            (Err(failure), _) => {
                warn!(webhook.id = %id, delivery.id = %delivery_id, error = failure as &dyn Error, "webhook {id} is told again later");
            }
            (Ok(()), _) => info!(webhook.id = %id, delivery.id = %delivery_id, "webhook {id} is told"),
        }
        self.metrics.webhook_tried(match tried {
            Tried::Taken => "taken",
            Tried::Again(_) => "again",
            Tried::GivenUp | Tried::Gone => "given_up",
        });
        let (reply, why) = (failure.and_then(Refused::status), failure.map(Refused::as_str));
        let attempt = Attempt { tried, reply, why, rests_until };
        self.store.settle_delivery(delivery, attempt, now).await?;
        Ok(tried)
    }

    /// Forgets what happened too long ago, told or not.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        loop {
            let swept = self.store.write(move |tx| {
                Box::pin(async move { tx.delete_deliveries_before(now - KEPT, SWEPT_AT_ONCE).await })
            });
            if swept.await? < u64::from(SWEPT_AT_ONCE) {
                return Ok(());
            }
        }
    }
}
