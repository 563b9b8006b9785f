//! Calls that were kept as sound: a row each, which stays when the sound is deleted.

use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::calling::recording::{
    DeleteWhy, RecordingBegan, RecordingEnded, RecordingFailure, RecordingRecord,
};
use crate::domain::ids::{CallId, RecordingId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

#[derive(Clone, Default, Debug)]
pub struct RecordingFilter {
    pub call: Option<CallId>,
    pub number: Option<Phone>,
    /// Recordings that began at or after this time.
    pub from: Option<Timestamp>,
    /// Recordings that began before this time.
    pub until: Option<Timestamp>,
}

/// All but the peaks, which are many.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select r.id, r.call_id, c.node, c.number, r.began_at, r.purpose, r.format, r.rate, r.ended_at, r.length_ms, \
             r.bytes, r.paused, r.failure, r.uploaded_at, r.delete_at, r.delete_why, r.deleted_by, r.deleted_at \
             from recordings r join calls c on c.id = r.call_id",
            $rest
        )
    };
}

impl Store {
    /// The recordings, newest first; those whose sound is deleted too.
    pub async fn list_recordings(
        &self,
        filter: &RecordingFilter,
        window: &Window,
    ) -> Result<Page<RecordingRecord>, StoreError> {
        let mut question = Question::new(select!(""));
        question
            .matching("r.call_id = ", filter.call.map(|id| id.to_string()))?
            .matching("c.number = ", filter.number.as_ref().map(Phone::reveal))?
            .matching("r.began_at >= ", filter.from.map(Timestamp::as_ms))?
            .matching("r.began_at < ", filter.until.map(Timestamp::as_ms))?
            .after_moment("(r.began_at, r.id)", window.moment()?)?
            .then(" order by r.began_at desc, r.id desc limit ")
            .value(window.fetch())?;
        let recordings = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(recordings, window, |it| moment_key(it.began_at, it.id)))
    }

    /// The recordings of a call in their order.
    pub async fn list_recordings_of(&self, calls: &[CallId]) -> Result<Vec<RecordingRecord>, StoreError> {
        if calls.is_empty() {
            return Ok(vec![]);
        }
        let sql = of_asked!(
            self,
            " ",
            select!(" where r.call_id in (select its from asked) order by r.began_at, r.id")
        );
        Ok(all(sqlx::query(sql).bind(asked(calls)?).fetch_all(self.reads()).await?, read)?)
    }

    pub async fn find_recording(&self, id: RecordingId) -> Result<Option<RecordingRecord>, StoreError> {
        find(self.reads(), id).await
    }

    /// The peaks of a recording, none while it goes on or once it is to be deleted; `None` when there
    /// is no such recording.
    pub async fn find_peaks(&self, id: RecordingId) -> Result<Option<Vec<[u8; 2]>>, StoreError> {
        let row = sqlx::query(
            "select case when deleted_by is null and deleted_at is null then coalesce(peaks, '[]') else '[]' end \
             as peaks from recordings where id = $1",
        )
            .bind(id.to_string())
            .fetch_optional(self.reads())
            .await?;
        Ok(row.map(|row| row.json("peaks")).transpose()?)
    }

    /// The recordings of this node that have not ended.
    pub async fn list_open_recordings(&self, node: &str) -> Result<Vec<RecordingRecord>, StoreError> {
        let rows = sqlx::query(select!(" where c.node = $1 and r.ended_at is null order by r.began_at"))
            .bind(node)
            .fetch_all(self.reads())
            .await?;
        Ok(all(rows, read)?)
    }

    /// Some recordings that are due and that this node can delete: its own, and those in the bucket;
    /// the longest due first, after the one that the last answer ended with.
    pub async fn list_due_recordings(
        &self,
        node: &str,
        now: Timestamp,
        after: Option<(Timestamp, RecordingId)>,
        limit: i64,
    ) -> Result<Vec<(Timestamp, RecordingId)>, StoreError> {
        let (at, id) = after.map_or((i64::MIN, String::new()), |(at, id)| (at.as_ms(), id.to_string()));
        let rows = sqlx::query(
            "select r.id, r.delete_at from recordings r join calls c on c.id = r.call_id \
             where r.deleted_at is null and r.ended_at is not null and r.delete_at <= $1 \
             and (c.node = $2 or r.uploaded_at is not null) and (r.delete_at, r.id) > ($3, $4) \
             order by r.delete_at, r.id limit $5",
        )
        .bind(now.as_ms())
        .bind(node)
        .bind(at)
        .bind(id)
        .bind(limit)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok((row.time("delete_at")?, row.word("id")?)))?)
    }

    /// Some recordings of this node that have ended, are not in the bucket and not due; the oldest
    /// first, after the one that the last answer ended with.
    pub async fn list_recordings_to_upload(
        &self,
        node: &str,
        now: Timestamp,
        after: Option<(Timestamp, RecordingId)>,
        limit: i64,
    ) -> Result<Vec<(Timestamp, RecordingId)>, StoreError> {
        let (at, id) = after.map_or((i64::MIN, String::new()), |(at, id)| (at.as_ms(), id.to_string()));
        let rows = sqlx::query(
            "select r.id, r.ended_at from recordings r join calls c on c.id = r.call_id \
             where r.uploaded_at is null and r.deleted_at is null and r.ended_at is not null and r.bytes > 0 \
             and c.node = $1 and r.delete_at > $2 and (r.ended_at, r.id) > ($3, $4) \
             order by r.ended_at, r.id limit $5",
        )
        .bind(node)
        .bind(now.as_ms())
        .bind(at)
        .bind(id)
        .bind(limit)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok((row.time("ended_at")?, row.word("id")?)))?)
    }
}

