//! What can go wrong with the database, sorted by what a caller can do about it.

use std::sync::Arc;

#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The row asked for does not exist.
    #[error("no such {what}")]
    NotFound { what: &'static str },
    /// A row with the same key is already there.
    #[error("already exists")]
    Conflict,
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
            other => StoreError::Driver(Arc::new(other)),
        }
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
