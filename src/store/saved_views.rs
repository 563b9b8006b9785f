//! Lists that somebody wants to see again, by what stood in the address.

use super::rows::{Columns, all};
use super::{Store, StoreError};
use crate::domain::ids::{UserId, ViewId};
use crate::domain::reporting::view::{SavedView, ViewPage};
use crate::domain::time::Timestamp;

impl Store {
    /// Those of one user alone, and, with `shared`, those that everybody sees, by their names.
    pub async fn list_views(
        &self,
        page: Option<ViewPage>,
        user: Option<UserId>,
        shared: bool,
    ) -> Result<Vec<SavedView>, StoreError> {
        let rows = sqlx::query(
            "select id, page, name, query, user_id from saved_views \
             where (user_id is null and $3 = 1 or user_id = $1) and (page = $2 or $2 = '') order by page, name, id",
        )
        .bind(user.map(|user| user.to_string()).unwrap_or_default())
        .bind(page.map(ViewPage::as_str).unwrap_or_default())
        .bind(i32::from(shared))
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(SavedView {
                id: row.word("id")?,
                page: row.word("page")?,
                name: row.text("name")?,
                query: row.text("query")?,
                user: row.maybe_word("user_id")?,
            })
        })?)
    }

    pub async fn insert_view(&self, view: &SavedView, at: Timestamp) -> Result<(), StoreError> {
        let view = view.clone();
        self.write(move |tx| {
            let view = view.clone();
            Box::pin(async move {
                sqlx::query(
                    "insert into saved_views (id, page, name, query, user_id, made_at) values ($1, $2, $3, $4, $5, $6)",
                )
                .bind(view.id.to_string())
                .bind(view.page.as_str())
                .bind(view.name)
                .bind(view.query)
                .bind(view.user.map(|user| user.to_string()))
                .bind(at.as_ms())
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Deletes one that is the user's, or with `shared` one that everybody sees; tells whether there was such.
    pub async fn delete_view(
        &self,
        id: ViewId,
        user: Option<UserId>,
        shared: bool,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query(
                    "delete from saved_views where id = $1 and (user_id is null and $3 = 1 or user_id = $2)",
                )
                .bind(id.to_string())
                .bind(user.map(|user| user.to_string()).unwrap_or_default())
                .bind(i32::from(shared))
                .execute(tx.connection())
                .await?;
                Ok(done.rows_affected() > 0)
            })
        })
        .await
    }
}
