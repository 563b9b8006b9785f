//! The write queue: one task, one connection, many writes to a commit.
//!
//! A durable commit costs a wait for the disk, whatever it holds. So the task
//! takes what has gathered while the last commit was under way, runs it in
//! one transaction, and answers everybody after the commit. A lone write is
//! committed at once: the group grows with the load and nobody waits for it.
//!
//! When a write of a group fails, the group is rolled back and each of its
//! writes runs again in a transaction of its own, so that one bad write never
//! costs its neighbours theirs. When a commit fails nobody knows what is on
//! disk, so nothing is tried again and each of the group gets the error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::Poll;

use sqlx::{Any, AnyConnection, AnyPool, Transaction};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::dialect::Dialect;
use super::error::StoreError;
use crate::telemetry::{Metrics, Stopwatch};

/// The most writes that share a commit.
const GROUP_MAX: usize = 200;

/// The most writes that wait; whoever comes later waits for a place.
const WAITING_MAX: usize = 4_096;

/// What a write does, as a future that borrows its transaction.
pub type Step<'t, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 't>>;

/// A transaction under way. The table modules add what can be written in it.
pub struct Tx {
    inner: Transaction<'static, Any>,
    dialect: Dialect,
}

impl Tx {
    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }
}

pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub fn start(pool: AnyPool, dialect: Dialect, metrics: Metrics) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let task = tokio::spawn(run(pool, dialect, waiting, metrics));
        Self { queue: Mutex::new(Some(queue)), task: Mutex::new(Some(task)) }
    }

    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Step<'t, T> + Send + Sync + 'static,
    {
        let queue = lock(&self.queue).clone().ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let job = Write { work, done: None, reply };
        queue.send(Box::new(job)).await.map_err(|_| StoreError::Closed)?;
        drop(queue);
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Takes no more writes and waits for those that were taken.
    pub async fn stop(&self) {
        lock(&self.queue).take();
        let task = lock(&self.task).take();
        if let Some(task) = task {
            // It ends when the last sender is gone; its panic is nobody's answer.
            let _ = task.await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A write whose type of result is forgotten, so that one queue holds all.
trait Job: Send {
    /// Does the work and keeps its result until the commit; tells whether it succeeded.
    fn perform<'t>(&'t mut self, tx: &'t mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 't>>;

    /// Hands out the result, or the reason why there is none.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

struct Write<T, F> {
    work: F,
    done: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: for<'t> Fn(&'t mut Tx) -> Step<'t, T> + Send + Sync,
{
    fn perform<'t>(&'t mut self, tx: &'t mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 't>> {
        Box::pin(async move {
            let result = guarded((self.work)(tx)).await;
            let succeeded = result.is_ok();
            self.done = Some(result);
            succeeded
        })
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let result = match (self.done, failure) {
            // Its own failure says more than that the group was rolled back.
            (Some(Err(own)), _) => Err(own),
            (_, Some(failure)) => Err(failure),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(StoreError::Closed),
        };
        // Whoever asked may have gone away; the write stands all the same.
        let _ = self.reply.send(result);
    }
}

/// A panic in one write must not end the task that all writes need.
async fn guarded<T>(mut work: Step<'_, T>) -> Result<T, StoreError> {
    std::future::poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or(Poll::Ready(Err(StoreError::Panicked)))
    })
    .await
}

async fn run(pool: AnyPool, dialect: Dialect, mut waiting: mpsc::Receiver<Box<dyn Job>>, metrics: Metrics) {
    let fill = metrics.queue("store_writes", WAITING_MAX);
    let mut group = Vec::with_capacity(GROUP_MAX);
    while waiting.recv_many(&mut group, GROUP_MAX).await > 0 {
        fill.set(waiting.len());
        let watch = Stopwatch::start();
        let done = commit(&pool, dialect, &mut group).await;
        metrics.store_group(group.len(), watch.stop(), !matches!(done, Err(Failure::Database(_))));
        match done {
            Ok(()) => answer(group.drain(..), None),
            Err(Failure::Work) if group.len() > 1 => {
                for job in group.drain(..) {
                    let mut alone = vec![job];
                    let failure = commit(&pool, dialect, &mut alone).await.err().and_then(Failure::cause);
                    answer(alone.drain(..), failure);
                }
            }
            Err(failure) => answer(group.drain(..), failure.cause()),
        }
    }
}

fn answer(group: impl Iterator<Item = Box<dyn Job>>, failure: Option<StoreError>) {
    for job in group {
        job.answer(failure.clone());
    }
}

enum Failure {
    /// A write failed; it keeps the reason. All of its group is rolled back.
    Work,
    /// The database gave no transaction, or did not say that it committed.
    Database(StoreError),
}

impl Failure {
    fn cause(self) -> Option<StoreError> {
        match self {
            Failure::Work => None,
            Failure::Database(error) => Some(error),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Failure::Database(error.into())
    }
}

async fn commit(pool: &AnyPool, dialect: Dialect, group: &mut [Box<dyn Job>]) -> Result<(), Failure> {
    let inner = pool.begin_with(dialect.begin()).await?;
    let mut tx = Tx { inner, dialect };
    for job in group {
        if !job.perform(&mut tx).await {
            tx.inner.rollback().await?;
            return Err(Failure::Work);
        }
    }
    Ok(tx.inner.commit().await?)
}
