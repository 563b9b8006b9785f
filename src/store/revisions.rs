//! Counters that tell a node that something it keeps in memory has changed.

use sqlx::Row;

use super::{Store, StoreError, Tx};

/// The counter of everything that decides where a call is carried.
pub const ROUTES: &str = "routes";
/// The counter of everything that screening goes by.
pub const SCREENING: &str = "screening";
/// The counter of the prompts that an admin brought.
pub const PROMPTS: &str = "prompts";
/// The counter of the hours of calls that were counted for reports.
pub const CALL_HOURS: &str = "call_hours";

impl Store {
    /// How often the thing of this name has changed; 0 when it never did.
    pub async fn revision(&self, name: &str) -> Result<i64, StoreError> {
        let row = sqlx::query("select value from revisions where name = $1")
            .bind(name)
            .fetch_optional(self.reads())
            .await?;
        Ok(row.map_or(Ok(0), |row| row.try_get("value"))?)
    }
}

impl Tx {
    /// Tells every node that the thing of this name has changed.
    pub async fn bump_revision(&mut self, name: &str) -> Result<(), StoreError> {
        sqlx::query(
            "insert into revisions (name, value) values ($1, 1) \
             on conflict (name) do update set value = revisions.value + 1",
        )
        .bind(name)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The same as [`Store::revision`]; until the transaction ends nobody else bumps it or locks it.
    pub async fn lock_revision(&mut self, name: &str) -> Result<i64, StoreError> {
        // An update locks the row on PostgreSQL, also where it changes nothing.
        let row = sqlx::query(
            "insert into revisions (name, value) values ($1, 0) \
             on conflict (name) do update set value = revisions.value returning value",
        )
        .bind(name)
        .fetch_one(self.connection())
        .await?;
        Ok(row.try_get("value")?)
    }
}
