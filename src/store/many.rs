//! One statement for many rows: `… values (?, ?), (?, ?) …`.
//!
//! A statement costs a change of threads (SQLite) or a way over the network
//! (PostgreSQL), whatever it holds. Rows are cut into [`batches`] of a few
//! sizes only, so that a statement is prepared once for each and found again.
//!
//! Placeholders are numbered for PostgreSQL alone: SQLite's driver would look the
//! name of each up among all others.

use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow};
use sqlx::{AnyConnection, Arguments, AssertSqlSafe, Encode, Type};

use super::StoreError;

/// How many rows share a statement, most first.
const SIZES: [usize; 4] = [128, 32, 8, 1];

/// Cuts rows into batches of the few sizes.
pub(super) fn batches<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len())?;
        let (batch, more) = rest.split_at(size);
        rest = more;
        Some(batch)
    })
}

/// SQL under construction, its values beside it in the order of their placeholders.
pub(super) struct Many {
    sql: String,
    values: AnyArguments,
    row: Row,
}

/// The row that is being written.
#[derive(Clone, Copy, PartialEq)]
enum Row {
    None,
    /// Begun, without a value.
    Begun,
    /// With values.
    Open,
}

impl Many {
    pub fn new(before: &'static str) -> Self {
        Self { sql: before.to_owned(), values: AnyArguments::default(), row: Row::None }
    }

    /// Begins the next row.
    pub fn row(&mut self) -> &mut Self {
        self.sql.push_str(if self.row == Row::None { "(" } else { "), (" });
        self.row = Row::Begun;
        self
    }

    /// The next value of the row, or one that stands by itself.
    pub fn value<'v, T>(&mut self, value: T) -> Result<&mut Self, StoreError>
    where
        T: Encode<'v, sqlx::Any> + Type<sqlx::Any>,
    {
        match self.row {
            Row::None => {}
            Row::Begun => self.row = Row::Open,
            Row::Open => self.sql.push_str(", "),
        }
        self.values.add(value).map_err(sqlx::Error::Encode)?;
        self.sql.push('?');
        Ok(self)
    }

    /// Ends the rows and adds `text`.
    pub fn then(&mut self, text: &'static str) -> &mut Self {
        if self.row != Row::None {
            self.sql.push(')');
            self.row = Row::None;
        }
        self.sql.push_str(text);
        self
    }

    pub async fn execute(mut self, on: &mut AnyConnection) -> Result<AnyQueryResult, StoreError> {
        let sql = self.sql_for(on);
        Ok(sqlx::query_with(sql, self.values).execute(on).await?)
    }

    pub async fn fetch(mut self, on: &mut AnyConnection) -> Result<Vec<AnyRow>, StoreError> {
        let sql = self.sql_for(on);
        Ok(sqlx::query_with(sql, self.values).fetch_all(on).await?)
    }

    fn sql_for(&mut self, on: &AnyConnection) -> AssertSqlSafe<String> {
        self.then("");
        let sql = std::mem::take(&mut self.sql);
        // Safe: only text of the program and placeholders stand in it.
        AssertSqlSafe(if on.backend_name() == "PostgreSQL" { numbered(&sql) } else { sql })
    }
}

/// `?, ?` as `$1, $2`; the program's own text holds no question mark.
fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(2 * sql.len());
    for (n, piece) in sql.split('?').enumerate() {
        if n > 0 {
            numbered.push('$');
            numbered.push_str(&n.to_string());
        }
        numbered.push_str(piece);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_sizes_and_none_is_lost() {
        let rows: Vec<u32> = (0..32 + 32 + 8 + 8 + 1 + 1).collect();

        let batches: Vec<&[u32]> = batches(&rows).collect();

        assert!(batches.iter().all(|batch| SIZES.contains(&batch.len())));
        assert_eq!(batches.len(), 6);
        assert_eq!(batches.concat(), rows);
    }

    #[test]
    fn a_row_of_placeholders_stands_for_each_row() {
        let mut many = Many::new("insert into t (a, b) values ");
        for (a, b) in [(1_i64, "x"), (2, "y")] {
            many.row().value(a).unwrap().value(b).unwrap();
        }
        many.then(" returning a limit ").value(5_i64).unwrap().then("");

        assert_eq!(many.sql, "insert into t (a, b) values (?, ?), (?, ?) returning a limit ?");
        assert_eq!(
            numbered(&many.sql),
            "insert into t (a, b) values ($1, $2), ($3, $4) returning a limit $5"
        );
    }
}
