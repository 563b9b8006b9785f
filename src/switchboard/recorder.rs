//! Writes down what happens to calls, without a call ever waiting for it.
//!
//! Facts are written in groups. While the database is away they go to the
//! *spool*, one JSON line each, synced to disk, and from there to the database
//! once it is back; a spool left by a crash is taken up at the next start.
//! Writing a fact twice changes nothing, so a write whose answer got lost is
//! simply written again.

mod spool;

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::domain::calling::record::Fact;
use crate::flows::ledger::Ledger;
use crate::telemetry::Metrics;
use spool::Spool;

/// Facts that may wait for the recorder; with the spool beside the database
/// this many wait only when the disk itself hangs.
const QUEUE: usize = 65_536;
/// Facts in one transaction.
const GROUP: usize = 256;
/// A database that takes longer than this counts as away.
const WRITE_LIMIT: Duration = Duration::from_secs(3);
/// How often an absent database is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A hold on the recorder; cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Entry>,
    metrics: Metrics,
}

enum Entry {
    Fact(Fact, oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
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
    pub fn start(spool: PathBuf, clock: Clock, ledger: Ledger, metrics: Metrics) -> Self {
        let (queue, entries) = mpsc::channel(QUEUE);
        let writer = Writer { spool: Spool::at(spool), clock, ledger, metrics: metrics.clone() };
        tokio::spawn(writer.run(entries));
        Self { queue, metrics }
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
        if self.queue.send(Entry::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

struct Writer {
    spool: Spool,
    clock: Clock,
    ledger: Ledger,
    metrics: Metrics,
}

impl Writer {
    async fn run(mut self, mut entries: mpsc::Receiver<Entry>) {
        self.take_up_spool().await;
        let mut group = Vec::with_capacity(GROUP);
        loop {
            let retry_at = (!self.spool.is_empty()).then(|| self.clock.now() + RETRY);
            tokio::select! {
                n = entries.recv_many(&mut group, GROUP) => if n == 0 { return },
                () = self.clock.until(retry_at) => self.take_up_spool().await,
            }
            if self.write_group(&mut group).await {
                return;
            }
        }
    }

    /// Puts a group on disk, in the database or in the spool; true when it was the last.
    async fn write_group(&mut self, group: &mut Vec<Entry>) -> bool {
        let (mut facts, mut waiting, mut closing) = (Vec::new(), Vec::new(), None);
        for entry in group.drain(..) {
            match entry {
                Entry::Fact(fact, done) => {
                    facts.push(fact);
                    waiting.push(done);
                }
                Entry::Close(done) => closing = Some(done),
            }
        }
        // Behind a spool the order is kept by joining its end.
        let in_database = self.spool.is_empty() && self.put(&facts).await;
        if !in_database && !facts.is_empty() {
            self.keep(&facts).await;
        }
        for done in waiting {
            let _ = done.send(());
        }
        match closing {
            Some(done) => {
                let _ = done.send(());
                true
            }
            None => false,
        }
    }

    async fn put(&self, facts: &[Fact]) -> bool {
        if facts.is_empty() {
            return true;
        }
        match tokio::time::timeout(WRITE_LIMIT, self.ledger.write(facts)).await {
            Ok(Ok(())) => true,
            Ok(Err(failure)) => {
                warn!(facts = facts.len(), error = &failure as &dyn std::error::Error,
                      "the database did not take what happened to calls; it is kept in the spool");
                false
            }
            Err(_) => {
                warn!(facts = facts.len(), "the database is too slow; what happened to calls is kept in the spool");
                false
            }
        }
    }

    async fn keep(&mut self, facts: &[Fact]) {
        self.metrics.facts_spooled(facts.len());
        if let Err(failure) = self.spool.append(facts).await {
            error!(error = &failure as &dyn std::error::Error, "the spool cannot be written");
        }
    }

    /// Brings the spool into the database, or leaves it for the next time.
    async fn take_up_spool(&mut self) {
        let facts = match self.spool.read().await {
            Ok(facts) => facts,
            Err(failure) => {
                error!(error = &failure as &dyn std::error::Error, "the spool cannot be read");
                return;
            }
        };
        if facts.is_empty() {
            return;
        }
        let mut left = Vec::new();
        for group in facts.chunks(GROUP) {
            if !self.put(group).await {
                left.extend_from_slice(group);
            }
        }
        match self.spool.replace(&left).await {
            Ok(()) if left.is_empty() => info!(facts = facts.len(), "the spool is in the database"),
            Ok(()) => {}
            Err(failure) => error!(error = &failure as &dyn std::error::Error, "the spool cannot be cleared"),
        }
    }
}
