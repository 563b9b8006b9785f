//! What can go wrong with the database, sorted by what a caller can do about it.

use std::sync::Arc;

use super::dialect;

#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The row asked for does not exist.
    #[error("no such {what}")]
    NotFound { what: &'static str },
    /// A row with the same key is already there.
    #[error("already exists")]
    Conflict,
    /// The database is there and will never take this: it breaks a constraint,
    /// or is of the wrong type. What it says of it names no value.
    #[error("the database refuses what was to be written: {how}")]
    Refused { how: Arc<str> },
    /// A cursor that this store never gave out.
    #[error("not a cursor of this list")]
    BadCursor,
    /// The store was closed; nothing was written.
    #[error("the database is closed")]
    Closed,
    /// The write broke a promise of the program's own; nothing of it was kept.
    #[error("a write panicked")]
    Panicked,
    /// Anything else the driver reports. Shared, because one failed commit is
    /// the answer to every write of its group.
    #[error("the database failed")]
    Driver(#[source] Arc<sqlx::Error>),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(cause) if cause.is_unique_violation() => StoreError::Conflict,
            sqlx::Error::PoolClosed => StoreError::Closed,
            other => match refusal(&other) {
                Some(how) => StoreError::Refused { how: how.into() },
                None => StoreError::Driver(Arc::new(other)),
            },
        }
    }
}

impl StoreError {
    /// Whether the same write would fail again, however often it is tried.
    pub fn is_for_good(&self) -> bool {
        match self {
            Self::NotFound { .. } | Self::Conflict | Self::Refused { .. } | Self::BadCursor => true,
            // The program is the same the next time.
            Self::Panicked => true,
            // It is away, busy, full, broken, or not as this program knows it.
            Self::Closed | Self::Driver(_) => false,
        }
    }
}

/// What is wrong with the content; `None` when it is the database that failed.
fn refusal(error: &sqlx::Error) -> Option<String> {
    match error {
        sqlx::Error::Database(cause) => dialect::refusal(&**cause),
        // What these hold may show a value.
        sqlx::Error::Encode(_) => Some("a value cannot be written".to_owned()),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::AnyDriverError(_) => {
            Some("a value cannot be read".to_owned())
        }
        sqlx::Error::RowNotFound => Some("a row is not there".to_owned()),
        _ => None,
    }
}

/// Why the database cannot be used at start; `place` names the file or the
/// host, never a user or a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database URL must start with sqlite: or postgres://")]
    BadUrl,
    #[error("a database in memory forgets what was acknowledged; name a file")]
    InMemory,
    /// Somebody wanted to look into a file that is not there.
    #[error("there is no database {place} yet")]
    Missing { place: String },
    #[error("cannot open the database {place}")]
    Unreachable { place: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error(
        "the database {place} is newer than this program (it has migration {version}); update the program"
    )]
    Newer { place: String, version: i64 },
    #[error("cannot bring the database {place} up to date")]
    Migration { place: String, source: sqlx::migrate::MigrateError },
}
