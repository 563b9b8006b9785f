//! The write queue: one task, one connection, many writes to a commit.
//!
//! A durable commit costs a wait for the disk, whatever it holds. So the task
//! takes what has gathered while the last commit was under way, runs it in
//! one transaction, and answers everybody after the commit. A lone write is
//! committed at once: the group grows with the load and nobody waits for it.
//!
//! Writes of one kind that gather in a group may be done in one go, in few
//! statements for all ([`Together`]): a statement costs more than its rows.
//!
//! When a write of a group fails, the group is rolled back and each of its
//! writes runs again in a transaction of its own, so that one bad write never
//! costs its neighbours theirs. When a commit fails nobody knows what is on
//! disk, so nothing is tried again and each of the group gets the error.

use std::any::{Any, TypeId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use sqlx::{AnyConnection, AnyPool, Transaction};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::checkpoint::Checkpoint;
use super::dialect::Dialect;
use super::error::StoreError;
use super::going_on::GoingOn;
use super::offers::Offers;
use super::outbox::Outbox;
use crate::telemetry::{Metrics, Stopwatch};

/// The most writes that share a commit.
const GROUP_MAX: usize = 256;

/// The most writes that wait; whoever comes later waits for a place.
const WAITING_MAX: usize = 4_096;

/// What a write does, as a future that borrows its transaction.
pub type Step<'t, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 't>>;

/// A transaction under way. The table modules add what can be written in it.
pub struct Tx {
    inner: Transaction<'static, sqlx::Any>,
    dialect: Dialect,
    /// What is kept in memory of the plan is out of date after the commit.
    changes_offers: bool,
    pub(super) going_on: GoingOn,
    pub(super) outbox: Outbox,
}

/// A write that costs less when it is done for many at once.
pub trait Together: Send + Sync + Sized + 'static {
    type Done: Send + 'static;

    /// Does all of them, and gives what came of each in their order. As for
    /// any write: it may run twice, and has no effect but on the transaction.
    fn perform<'t>(all: &'t [Self], tx: &'t mut Tx) -> Step<'t, Vec<Self::Done>>;
}

impl Tx {
    /// One that reads, and ends when it is dropped.
    pub(super) async fn reading(pool: &AnyPool, dialect: Dialect) -> Result<Self, StoreError> {
        let inner = pool.begin().await?;
        let (going_on, outbox) = (GoingOn::default(), Outbox::default());
        Ok(Self { inner, dialect, changes_offers: false, going_on, outbox })
    }

    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What is kept in memory of the plan is out of date: what this transaction
    /// knows from here on, what everybody else does after the commit.
    pub(super) fn offers_change(&mut self) {
        self.changes_offers = true;
        self.going_on = GoingOn::default();
    }
}

pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub fn start(desk: Desk, metrics: Metrics) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let task = tokio::spawn(run(desk, waiting, metrics));
        Self { queue: Mutex::new(Some(queue)), task: Mutex::new(Some(task)) }
    }

    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Step<'t, T> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.wait(Box::new(Write { work, done: None, reply }), answer).await
    }

    pub async fn write_together<W: Together>(&self, what: W) -> Result<W::Done, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.wait(Box::new(Gathered { all: vec![what], done: None, replies: vec![reply] }), answer).await
    }

    async fn wait<T>(&self, job: Box<dyn Job>, answer: Answer<T>) -> Result<T, StoreError> {
        let queue = lock(&self.queue).clone().ok_or(StoreError::Closed)?;
        queue.send(job).await.map_err(|_| StoreError::Closed)?;
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

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;
type Answer<T> = oneshot::Receiver<Result<T, StoreError>>;

/// A write whose type of result is forgotten, so that one queue holds all.
trait Job: Any + Send {
    /// Does the work and keeps its result until the commit; tells whether it succeeded.
    fn perform<'t>(&'t mut self, tx: &'t mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 't>>;

    /// Hands out the result, or the reason why there is none.
    fn answer(self: Box<Self>, failure: Option<StoreError>);

    /// Tells whether others of its type may be done together with it.
    fn gathers(&self) -> bool {
        false
    }

    /// Takes in a job of its own type.
    fn take_in(&mut self, _other: Box<dyn Any>) {}

    /// The single writes that it stands for.
    fn apart(self: Box<Self>) -> Vec<Box<dyn Job>>;
}

struct Write<T, F> {
    work: F,
    done: Option<Result<T, StoreError>>,
    reply: Reply<T>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx) -> Step<'t, T> + Send + Sync + 'static,
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

    fn apart(self: Box<Self>) -> Vec<Box<dyn Job>> {
        vec![self]
    }
}

/// Writes of one kind, done together.
struct Gathered<W: Together> {
    all: Vec<W>,
    done: Option<Result<Vec<W::Done>, StoreError>>,
    replies: Vec<Reply<W::Done>>,
}

