//! What people wrote down of calls: notes, the words by which these are found, and tags.

use std::collections::{BTreeSet, HashMap};

use super::asked::{asked, of_asked};
use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::calling::note::{Note, NoteText, Tag};
use crate::domain::ids::{CallId, NoteId};
use crate::domain::people::keys::words_of;
use crate::domain::time::Timestamp;

/// How many words of a note find it.
const WORDS_MAX: usize = 600;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select n.id, n.call_id, n.at, n.by_whom, n.text, coalesce(u.email, k.name) as name from call_notes n \
             left join users u on n.by_whom = 'user:' || u.id left join api_keys k on n.by_whom = 'key:' || k.id",
            $rest
        )
    };
}

impl Store {
    /// The notes of these calls, each call's in the order in which they were written.
    pub async fn list_notes_of(&self, calls: &[CallId]) -> Result<Vec<(CallId, Note)>, StoreError> {
        let sql =
            of_asked!(self, " ", select!(" where n.call_id in (select its from asked) order by n.at, n.id"));
        let rows = sqlx::query(sql).bind(asked(calls)?).fetch_all(self.reads()).await?;
        Ok(all(rows, |row| {
            let note = Note {
                id: row.word("id")?,
                at: row.time("at")?,
                by: row.text("by_whom")?,
                name: row.maybe_text("name")?,
                text: row.word("text")?,
            };
            Ok((row.word("call_id")?, note))
        })?)
    }

    /// The tags of these calls; of a call without, none.
    pub async fn list_tags_of(&self, calls: &[CallId]) -> Result<HashMap<CallId, Vec<Tag>>, StoreError> {
        let sql =
            of_asked!(self, " select call_id, tag from call_tags where call_id in (select its from asked)");
        let rows = sqlx::query(sql).bind(asked(calls)?).fetch_all(self.reads()).await?;
        let mut tags: HashMap<CallId, Vec<Tag>> = HashMap::new();
        for (call, tag) in all(rows, |row| Ok((row.word("call_id")?, row.word("tag")?)))? {
            tags.entry(call).or_default().push(tag);
        }
        tags.values_mut().for_each(|tags| tags.sort());
        Ok(tags)
    }

    /// The tags that calls have, in the order of the alphabet, at most so many. However many calls have them, each is
    /// found by one step in the index.
    pub async fn list_tag_names(&self, most: i64) -> Result<Vec<Tag>, StoreError> {
        let rows = sqlx::query(
            "with recursive known (tag) as (select min(tag) from call_tags union all \
             select (select min(t.tag) from call_tags t where t.tag > known.tag) from known where known.tag is not null) \
             select tag from known where tag is not null limit $1",
        )
        .bind(most)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| row.word("tag"))?)
    }

    /// Every tag that a call has, with how many do, in the order of the alphabet.
    pub async fn list_tags(&self) -> Result<Vec<(Tag, u64)>, StoreError> {
        let rows = sqlx::query("select tag, count(*) as calls from call_tags group by tag order by tag")
            .fetch_all(self.reads())
            .await?;
        Ok(all(rows, |row| Ok((row.word("tag")?, row.int("calls")?.unsigned_abs())))?)
    }
}

impl Tx {
    /// Whether the call is there. What is written of it, and who erases its caller, waits until this is done.
    pub async fn hold_call(&mut self, call: CallId) -> Result<bool, StoreError> {
        let sql = self
            .dialect()
            .pick("select 1 from calls where id = $1", "select 1 from calls where id = $1 for update");
        Ok(sqlx::query(sql).bind(call.to_string()).fetch_optional(self.connection()).await?.is_some())
    }

    pub async fn insert_note(
        &mut self,
        (id, call): (NoteId, CallId),
        at: Timestamp,
        by: &str,
        text: &NoteText,
    ) -> Result<(), StoreError> {
        sqlx::query("insert into call_notes (id, call_id, at, by_whom, text) values ($1, $2, $3, $4, $5)")
            .bind(id.to_string())
            .bind(call.to_string())
            .bind(at.as_ms())
            .bind(by)
            .bind(text.as_str())
            .execute(self.connection())
            .await?;
        self.find_words_anew(call).await
    }

    /// Tells whether the call had that note.
    pub async fn delete_note(&mut self, call: CallId, note: NoteId) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from call_notes where id = $1 and call_id = $2")
            .bind(note.to_string())
            .bind(call.to_string())
            .execute(self.connection())
            .await?;
        self.find_words_anew(call).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn find_words_anew(&mut self, call: CallId) -> Result<(), StoreError> {
        let rows = sqlx::query("select text from call_notes where call_id = $1")
            .bind(call.to_string())
            .fetch_all(self.connection())
            .await?;
        let words: BTreeSet<String> =
            all(rows, |row| row.text("text"))?.iter().flat_map(|text| words_of(text, WORDS_MAX)).collect();
        sqlx::query("delete from call_words where call_id = $1")
            .bind(call.to_string())
            .execute(self.connection())
            .await?;
        let words: Vec<String> = words.into_iter().collect();
        for batch in batches(&words) {
            let mut many = Many::new("insert into call_words (word, call_id) values ");
            for word in batch {
                many.row().value(word.as_str())?.value(call.to_string())?;
            }
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// The call has these tags, and no others.
    pub async fn set_tags(&mut self, call: CallId, tags: &BTreeSet<Tag>) -> Result<(), StoreError> {
        sqlx::query("delete from call_tags where call_id = $1")
            .bind(call.to_string())
            .execute(self.connection())
            .await?;
        for tag in tags {
            sqlx::query("insert into call_tags (tag, call_id) values ($1, $2)")
                .bind(tag.as_str())
                .bind(call.to_string())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}
