//! The one task that puts facts on disk, and sees to it that they go on into the database.

use std::error::Error;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{error, info, warn};

use super::Entry;
use super::deliver::{Delivered, bring, deliver};
use super::spool::{Sealed, Spool};
use crate::clock::Clock;
use crate::domain::calling::record::Fact;
use crate::domain::time::Timestamp;
use crate::flows::ledger::Ledger;
use crate::telemetry::Metrics;

/// How long facts gather before they are synced to disk together: the 200 to
/// an INVITE or a BYE comes later by no more than this, besides the disk.
const GATHER: Duration = Duration::from_millis(3);
/// The most facts that are synced together.
const TOGETHER: usize = 1_024;
/// How long facts gather on disk before they go into the database: fewer,
/// larger transactions.
const BRING_EVERY: Duration = Duration::from_millis(250);
/// How often an absent database, or a full disk, is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How long the database may take for a file when the gateway starts or stops.
/// What is not in it by then stays on disk.
const PATIENCE: Duration = Duration::from_secs(5);
/// Facts that are kept in memory while the disk is full.
const HELD_MAX: usize = 65_536;

type Waiting = (Fact, oneshot::Sender<()>);
/// What is left of a file when it could not be brought in to its end.
type Left = Option<Sealed>;

pub(super) struct Writer {
    spool: Spool,
    /// Facts that the spool did not take: the disk is full, say. They come
    /// after those in the spool.
    held: Vec<Waiting>,
    /// When the spool is next brought into the database.
    bring_at: Timestamp,
    bringing: Option<JoinHandle<Left>>,
    clock: Clock,
    ledger: Ledger,
    metrics: Metrics,
}

impl Writer {
    pub fn new(spool: Spool, clock: Clock, ledger: Ledger, metrics: Metrics) -> Self {
        let bring_at = clock.now();
        Self { spool, held: vec![], bring_at, bringing: None, clock, ledger, metrics }
    }

    /// Brings what an earlier run left into the database, before anything new comes.
    pub async fn take_up_spool(&mut self) {
        let left = self.spool.len();
        self.bring_all().await;
        if left > self.spool.len() {
            info!(facts = left - self.spool.len(), "facts from the spool are in the database");
        }
    }

    pub async fn run(mut self, mut entries: mpsc::Receiver<Entry>, mut closing: watch::Receiver<bool>) {
        let fill = self.metrics.queue("facts", super::QUEUE);
        let mut group = Vec::with_capacity(TOGETHER);
        loop {
            let is_behind = self.spool.len() > 0 || !self.held.is_empty();
            let bring_at = (is_behind && self.bringing.is_none()).then_some(self.bring_at);
            tokio::select! {
                n = entries.recv_many(&mut group, TOGETHER) => {
                    fill.set(entries.len());
                    if n == 0 {
                        return;
                    }
                    tokio::select! {
                        () = self.clock.until(Some(self.clock.now() + GATHER)) => {}
                        _ = closing.wait_for(|closing| *closing) => {}
                    }
                    while group.len() < TOGETHER && let Ok(entry) = entries.try_recv() {
                        group.push(entry);
                    }
                    if self.keep_group(&mut group).await {
                        return;
                    }
                }
                () = self.clock.until(bring_at) => self.begin_to_bring().await,
                brought = finished(&mut self.bringing) => self.brought(brought),
            }
        }
    }

    /// Puts a group on disk; true when it was the last.
    async fn keep_group(&mut self, group: &mut Vec<Entry>) -> bool {
        let mut closing = None;
        for entry in group.drain(..) {
            match entry {
                Entry::Fact(fact, done) => self.held.push((fact, done)),
                Entry::Close(done) => closing = Some(done),
            }
        }
        self.keep().await;
        let Some(done) = closing else { return false };
        // It may hang on the database; all is then left on disk.
        let under_way = match &mut self.bringing {
            Some(task) => timeout(PATIENCE, task).await.map(|left| self.brought(left.ok())),
            None => Ok(()),
        };
        if under_way.is_ok() {
            self.bring_all().await;
        }
        let _ = done.send(());
        true
    }