impl<W: Together> Job for Gathered<W> {
    fn perform<'t>(&'t mut self, tx: &'t mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 't>> {
        Box::pin(async move {
            let result = guarded(W::perform(&self.all, tx)).await;
            let succeeded = result.is_ok();
            self.done = Some(result);
            succeeded
        })
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let failure = match (self.done, failure) {
            (Some(Err(own)), _) => own,
            (_, Some(failure)) => failure,
            (Some(Ok(done)), None) => {
                for (reply, done) in self.replies.into_iter().zip(done) {
                    let _ = reply.send(Ok(done));
                }
                return;
            }
            (None, None) => StoreError::Closed,
        };
        for reply in self.replies {
            let _ = reply.send(Err(failure.clone()));
        }
    }

    fn gathers(&self) -> bool {
        true
    }

    fn take_in(&mut self, other: Box<dyn Any>) {
        if let Ok(other) = other.downcast::<Self>() {
            self.all.extend(other.all);
            self.replies.extend(other.replies);
        }
    }

    fn apart(self: Box<Self>) -> Vec<Box<dyn Job>> {
        let alone = |(what, reply)| -> Box<dyn Job> {
            Box::new(Self { all: vec![what], done: None, replies: vec![reply] })
        };
        self.all.into_iter().zip(self.replies).map(alone).collect()
    }
}

/// Lets the writes of a kind be done where the first of them would be.
fn gathered(group: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
    let mut gathered: Vec<Box<dyn Job>> = Vec::with_capacity(group.len());
    let mut places: Vec<(TypeId, usize)> = Vec::new();
    for job in group {
        let kind = (*job).type_id();
        match places.iter().find(|(known, _)| *known == kind) {
            Some(&(_, place)) => gathered[place].take_in(job),
            None => {
                if job.gathers() {
                    places.push((kind, gathered.len()));
                }
                gathered.push(job);
            }
        }
    }
    gathered
}

/// A panic in one write must not end the task that all writes need.
async fn guarded<T>(mut work: Step<'_, T>) -> Result<T, StoreError> {
    std::future::poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or(Poll::Ready(Err(StoreError::Panicked)))
    })
    .await
}

/// Where the task writes.
pub(super) struct Desk {
    pub pool: AnyPool,
    pub dialect: Dialect,
    pub offers: Arc<Offers>,
    pub going_on: GoingOn,
    pub outbox: Outbox,
    /// `None`: the database sees to its own log.
    pub checkpoint: Option<Checkpoint>,
}

async fn run(mut desk: Desk, mut waiting: mpsc::Receiver<Box<dyn Job>>, metrics: Metrics) {
    let fill = metrics.queue("store_writes", WAITING_MAX);
    let mut group = Vec::with_capacity(GROUP_MAX);
    while waiting.recv_many(&mut group, GROUP_MAX).await > 0 {
        fill.set(waiting.len());
        let writes = group.len();
        let mut jobs = gathered(std::mem::take(&mut group));
        let watch = Stopwatch::start();
        let done = desk.commit(&mut jobs).await;
        metrics.store_group(writes, watch.stop(), !matches!(done, Err(Failure::Database(_))));
        match done {
            Ok(()) => answer(jobs, None),
            Err(Failure::Work) if writes > 1 => {
                for job in jobs.into_iter().flat_map(Job::apart) {
                    let mut alone = vec![job];
                    let failure = desk.commit(&mut alone).await.err().and_then(Failure::cause);
                    answer(alone, failure);
                }
            }
            Err(failure) => answer(jobs, failure.cause()),
        }
        if let Some(checkpoint) = &mut desk.checkpoint {
            checkpoint.wrote(writes);
        }
    }
    if let Some(checkpoint) = desk.checkpoint {
        checkpoint.stop().await;
    }
}

fn answer(jobs: Vec<Box<dyn Job>>, failure: Option<StoreError>) {
    for job in jobs {
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

impl Desk {
    async fn commit(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        let inner = self.pool.begin_with(self.dialect.begin()).await?;
        if self.offers.has_changed() {
            self.going_on = GoingOn::default();
        }
        // Taken back after the commit: what a failure leaves of it is not to be trusted.
        let going_on = std::mem::take(&mut self.going_on);
        let outbox = self.outbox.take();
        let mut tx = Tx { inner, dialect: self.dialect, changes_offers: false, going_on, outbox };
        for job in jobs {
            if !job.perform(&mut tx).await {
                tx.inner.rollback().await?;
                return Err(Failure::Work);
            }
        }
        tx.send_out().await.map_err(Failure::Database)?;
        let committed = tx.inner.commit().await;
        if tx.changes_offers {
            self.offers.forget();
        }
        committed?;
        self.going_on = tx.going_on;
        self.outbox = tx.outbox;
        Ok(())
    }
}
