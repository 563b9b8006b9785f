//! The one task that puts facts on disk: in the database, or in the spool.

use std::error::Error;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::{error, info};

use super::Entry;
use super::deliver::{Delivered, GROUP, Replayed, deliver, replay};
use super::spool::Spool;
use crate::clock::Clock;
use crate::domain::calling::record::Fact;
use crate::flows::ledger::Ledger;
use crate::telemetry::Metrics;

/// A database slower than this is passed by: the wire waits for the disk, at
/// most twice this long.
const DIRECT_LIMIT: Duration = Duration::from_millis(100);
/// How often an absent database, or a full disk, is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Facts that are kept in memory while neither takes them.
const HELD_MAX: usize = 65_536;

pub(super) struct Writer {
    spool: Spool,
    /// Facts that even the spool did not take: the disk is full, say. They
    /// come after those in the spool.
    held: Vec<Fact>,
    clock: Clock,
    ledger: Ledger,
    metrics: Metrics,
}

impl Writer {
    pub fn new(spool: Spool, clock: Clock, ledger: Ledger, metrics: Metrics) -> Self {
        Self { spool, held: vec![], clock, ledger, metrics }
    }

    /// Replays the spool once, before anything new comes.
    pub async fn take_up_spool(&mut self) {
        if let Some(facts) = self.spooled().await {
            let replayed = replay(self.ledger.clone(), facts).await;
            self.replayed(replayed).await;
        }
    }

    pub async fn run(mut self, mut entries: mpsc::Receiver<Entry>) {
        let mut group = Vec::with_capacity(GROUP);
        let mut replaying: Option<JoinHandle<Replayed>> = None;
        loop {
            let is_behind = !self.spool.is_empty() || !self.held.is_empty();
            let retry_at = (is_behind && replaying.is_none()).then(|| self.clock.now() + RETRY);
            tokio::select! {
                n = entries.recv_many(&mut group, GROUP) => {
                    if n == 0 || self.write_group(&mut group).await {
                        return;
                    }
                }
                () = self.clock.until(retry_at) => {
                    self.keep(vec![]).await;
                    let facts = self.spooled().await;
                    replaying = facts.map(|facts| tokio::spawn(replay(self.ledger.clone(), facts)));
                }
                replayed = finished(&mut replaying) => {
                    replaying = None;
                    if let Some(replayed) = replayed {
                        self.replayed(replayed).await;
                    }
                }
            }
        }
    }

    /// Puts a group on disk; true when it was the last.
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
        if self.write(facts).await {
            waiting.into_iter().for_each(tell);
        }
        let is_last = closing.is_some();
        closing.into_iter().for_each(tell);
        is_last
    }

    /// Whether the facts are on disk now.
    async fn write(&mut self, facts: Vec<Fact>) -> bool {
        // Behind a spool the order is kept by joining its end.
        if self.spool.is_empty() && self.held.is_empty() && !facts.is_empty() {
            match deliver(&self.ledger, &facts, DIRECT_LIMIT).await {
                Delivered::Written { aside } => {
                    self.set_aside(&aside).await;
                    return true;
                }
                Delivered::Away => {}
            }
        }
        self.keep(facts).await
    }

    /// Adds to the spool what is held and what is new; false when the disk refuses.
    async fn keep(&mut self, mut facts: Vec<Fact>) -> bool {
        self.held.append(&mut facts);
        if self.held.is_empty() {
            return true;
        }
        match self.spool.append(&self.held).await {
            Ok(()) => {
                self.metrics.facts_spooled(self.held.len());
                self.held.clear();
            }
            Err(failure) => {
                error!(
                    error = &failure as &dyn Error,
                    facts = self.held.len(),
                    "the spool cannot be written"
                );
                while self.held.len() > HELD_MAX {
                    self.held.pop();
                    self.metrics.fact_lost();
                }
            }
        }
        self.metrics.facts_waiting(self.spool.len() + self.held.len());
        self.held.is_empty()
    }

    /// The facts in the spool; `None` when there are none.
    async fn spooled(&mut self) -> Option<Vec<Fact>> {
        match self.spool.read().await {
            Ok(facts) => (!facts.is_empty()).then_some(facts),
            Err(failure) => {
                error!(error = &failure as &dyn Error, "the spool cannot be read");
                None
            }
        }
    }

    async fn replayed(&mut self, replayed: Replayed) {
        let Replayed { taken, aside } = replayed;
        self.set_aside(&aside).await;
        match self.spool.drop_first(taken).await {
            Ok(()) if taken > 0 => info!(facts = taken, "facts from the spool are in the database"),
            Ok(()) => {}
            // They are written again, which changes nothing.
            Err(failure) => error!(error = &failure as &dyn Error, "the spool cannot be shortened"),
        }
        self.metrics.facts_waiting(self.spool.len() + self.held.len());
    }

    async fn set_aside(&self, facts: &[Fact]) {
        if facts.is_empty() {
            return;
        }
        error!(
            facts = facts.len(),
            "the database will never take these facts about calls; they are set aside"
        );
        if let Err(failure) = self.spool.set_aside(facts).await {
            error!(error = &failure as &dyn Error, "nor can they be set aside");
            facts.iter().for_each(|_| self.metrics.fact_lost());
        }
    }
}

fn tell(done: oneshot::Sender<()>) {
    // Whoever asked may have lost patience.
    let _ = done.send(());
}

/// Waits for ever when there is nothing to wait for; `None` when it panicked.
async fn finished(replaying: &mut Option<JoinHandle<Replayed>>) -> Option<Replayed> {
    match replaying {
        Some(task) => task.await.ok(),
        None => std::future::pending().await,
    }
}
