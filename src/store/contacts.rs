//! People: what is known of each, and the keys by which they are found.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
use super::filter::Question;
use super::many::{Many, batches};
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::Contact;
use crate::domain::people::email::Email;
use crate::domain::people::keys::{self, Key};
use crate::domain::people::profile::Profile;
use crate::domain::people::search::{DIGITS_MIN, PhoneSought, Search};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{Event, Kind};

macro_rules! columns {
    () => {
        "select id, created_at, merged_into, erased_at, name, given_name, family_name, language, addresses, fields, unread from contacts"
    };
}

impl Store {
    /// The contacts who fit, newest first.
    pub async fn list_contacts(&self, search: &Search, window: &Window) -> Result<Page<Contact>, StoreError> {
        let question = question(search, window)?;
        let contacts = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(contacts, window, |contact| moment_key(contact.created_at, contact.id)))
    }

    /// Those of these that are there.
    pub async fn find_contacts(&self, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        let ids = ids.to_vec();
        self.read(|tx| Box::pin(async move { tx.find_contacts(&ids).await })).await
    }

    pub async fn find_contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        find(self.reads(), id).await
    }
}

async fn find(on: impl sqlx::AnyExecutor<'_>, id: ContactId) -> Result<Option<Contact>, StoreError> {
    let row =
        sqlx::query(concat!(columns!(), " where id = $1")).bind(id.to_string()).fetch_optional(on).await?;
    Ok(row.as_ref().map(read).transpose()?)
}

/// Whom an index finds, whatever else is asked: each condition names its contacts by itself.
fn question(search: &Search, window: &Window) -> Result<Question, StoreError> {
    const BY_PHONE: &str = "id in (select contact_id from identities where kind = 'phone' and ";
    let mut question = Question::new(columns!());
    question.and("merged_into is null and erased_at is null");
    if search.usable {
        question.and("id not in (select contact_id from restrictions where lifted_at is null)");
    }
    match &search.phone {
        Some(PhoneSought::Whole(phone)) => {
            question.and(BY_PHONE).then("value = ").value(phone.reveal().to_owned())?.then(")");
        }
        Some(PhoneSought::Ends(digits)) => {
            let last = digits[digits.len() - DIGITS_MIN..].to_owned();
            question.and(BY_PHONE).then("substr(value, length(value) - 3) = ").value(last)?;
            question.then(" and value like ").value(format!("%{digits}"))?.then(")");
        }
        None => {}
    }
    let email = search.email.as_ref().map(|email| ("email", email.reveal()));
    let customer = search.customer.as_ref().map(|customer| ("customer", customer.reveal()));
    for (kind, value) in email.into_iter().chain(customer) {
        question.and("id in (select contact_id from identities where kind = ").value(kind.to_owned())?;
        question.then(" and value = ").value(value.to_owned())?.then(")");
    }
    for word in &search.name {
        question.and("id in (select contact_id from contact_keys where kind = 'word' and value = ");
        question.value(word.clone())?.then(")");
    }
    if let Some(code) = search.mark {
        question.and("id in (select contact_id from marks where code = ").value(code.as_str())?.then(")");
    }
    question
        .after_moment("(created_at, id)", window.moment()?)?
        .then(" order by created_at desc, id desc limit ")
        .value(window.fetch())?;
    Ok(question)
}

impl Tx {
    /// Adds people of whom nothing is known yet.
    pub async fn insert_contacts(&mut self, contacts: &[(ContactId, Timestamp)]) -> Result<(), StoreError> {
        for batch in batches(contacts) {
            let mut many = Many::new("insert into contacts (id, created_at, keyed) values ");
            for (id, created_at) in batch {
                many.row().value(id.to_string())?.value(created_at.as_ms())?.value(keys::VERSION)?;
            }
            many.execute(self.connection()).await?;
        }
        for (contact, at) in contacts {
            self.tell(Event::contact(Kind::ContactCreated, *contact, *at));
        }
        Ok(())
    }

    /// Those of these that are there.
    pub async fn find_contacts(&mut self, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        let sql = of_asked!(self, " ", columns!(), " where id in (select its from asked)");
        Ok(all(sqlx::query(sql).bind(asked(ids)?).fetch_all(self.connection()).await?, read)?)
    }

