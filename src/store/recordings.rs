//! Calls that were kept as sound: a row each, which stays when the sound is deleted.

use super::{StoreError, Tx};
use crate::domain::calling::recording::{RecordingBegan, RecordingEnded, RecordingFailure};

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
}

fn json(list: &impl serde::Serialize) -> String {
    serde_json::to_string(list).expect("numbers are written as JSON")
}
