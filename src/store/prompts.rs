//! The prompts that an admin brought, with their sound.

use std::time::Duration;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::calling::prompt::{Prompt, Sayers};
use crate::domain::calling::recording::RecordingRule;
use crate::domain::ids::PromptId;

macro_rules! select {
    ($rest:literal) => {
        concat!("select id, title, language, length_ms, digest, changed_at from prompts", $rest)
    };
}

impl Store {
    /// All of them, in the order of their names.
    pub async fn list_prompts(&self) -> Result<Vec<Prompt>, StoreError> {
        let rows = sqlx::query(select!(" order by id")).fetch_all(self.reads()).await?;
        Ok(all(rows, read)?)
    }

    pub async fn find_prompt(&self, id: &PromptId) -> Result<Option<Prompt>, StoreError> {
        let row =
            sqlx::query(select!(" where id = $1")).bind(id.as_str()).fetch_optional(self.reads()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Its samples, one channel at [`RATE`](crate::domain::calling::prompt::RATE).
    pub async fn find_sound(&self, id: &PromptId) -> Result<Option<Vec<i16>>, StoreError> {
        let row = sqlx::query("select sound from prompts where id = $1")
            .bind(id.as_str())
            .fetch_optional(self.reads())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let bytes: Vec<u8> = row.try_get("sound")?;
        Ok(Some(bytes.as_chunks().0.iter().map(|both| i16::from_le_bytes(*both)).collect()))
    }

    /// Who says each of these prompts, in their order.
    pub async fn list_sayers(&self, prompts: &[PromptId]) -> Result<Vec<Sayers>, StoreError> {
        let prompts = prompts.to_vec();
        self.write(move |tx| {
            let prompts = prompts.clone();
            Box::pin(async move { tx.list_sayers(&prompts).await })
        })
        .await
    }
}

impl Tx {
    /// Who says each of these prompts, in their order.
    pub async fn list_sayers(&mut self, prompts: &[PromptId]) -> Result<Vec<Sayers>, StoreError> {
        let destinations = self.list_destinations().await?;
        let rows = sqlx::query(
            "select label, recording, count(*) as numbers from numbers \
             where in_service = 1 and recording is not null group by label, recording order by label",
        )
        .fetch_all(self.connection())
        .await?;
        let rules: Vec<(String, u64, RecordingRule)> = all(rows, |row| {
            Ok((row.text("label")?, row.int("numbers")?.unsigned_abs(), row.json("recording")?))
        })?;
        Ok(prompts.iter().map(|prompt| Sayers::of(prompt, &destinations, &rules)).collect())
    }

    pub async fn find_prompt(&mut self, id: &PromptId) -> Result<Option<Prompt>, StoreError> {
        let row = sqlx::query(select!(" where id = $1"))
            .bind(id.as_str())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// How long all but this one are together.
    pub async fn length_of_prompts_but(&mut self, id: &PromptId) -> Result<Duration, StoreError> {
        let row = sqlx::query(
            "select cast(coalesce(sum(length_ms), 0) as bigint) as length_ms from prompts where id <> $1",
        )
        .bind(id.as_str())
        .fetch_one(self.connection())
        .await?;
        Ok(Duration::from_millis(row.int("length_ms")?.unsigned_abs()))
    }

    /// Inserts a prompt or takes the place of the one with its name; `sound` is `s16le`.
    pub async fn save_prompt(&mut self, prompt: &Prompt, sound: &[u8]) -> Result<(), StoreError> {
        sqlx::query(
            "insert into prompts (id, title, language, length_ms, sound, digest, changed_at) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set title = excluded.title, \
             language = excluded.language, length_ms = excluded.length_ms, sound = excluded.sound, \
             digest = excluded.digest, changed_at = excluded.changed_at",
        )
        .bind(prompt.id.as_str())
        .bind(&prompt.title)
        .bind(prompt.language.as_deref())
        .bind(prompt.length.as_millis() as i64)
        .bind(sound)
        .bind(&prompt.digest)
        .bind(prompt.changed_at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn delete_prompt(&mut self, id: &PromptId) -> Result<(), StoreError> {
        sqlx::query("delete from prompts where id = $1").bind(id.as_str()).execute(self.connection()).await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Prompt, sqlx::Error> {
    Ok(Prompt {
        id: row.word("id")?,
        title: row.text("title")?,
        language: row.maybe_text("language")?,
        length: Duration::from_millis(row.int("length_ms")?.unsigned_abs()),
        digest: row.text("digest")?,
        changed_at: row.time("changed_at")?,
    })
}
