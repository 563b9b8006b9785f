//! Writes ladders down when calls are over: in groups, one at a time, and
//! never at the cost of a fact. While the database is away they are dropped.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::warn;

use crate::domain::calling::ladder::Ladder;
use crate::flows::ledger::Ledger;
use crate::telemetry::Metrics;

/// Ladders that may wait; a few KiB each.
const QUEUE: usize = 1_024;
/// Ladders in one transaction: facts wait behind it.
const GROUP: usize = 128;
/// How long they gather: a transaction costs a wait for the disk, whatever it holds.
const GATHER: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(5);

/// The task that keeps ladders.
pub struct LadderKeeper {
    pub queue: mpsc::Sender<Ladder>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl LadderKeeper {
    pub fn start(ledger: Ledger, metrics: Metrics) -> Self {
        let (queue, ladders) = mpsc::channel(QUEUE);
        let (stop, stopped) = oneshot::channel();
        Self { queue, stop, task: tokio::spawn(keep(ledger, metrics, ladders, stopped)) }
    }

    /// Writes what was handed over so far, then stops.
    pub async fn close(self) {
        let Self { stop, task, .. } = self;
        let _ = stop.send(());
        let _ = task.await;
    }
}

async fn keep(
    ledger: Ledger,
    metrics: Metrics,
    mut ladders: mpsc::Receiver<Ladder>,
    mut stopped: oneshot::Receiver<()>,
) {
    let fill = metrics.queue("ladders", QUEUE);
    let mut group = Vec::with_capacity(GROUP);
    let (mut away, mut stopping) = (false, false);
    loop {
        tokio::select! {
            count = ladders.recv_many(&mut group, GROUP) => if count == 0 { return },
            _ = &mut stopped, if !stopping => {
                stopping = true;
                ladders.close();
                continue;
            }
        }
        if !stopping && timeout(GATHER, &mut stopped).await.is_ok() {
            stopping = true;
            ladders.close();
        }
        while group.len() < GROUP
            && let Ok(ladder) = ladders.try_recv()
        {
            group.push(ladder);
        }
        fill.set(ladders.len());
        let failed = match timeout(PATIENCE, ledger.keep_ladders(&group)).await {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => Some(failure.to_string()),
            Err(_) => Some("the database is too slow".to_owned()),
        };
        if let Some(why) = &failed {
            metrics.ladders_lost(group.len());
            // Said once, not for every group.
            if !away {
                warn!(why, "ladders of calls are not kept; the calls themselves are");
            }
        }
        away = failed.is_some();
        group.clear();
    }
}
