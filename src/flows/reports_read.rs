//! What reports are counted from is kept in memory, and read on as hours are counted.
//!
//! After a start the latest hours are read first: a report waits until those it
//! is about are there, which for a month takes a moment.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::warn;

use crate::domain::reporting::book::Book;
use crate::domain::reporting::count::{Counted, Question};
use crate::domain::reporting::cross::{Crossed, Side};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::facts::hour_of;
use crate::domain::reporting::finding::Wanted;
use crate::domain::reporting::openings::Week;
use crate::domain::reporting::rota::Shift;
use crate::domain::time::Timestamp;
use crate::store::revisions::CALL_HOURS;
use crate::store::{Store, StoreError};

/// How many hours are read at once.
const AT_ONCE: i64 = 48;
/// From so many calls on a report is counted by several threads.
const SHARED_FROM: usize = 200_000;
const THREADS: usize = 2;
/// The others wait: calls want the processors, too.
const AT_THE_SAME_TIME: usize = 2;
/// How long a report waits for what it is about.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why nothing is counted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the calls of that time are still being read; ask again in a moment")]
    NotRead,
    #[error("the report could not be counted")]
    Panicked,
}

/// The hours in memory; cheap to clone.
#[derive(Clone)]
pub struct Reports(Arc<Shared>);

struct Shared {
    book: RwLock<Book>,
    /// For reports that are counted at the same time.
    room: Arc<Semaphore>,
    read: watch::Sender<Read>,
}

/// What has been read.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Read {
    Nothing,
    /// All hours from this one on that had been counted when this counter stood there.
    From {
        hour: i64,
        seq: i64,
    },
    /// All hours, up to this one of those that have this counter.
    All {
        seq: i64,
        hour: i64,
    },
}

impl Default for Reports {
    fn default() -> Self {
        Self(Arc::new(Shared {
            book: RwLock::default(),
            room: Arc::new(Semaphore::new(AT_THE_SAME_TIME)),
            read: watch::Sender::new(Read::Nothing),
        }))
    }
}

impl Reports {
    /// Reads a part of what is not read yet; `false`: everything is.
    pub async fn read_on(&self, store: &Store) -> Result<bool, StoreError> {
        let read = *self.0.read.borrow();
        let (hours, now) = match read {
            // Whatever is counted from now on has a higher number, and is read again at the end.
            Read::Nothing => (vec![], Read::From { hour: i64::MAX, seq: store.revision(CALL_HOURS).await? }),
            Read::From { hour, seq } => {
                let hours = store.list_call_hours(hour, AT_ONCE).await?;
                if hours.is_empty() && store.has_uncounted_hours().await? {
                    return Ok(false);
                }
                let earliest = hours.last().map(|counted| counted.hour);
                (hours, earliest.map_or(Read::All { seq, hour: i64::MAX }, |hour| Read::From { hour, seq }))
            }
            Read::All { seq, hour } => {
                let hours = store.list_call_hours_since((seq, hour), AT_ONCE).await?;
                let last = hours.last().map(|counted| Read::All { seq: counted.seq, hour: counted.hour });
                (hours, last.unwrap_or(read))
            }
        };
        if read == now && hours.is_empty() {
            return Ok(false);
        }
        let shared = Arc::clone(&self.0);
        // A report that is being counted is waited for, but not by what carries calls.
        let put = spawn_blocking(move || {
            let mut book = shared.book.write().unwrap_or_else(|poisoned| poisoned.into_inner());
            for counted in hours {
                match counted.facts {
                    Some(facts) => book.put(counted.hour, facts),
                    None => warn!(
                        hour = counted.hour,
                        "an hour of calls cannot be read; reports have what it was"
                    ),
                }
            }
        });
        put.await.map_err(|_| StoreError::Panicked)?;
        self.0.read.send_replace(now);
        Ok(true)
    }

