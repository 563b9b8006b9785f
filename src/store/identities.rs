//! What points at a contact: one owner for each identity, for ever the first.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::{Identity, KnownIdentity};
use crate::domain::time::Timestamp;

impl Store {
    /// The identities of a contact, first known first.
    pub async fn list_identities(&self, contact: ContactId) -> Result<Vec<KnownIdentity>, StoreError> {
        let rows = sqlx::query(
            "select kind, value, first_seen_at, last_seen_at from identities \
             where contact_id = $1 order by first_seen_at, kind, value",
        )
        .bind(contact.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }

    pub async fn find_owner(&self, identity: &Identity) -> Result<Option<ContactId>, StoreError> {
        find_owner(self.reads(), identity).await
    }
}

impl Tx {
    pub async fn find_owner(&mut self, identity: &Identity) -> Result<Option<ContactId>, StoreError> {
        find_owner(self.connection(), identity).await
    }

    /// Points `identity` at `contact` unless it points at somebody already,
    /// notes that it was seen, and tells whose it is.
    pub async fn save_identity(
        &mut self,
        identity: &Identity,
        contact: ContactId,
        seen: Timestamp,
    ) -> Result<ContactId, StoreError> {
        let row = sqlx::query(
            "insert into identities (kind, value, contact_id, first_seen_at, last_seen_at) \
             values ($1, $2, $3, $4, $4) on conflict (kind, value) do update set \
             first_seen_at = case when excluded.first_seen_at < identities.first_seen_at \
                             then excluded.first_seen_at else identities.first_seen_at end, \
             last_seen_at = case when excluded.last_seen_at > identities.last_seen_at \
                            then excluded.last_seen_at else identities.last_seen_at end \
             returning contact_id",
        )
        .bind(identity.kind())
        .bind(identity.reveal())
        .bind(contact.to_string())
        .bind(seen.as_ms())
        .fetch_one(self.connection())
        .await?;
        Ok(row.word("contact_id")?)
    }
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

fn read(row: &AnyRow) -> Result<KnownIdentity, sqlx::Error> {
    let identity = match row.text("kind")?.as_str() {
        "phone" => Identity::Phone(row.word("value")?),
        "visitor" => Identity::Visitor(row.word("value")?),
        other => {
            let cause = format!("unknown kind of identity {other:?}");
            return Err(sqlx::Error::ColumnDecode { index: "kind".into(), source: cause.into() });
        }
    };
    Ok(KnownIdentity {
        identity,
        first_seen_at: row.time("first_seen_at")?,
        last_seen_at: row.time("last_seen_at")?,
    })
}