impl Tx {
    /// Opens a recording once; `false` when its call is not there.
    pub async fn begin_recording(&mut self, fact: &RecordingBegan) -> Result<bool, StoreError> {
        if !self.has_call(fact.call).await? {
            return Ok(false);
        }
        sqlx::query(
            "insert into recordings (id, call_id, began_at, purpose, format, rate, delete_at, delete_why) \
             values ($1, $2, $3, $4, $5, $6, $7, 'retention') on conflict do nothing",
        )
        .bind(fact.recording.to_string())
        .bind(fact.call.to_string())
        .bind(fact.at.as_ms())
        .bind(fact.purpose.as_str())
        .bind(fact.format.as_str())
        .bind(i64::from(fact.rate))
        .bind(fact.keep_until.as_ms())
        .execute(self.connection())
        .await?;
        Ok(true)
    }

    /// Writes how a recording ended, in place of what a restart supposed; `false` when it is not there.
    pub async fn end_recording(&mut self, fact: &RecordingEnded) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update recordings set ended_at = $1, length_ms = $2, bytes = $3, paused = $4, peaks = $5, \
             failure = $6 where id = $7",
        )
        .bind(fact.at.as_ms())
        .bind(i64::try_from(fact.length_ms).unwrap_or(i64::MAX))
        .bind(i64::try_from(fact.bytes).unwrap_or(i64::MAX))
        .bind(json(&fact.paused))
        .bind(json(&fact.peaks))
        .bind(fact.failure.map(RecordingFailure::as_str))
        .bind(fact.recording.to_string())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    pub async fn find_recording(&mut self, id: RecordingId) -> Result<Option<RecordingRecord>, StoreError> {
        find(self.connection(), id).await
    }

    /// From now on a recording is due; the first reason stays.
    pub async fn make_recording_due(
        &mut self,
        id: RecordingId,
        at: Timestamp,
        why: DeleteWhy,
        by: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update recordings set delete_at = $1, delete_why = $2, deleted_by = $3 \
             where id = $4 and deleted_by is null and deleted_at is null",
        )
        .bind(at.as_ms())
        .bind(why.as_str())
        .bind(by)
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The sound is gone; what it looked like goes too.
    pub async fn mark_recording_deleted(&mut self, id: RecordingId, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "update recordings set deleted_at = $1, peaks = null where id = $2 and deleted_at is null",
        )
        .bind(at.as_ms())
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Its sound is nowhere to be found, though it was not to be deleted by now.
    pub async fn mark_recording_lost(&mut self, id: RecordingId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "update recordings set bytes = 0, failure = coalesce(failure, 'storage') \
             where id = $1 and delete_at > $2",
        )
        .bind(id.to_string())
        .bind(now.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The bucket has it.
    pub async fn mark_recording_uploaded(
        &mut self,
        id: RecordingId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("update recordings set uploaded_at = $1 where id = $2 and uploaded_at is null")
            .bind(at.as_ms())
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn find(
    on: impl sqlx::AnyExecutor<'_>,
    id: RecordingId,
) -> Result<Option<RecordingRecord>, StoreError> {
    let row = sqlx::query(select!(" where r.id = $1")).bind(id.to_string()).fetch_optional(on).await?;
    Ok(row.as_ref().map(read).transpose()?)
}

fn json(list: &impl serde::Serialize) -> String {
    serde_json::to_string(list).expect("numbers are written as JSON")
}

fn read(row: &AnyRow) -> Result<RecordingRecord, sqlx::Error> {
    let count = |name: &str| -> Result<Option<u64>, sqlx::Error> {
        Ok(row.maybe_int(name)?.and_then(|count| u64::try_from(count).ok()))
    };
    Ok(RecordingRecord {
        id: row.word("id")?,
        call: row.word("call_id")?,
        node: row.text("node")?,
        number: row.word("number")?,
        began_at: row.time("began_at")?,
        purpose: row.text("purpose")?,
        format: row.word("format")?,
        rate: u32::try_from(row.int("rate")?).unwrap_or_default(),
        ended_at: row.maybe_time("ended_at")?,
        length_ms: count("length_ms")?,
        bytes: count("bytes")?,
        paused: if row.maybe_text("paused")?.is_some() { row.json("paused")? } else { Vec::new() },
        failure: row.maybe_word("failure")?,
        uploaded_at: row.maybe_time("uploaded_at")?,
        delete_at: row.time("delete_at")?,
        delete_why: row.word("delete_why")?,
        deleted_by: row.maybe_text("deleted_by")?,
        deleted_at: row.maybe_time("deleted_at")?,
    })
}
