//! Pages of a visit.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
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
        Ok(all(rows, read)?)
    }

    /// The page that each of these visits opened last.
    pub async fn list_latest_pages(
        &self,
        visits: &[VisitId],
    ) -> Result<HashMap<VisitId, PageView>, StoreError> {
        let sql = of_asked!(
            self,
            " select p.id, p.visit_id, p.at, p.url, p.title from page_views p \
             where p.visit_id in (select its from asked) and not exists (select 1 from page_views q \
             where q.visit_id = p.visit_id and (q.at, q.id) > (p.at, p.id))"
        );
        let rows = sqlx::query(sql).bind(asked(visits)?).fetch_all(self.reads()).await?;
        Ok(all(rows, read)?.into_iter().map(|view| (view.visit, view)).collect())
    }
}

fn read(row: &AnyRow) -> Result<PageView, sqlx::Error> {
    Ok(PageView {
        id: row.word("id")?,
        visit: row.word("visit_id")?,
        at: row.time("at")?,
        url: row.text("url")?,
        title: row.maybe_text("title")?,
    })
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
