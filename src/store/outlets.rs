//! The tree of outlets.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::OutletId;
use crate::domain::outlet::Outlet;

impl Store {
    pub async fn list_outlets(&self) -> Result<Vec<Outlet>, StoreError> {
        list(self.reads()).await
    }
}

impl Tx {
    pub async fn list_outlets(&mut self) -> Result<Vec<Outlet>, StoreError> {
        list(self.connection()).await
    }

    /// Inserts the outlet, or changes it when it is there already; it is in service then.
    pub async fn save_outlet(&mut self, outlet: &Outlet) -> Result<(), StoreError> {
        sqlx::query(
            "insert into outlets (id, parent_id, name, in_service) values ($1, $2, $3, 1) \
             on conflict (id) do update set parent_id = excluded.parent_id, name = excluded.name, in_service = 1",
        )
        .bind(outlet.id.as_str())
        .bind(outlet.parent.as_ref().map(|id| id.as_str()))
        .bind(&outlet.name)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes the outlet out of service; it stays, with its history.
    pub async fn retire_outlet(&mut self, id: &OutletId) -> Result<(), StoreError> {
        sqlx::query("update outlets set in_service = 0 where id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn list(on: impl sqlx::AnyExecutor<'_>) -> Result<Vec<Outlet>, StoreError> {
    let rows = sqlx::query("select id, parent_id, name from outlets where in_service = 1 order by id")
        .fetch_all(on)
        .await?;
    Ok(all(rows, read)?)
}

fn read(row: &AnyRow) -> Result<Outlet, sqlx::Error> {
    Ok(Outlet { id: row.word("id")?, parent: row.maybe_word("parent_id")?, name: row.text("name")? })
}