    /// The contact, which nobody else changes until this transaction ends.
    pub async fn hold_contact(&mut self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        // What points at the contact may go on doing so meanwhile.
        let sql = self.dialect().pick(
            concat!(columns!(), " where id = $1"),
            concat!(columns!(), " where id = $1 for no key update"),
        );
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(self.connection()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Writes what is known of a contact, and by what they are found from now on.
    pub async fn save_profile(&mut self, id: ContactId, profile: &Profile) -> Result<(), StoreError> {
        let json = |text: Result<String, serde_json::Error>| text.map_err(|e| sqlx::Error::Encode(e.into()));
        let addresses = (!profile.addresses.is_empty()).then(|| serde_json::to_string(&profile.addresses));
        let fields = (!profile.fields.is_empty()).then(|| serde_json::to_string(&profile.fields));
        let unread = (!profile.unread.is_empty()).then(|| serde_json::to_string(&profile.unread));
        sqlx::query(
            "update contacts set name = $1, given_name = $2, family_name = $3, language = $4, addresses = $5, \
             fields = $6, unread = $7, keyed = $8 where id = $9",
        )
        .bind(profile.name.as_deref())
        .bind(profile.given_name.as_deref())
        .bind(profile.family_name.as_deref())
        .bind(profile.language.as_deref())
        .bind(addresses.map(json).transpose()?)
        .bind(fields.map(json).transpose()?)
        .bind(unread.map(json).transpose()?)
        .bind(keys::VERSION)
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        let emails = self.list_emails(&[id]).await?.remove(&id).unwrap_or_default();
        self.save_keys(id, keys::keys(profile, &emails).into_iter().collect()).await
    }

    /// The addresses of each of these.
    pub async fn list_emails(
        &mut self,
        ids: &[ContactId],
    ) -> Result<HashMap<ContactId, Vec<Email>>, StoreError> {
        // Were the kind compared as it stands, SQLite would read everybody's addresses: the key begins with it.
        let sql = of_asked!(
            self,
            " select contact_id, value from identities where contact_id in (select its from asked) \
             and '' || kind = 'email'"
        );
        let mut emails: HashMap<ContactId, Vec<Email>> = HashMap::new();
        for row in sqlx::query(sql).bind(asked(ids)?).fetch_all(self.connection()).await? {
            emails.entry(row.word("contact_id")?).or_default().push(row.word("value")?);
        }
        Ok(emails)
    }

    async fn save_keys(&mut self, id: ContactId, keys: Vec<Key>) -> Result<(), StoreError> {
        sqlx::query("delete from contact_keys where contact_id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        for batch in batches(&keys) {
            let mut many = Many::new("insert into contact_keys (kind, value, contact_id) values ");
            for key in batch {
                many.row().value(key.kind.as_str())?.value(key.value.as_str())?.value(id.to_string())?;
            }
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Gives a contact a name that has none; it is found by it once its profile is saved.
    pub async fn name_contact(&mut self, id: ContactId, name: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("update contacts set name = $1 where id = $2 and name is null")
            .bind(name)
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Contacts that are found by this key.
    pub async fn list_contacts_keyed(&mut self, key: &Key, most: u32) -> Result<Vec<ContactId>, StoreError> {
        let rows = sqlx::query(
            "select contact_id from contact_keys where kind = $1 and value = $2 order by contact_id limit $3",
        )
        .bind(key.kind.as_str())
        .bind(key.value.clone())
        .bind(i64::from(most))
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, |row| row.word("contact_id"))?)
    }

    /// Contacts whose keys were made by earlier rules, or never.
    pub async fn list_contacts_to_key(&mut self, most: u32) -> Result<Vec<Contact>, StoreError> {
        // Whoever is written of just now gets keys by that.
        let sql = self.dialect().pick(
            concat!(columns!(), " where keyed < $1 and merged_into is null order by keyed, id limit $2"),
            concat!(
                columns!(),
                " where keyed < $1 and merged_into is null order by keyed, id limit $2 \
                 for no key update skip locked"
            ),
        );
        let rows =
            sqlx::query(sql).bind(keys::VERSION).bind(i64::from(most)).fetch_all(self.connection()).await?;
        Ok(all(rows, read)?)
    }

    /// Makes a contact part of another, or lets it stand for itself; what is part of another is
    /// neither found nor suggested.
    pub(super) async fn stand_for(
        &mut self,
        id: ContactId,
        into: Option<ContactId>,
    ) -> Result<(), StoreError> {
        sqlx::query("update contacts set merged_into = $1 where id = $2")
            .bind(into.map(|into| into.to_string()))
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        self.save_duplicates(id, &[], Timestamp::default()).await?;
        self.save_keys(id, vec![]).await
    }

    /// Takes back a contact that nothing points at yet.
    pub async fn delete_contact(&mut self, id: ContactId) -> Result<(), StoreError> {
        self.untell_contact(id);
        sqlx::query("delete from contacts where id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Contact, sqlx::Error> {
    let profile = Profile {
        name: row.maybe_text("name")?,
        given_name: row.maybe_text("given_name")?,
        family_name: row.maybe_text("family_name")?,
        language: row.maybe_text("language")?,
        addresses: row.json_or_default("addresses")?,
        fields: row.json_or_default("fields")?,
        unread: row.json_or_default("unread")?,
    };
    Ok(Contact {
        id: row.word("id")?,
        created_at: row.time("created_at")?,
        merged_into: row.maybe_word("merged_into")?,
        erased_at: row.maybe_time("erased_at")?,
        profile,
    })
}
