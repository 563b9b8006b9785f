//! Pages of a visit.

use super::many::{Many, batches};
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
    pub async fn insert_page_views(&mut self, views: &[PageView]) -> Result<(), StoreError> {
        for batch in batches(views) {
            let mut many = Many::new("insert into page_views (id, visit_id, at, url, title) values ");
            for view in batch {
                many.row()
                    .value(view.id.to_string())?
                    .value(view.visit.to_string())?
                    .value(view.at.as_ms())?
                    .value(view.url.as_str())?
                    .value(view.title.as_deref())?;
            }
            many.execute(self.connection()).await?;
        }
        Ok(())
    }
}
