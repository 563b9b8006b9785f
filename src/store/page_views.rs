//! Pages of a visit.

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::VisitId;
use crate::domain::tracking::visit::PageView;

impl Store {
    /// The pages of a visit in the order in which they were opened.
    pub async fn list_page_views(&self, visit: VisitId) -> Result<Vec<PageView>, StoreError> {
        let rows = sqlx::query(
            "select id, visit_id, at, url, title from page_views where visit_id = $1 order by at, id",
        )
        .bind(visit.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(PageView {
                id: row.word("id")?,
                visit: row.word("visit_id")?,
                at: row.time("at")?,
                url: row.text("url")?,
                title: row.maybe_text("title")?,
            })
        })?)
    }
}

impl Tx {
    pub async fn insert_page_view(&mut self, view: &PageView) -> Result<(), StoreError> {
        sqlx::query("insert into page_views (id, visit_id, at, url, title) values ($1, $2, $3, $4, $5)")
            .bind(view.id.to_string())
            .bind(view.visit.to_string())
            .bind(view.at.as_ms())
            .bind(&view.url)
            .bind(view.title.as_deref())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
