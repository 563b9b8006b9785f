//! What each webhook is told, and how that went: written by the outbox with the change itself, sent later.

use serde_json::Value;
use sqlx::any::AnyRow;

use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{DeliveryId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::Kind;
use crate::domain::webhook::{HELD, State};

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

/// A try, and what was answered to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    pub tried: Tried,
    /// The status, if there was one.
    pub reply: Option<u16>,
    /// What went wrong.
    pub why: Option<&'static str>,
    /// Until then the webhook asks to be left alone.
    pub rests_until: Option<Timestamp>,
}

/// Which deliveries of a webhook; each condition given must hold.
#[derive(Clone, Default, Debug)]
pub struct DeliveryFilter {
    pub state: Option<State>,
    pub kind: Option<Kind>,
    /// Those alone that were tried in vain and not taken since.
    pub has_failed: bool,
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
             and not exists (select 1 from webhooks w where w.id = d.webhook_id and w.rests_until > $3) \
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
        filter: &DeliveryFilter,
        window: &Window,
    ) -> Result<Page<Delivery>, StoreError> {
        let mut question = Question::new(concat!("select ", columns!(), " from deliveries"));
        question.matching("webhook_id = ", Some(webhook.to_string()))?;
        // Few are found among many by the indexes that hold nothing else.
        let stands = filter.state.map(|state| match state {
            State::Waiting => "settled_at is null",
            State::Taken => "state = 'taken'",
            State::GivenUp => "state = 'given_up' and why is not null",
        });
        for condition in stands.into_iter().chain(filter.has_failed.then_some("why is not null")) {
            question.and(condition);
        }
        question
            .matching("type = ", filter.kind.map(Kind::as_str))?
            .after_moment("(at, id)", window.moment()?)?
            .then(" order by at desc, id desc limit ")
            .value(window.fetch())?;
        let deliveries = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(deliveries, window, |it| moment_key(it.at, it.id)))
    }

    pub async fn find_delivery(
        &self,
        webhook: &WebhookId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        let webhook = webhook.clone();
        self.read(move |tx| Box::pin(async move { tx.find_delivery(&webhook, id).await })).await
    }

    /// Writes down how a try ended.
    pub async fn settle_delivery(
        &self,
        delivery: &Delivery,
        attempt: Attempt,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (webhook, id, subject) = (delivery.webhook.clone(), delivery.id, delivery.subject.clone());
        self.write(move |tx| {
            let (webhook, subject) = (webhook.clone(), subject.clone());
            Box::pin(async move {
                let (state, settled_at) = match attempt.tried {
                    Tried::Taken => (State::Taken, Some(now)),
                    Tried::Again(_) => (State::Waiting, None),
                    Tried::GivenUp | Tried::Gone => (State::GivenUp, Some(now)),
                };
                sqlx::query(
                    "update deliveries set state = $1, reply = $2, why = $3, settled_at = $4 \
                     where webhook_id = $5 and id = $6",
                )
                .bind(state.as_str())
                .bind(attempt.reply.map(i32::from))
                .bind(attempt.why)
                .bind(settled_at.map(Timestamp::as_ms))
                .bind(webhook.to_string())
                .bind(id.to_string())
                .execute(tx.connection())
                .await?;
                if let Tried::Again(at) = attempt.tried {
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
                if attempt.tried == Tried::Gone {
                    tx.close_webhook(&webhook, now).await?;
                }
                if let Some(until) = attempt.rests_until {
                    tx.rest_webhook(&webhook, until).await?;
                }
                Ok(())
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

    pub async fn find_delivery(
        &mut self,
        webhook: &WebhookId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        let sql = concat!("select ", columns!(), " from deliveries where webhook_id = $1 and id = $2");
        let query = sqlx::query(sql).bind(webhook.to_string()).bind(id.to_string());
        let row = query.fetch_optional(self.connection()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// What is settled is told again, as if it never was.
    ///
    /// One of its subject that is under way goes first: of one subject one message is under way at a time.
    pub async fn resend_delivery(&mut self, it: &Delivery, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "update deliveries set state = 'waiting', settled_at = null, tries = 0, due_at = coalesce(\
             (select max(e.due_at) from deliveries e where e.webhook_id = $1 and e.subject = $2 \
             and e.settled_at is null and e.due_at > $3 and e.due_at <= $4), $3) where webhook_id = $1 and id = $5",
        )
        .bind(it.webhook.to_string())
        .bind(it.subject.clone())
        .bind(now.as_ms())
        .bind((now + HELD).as_ms())
        .bind(it.id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What waits of a subject is due now, as if it never was tried; but for what may be under way just now.
    pub async fn hasten_deliveries(
        &mut self,
        webhook: &WebhookId,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update deliveries set due_at = $1, tries = 0 where webhook_id = $2 and subject = $3 \
             and settled_at is null and due_at > $4",
        )
        .bind(now.as_ms())
        .bind(webhook.to_string())
        .bind(subject.to_owned())
        .bind((now + HELD).as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
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
