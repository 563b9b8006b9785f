//! Where calls are carried.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::calling::destination::Destination;
use crate::domain::ids::DestinationId;

impl Store {
    pub async fn list_destinations(&self) -> Result<Vec<Destination>, StoreError> {
        list(self.reads()).await
    }
}

impl Tx {
    pub async fn list_destinations(&mut self) -> Result<Vec<Destination>, StoreError> {
        list(self.connection()).await
    }

    /// Inserts the destination, or changes it when it is there already; it is in service then.
    pub async fn save_destination(&mut self, destination: &Destination) -> Result<(), StoreError> {
        sqlx::query(
            "insert into destinations (id, outlet_id, name, ring_plan, media, in_service) \
             values ($1, $2, $3, $4, $5, 1) \
             on conflict (id) do update set outlet_id = excluded.outlet_id, name = excluded.name, \
             ring_plan = excluded.ring_plan, media = excluded.media, in_service = 1",
        )
        .bind(destination.id.as_str())
        .bind(destination.outlet.as_str())
        .bind(&destination.name)
        .bind(serde_json::to_string(&destination.ring_plan).map_err(|e| sqlx::Error::Encode(e.into()))?)
        .bind(destination.media.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes the destination out of service; it stays, with its history.
    pub async fn retire_destination(&mut self, id: &DestinationId) -> Result<(), StoreError> {
        sqlx::query("update destinations set in_service = 0 where id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn list(on: impl sqlx::AnyExecutor<'_>) -> Result<Vec<Destination>, StoreError> {
    let rows = sqlx::query(
        "select id, outlet_id, name, ring_plan, media from destinations where in_service = 1 order by id",
    )
    .fetch_all(on)
    .await?;
    Ok(all(rows, read)?)
}

fn read(row: &AnyRow) -> Result<Destination, sqlx::Error> {
    Ok(Destination {
        id: row.word("id")?,
        outlet: row.word("outlet_id")?,
        name: row.text("name")?,
        ring_plan: row.json("ring_plan")?,
        media: row.word("media")?,
    })
}