    /// Lets go of what no call points at any more: the term of a visit that was erased, say.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.0);
        let tidied = spawn_blocking(move || {
            shared.book.write().unwrap_or_else(|poisoned| poisoned.into_inner()).tidy();
        });
        tidied.await.map_err(|_| StoreError::Panicked)
    }

    /// Counts on a thread of its own: nobody else waits for it.
    pub async fn count(&self, question: Question) -> Result<Counted, ReportError> {
        self.read_since(hour_of(question.period.start)).await?;
        self.ask(move |book| count(book, question)).await
    }

    /// The same by the hour of the week, while open and while closed; and whether hours were taken for open that may not be.
    pub async fn rota(&self, question: Question, shifts: Vec<Shift>) -> Result<(Week, bool), ReportError> {
        self.read_since(hour_of(question.period.start)).await?;
        self.ask(move |book| rota(book, &question, shifts)).await
    }

    /// The same by two sides at once.
    pub async fn cross(&self, question: Question, rows: Side, columns: Side) -> Result<Crossed, ReportError> {
        self.read_since(hour_of(question.period.start)).await?;
        self.ask(move |book| cross(book, question, &rows, &columns)).await
    }

    /// When there was talk in the calls of a destination that arrived within a period.
    pub async fn talks(
        &self,
        period: Range<Timestamp>,
        only: Vec<(Dimension, BTreeSet<Option<String>>)>,
    ) -> Result<Vec<Range<Timestamp>>, ReportError> {
        self.read_since(hour_of(period.start)).await?;
        self.ask(move |book| book.talks(&period, &only)).await
    }

    /// Up to which hour of those that have which counter all is read of the time since then; waits until it is.
    pub async fn place(&self, since: Timestamp) -> Result<(i64, i64), ReportError> {
        match self.read_since(hour_of(since)).await? {
            Read::All { seq, hour } => Ok((seq, hour)),
            Read::From { seq, .. } => Ok((seq, i64::MAX)),
            Read::Nothing => Err(ReportError::NotRead),
        }
    }

    /// Waits until more is read than now.
    pub async fn reads_on(&self) -> Result<(), ReportError> {
        let now = *self.0.read.borrow();
        self.read_until(|read| *read != now).await?;
        Ok(())
    }

    async fn read_since(&self, first: i64) -> Result<Read, ReportError> {
        self.read_until(|read| match read {
            Read::Nothing => false,
            Read::From { hour, .. } => *hour <= first,
            Read::All { .. } => true,
        })
        .await
    }

    /// When calls arrived that pass, as [`Book::find`] tells.
    pub async fn find(
        &self,
        period: Range<Timestamp>,
        wanted: Wanted,
        but: HashSet<i64>,
        most: usize,
    ) -> Result<Vec<Timestamp>, ReportError> {
        self.ask(move |book| book.find(&period, &wanted, &but, most)).await
    }

    async fn read_until(&self, there: impl Fn(&Read) -> bool) -> Result<Read, ReportError> {
        let mut read = self.0.read.subscribe();
        match timeout(PATIENCE, read.wait_for(there)).await {
            Ok(Ok(read)) => Ok(*read),
            _ => Err(ReportError::NotRead),
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        asked: impl FnOnce(&Book) -> T + Send + 'static,
    ) -> Result<T, ReportError> {
        let shared = Arc::clone(&self.0);
        let permit = Arc::clone(&self.0.room).acquire_owned().await.map_err(|_| ReportError::Panicked)?;
        let answered = spawn_blocking(move || {
            let _permit = permit;
            asked(&shared.book.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
        });
        answered.await.map_err(|_| ReportError::Panicked)
    }
}

/// Many calls are shared out between threads.
fn count(book: &Book, question: Question) -> Counted {
    let counting = book.ask(question);
    let threads = if counting.calls() < SHARED_FROM { 1 } else { THREADS };
    thread::scope(|scope| {
        let parts: Vec<_> = counting.parts(threads).map(|part| scope.spawn(move || part.tally())).collect();
        counting.tell(parts.into_iter().map(|part| part.join().expect("counting does not panic")))
    })
}

fn rota(book: &Book, question: &Question, shifts: Vec<Shift>) -> (Week, bool) {
    let rota = book.rota(question, shifts);
    let threads = if rota.calls() < SHARED_FROM { 1 } else { THREADS };
    thread::scope(|scope| {
        let parts: Vec<_> = rota.parts(threads).map(|part| scope.spawn(part)).collect();
        rota.tell(parts.into_iter().map(|part| part.join().expect("counting does not panic")))
    })
}

fn cross(book: &Book, question: Question, rows: &Side, columns: &Side) -> Crossed {
    let crossing = book.cross(question, rows, columns);
    let threads = if crossing.calls() < SHARED_FROM { 1 } else { THREADS };
    thread::scope(|scope| {
        let parts: Vec<_> = crossing.parts(threads).map(|part| scope.spawn(part)).collect();
        crossing.tell(parts.into_iter().map(|part| part.join().expect("counting does not panic")))
    })
}
