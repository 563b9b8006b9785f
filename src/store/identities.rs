//! What points at a contact: one owner for each identity, for ever the first.

use std::collections::HashMap;

use super::asked::{asked, gathered_of_asked};
use super::many::{Many, batches};
use super::rows::{self, Columns, all, gathered};
use super::{Store, StoreError, Tx};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::{Ground, Identity, KnownIdentity};
use crate::domain::people::email::Email;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "contact_id, kind, value, seen, said, written, verified_at, bounced_at, first_seen_at, last_seen_at, source"
    };
}

/// An identity that was seen, for the contact it is taken for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    pub identity: Identity,
    pub contact: ContactId,
    pub ground: Ground,
    pub first: Timestamp,
    pub last: Timestamp,
}

impl Store {
    /// The identities of a contact, first known first.
    pub async fn list_identities(&self, contact: ContactId) -> Result<Vec<KnownIdentity>, StoreError> {
        list_of(self.reads(), contact).await
    }

    /// The identities of each of these contacts, first known first.
    pub async fn list_identities_of(
        &self,
        contacts: &[ContactId],
    ) -> Result<Vec<(ContactId, KnownIdentity)>, StoreError> {
        let contacts = asked(contacts)?;
        self.read(|tx| Box::pin(async move { tx.list_identities_of(&contacts).await })).await
    }

    pub async fn find_owner(&self, identity: &Identity) -> Result<Option<ContactId>, StoreError> {
        find_owner(self.reads(), identity).await
    }
}

impl Tx {
    /// The identities of a contact, first known first.
    pub async fn list_identities(&mut self, contact: ContactId) -> Result<Vec<KnownIdentity>, StoreError> {
        list_of(self.connection(), contact).await
    }

    pub async fn find_owner(&mut self, identity: &Identity) -> Result<Option<ContactId>, StoreError> {
        find_owner(self.connection(), identity).await
    }

