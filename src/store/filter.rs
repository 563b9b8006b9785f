//! A `where` that holds only the conditions asked for.
//!
//! `($1 is null or number = $1)` would say the same in one text, but keeps
//! either database from using the index; and the query builder of the driver
//! writes `?`, which PostgreSQL does not read.

use serde::Serialize;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{AnyPool, Arguments, AssertSqlSafe, Encode, Type};

use super::StoreError;
use super::asked::asked;
use super::dialect::Dialect;

/// SQL under construction, with its values beside it and never inside it.
pub(super) struct Question {
    sql: String,
    values: AnyArguments,
    conditions: usize,
}

impl Question {
    pub fn new(select: &'static str) -> Self {
        Self { sql: select.to_owned(), values: AnyArguments::default(), conditions: 0 }
    }

    /// Adds `text` as it stands.
    pub fn then(&mut self, text: &'static str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    /// Adds a value as the next placeholder.
    pub fn value<'v, T: Encode<'v, sqlx::Any> + Type<sqlx::Any>>(
        &mut self,
        value: T,
    ) -> Result<&mut Self, sqlx::Error> {
        self.values.add(value).map_err(sqlx::Error::Encode)?;
        self.sql.push('$');
        self.sql.push_str(&self.values.len().to_string());
        Ok(self)
    }

    /// Begins a condition: `where` the first time, `and` from then on.
    pub fn and(&mut self, text: &'static str) -> &mut Self {
        self.sql.push_str(if self.conditions == 0 { " where " } else { " and " });
        self.conditions += 1;
        self.sql.push_str(text);
        self
    }

    /// `text` then the value, when there is one.
    pub fn matching<'v, T>(&mut self, text: &'static str, value: Option<T>) -> Result<&mut Self, sqlx::Error>
    where
        T: Encode<'v, sqlx::Any> + Type<sqlx::Any>,
    {
        if let Some(value) = value {
            self.and(text).value(value)?;
        }
        Ok(self)
    }

    /// Adds these as a table of one column, for `in`: one JSON array, however many they are.
    pub fn among<T: Serialize>(&mut self, dialect: Dialect, all: &[T]) -> Result<&mut Self, StoreError> {
        let before = dialect
            .pick("(select value from json_each(", "(select value from json_array_elements_text(cast(");
        Ok(self.then(before).value(asked(all)?)?.then(dialect.pick("))", " as json)))")))
    }

    /// Goes on after a place in a list by time and id, newest first.
    pub fn after_moment(
        &mut self,
        columns: &'static str,
        place: Option<(i64, String)>,
    ) -> Result<&mut Self, sqlx::Error> {
        if let Some((at, id)) = place {
            self.and(columns).then(" < (").value(at)?.then(", ").value(id)?.then(")");
        }
        Ok(self)
    }

    pub async fn fetch(self, pool: &AnyPool) -> Result<Vec<AnyRow>, sqlx::Error> {
        // Safe: `then` and `and` take text of the program only.
        sqlx::query_with(AssertSqlSafe(self.sql), self.values).fetch_all(pool).await
    }
}
