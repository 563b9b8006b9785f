//! Tables that were brought, how far the work has come, and what became of each row.

use sqlx::any::AnyRow;

use super::filter::Question;
use super::many::{Many, batches};
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ImportId;
use crate::domain::people::import::table::Position;
use crate::domain::people::import::{Counts, Import, Line, State};
use crate::domain::people::quality::Code;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "select id, name, node, created_at, by_whom, state, cells_by, columns, mapping, consents, bytes, next_byte, next_line, \
         run, counts, problem, finished_at from imports"
    };
}

impl Store {
    /// The newest first.
    pub async fn list_imports(&self, window: &Window) -> Result<Page<Import>, StoreError> {
        let mut question = Question::new(columns!());
        question
            .after_moment("(created_at, id)", window.moment()?)?
            .then(" order by created_at desc, id desc limit ")
            .value(window.fetch())?;
        let imports = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(imports, window, |import| moment_key(import.created_at, import.id)))
    }

    pub async fn find_import(&self, id: ImportId) -> Result<Option<Import>, StoreError> {
        let row = sqlx::query(concat!(columns!(), " where id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.reads())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// The imports whose files this node has, the oldest first.
    pub async fn list_imports_of_node(&self, node: &str) -> Result<Vec<Import>, StoreError> {
        let rows = sqlx::query(concat!(
            columns!(),
            " where node = $1 and state not in ('imported', 'failed') order by created_at, id"
        ))
        .bind(node)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }

    /// The lines of a run after this one, in their order.
    pub async fn list_import_lines(
        &self,
        id: ImportId,
        run: u32,
        after: u64,
        most: u32,
    ) -> Result<Vec<Line>, StoreError> {
        let rows = sqlx::query(
            "select line, outcome, marks, problems from import_lines \
             where import_id = $1 and run = $2 and line > $3 order by line limit $4",
        )
        .bind(id.to_string())
        .bind(i64::from(run))
        .bind(after as i64)
        .bind(i64::from(most))
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read_line)?)
    }
}

impl Tx {
    /// The import, which nobody else works on until this transaction ends.
    pub async fn hold_import(&mut self, id: ImportId) -> Result<Option<Import>, StoreError> {
        let sql = self
            .dialect()
            .pick(concat!(columns!(), " where id = $1"), concat!(columns!(), " where id = $1 for update"));
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(self.connection()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Writes an import as it is now.
    pub async fn save_import(&mut self, import: &Import) -> Result<(), StoreError> {
        let json = |text: Result<String, serde_json::Error>| text.map_err(|e| sqlx::Error::Encode(e.into()));
        let mapping = import.mapping.as_ref().map(serde_json::to_string);
        sqlx::query(
            "insert into imports (id, name, node, created_at, by_whom, state, cells_by, columns, mapping, consents, bytes, \
             next_byte, next_line, run, counts, problem, finished_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             on conflict (id) do update set state = excluded.state, mapping = excluded.mapping, \
             consents = excluded.consents, \
             next_byte = excluded.next_byte, next_line = excluded.next_line, run = excluded.run, \
             counts = excluded.counts, problem = excluded.problem, finished_at = excluded.finished_at",
        )
        .bind(import.id.to_string())
        .bind(&import.name)
        .bind(&import.node)
        .bind(import.created_at.as_ms())
        .bind(import.by.to_string())
        .bind(import.state.as_str())
        .bind(import.separator.as_str())
        .bind(json(serde_json::to_string(&import.columns))?)
        .bind(mapping.map(json).transpose()?)
        .bind(json(serde_json::to_string(&import.consents))?)
        .bind(import.bytes as i64)
        .bind(import.position.byte as i64)
        .bind(import.position.line as i64)
        .bind(i64::from(import.run))
        .bind(json(serde_json::to_string(&import.counts))?)
        .bind(&import.problem)
        .bind(import.finished_at.map(Timestamp::as_ms))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn insert_import_lines(
        &mut self,
        id: ImportId,
        run: u32,
        lines: &[Line],
    ) -> Result<(), StoreError> {
        for batch in batches(lines) {
            let mut many = Many::new(
                "insert into import_lines (import_id, run, line, outcome, marks, problems) values ",
            );
            for line in batch {
                let marks = line.marks.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(" ");
                let problems = (!line.problems.is_empty()).then(|| serde_json::to_string(&line.problems));
                many.row()
                    .value(id.to_string())?
                    .value(i64::from(run))?
                    .value(line.line as i64)?
                    .value(line.outcome.as_str())?
                    .value(marks)?
                    .value(problems.transpose().map_err(|e| sqlx::Error::Encode(e.into()))?)?;
            }
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Deletes at most so many lines of the runs before this one; tells how many.
    pub async fn delete_import_lines(
        &mut self,
        id: ImportId,
        before_run: u32,
        most: u32,
    ) -> Result<u64, StoreError> {
        let deleted = sqlx::query(
            "delete from import_lines where import_id = $1 and (run, line) in \
             (select run, line from import_lines where import_id = $1 and run < $2 limit $3)",
        )
        .bind(id.to_string())
        .bind(i64::from(before_run))
        .bind(i64::from(most))
        .execute(self.connection())
        .await?;
        Ok(deleted.rows_affected())
    }

    /// Deletes an import without lines.
    pub async fn delete_import(&mut self, id: ImportId) -> Result<(), StoreError> {
        sqlx::query("delete from imports where id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Whatever is written from here on may be taken back by itself.
    pub async fn begin_trial(&mut self) -> Result<(), StoreError> {
        sqlx::query("savepoint trial").execute(self.connection()).await?;
        Ok(())
    }

    /// Takes back what was written since [`Tx::begin_trial`].
    pub async fn end_trial(&mut self) -> Result<(), StoreError> {
        sqlx::query("rollback to savepoint trial").execute(self.connection()).await?;
        sqlx::query("release savepoint trial").execute(self.connection()).await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Import, sqlx::Error> {
    Ok(Import {
        id: row.word("id")?,
        name: row.text("name")?,
        node: row.text("node")?,
        created_at: row.time("created_at")?,
        by: row.word::<Accessor>("by_whom")?,
        state: row.word::<State>("state")?,
        separator: row.word("cells_by")?,
        columns: row.json("columns")?,
        mapping: row.json_or_default("mapping")?,
        consents: row.json_or_default("consents")?,
        bytes: row.int("bytes")?.max(0) as u64,
        position: Position {
            byte: row.int("next_byte")?.max(0) as u64,
            line: row.int("next_line")?.max(0) as u64,
        },
        run: u32::try_from(row.int("run")?).unwrap_or(u32::MAX),
        counts: row.json::<Counts>("counts")?,
        problem: row.maybe_text("problem")?,
        finished_at: row.maybe_time("finished_at")?,
    })
}

fn read_line(row: &AnyRow) -> Result<Line, sqlx::Error> {
    let marks = row.text("marks")?;
    let marks = marks.split_whitespace().map(|code| super::rows::read::<Code>(code, "marks"));
    Ok(Line {
        line: row.int("line")?.max(0) as u64,
        outcome: row.word("outcome")?,
        marks: marks.collect::<Result<_, _>>()?,
        problems: row.json_or_default("problems")?,
    })
}
