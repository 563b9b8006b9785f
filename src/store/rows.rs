//! From columns to the words of the house.
//!
//! The driver carries integers, floats and text only; what stands in them is
//! read here, and a text that cannot be read is reported with its column.

use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::domain::time::Timestamp;
use crate::domain::tracking::source::Source;

type Read<T> = Result<T, sqlx::Error>;

pub(super) trait Columns {
    fn text(&self, column: &str) -> Read<String>;
    fn maybe_text(&self, column: &str) -> Read<Option<String>>;
    fn int(&self, column: &str) -> Read<i64>;
    fn maybe_int(&self, column: &str) -> Read<Option<i64>>;
    fn float(&self, column: &str) -> Read<f64>;

    /// A typed id, a number, a channel: whatever reads itself from text.
    fn word<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(&self, column: &str) -> Read<T> {
        read(&self.text(column)?, column)
    }

    fn maybe_word<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        &self,
        column: &str,
    ) -> Read<Option<T>> {
        self.maybe_text(column)?.map(|text| read(&text, column)).transpose()
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Read<T> {
        serde_json::from_str(&self.text(column)?).map_err(|cause| unreadable(column, cause))
    }

    /// The default where there is none.
    fn json_or_default<T: serde::de::DeserializeOwned + Default>(&self, column: &str) -> Read<T> {
        self.maybe_text(column)?.map_or(Ok(T::default()), |_| self.json(column))
    }

    fn time(&self, column: &str) -> Read<Timestamp> {
        self.int(column).map(Timestamp::from_ms)
    }

    fn maybe_time(&self, column: &str) -> Read<Option<Timestamp>> {
        Ok(self.maybe_int(column)?.map(Timestamp::from_ms))
    }

    fn span(&self, column: &str) -> Read<Duration> {
        Ok(Duration::from_millis(self.int(column)?.max(0) as u64))
    }

    fn flag(&self, column: &str) -> Read<bool> {
        Ok(self.int(column)? != 0)
    }

    /// The columns that a visit keeps of its source.
    fn source(&self) -> Read<Source> {
        Ok(Source {
            channel: self.word("channel")?,
            source: self.text("source")?,
            medium: self.text("medium")?,
            campaign: self.maybe_text("campaign")?,
            term: self.maybe_text("term")?,
            content: self.maybe_text("content")?,
            click_id: self.maybe_text("click_id")?,
        })
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &str) -> Read<String> {
        self.try_get(column)
    }

    fn maybe_text(&self, column: &str) -> Read<Option<String>> {
        self.try_get(column)
    }

    fn int(&self, column: &str) -> Read<i64> {
        self.try_get(column)
    }

    fn maybe_int(&self, column: &str) -> Read<Option<i64>> {
        self.try_get(column)
    }

    fn float(&self, column: &str) -> Read<f64> {
        self.try_get(column)
    }
}

/// One of the rows that came in one text, as [`gathered_of_asked`](super::asked) asks for them.
pub(super) struct Gathered {
    columns: Rc<[&'static str]>,
    values: Vec<Value>,
}

impl Gathered {
    fn maybe<'v, T>(&'v self, column: &str, read: impl Fn(&'v Value) -> Option<T>) -> Read<Option<T>> {
        let place = self.columns.iter().position(|name| *name == column);
        match place.and_then(|place| self.values.get(place)) {
            None => Err(sqlx::Error::ColumnNotFound(column.to_owned())),
            Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| unreadable(column, OfAnotherType)),
        }
    }

    fn sure<'v, T>(&'v self, column: &str, read: impl Fn(&'v Value) -> Option<T>) -> Read<T> {
        self.maybe(column, read)?.ok_or_else(|| unreadable(column, OfAnotherType))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a value is missing or of another type")]
struct OfAnotherType;

impl Columns for Gathered {
    fn text(&self, column: &str) -> Read<String> {
        Ok(self.sure(column, Value::as_str)?.to_owned())
    }

    fn maybe_text(&self, column: &str) -> Read<Option<String>> {
        Ok(self.maybe(column, Value::as_str)?.map(str::to_owned))
    }

    fn int(&self, column: &str) -> Read<i64> {
        self.sure(column, Value::as_i64)
    }

    fn maybe_int(&self, column: &str) -> Read<Option<i64>> {
        self.maybe(column, Value::as_i64)
    }

    fn float(&self, column: &str) -> Read<f64> {
        self.sure(column, Value::as_f64)
    }
}

/// Reads every row of those that came in one text, with these columns separated by `", "`.
pub(super) fn gathered<T>(
    row: &AnyRow,
    columns: &'static str,
    read: impl Fn(&Gathered) -> Read<T>,
) -> Read<Vec<T>> {
    let columns: Rc<[&str]> = columns.split(", ").collect();
    let rows: Vec<Vec<Value>> = row.json("gathered")?;
    rows.into_iter().map(|values| read(&Gathered { columns: columns.clone(), values })).collect()
}

pub(super) fn read<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: &str,
    column: &str,
) -> Read<T> {
    text.parse().map_err(|cause| unreadable(column, cause))
}

fn unreadable(column: &str, cause: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(cause) }
}

/// Reads every row with `read`.
pub(super) fn all<T>(rows: Vec<AnyRow>, read: impl Fn(&AnyRow) -> Read<T>) -> Read<Vec<T>> {
    rows.iter().map(read).collect()
}
