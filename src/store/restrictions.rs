//! Contacts whose data is kept and not used.

use sqlx::any::AnyRow;

use super::asked::of_asked;
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::ContactId;
use crate::domain::people::restriction::{Ground, Restriction, Span};
use crate::domain::time::Timestamp;

/// Of `contacts c` those who stand for themselves, are not erased and whose data may be used.
macro_rules! usable {
    () => {
        "c.merged_into is null and c.erased_at is null \
         and c.id not in (select contact_id from restrictions where lifted_at is null)"
    };
}
pub(super) use usable;

macro_rules! columns {
    () => {
        "select id, contact_id, ground, at, by_whom, lifted_at, lifted_by from restrictions"
    };
}

impl Store {
    /// The restriction of a contact that stands.
    pub async fn find_restriction(&self, contact: ContactId) -> Result<Option<Restriction>, StoreError> {
        self.read(move |tx| Box::pin(async move { tx.find_restriction(contact).await })).await
    }
}

impl Tx {
    /// The restriction of a contact that stands. Whoever holds the contact ([`Tx::hold_contact`]) is told what still
    /// holds at the end.
    pub async fn find_restriction(&mut self, contact: ContactId) -> Result<Option<Restriction>, StoreError> {
        let row = sqlx::query(concat!(columns!(), " where contact_id = $1 and lifted_at is null"))
            .bind(contact.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    pub async fn insert_restriction(&mut self, restriction: &Restriction) -> Result<(), StoreError> {
        sqlx::query(
            "insert into restrictions (id, contact_id, ground, at, by_whom) values ($1, $2, $3, $4, $5)",
        )
        .bind(restriction.id.to_string())
        .bind(restriction.contact.to_string())
        .bind(restriction.ground.map(Ground::as_str))
        .bind(restriction.at.as_ms())
        .bind(&restriction.by)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn lift_restriction(
        &mut self,
        contact: ContactId,
        at: Timestamp,
        by: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update restrictions set lifted_at = $2, lifted_by = $3 where contact_id = $1 and lifted_at is null",
        )
        .bind(contact.to_string())
        .bind(at.as_ms())
        .bind(by)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// When each of these was restricted, lifted or not.
    pub(super) async fn list_restrictions_of(
        &mut self,
        contacts: &str,
    ) -> Result<Vec<(ContactId, Span)>, StoreError> {
        let sql = of_asked!(
            self,
            " select contact_id, at, lifted_at from restrictions where contact_id in (select its from asked)"
        );
        let rows = sqlx::query(sql).bind(contacts).fetch_all(self.connection()).await?;
        let span = |row: &AnyRow| {
            let span = Span { from: row.time("at")?, until: row.maybe_time("lifted_at")? };
            Ok((row.word("contact_id")?, span))
        };
        Ok(all(rows, span)?)
    }
}

fn read(row: &AnyRow) -> Result<Restriction, sqlx::Error> {
    Ok(Restriction {
        id: row.word("id")?,
        contact: row.word("contact_id")?,
        ground: row.maybe_word("ground")?,
        at: row.time("at")?,
        by: row.text("by_whom")?,
        lifted: row.maybe_time("lifted_at")?.zip(row.maybe_text("lifted_by")?),
    })
}
