//! Lists in pages: the next page begins after the last row, wherever it stands
//! by then, so rows that arrive meanwhile are neither skipped nor told twice.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::StoreError;
use crate::domain::time::Timestamp;

/// The most rows of one page, whatever is asked for.
pub const LIMIT_MAX: u32 = 500;

/// One page of a list.
#[derive(Clone, PartialEq, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<String>,
}

/// Which page of a list: after a cursor, so many rows.
#[derive(Clone, Debug)]
pub struct Window {
    pub after: Option<String>,
    pub limit: u32,
}

impl Window {
    pub fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// How many rows to fetch: one more tells whether there is a next page.
    pub(super) fn fetch(&self) -> i64 {
        i64::from(self.limit.clamp(1, LIMIT_MAX)) + 1
    }

    /// The place where a list by time and id goes on.
    pub fn moment(&self) -> Result<Option<(i64, String)>, StoreError> {
        let Some(text) = self.place()? else { return Ok(None) };
        let (at, id) = text.split_once(' ').ok_or(StoreError::BadCursor)?;
        Ok(Some((at.parse().map_err(|_| StoreError::BadCursor)?, id.to_owned())))
    }

    /// The place where a list by one key goes on.
    pub(super) fn place(&self) -> Result<Option<String>, StoreError> {
        let Some(cursor) = &self.after else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::BadCursor)?;
        String::from_utf8(bytes).map(Some).map_err(|_| StoreError::BadCursor)
    }
}

impl<T> Page<T> {
    /// Makes a page of what [`Window::fetch`] asked for.
    pub(super) fn cut(mut items: Vec<T>, window: &Window, key: impl Fn(&T) -> String) -> Self {
        let limit = window.fetch() as usize - 1;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(key(last)));
        Self { items, next }
    }
}

/// The cursor of what follows a row in a list by time and id.
pub fn behind(at: Timestamp, id: impl std::fmt::Display) -> String {
    URL_SAFE_NO_PAD.encode(moment_key(at, id))
}

/// The key of a row in a list by time and id.
pub(super) fn moment_key(at: Timestamp, id: impl std::fmt::Display) -> String {
    format!("{} {id}", at.as_ms())
}
