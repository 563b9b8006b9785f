//! What each webhook is told, and how that went: written by the outbox with the change itself, sent later.

use serde_json::Value;
use sqlx::any::AnyRow;

use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::State;
use crate::domain::webhook::event::Kind;

#[derive(Clone, PartialEq, Debug)]
pub struct Delivery {
    pub webhook: WebhookId,
    pub id: DeliveryId,
    pub kind: Kind,
    pub subject: String,
    /// When it happened.
    pub at: Timestamp,
    pub data: Value,
    pub due_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    pub state: State,
    /// What was answered last.
    pub reply: Option<u16>,
    /// What went wrong last.
    pub why: Option<String>,
    pub settled_at: Option<Timestamp>,
}

/// How a try ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tried {
    Taken,
    /// It is tried again then, and what else waits for it with it.
    Again(Timestamp),
    GivenUp,
    /// The webhook is gone, and told nothing any more.
    Gone,
}

macro_rules! columns {
    () => {
        "webhook_id, id, type, subject, at, data, due_at, tries, state, reply, why, settled_at"
    };
}

/// Those that are due and first of their subject; `$1` is until when they are held, `$2` the webhook, `$3` now.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "update deliveries set due_at = $1, tries = tries + 1 where webhook_id = $2 and id in \
             (select d.id from deliveries d where d.webhook_id = $2 and d.settled_at is null and d.due_at <= $3 \
             and not exists (select 1 from deliveries e where e.webhook_id = d.webhook_id and e.subject = d.subject \
             and e.settled_at is null and e.id < d.id) order by d.due_at limit $4",
            $lock,
            ") returning ",
            columns!()
        )
    };
}

impl Store {
    /// What a webhook was and will be told, newest first.
    pub async fn list_deliveries(
        &self,
        webhook: &WebhookId,
        state: Option<State>,
        window: &Window,
    ) -> Result<Page<Delivery>, StoreError> {
        let mut question = Question::new(concat!("select ", columns!(), " from deliveries"));
        question
            .matching("webhook_id = ", Some(webhook.to_string()))?
            .matching("state = ", state.map(State::as_str))?
            .after_moment("(at, id)", window.moment()?)?
            .then(" order by at desc, id desc limit ")
            .value(window.fetch())?;
        let deliveries = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(deliveries, window, |it| moment_key(it.at, it.id)))
    }

    /// Writes down how a try ended.
    pub async fn settle_delivery(
        &self,
        delivery: &Delivery,
        tried: Tried,
        reply: Option<u16>,
        why: Option<&'static str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (webhook, id, subject) = (delivery.webhook.clone(), delivery.id, delivery.subject.clone());
        self.write(move |tx| {
            let (webhook, subject) = (webhook.clone(), subject.clone());
            Box::pin(async move {
                let (state, settled_at) = match tried {
                    Tried::Taken => (State::Taken, Some(now)),
                    Tried::Again(_) => (State::Waiting, None),
                    Tried::GivenUp | Tried::Gone => (State::GivenUp, Some(now)),
                };
                sqlx::query(
                    "update deliveries set state = $1, reply = $2, why = $3, settled_at = $4 \
                     where webhook_id = $5 and id = $6",
                )
                .bind(state.as_str())
                .bind(reply.map(i32::from))
                .bind(why)
                .bind(settled_at.map(Timestamp::as_ms))
                .bind(webhook.to_string())
                .bind(id.to_string())
                .execute(tx.connection())
                .await?;
                if let Tried::Again(at) = tried {
                    sqlx::query(
                        "update deliveries set due_at = $1 where webhook_id = $2 and subject = $3 \
                         and settled_at is null and (id = $4 or due_at < $1)",
                    )
                    .bind(at.as_ms())
                    .bind(webhook.to_string())
                    .bind(subject)
                    .bind(id.to_string())
                    .execute(tx.connection())
                    .await?;
                }
                if tried == Tried::Gone {
                    tx.close_webhook(&webhook, now).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// It is tried now as if it never was; `false`: there is no such delivery.
    pub async fn resend_delivery(
        &self,
        webhook: &WebhookId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let webhook = webhook.to_string();
        self.write(move |tx| {
            let webhook = webhook.clone();
            Box::pin(async move {
                let done = sqlx::query(
                    "update deliveries set state = 'waiting', due_at = $1, tries = 0, settled_at = null \
                     where webhook_id = $2 and id = $3",
                )
                .bind(now.as_ms())
                .bind(webhook)
                .bind(id.to_string())
                .execute(tx.connection())
                .await?;
                Ok(done.rows_affected() > 0)
            })
        })
        .await
    }
}

impl Tx {
    /// Takes up to `most` deliveries that are due to a webhook, each the first of its subject; nobody else gets
    /// them until `held_until`.
    ///
    /// Whoever takes them and dies has perhaps sent them: they are due again then, under the same ids.
    pub async fn claim_deliveries(
        &mut self,
        webhook: &WebhookId,
        now: Timestamp,
        held_until: Timestamp,
        most: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        // Two nodes look at once.
        let sql = self.dialect().pick(claim!(""), claim!(" for update of d skip locked"));
        let rows = sqlx::query(sql)
            .bind(held_until.as_ms())
            .bind(webhook.to_string())
            .bind(now.as_ms())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        Ok(all(rows, read)?)
    }

    /// Forgets some of what happened before then, and tells how many.
    pub async fn delete_deliveries_before(&mut self, at: Timestamp, most: u32) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "delete from deliveries where (webhook_id, id) in \
             (select webhook_id, id from deliveries where at < $1 order by at limit $2)",
        )
        .bind(at.as_ms())
        .bind(i64::from(most))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}

fn read(row: &AnyRow) -> Result<Delivery, sqlx::Error> {
    Ok(Delivery {
        webhook: row.word("webhook_id")?,
        id: row.word("id")?,
        kind: row.word("type")?,
        subject: row.text("subject")?,
        at: row.time("at")?,
        data: row.json("data")?,
        due_at: row.time("due_at")?,
        tries: u32::try_from(row.int("tries")?).unwrap_or(u32::MAX),
        state: row.word("state")?,
        reply: row.maybe_int("reply")?.and_then(|reply| u16::try_from(reply).ok()),
        why: row.maybe_text("why")?,
        settled_at: row.maybe_time("settled_at")?,
    })
}