    /// Adds to the spool what is held, and tells those who wait.
    async fn keep(&mut self) {
        if self.held.is_empty() {
            return;
        }
        if self.spool.len() == 0 && self.bringing.is_none() {
            self.bring_at = self.clock.now() + BRING_EVERY;
        }
        match self.spool.append(self.held.iter().map(|(fact, _)| fact)).await {
            Ok(()) => {
                self.metrics.facts_spooled(self.held.len());
                self.held.drain(..).for_each(tell);
            }
            Err(failure) => {
                let facts = self.held.len();
                error!(error = &failure as &dyn Error, facts, "the spool cannot be written");
                for _ in HELD_MAX..facts {
                    self.metrics.fact_lost();
                }
                self.held.truncate(HELD_MAX);
            }
        }
        self.count();
    }

    /// Sends what is on disk on its way, once the time has come.
    async fn begin_to_bring(&mut self) {
        self.keep().await;
        match self.spool.seal().await {
            Ok(Some(mut sealed)) => {
                let (ledger, metrics) = (self.ledger.clone(), self.metrics.clone());
                self.bringing = Some(tokio::spawn(async move {
                    (!bring(&ledger, &mut sealed, &metrics).await).then_some(sealed)
                }));
            }
            Ok(None) => self.bring_held().await,
            Err(failure) => {
                error!(error = &failure as &dyn Error, "the spool cannot be sealed");
                self.bring_at = self.clock.now() + RETRY;
            }
        }
    }

    /// The disk takes nothing, but the database may.
    async fn bring_held(&mut self) {
        self.bring_at = self.clock.now() + RETRY;
        let facts: Vec<Fact> = self.held.iter().map(|(fact, _)| fact.clone()).collect();
        if facts.is_empty() {
            return;
        }
        if let Ok(Delivered::Written { aside }) = timeout(PATIENCE, deliver(&self.ledger, &facts)).await {
            self.held.drain(..).for_each(tell);
            let count = aside.facts.len();
            match self.spool.set_aside(&aside).await {
                Ok(()) => self.metrics.facts_set_aside(count),
                Err(_) => {
                    error!(facts = count, why = aside.why, "facts that the database refuses are lost");
                    (0..count).for_each(|_| self.metrics.fact_lost());
                }
            }
        }
        self.count();
    }

    fn brought(&mut self, brought: Option<Left>) {
        self.bringing = None;
        let wait = match brought {
            Some(None) => BRING_EVERY,
            Some(Some(sealed)) => {
                self.spool.unseal(sealed);
                RETRY
            }
            // It panicked; the file is still there.
            None => RETRY,
        };
        self.bring_at = self.clock.now() + wait;
        self.count();
    }

    /// Brings all that there is into the database, while that goes well.
    async fn bring_all(&mut self) {
        while let Ok(Some(mut sealed)) = self.spool.seal().await {
            if !timeout(PATIENCE, bring(&self.ledger, &mut sealed, &self.metrics)).await.unwrap_or(false) {
                warn!(facts = sealed.facts, "facts about calls stay in the spool for now");
                self.spool.unseal(sealed);
                break;
            }
        }
        self.count();
    }

    fn count(&self) {
        self.metrics.facts_waiting(self.spool.len() + self.held.len());
    }
}

fn tell((_, done): Waiting) {
    // Whoever asked may have lost patience.
    let _ = done.send(());
}

/// Waits for ever when there is nothing to wait for; `None` when it panicked.
async fn finished(bringing: &mut Option<JoinHandle<Left>>) -> Option<Left> {
    match bringing {
        Some(task) => task.await.ok(),
        None => std::future::pending().await,
    }
}
