//! SQLite's log is carried over into the file beside the writer, not by it.
//!
//! A commit appends to a log, and at times the log's pages must be copied into
//! the file, which waits for the disk twice. Left alone, the commit that finds
//! the log long does it, while everybody waits behind it. So another connection
//! does it, as often as there is enough to copy. The log may only begin anew
//! when all of it is copied and nobody has written since; under a steady load
//! that moment never comes by itself, and then the writer copies the little that
//! is left ([`Dialect::on_connect`](super::dialect::Dialect::on_connect)). It can
//! do so only while nobody else copies: one copy never follows right on another.

use sqlx::AnyPool;
use tokio::task::JoinHandle;
use tracing::warn;

/// After how many writes there is enough to copy.
const EVERY: usize = 500;

/// Blocks nobody, and copies what no reader is in the way of.
const COPY: &str = "pragma wal_checkpoint(passive)";

pub(super) struct Checkpoint {
    pool: AnyPool,
    /// Writes since the last copy began.
    writes: usize,
    copying: Option<JoinHandle<()>>,
}

impl Checkpoint {
    pub fn new(pool: AnyPool) -> Self {
        Self { pool, writes: 0, copying: None }
    }

    /// So many writes were committed.
    pub fn wrote(&mut self, writes: usize) {
        self.writes += writes;
        if self.writes < EVERY || self.copying.as_ref().is_some_and(|copy| !copy.is_finished()) {
            return;
        }
        self.writes = 0;
        let pool = self.pool.clone();
        self.copying = Some(tokio::spawn(async move {
            if let Err(error) = sqlx::query(COPY).execute(&pool).await {
                warn!(%error, "the database's log was not carried over into its file; the writer will do it");
            }
        }));
    }

    /// Waits for the copy that is under way.
    pub async fn stop(self) {
        if let Some(copy) = self.copying {
            // Its panic is nobody's answer.
            let _ = copy.await;
        }
    }
}
