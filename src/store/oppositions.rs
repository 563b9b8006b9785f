//! Lists of those who object to being reached.
//!
//! An import writes under a generation of its own, and at its end that one
//! counts: until then the list is as it was, whatever becomes of the import.

use sqlx::any::AnyRow;

use super::asked::of_asked;
use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::ListId;
use crate::domain::people::consent::Channel;
use crate::domain::people::opposition::{List, Listed};

impl Store {
    /// Those of which an import has come to its end.
    pub async fn list_opposition_lists(&self) -> Result<Vec<List>, StoreError> {
        let rows = sqlx::query(
            "select id, name, channels, entries, changed_at, changed_by from opposition_lists \
             where entries > 0 order by id",
        )
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }

    /// The lists that something stands on, by what stands for it there.
    pub async fn list_lists_with(&self, mark: &str) -> Result<Vec<List>, StoreError> {
        let rows = sqlx::query(
            "select id, name, channels, entries, changed_at, changed_by from opposition_lists l where exists \
             (select 1 from oppositions o where o.mark = $1 and o.list_id = l.id and o.generation = l.generation) \
             order by id",
        )
        .bind(mark)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }
}

impl Tx {
    /// Begins an import and gives its generation; the list is made where there is none.
    pub async fn begin_opposition_list(&mut self, list: &List) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "insert into opposition_lists (id, name, channels, entries, generation, last_generation, changed_at, \
             changed_by) values ($1, $2, $3, 0, 0, 1, $4, $5) \
             on conflict (id) do update set last_generation = opposition_lists.last_generation + 1 \
             returning last_generation",
        )
        .bind(list.id.as_str())
        .bind(&list.name)
        .bind(words(&list.channels))
        .bind(list.changed_at.as_ms())
        .bind(&list.changed_by)
        .fetch_one(self.connection())
        .await?;
        Ok(row.int("last_generation")?)
    }

    /// Writes entries of an import and tells how many are new; `None`: the list is gone, or another import of it has
    /// begun since, and will end it.
    pub async fn insert_oppositions(
        &mut self,
        list: &ListId,
        generation: i64,
        marks: &[String],
    ) -> Result<Option<u64>, StoreError> {
        // The list's row is held until these are in: nobody deletes it in between.
        let held =
            sqlx::query("update opposition_lists set name = name where id = $1 and last_generation = $2")
                .bind(list.as_str())
                .bind(generation)
                .execute(self.connection())
                .await?;
        if held.rows_affected() == 0 {
            return Ok(None);
        }
        let mut added = 0;
        for batch in batches(marks) {
            let mut many = Many::new("insert into oppositions (mark, list_id, generation) values ");
            for mark in batch {
                many.row().value(mark.as_str())?.value(list.as_str())?.value(generation)?;
            }
            many.then(" on conflict (mark, list_id, generation) do nothing");
            added += many.execute(self.connection()).await?.rows_affected();
        }
        Ok(Some(added))
    }

    /// What counts on a list now, in order, after one of it.
    pub async fn list_counting_marks(
        &mut self,
        list: &ListId,
        after: &str,
        most: u32,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "select o.mark from oppositions o \
             join opposition_lists l on l.id = o.list_id and l.generation = o.generation \
             where o.list_id = $1 and o.mark > $2 order by o.mark limit $3",
        )
        .bind(list.as_str())
        .bind(after)
        .bind(i64::from(most))
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, |row| row.text("mark"))?)
    }

    /// Ends an import: from now on its entries count; `false`: another import of the list has begun since, and will
    /// end it.
    pub async fn finish_opposition_list(&mut self, list: &List, generation: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update opposition_lists set name = $3, channels = $4, changed_at = $5, changed_by = $6, entries = $7, \
             generation = $2 where id = $1 and last_generation = $2",
        )
        .bind(list.id.as_str())
        .bind(generation)
        .bind(&list.name)
        .bind(words(&list.channels))
        .bind(list.changed_at.as_ms())
        .bind(&list.changed_by)
        .bind(list.entries as i64)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Deletes some of the entries that count no more; tells whether there were any.
    pub async fn forget_oppositions(&mut self, list: &ListId, most: u32) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from oppositions where (mark, list_id, generation) in (select o.mark, o.list_id, o.generation \
             from oppositions o join opposition_lists l on l.id = o.list_id where l.id = $1 \
             and o.generation < l.generation limit $2)",
        )
        .bind(list.as_str())
        .bind(i64::from(most))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Lets nothing on a list count, nor what an import of it still writes; `false`: there is none.
    pub async fn withdraw_opposition_list(&mut self, id: &ListId) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update opposition_lists set last_generation = last_generation + 1, generation = last_generation + 1, \
             entries = 0 where id = $1",
        )
        .bind(id.as_str())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Deletes a list that has been withdrawn, unless an import has begun it anew since.
    pub async fn delete_opposition_list(&mut self, id: &ListId) -> Result<(), StoreError> {
        sqlx::query(
            "delete from opposition_lists where id = $1 and generation = last_generation and entries = 0 \
             and not exists (select 1 from oppositions where list_id = $1)",
        )
        .bind(id.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The lists that something stands on, by what stands for it there.
    pub(super) async fn list_listed(&mut self, marks: &str) -> Result<Vec<(String, Listed)>, StoreError> {
        let sql = of_asked!(
            self,
            " select o.mark, l.id, l.channels from oppositions o \
             join opposition_lists l on l.id = o.list_id and l.generation = o.generation \
             where o.mark in (select its from asked)"
        );
        let rows = sqlx::query(sql).bind(marks).fetch_all(self.connection()).await?;
        let listed = |row: &AnyRow| {
            Ok((row.text("mark")?, Listed { list: row.word("id")?, channels: channels(row)? }))
        };
        Ok(all(rows, listed)?)
    }
}

fn words(channels: &[Channel]) -> String {
    channels.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(" ")
}

fn channels(row: &AnyRow) -> Result<Vec<Channel>, sqlx::Error> {
    row.text("channels")?.split(' ').map(|word| super::rows::read(word, "channels")).collect()
}

fn read(row: &AnyRow) -> Result<List, sqlx::Error> {
    Ok(List {
        id: row.word("id")?,
        name: row.text("name")?,
        channels: channels(row)?,
        entries: row.int("entries")?.max(0) as u64,
        changed_at: row.time("changed_at")?,
        changed_by: row.text("changed_by")?,
    })
}
