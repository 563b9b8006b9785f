//! What is suspicious of each contact, since when, and who wrote it.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::ContactId;
use crate::domain::people::quality::{self, Code, Kept, Mark};
use crate::domain::time::Timestamp;

impl Store {
    /// The marks of each of these contacts, by place.
    pub async fn list_marks(&self, contacts: &[ContactId]) -> Result<Vec<(ContactId, Kept)>, StoreError> {
        let contacts = contacts.to_vec();
        self.read(|tx| Box::pin(async move { tx.list_marks(&contacts).await })).await
    }
}

impl Tx {
    /// The same in the middle of a write.
    pub async fn list_marks(&mut self, contacts: &[ContactId]) -> Result<Vec<(ContactId, Kept)>, StoreError> {
        self.list_marks_of(&asked(contacts)?).await
    }

    /// The marks of these contacts, which stand in a JSON array.
    pub(super) async fn list_marks_of(
        &mut self,
        contacts: &str,
    ) -> Result<Vec<(ContactId, Kept)>, StoreError> {
        let sql = of_asked!(
            self,
            " select contact_id, place, code, suggestion, since, source from marks \
             where contact_id in (select its from asked) order by contact_id, place, code"
        );
        let rows = sqlx::query(sql).bind(contacts).fetch_all(self.connection()).await?;
        Ok(all(rows, |row| Ok((row.word("contact_id")?, read(row)?)))?)
    }

    /// Makes these the marks of a contact. One that it had keeps its time and source; of each other one
    /// `source` tells who wrote what is marked.
    pub async fn save_marks(
        &mut self,
        contact: ContactId,
        marks: &BTreeSet<Mark>,
        source: impl Fn(&Mark) -> String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = self.list_marks(&[contact]).await?;
        let gone = before.iter().filter(|(_, kept)| !marks.contains(&kept.mark));
        for (_, Kept { mark, .. }) in gone {
            sqlx::query("delete from marks where contact_id = $1 and place = $2 and code = $3")
                .bind(contact.to_string())
                .bind(mark.place.reveal())
                .bind(mark.code.as_str())
                .execute(self.connection())
                .await?;
        }
        let new: Vec<&Mark> =
            marks.iter().filter(|mark| !before.iter().any(|(_, kept)| kept.mark == **mark)).collect();
        for batch in batches(&new) {
            let mut many =
                Many::new("insert into marks (contact_id, place, code, suggestion, since, source) values ");
            for mark in batch {
                many.row()
                    .value(contact.to_string())?
                    .value(mark.place.reveal())?
                    .value(mark.code.as_str())?
                    .value(mark.suggestion.clone())?
                    .value(now.as_ms())?
                    .value(source(mark))?;
            }
            many.execute(self.connection()).await?;
        }
        sqlx::query("update contacts set marked = $1 where id = $2 and marked <> $1")
            .bind(quality::VERSION)
            .bind(contact.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Gives a contact the marks of another beside its own: those of what it takes over.
    pub(super) async fn copy_marks(&mut self, from: ContactId, to: ContactId) -> Result<(), StoreError> {
        sqlx::query(
            "insert into marks (contact_id, place, code, suggestion, since, source) \
             select $1, place, code, suggestion, since, source from marks where contact_id = $2 \
             on conflict (contact_id, place, code) do nothing",
        )
        .bind(to.to_string())
        .bind(from.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Contacts whose marks were made by earlier rules, or never: callers, who are written down in haste.
    pub async fn list_contacts_to_mark(&mut self, most: u32) -> Result<Vec<ContactId>, StoreError> {
        // Whoever is written of just now is marked by that.
        let sql = self.dialect().pick(
            "select id from contacts where marked < $1 and merged_into is null order by marked, id limit $2",
            "select id from contacts where marked < $1 and merged_into is null order by marked, id limit $2 \
             for no key update skip locked",
        );
        let rows = sqlx::query(sql)
            .bind(quality::VERSION)
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        Ok(all(rows, |row| row.word("id"))?)
    }
}

fn read(row: &AnyRow) -> Result<Kept, sqlx::Error> {
    let code: Code = row.word("code")?;
    Ok(Kept {
        mark: Mark { place: row.word("place")?, code, suggestion: row.maybe_text("suggestion")? },
        since: row.time("since")?,
        source: row.text("source")?,
    })
}
