//! What has happened in a transaction and is told to webhooks: written down in one statement at its end, so that
//! it is told if and only if it happened.
//!
//! Who wants to be told is kept in memory: where nobody does, nothing is gathered and nothing is written. A plan
//! that another process applies is noticed within a second ([`Store::webhooks_have_changed`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;

use super::many::{Many, batches};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{ContactId, uuid_v7};
use crate::domain::time::Timestamp;
use crate::domain::webhook::Webhook;
use crate::domain::webhook::event::{Data, Event, Kind};

#[derive(Default)]
pub(super) struct Outbox {
    /// `None`: to be asked for.
    webhooks: Option<Arc<[Webhook]>>,
    events: Vec<Event>,
    last_id: Uuid,
    has_changed: Arc<AtomicBool>,
}

impl Outbox {
    pub fn new(has_changed: Arc<AtomicBool>) -> Self {
        Self { has_changed, ..Self::default() }
    }

    /// For the next transaction; what a failure leaves here asks for the webhooks anew.
    pub fn take(&mut self) -> Self {
        let has_changed = self.has_changed.swap(false, Ordering::SeqCst);
        Self {
            webhooks: self.webhooks.take().filter(|_| !has_changed),
            events: Vec::new(),
            last_id: self.last_id,
            has_changed: Arc::clone(&self.has_changed),
        }
    }

    pub fn forget_webhooks(&mut self) {
        self.webhooks = None;
    }

    /// An id that sorts after all that this process gave before: events of one moment stay in order.
    fn next_id(&mut self, at: Timestamp) -> Uuid {
        let mut chance = [0; 10];
        getrandom::fill(&mut chance).expect("the operating system gives random bytes");
        let fresh = uuid_v7(at, &chance);
        self.last_id = fresh.max(Uuid::from_u128(self.last_id.as_u128() + 1));
        self.last_id
    }
}

impl Store {
    /// The webhooks are not those that were known any more; the next write asks for them.
    pub fn webhooks_have_changed(&self) {
        self.0.webhooks_changed.store(true, Ordering::SeqCst);
    }
}

impl Tx {
    /// Tells whoever wants to know, once this transaction is committed.
    pub fn tell(&mut self, event: Event) {
        let is_wanted = |webhooks: &Arc<[Webhook]>| webhooks.iter().any(|it| it.wants(&event));
        if self.outbox.webhooks.as_ref().is_none_or(is_wanted) {
            self.outbox.events.push(event);
        }
    }

    /// Nobody wants to be told anything, so it need not be put together.
    pub(super) fn tells_nobody(&self) -> bool {
        self.outbox.webhooks.as_ref().is_some_and(|webhooks| webhooks.is_empty())
    }

    /// The contact that was made in this transaction has turned out to be there already.
    pub(super) fn untell_contact(&mut self, contact: ContactId) {
        let created = Data::Contact { contact };
        self.outbox.events.retain(|event| event.kind != Kind::ContactCreated || event.data != created);
    }

    /// Writes down what was told.
    pub(super) async fn send_out(&mut self) -> Result<(), StoreError> {
        let events = std::mem::take(&mut self.outbox.events);
        if events.is_empty() {
            return Ok(());
        }
        let webhooks = match self.outbox.webhooks.clone() {
            Some(webhooks) => webhooks,
            None => self.list_open_webhooks().await?.into(),
        };
        self.outbox.webhooks = Some(Arc::clone(&webhooks));
        let mut rows = Vec::new();
        for event in &events {
            // A call ends once, however often that is written down.
            let own_id = if let Data::Call(it) = &event.data { Some(it.call.0) } else { None };
            let id = own_id.unwrap_or_else(|| self.outbox.next_id(event.at)).to_string();
            let wanting = webhooks.iter().filter(|it| it.wants(event));
            rows.extend(wanting.map(|webhook| (webhook.id.clone(), id.clone(), event)));
        }
        for batch in batches(&rows) {
            let mut many = Many::new(
                "insert into deliveries (webhook_id, id, type, subject, at, data, due_at, tries, state) values ",
            );
            for (webhook, id, event) in batch {
                let data = serde_json::to_string(&event.data);
                many.row()
                    .value(webhook.to_string())?
                    .value(id.clone())?
                    .value(event.kind.as_str())?
                    .value(event.subject())?
                    .value(event.at.as_ms())?
                    .value(data.map_err(|cause| sqlx::Error::Encode(cause.into()))?)?
                    .value(event.at.as_ms())?
                    .value(0_i32)?
                    .value("waiting")?;
            }
            many.then(" on conflict (webhook_id, id) do nothing");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }
}
