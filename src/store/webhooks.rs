//! Whom the plan has what happens told, and who of them is gone.

use sqlx::any::AnyRow;

use super::rows::{Columns, all, read as read_word};
use super::{Store, StoreError, Tx};
use crate::domain::ids::WebhookId;
use crate::domain::time::Timestamp;
use crate::domain::webhook::Webhook;

/// A webhook and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    pub webhook: Webhook,
    /// When it answered that it is gone.
    pub gone_at: Option<Timestamp>,
    /// Until then it has asked to be told nothing.
    pub rests_until: Option<Timestamp>,
    /// How many deliveries wait.
    pub waiting: i64,
}

macro_rules! standing {
    ($rest:literal) => {
        concat!(
            "select id, url, events, enabled, private, gone_at, rests_until, (select count(*) from deliveries d \
             where d.webhook_id = w.id and d.settled_at is null) as waiting from webhooks w ",
            $rest
        )
    };
}

impl Store {
    /// All of them, by name.
    pub async fn list_webhooks(&self) -> Result<Vec<Standing>, StoreError> {
        let rows = sqlx::query(standing!("order by id")).fetch_all(self.reads()).await?;
        Ok(all(rows, read_standing)?)
    }

    pub async fn find_webhook(&self, id: &WebhookId) -> Result<Option<Standing>, StoreError> {
        let id = id.clone();
        self.read(move |tx| Box::pin(async move { tx.find_webhook(&id).await })).await
    }

    /// Those that are told something, each with whether there is anything to tell now.
    pub async fn list_open_webhooks(&self, now: Timestamp) -> Result<Vec<(Webhook, bool)>, StoreError> {
        let rows = sqlx::query(
            "select id, url, events, enabled, private, case when exists (select 1 from deliveries d \
             where d.webhook_id = w.id and d.settled_at is null and d.due_at <= $1) \
             and (rests_until is null or rests_until <= $1) then 1 else 0 end as is_due from webhooks w \
             where enabled = 1 and gone_at is null order by id",
        )
        .bind(now.as_ms())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok((read(row)?, row.flag("is_due")?)))?)
    }
}

impl Tx {
    pub async fn list_webhooks(&mut self) -> Result<Vec<Webhook>, StoreError> {
        let rows = sqlx::query("select id, url, events, enabled, private from webhooks order by id")
            .fetch_all(self.connection())
            .await?;
        Ok(all(rows, read)?)
    }

    /// Those that are told something.
    pub(super) async fn list_open_webhooks(&mut self) -> Result<Vec<Webhook>, StoreError> {
        let rows = sqlx::query(
            "select id, url, events, enabled, private from webhooks where enabled = 1 and gone_at is null order by id",
        )
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, read)?)
    }

    pub async fn find_webhook(&mut self, id: &WebhookId) -> Result<Option<Standing>, StoreError> {
        let query = sqlx::query(standing!("where id = $1")).bind(id.to_string());
        let row = query.fetch_optional(self.connection()).await?;
        Ok(row.as_ref().map(read_standing).transpose()?)
    }

    /// Inserts a webhook, or changes it when it is there already; it is neither gone nor at rest any more then.
    pub async fn save_webhook(&mut self, it: &Webhook) -> Result<(), StoreError> {
        let events: Vec<String> = it.events.iter().map(ToString::to_string).collect();
        sqlx::query(
            "insert into webhooks (id, url, events, enabled, private) values ($1, $2, $3, $4, $5) \
             on conflict (id) do update set url = excluded.url, events = excluded.events, \
             enabled = excluded.enabled, private = excluded.private, gone_at = null, rests_until = null",
        )
        .bind(it.id.to_string())
        .bind(it.url.clone())
        .bind(events.join(" "))
        .bind(i32::from(it.enabled))
        .bind(i32::from(it.private))
        .execute(self.connection())
        .await?;
        self.outbox.forget_webhooks();
        Ok(())
    }

    /// What it was not told yet it is told no more.
    pub async fn delete_webhook(&mut self, id: &WebhookId) -> Result<(), StoreError> {
        for sql in [
            "delete from deliveries where webhook_id = $1 and settled_at is null",
            "delete from webhooks where id = $1",
        ] {
            sqlx::query(sql).bind(id.to_string()).execute(self.connection()).await?;
        }
        self.outbox.forget_webhooks();
        Ok(())
    }

    /// What it has said of itself counts no more: that it is gone, or is to be left alone.
    pub async fn open_webhook(&mut self, id: &WebhookId) -> Result<(), StoreError> {
        sqlx::query("update webhooks set gone_at = null, rests_until = null where id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        self.outbox.forget_webhooks();
        Ok(())
    }

    /// It has asked to be left alone; of several such wishes the longest holds.
    pub async fn rest_webhook(&mut self, id: &WebhookId, until: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "update webhooks set rests_until = $1 where id = $2 and (rests_until is null or rests_until < $1)",
        )
        .bind(until.as_ms())
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// It has said that it is gone.
    pub async fn close_webhook(&mut self, id: &WebhookId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("update webhooks set gone_at = $1 where id = $2")
            .bind(now.as_ms())
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        self.outbox.forget_webhooks();
        Ok(())
    }
}

fn read_standing(row: &AnyRow) -> Result<Standing, sqlx::Error> {
    Ok(Standing {
        webhook: read(row)?,
        gone_at: row.maybe_time("gone_at")?,
        rests_until: row.maybe_time("rests_until")?,
        waiting: row.int("waiting")?,
    })
}

fn read(row: &AnyRow) -> Result<Webhook, sqlx::Error> {
    let events = row.text("events")?;
    Ok(Webhook {
        id: row.word("id")?,
        url: row.text("url")?,
        events: events.split(' ').map(|text| read_word(text, "events")).collect::<Result<_, _>>()?,
        enabled: row.flag("enabled")?,
        private: row.flag("private")?,
    })
}
