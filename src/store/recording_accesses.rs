//! Who listened to a recording, who took it along, who deleted it.

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::calling::recording::{Access, AccessKind};
use crate::domain::ids::RecordingId;
use crate::domain::time::Timestamp;

impl Store {
    /// The accesses of a recording, the latest first.
    pub async fn list_accesses(&self, recording: RecordingId) -> Result<Vec<Access>, StoreError> {
        let rows = sqlx::query(
            "select a.at, a.who, a.what, coalesce(u.email, k.name) as name from recording_accesses a \
             left join users u on a.who = 'user:' || u.id left join api_keys k on a.who = 'key:' || k.id \
             where a.recording_id = $1 order by a.at desc, a.who, a.what",
        )
        .bind(recording.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(Access {
                at: row.time("at")?,
                who: row.text("who")?,
                name: row.maybe_text("name")?,
                what: row.word("what")?,
            })
        })?)
    }
}

impl Tx {
    /// Writes an access, unless the same one has been written since then: a player asks for a
    /// recording in many pieces.
    pub async fn insert_access(
        &mut self,
        recording: RecordingId,
        who: &str,
        what: AccessKind,
        at: Timestamp,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let latest = sqlx::query(
            "select 1 from recording_accesses where recording_id = $1 and who = $2 and what = $3 and at > $4",
        )
        .bind(recording.to_string())
        .bind(who)
        .bind(what.as_str())
        .bind(since.as_ms())
        .fetch_optional(self.connection())
        .await?;
        if latest.is_none() {
            sqlx::query(
                "insert into recording_accesses (recording_id, at, who, what) values ($1, $2, $3, $4)",
            )
            .bind(recording.to_string())
            .bind(at.as_ms())
            .bind(who)
            .bind(what.as_str())
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }
}
