//! SQLite's log is carried over into the file beside the writer, not by it.
//!
//! A commit appends to a log, and at times the log's pages must be copied into
//! the file, which waits for the disk twice. Left alone, the commit that finds
//! the log long does it, while everybody waits behind it. So a connection of
//! its own does it, as often as there is enough to copy. The log may only begin
//! anew when all of it is copied and nobody has written since; under a steady
//! load that moment never comes by itself, and then the writer copies the
//! little that is left ([`Dialect::on_connect`](super::dialect::Dialect::on_connect)).

use sqlx::AnyPool;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::warn;

/// After how many writes there is enough to copy.
const EVERY: usize = 500;

/// Blocks nobody, and copies what no reader is in the way of.
const COPY: &str = "pragma wal_checkpoint(passive)";

pub(super) struct Checkpoint {
    /// Writes since it was last asked for.
    writes: usize,
    wanted: mpsc::Sender<()>,
    task: JoinHandle<()>,
}

impl Checkpoint {
    /// `pool` is its own, of one connection.
    pub fn start(pool: AnyPool) -> Self {
        let (wanted, mut asked) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            while asked.recv().await.is_some() {
                if let Err(error) = sqlx::query(COPY).execute(&pool).await {
                    warn!(%error, "the database's log was not carried over into its file; the writer will do it");
                }
            }
            pool.close().await;
        });
        Self { writes: 0, wanted, task }
    }

    /// So many writes were committed.
    pub fn wrote(&mut self, writes: usize) {
        self.writes += writes;
        // Full: it is asked for already, or under way.
        if self.writes >= EVERY && self.wanted.try_send(()).is_ok() {
            self.writes = 0;
        }
    }

    pub async fn stop(self) {
        drop(self.wanted);
        // Its panic is nobody's answer.
        let _ = self.task.await;
    }
}
