//! Websites that carry the snippet.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::SiteId;
use crate::domain::tracking::site::Site;

impl Store {
    pub async fn list_sites(&self) -> Result<Vec<Site>, StoreError> {
        list(self.reads()).await
    }

    pub async fn find_site(&self, id: &SiteId) -> Result<Option<Site>, StoreError> {
        let row = sqlx::query(
            "select id, outlet_id, name, origins, reading, guard from sites where id = $1 and in_service = 1",
        )
        .bind(id.as_str())
        .fetch_optional(self.reads())
        .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }
}

impl Tx {
    pub async fn list_sites(&mut self) -> Result<Vec<Site>, StoreError> {
        list(self.connection()).await
    }

    /// Inserts the site, or changes it when it is there already; it is in service then.
    pub async fn save_site(&mut self, site: &Site) -> Result<(), StoreError> {
        self.offers_change();
        sqlx::query(
            "insert into sites (id, outlet_id, name, origins, reading, guard, in_service) values ($1, $2, $3, $4, $5, $6, 1) \
             on conflict (id) do update set outlet_id = excluded.outlet_id, name = excluded.name, \
             origins = excluded.origins, reading = excluded.reading, guard = excluded.guard, in_service = 1",
        )
        .bind(site.id.as_str())
        .bind(site.outlet.as_str())
        .bind(&site.name)
        .bind(serde_json::Value::from(site.origins.clone()).to_string())
        .bind(serde_json::to_string(&site.reading).map_err(|e| sqlx::Error::Encode(e.into()))?)
        .bind(serde_json::to_string(&site.guard).map_err(|e| sqlx::Error::Encode(e.into()))?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes the site out of service; it stays, with its history.
    pub async fn retire_site(&mut self, id: &SiteId) -> Result<(), StoreError> {
        self.offers_change();
        sqlx::query("update sites set in_service = 0 where id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn list(on: impl sqlx::AnyExecutor<'_>) -> Result<Vec<Site>, StoreError> {
    let rows = sqlx::query(
        "select id, outlet_id, name, origins, reading, guard from sites where in_service = 1 order by id",
    )
    .fetch_all(on)
    .await?;
    Ok(all(rows, read)?)
}

fn read(row: &AnyRow) -> Result<Site, sqlx::Error> {
    Ok(Site {
        id: row.word("id")?,
        outlet: row.word("outlet_id")?,
        name: row.text("name")?,
        origins: row.json("origins")?,
        reading: row.json_or_default("reading")?,
        guard: row.json_or_default("guard")?,
    })
}
