//! People.

use sqlx::any::AnyRow;

use super::filter::Question;
use super::many::{Many, batches};
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::Contact;

impl Store {
    /// The contacts, newest first.
    pub async fn list_contacts(&self, window: &Window) -> Result<Page<Contact>, StoreError> {
        let mut question = Question::new("select id, created_at, name from contacts");
        question
            .after_moment("(created_at, id)", window.moment()?)?
            .then(" order by created_at desc, id desc limit ")
            .value(window.fetch())?;
        let contacts = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(contacts, window, |contact| moment_key(contact.created_at, contact.id)))
    }

    pub async fn find_contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let row = sqlx::query("select id, created_at, name from contacts where id = $1")
            .bind(id.to_string())
            .fetch_optional(self.reads())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }
}

impl Tx {
    pub async fn insert_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        for batch in batches(contacts) {
            let mut many = Many::new("insert into contacts (id, created_at, name) values ");
            for contact in batch {
                many.row()
                    .value(contact.id.to_string())?
                    .value(contact.created_at.as_ms())?
                    .value(contact.name.as_deref())?;
            }
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Gives a contact a name that has none.
    pub async fn name_contact(&mut self, id: ContactId, name: &str) -> Result<(), StoreError> {
        sqlx::query("update contacts set name = $1 where id = $2 and name is null")
            .bind(name)
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    pub async fn has_contact(&mut self, id: ContactId) -> Result<bool, StoreError> {
        let row = sqlx::query("select 1 as found from contacts where id = $1")
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.is_some())
    }

    /// Takes back a contact that nothing points at yet.
    pub async fn delete_contact(&mut self, id: ContactId) -> Result<(), StoreError> {
        sqlx::query("delete from contacts where id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Contact, sqlx::Error> {
    Ok(Contact { id: row.word("id")?, created_at: row.time("created_at")?, name: row.maybe_text("name")? })
}
