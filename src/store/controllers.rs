//! Who answers for data of people.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::ControllerId;
use crate::domain::people::purpose::Controller;

impl Store {
    pub async fn list_controllers(&self) -> Result<Vec<Controller>, StoreError> {
        list(self.reads()).await
    }

    /// One of them, whether it is in service or was.
    pub async fn find_controller(&self, id: &ControllerId) -> Result<Option<Controller>, StoreError> {
        find(self.reads(), id).await
    }
}

impl Tx {
    pub async fn list_controllers(&mut self) -> Result<Vec<Controller>, StoreError> {
        list(self.connection()).await
    }

    /// One of them, whether it is in service or was.
    pub async fn find_controller(&mut self, id: &ControllerId) -> Result<Option<Controller>, StoreError> {
        find(self.connection(), id).await
    }

    /// The names of those in service; `with_old`: and of those that were.
    pub async fn list_controller_ids(&mut self, with_old: bool) -> Result<Vec<ControllerId>, StoreError> {
        let rows = sqlx::query("select id from controllers where in_service >= $1 order by id")
            .bind(i64::from(!with_old))
            .fetch_all(self.connection())
            .await?;
        Ok(all(rows, |row| row.word("id"))?)
    }

    /// Inserts the controller, or changes it when it is there already; it is in service then.
    pub async fn save_controller(&mut self, controller: &Controller) -> Result<(), StoreError> {
        sqlx::query(
            "insert into controllers (id, name, address, email, policy_url, in_service) \
             values ($1, $2, $3, $4, $5, 1) on conflict (id) do update set name = excluded.name, \
             address = excluded.address, email = excluded.email, policy_url = excluded.policy_url, in_service = 1",
        )
        .bind(controller.id.as_str())
        .bind(&controller.name)
        .bind(&controller.address)
        .bind(&controller.email)
        .bind(controller.policy_url.as_deref())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes the controller out of service; what the ledger says of it stays.
    pub async fn retire_controller(&mut self, id: &ControllerId) -> Result<(), StoreError> {
        sqlx::query("update controllers set in_service = 0 where id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn list(on: impl sqlx::AnyExecutor<'_>) -> Result<Vec<Controller>, StoreError> {
    let rows = sqlx::query(
        "select id, name, address, email, policy_url from controllers where in_service = 1 order by id",
    )
    .fetch_all(on)
    .await?;
    Ok(all(rows, read)?)
}

async fn find(on: impl sqlx::AnyExecutor<'_>, id: &ControllerId) -> Result<Option<Controller>, StoreError> {
    let row = sqlx::query("select id, name, address, email, policy_url from controllers where id = $1")
        .bind(id.as_str())
        .fetch_optional(on)
        .await?;
    Ok(row.as_ref().map(read).transpose()?)
}

fn read(row: &AnyRow) -> Result<Controller, sqlx::Error> {
    Ok(Controller {
        id: row.word("id")?,
        name: row.text("name")?,
        address: row.text("address")?,
        email: row.text("email")?,
        policy_url: row.maybe_text("policy_url")?,
    })
}
