//! Writes down what happens to calls, without a call ever waiting for the database.
//!
//! ```text
//!   calls ─▶ queue ─▶ writer ─▶ spool on disk ─▶ database
//!                       │ synced: "it is on disk"   (every quarter of a second, in large groups)
//!                       └──────▶ whoever waits
//! ```
//!
//! The *spool* is the durable thing: facts of all calls are gathered for a few
//! milliseconds, appended to a file, one JSON line each, and synced; then they
//! count as written. From there they go into the database, a few hundred in a
//! transaction, or later when it is away. What a crash leaves in the spool is
//! taken up at the next start. Writing a fact twice changes nothing.

mod deliver;
mod ladders;
mod spool;
mod writer;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tracing::error;

use crate::clock::Clock;
use crate::domain::calling::record::Fact;
use crate::flows::ledger::Ledger;
use crate::telemetry::Metrics;
pub use ladders::LadderKeeper;
use spool::Spool;
use writer::Writer;

/// Facts that may wait for the writer; this many wait only when the disk itself hangs.
const QUEUE: usize = 65_536;

/// A hold on the recorder; cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Entry>,
    /// Whoever closes does not wait until facts have gathered.
    closing: watch::Sender<bool>,
    ledger: Ledger,
    metrics: Metrics,
}

enum Entry {
    Fact(Fact, oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

/// The spool cannot be used: without it an absent database would lose calls.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep facts about calls in {path}")]
pub struct SpoolError {
    path: PathBuf,
    source: io::Error,
}

/// Tells when a fact is on disk.
pub struct Written(Option<oneshot::Receiver<()>>);

impl Written {
    /// Waits until the fact is on disk, at most for `patience`; the second time at once.
    pub async fn wait(&mut self, patience: Duration) {
        if let Some(done) = self.0.take() {
            let _ = tokio::time::timeout(patience, done).await;
        }
    }
}

impl Recorder {
    /// Takes up what an earlier run left in the spool, then waits for facts.
    pub async fn start(
        path: PathBuf,
        clock: Clock,
        ledger: Ledger,
        metrics: Metrics,
    ) -> Result<Self, SpoolError> {
        let spool = Spool::open(path.clone()).await.map_err(|source| SpoolError { path, source })?;
        let (queue, entries) = mpsc::channel(QUEUE);
        let mut writer = Writer::new(spool, clock, ledger.clone(), metrics.clone());
        writer.take_up_spool().await;
        let closing = watch::Sender::new(false);
        tokio::spawn(writer.run(entries, closing.subscribe()));
        Ok(Self { queue, closing, ledger, metrics })
    }

    /// The way of facts into the database, to ask it something that no call waits for.
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// Hands a fact over; it is written soon, and in the order of hand-over.
    pub fn write(&self, fact: Fact) -> Written {
        let call = fact.call();
        let (done, written) = oneshot::channel();
        if self.queue.try_send(Entry::Fact(fact, done)).is_err() {
            self.metrics.fact_lost();
            error!(call.id = %call, "the disk hangs: a fact about the call could not be kept");
        }
        Written(Some(written))
    }

    /// Writes what was handed over so far, then stops.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        self.closing.send_replace(true);
        if self.queue.send(Entry::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}