    /// The same, and until this transaction ends it points at no other.
    pub async fn hold_owner(&mut self, identity: &Identity) -> Result<Option<ContactId>, StoreError> {
        let sql = self.dialect().pick(
            "select contact_id from identities where kind = $1 and value = $2",
            "select contact_id from identities where kind = $1 and value = $2 for share",
        );
        let row = sqlx::query(sql)
            .bind(identity.kind())
            .bind(identity.reveal())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.word("contact_id")).transpose()?)
    }

    /// The contacts that these identities point at; those that are known.
    pub async fn find_owners(
        &mut self,
        identities: &[Identity],
    ) -> Result<HashMap<Identity, ContactId>, StoreError> {
        let mut owners = HashMap::new();
        for batch in batches(identities) {
            let mut many = Many::new("with asked (its_kind, its_value) as (values ");
            for identity in batch {
                many.row().value(identity.kind())?.value(identity.reveal())?;
            }
            many.then(
                ") select kind, value, contact_id from asked join identities on kind = its_kind and value = its_value",
            );
            for row in many.fetch(self.connection()).await? {
                owners.insert(identity(&row)?, row.word("contact_id")?);
            }
        }
        Ok(owners)
    }

    /// Those of these that a visitor has typed, and that nothing else stands behind.
    pub async fn list_typed(&mut self, identities: &[Identity]) -> Result<Vec<Identity>, StoreError> {
        let mut typed = Vec::new();
        for batch in batches(identities) {
            let mut many = Many::new("with asked (its_kind, its_value) as (values ");
            for identity in batch {
                many.row().value(identity.kind())?.value(identity.reveal())?;
            }
            many.then(
                ") select kind, value from asked join identities on kind = its_kind and value = its_value \
                 where kind <> 'visitor' and seen = 0 and written = 0 and verified_at is null",
            );
            typed.extend(all(many.fetch(self.connection()).await?, identity)?);
        }
        Ok(typed)
    }

    /// Points an identity at another contact, with what it stood on.
    pub async fn give_identity(&mut self, to: ContactId, given: &Identity) -> Result<(), StoreError> {
        sqlx::query("update identities set contact_id = $1 where kind = $2 and value = $3")
            .bind(to.to_string())
            .bind(given.kind())
            .bind(given.reveal())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Points each identity at its contact unless it points at somebody
    /// already, notes when it was seen, and tells whose each is. No identity
    /// may come twice.
    pub async fn save_identities(
        &mut self,
        sightings: &[Sighting],
    ) -> Result<HashMap<Identity, ContactId>, StoreError> {
        let mut owners = HashMap::new();
        for batch in batches(sightings) {
            let mut many = Many::new(
                "insert into identities (kind, value, contact_id, seen, said, written, first_seen_at, last_seen_at) values ",
            );
            for sighting in batch {
                many.row()
                    .value(sighting.identity.kind())?
                    .value(sighting.identity.reveal())?
                    .value(sighting.contact.to_string())?
                    .value(i32::from(sighting.ground.seen))?
                    .value(i32::from(sighting.ground.said))?
                    .value(i32::from(sighting.ground.written))?
                    .value(sighting.first.as_ms())?
                    .value(sighting.last.as_ms())?;
            }
            many.then(
                " on conflict (kind, value) do update set \
                 seen = case when excluded.seen = 1 then 1 else identities.seen end, \
                 said = case when excluded.said = 1 then 1 else identities.said end, \
                 written = case when excluded.written = 1 then 1 else identities.written end, \
                 first_seen_at = case when excluded.first_seen_at < identities.first_seen_at \
                                 then excluded.first_seen_at else identities.first_seen_at end, \
                 last_seen_at = case when excluded.last_seen_at > identities.last_seen_at \
                                then excluded.last_seen_at else identities.last_seen_at end \
                 returning kind, value, contact_id",
            );
            for row in many.fetch(self.connection()).await? {
                owners.insert(identity(&row)?, row.word("contact_id")?);
            }
        }
        Ok(owners)
    }

    /// Until this transaction ends nobody else points an identity at anybody:
    /// who reads whose it is may rely on it, and carry it over.
    ///
    /// SQLite has one writer, so nobody else is there. On PostgreSQL whoever
    /// writes an identity waits; whoever reads does not.
    pub async fn hold_identities(&mut self) -> Result<(), StoreError> {
        self.lock("lock table identities in share row exclusive mode").await
    }

    /// Until this transaction ends nobody carries an identity over to somebody
    /// else: who reads whose it is may point others at the same contact.
    pub async fn keep_identities(&mut self) -> Result<(), StoreError> {
        self.lock("lock table identities in row exclusive mode").await
    }

    async fn lock(&mut self, postgres: &'static str) -> Result<(), StoreError> {
        let sql = self.dialect().pick("", postgres);
        if !sql.is_empty() {
            sqlx::query(sql).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Notes that a mail to this address of a contact has come back for good, unless a later one has been opened.
    pub async fn mark_bounced(
        &mut self,
        contact: ContactId,
        email: &Email,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.mark_email(
            "update identities set bounced_at = case when bounced_at > $1 then bounced_at else $1 end \
             where kind = 'email' and value = $2 and contact_id = $3 and (reached_at is null or reached_at < $1)",
            (contact, email, at),
        )
        .await
    }

    /// Notes that a mail to this address of a contact has been opened: what came back before counts no more.
    pub async fn mark_reached(
        &mut self,
        contact: ContactId,
        email: &Email,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.mark_email(
            "update identities set reached_at = case when reached_at > $1 then reached_at else $1 end, \
             bounced_at = case when bounced_at > $1 then bounced_at else null end \
             where kind = 'email' and value = $2 and contact_id = $3",
            (contact, email, at),
        )
        .await
    }

    async fn mark_email(
        &mut self,
        sql: &'static str,
        (contact, email, at): (ContactId, &Email, Timestamp),
    ) -> Result<(), StoreError> {
        sqlx::query(sql)
            .bind(at.as_ms())
            .bind(email.reveal())
            .bind(contact.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Notes who wrote an address first.
    pub async fn save_email_source(&mut self, email: &Email, source: &str) -> Result<(), StoreError> {
        sqlx::query("update identities set source = $2 where kind = 'email' and value = $1")
            .bind(email.reveal())
            .bind(source)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// The identities of these contacts, which stand in a JSON array.
    pub(super) async fn list_identities_of(
        &mut self,
        contacts: &str,
    ) -> Result<Vec<(ContactId, KnownIdentity)>, StoreError> {
        let sql = gathered_of_asked!(
            self,
            columns!(),
            "from (select * from identities where contact_id in (select its from asked) \
             order by first_seen_at, kind, value) ordered"
        );
        let row = sqlx::query(sql).bind(contacts).fetch_one(self.connection()).await?;
        Ok(gathered(&row, columns!(), |row| Ok((row.word("contact_id")?, read(row)?)))?)
    }

    /// Notes since when an identity is known to be its contact's, the first time counting; or that it is not.
    /// Who says that an address is theirs says that it is of use.
    pub async fn verify_identity(
        &mut self,
        identity: &Identity,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let (kind, value) = (identity.kind(), identity.reveal());
        let query = match at {
            Some(at) => sqlx::query(
                "update identities set verified_at = coalesce(verified_at, $3), bounced_at = null \
                 where kind = $1 and value = $2",
            )
            .bind(kind)
            .bind(value)
            .bind(at.as_ms()),
            None => sqlx::query("update identities set verified_at = null where kind = $1 and value = $2")
                .bind(kind)
                .bind(value),
        };
        query.execute(self.connection()).await?;
        Ok(())
    }

    /// Takes an identity off a contact: from now on it points at nobody. Tells whether it was theirs.
    pub async fn delete_identity(
        &mut self,
        contact: ContactId,
        identity: &Identity,
    ) -> Result<bool, StoreError> {
        let deleted =
            sqlx::query("delete from identities where kind = $1 and value = $2 and contact_id = $3")
                .bind(identity.kind())
                .bind(identity.reveal())
                .bind(contact.to_string())
                .execute(self.connection())
                .await?;
        Ok(deleted.rows_affected() > 0)
    }
}

async fn list_of(
    on: impl sqlx::AnyExecutor<'_>,
    contact: ContactId,
) -> Result<Vec<KnownIdentity>, StoreError> {
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        " from identities where contact_id = $1 order by first_seen_at, kind, value"
    ))
    .bind(contact.to_string())
    .fetch_all(on)
    .await?;
    Ok(all(rows, read)?)
}

async fn find_owner(
    on: impl sqlx::AnyExecutor<'_>,
    identity: &Identity,
) -> Result<Option<ContactId>, StoreError> {
    let row = sqlx::query("select contact_id from identities where kind = $1 and value = $2")
        .bind(identity.kind())
        .bind(identity.reveal())
        .fetch_optional(on)
        .await?;
    Ok(row.map(|row| row.word("contact_id")).transpose()?)
}

fn identity(row: &impl Columns) -> Result<Identity, sqlx::Error> {
    of(&row.text("kind")?, &row.text("value")?)
}

/// The identity of this kind and value, as [`Identity::kind`] and [`Identity::reveal`] give them.
pub(super) fn of(kind: &str, value: &str) -> Result<Identity, sqlx::Error> {
    match kind {
        "phone" => Ok(Identity::Phone(rows::read(value, "value")?)),
        "visitor" => Ok(Identity::Visitor(rows::read(value, "value")?)),
        "email" => Ok(Identity::Email(rows::read(value, "value")?)),
        "customer" => Ok(Identity::Customer(rows::read(value, "value")?)),
        other => {
            let cause = format!("unknown kind of identity {other:?}");
            Err(sqlx::Error::ColumnDecode { index: "kind".into(), source: cause.into() })
        }
    }
}

fn read(row: &impl Columns) -> Result<KnownIdentity, sqlx::Error> {
    Ok(KnownIdentity {
        identity: identity(row)?,
        ground: Ground { seen: row.flag("seen")?, said: row.flag("said")?, written: row.flag("written")? },
        verified_at: row.maybe_time("verified_at")?,
        bounced_at: row.maybe_time("bounced_at")?,
        first_seen_at: row.time("first_seen_at")?,
        last_seen_at: row.time("last_seen_at")?,
        source: row.maybe_text("source")?,
    })
}
