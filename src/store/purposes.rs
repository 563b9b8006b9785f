//! What data of people is used for.

use sqlx::any::AnyRow;

use super::rows::{self, Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::PurposeId;
use crate::domain::people::purpose::Purpose;
use crate::domain::people::rules::REACHING;

impl Store {
    pub async fn list_purposes(&self) -> Result<Vec<Purpose>, StoreError> {
        list(self.reads()).await
    }

    /// One of them, whether it is in service or was.
    pub async fn find_purpose(&self, id: &PurposeId) -> Result<Option<Purpose>, StoreError> {
        find(self.reads(), id).await
    }
}

impl Tx {
    pub async fn list_purposes(&mut self) -> Result<Vec<Purpose>, StoreError> {
        list(self.connection()).await
    }

    /// One of them, whether it is in service or was.
    pub async fn find_purpose(&mut self, id: &PurposeId) -> Result<Option<Purpose>, StoreError> {
        find(self.connection(), id).await
    }

    /// The names of those in service; `with_old`: and of those that were.
    pub async fn list_purpose_ids(&mut self, with_old: bool) -> Result<Vec<PurposeId>, StoreError> {
        let rows = sqlx::query("select id from purposes where in_service >= $1 order by id")
            .bind(i64::from(!with_old))
            .fetch_all(self.connection())
            .await?;
        Ok(all(rows, |row| row.word("id"))?)
    }

    /// Inserts the purpose, or changes it when it is there already; it is in service then.
    pub async fn save_purpose(&mut self, purpose: &Purpose) -> Result<(), StoreError> {
        sqlx::query(
            "insert into purposes (id, kind, name_en, name_fr, channels, in_service) values ($1, $2, $3, $4, $5, 1) \
             on conflict (id) do update set kind = excluded.kind, name_en = excluded.name_en, \
             name_fr = excluded.name_fr, channels = excluded.channels, in_service = 1",
        )
        .bind(purpose.id.as_str())
        .bind(purpose.kind.as_str())
        .bind(&purpose.name_en)
        .bind(&purpose.name_fr)
        .bind(purpose.channels.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(" "))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes the purpose out of service; what the ledger says of it stays.
    pub async fn retire_purpose(&mut self, id: &PurposeId) -> Result<(), StoreError> {
        sqlx::query("update purposes set in_service = 0 where id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn list(on: impl sqlx::AnyExecutor<'_>) -> Result<Vec<Purpose>, StoreError> {
    let rows = sqlx::query(
        "select id, kind, name_en, name_fr, channels from purposes where in_service = 1 order by id",
    )
    .fetch_all(on)
    .await?;
    Ok(all(rows, read)?)
}

async fn find(on: impl sqlx::AnyExecutor<'_>, id: &PurposeId) -> Result<Option<Purpose>, StoreError> {
    let row = sqlx::query("select id, kind, name_en, name_fr, channels from purposes where id = $1")
        .bind(id.as_str())
        .fetch_optional(on)
        .await?;
    Ok(row.as_ref().map(read).transpose()?)
}

fn read(row: &AnyRow) -> Result<Purpose, sqlx::Error> {
    let (name_en, name_fr) = (row.text("name_en")?, row.text("name_fr")?);
    let channels = match row.maybe_text("channels")? {
        Some(words) => words.split(' ').map(|word| rows::read(word, "channels")).collect::<Result<_, _>>()?,
        None => REACHING.to_vec(),
    };
    Ok(Purpose { id: row.word("id")?, kind: row.word("kind")?, name_en, name_fr, channels })
}
