//! Remembers: SQLite in a file by default, PostgreSQL when several nodes share.
//!
//! ```text
//!   faces ── reads ──────────────► several connections ─┐
//!                                                       ├─ one database
//!   flows ── write(step) ► queue ► one connection ──────┘
//! ```
//!
//! Every write of a process goes through one queue and one connection
//! ([`writer`]). On SQLite, which has one writer anyway, nobody ever finds the
//! file locked; on both, a group of writes shares one commit. A write is
//! answered after its commit, so what was acknowledged is on disk.
//!
//! One module per table, one function per question. The SQL says the same to
//! both databases; what differs goes through [`dialect`].

pub mod alerts;
pub mod api_keys;
mod asked;
pub mod attributions;
pub mod audit;
pub mod blocks;
mod call_lists;
mod call_notes;
pub mod calls;
mod caps;
mod checkpoint;
pub mod claims;
pub mod confirmations;
pub mod consents;
mod contact_fields;
mod contactability;
pub mod contacts;
mod controllers;
pub mod costs;
pub mod deliveries;
pub mod departures;
mod destinations;
pub mod dialect;
pub mod duplicates;
pub mod engagements;
mod erasures;
pub mod error;
pub mod events;
mod filter;
mod first_steps;
mod going_on;
pub mod held;
pub mod identities;
pub mod imports;
pub mod ladders;
pub mod leases;
pub mod lending;
pub mod lookalikes;
pub mod mail_domains;
pub mod mail_keys;
pub mod mails;
mod many;
pub mod marks;
pub mod media;
pub mod merges;
mod messages;
pub mod number_uses;
pub mod numbers;
mod offers;
mod open;
mod oppositions;
mod outbox;
pub mod outlets;
pub mod page;
pub mod page_views;
pub mod pool_uses;
pub mod pools;
pub mod preference_links;
pub mod priors;
mod prompts;
mod purposes;
mod qualifications;
pub mod recording_accesses;
pub mod recordings;
pub mod reports;
pub mod requests;
mod reservations;
pub mod restrictions;
pub mod retention;
pub mod revisions;
pub mod rfm;
mod rows;
mod saved_views;
pub mod scenarios;
pub mod schedules;
mod screenings;
pub mod segments;
pub mod sessions;
pub mod shares;
pub mod sharing;
pub mod sites;
mod steps;
mod streams;
pub mod taps;
pub mod tasks;
pub mod transfers;
pub mod trunk_states;
pub mod users;
pub mod visit_counts;
pub mod visits;
pub mod webhooks;
mod wishes;
pub mod writer;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sqlx::AnyPool;

use dialect::Dialect;
use offers::Offers;
use writer::Writer;

pub use api_keys::ApiKey;
pub use attributions::Version;
pub use blocks::BlockRow;
pub use call_lists::{CallFilter, CallRow};
pub use costs::{CostFilter, CostRow};
pub use engagements::EngagementFilter;
pub use error::{OpenError, StoreError};
pub use numbers::{NumberFilter, NumberRow};
pub use page::{Page, Window};
pub use pools::PoolRow;
pub use priors::LearnedPriors;
pub use recordings::RecordingFilter;
pub use sharing::Unleased;
pub use users::User;
pub use visits::VisitFilter;
pub use writer::{Step, Together, Tx};

/// Where the database is: `sqlite:data/whence.db` or `postgres://…`.
#[derive(Clone)]
pub struct Config {
    pub url: String,
}

/// The open database; cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    reads: AnyPool,
    /// Where the writer has its one connection; kept to be closed.
    writes: AnyPool,
    writer: Writer,
    dialect: Dialect,
    offers: Arc<Offers>,
    /// The writer is to ask again who is told what.
    webhooks_changed: Arc<AtomicBool>,
}

impl Store {
    /// Waits for the writes under way, then closes every connection.
    pub async fn close(&self) {
        self.0.writer.stop().await;
        self.0.writes.close().await;
        self.0.reads.close().await;
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.0.reads).await?;
        Ok(())
    }

    /// Runs `work` inside a transaction and answers after its commit.
    ///
    /// The transaction may be shared with other writes. When one of them fails
    /// all are rolled back and each is tried again on its own, so `work` may
    /// run twice; it must have no effect but on the transaction.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Step<'t, T> + Send + Sync + 'static,
    {
        self.0.writer.write(work).await
    }

    /// Asks in one transaction what is otherwise asked in the middle of a write; whatever `work` writes
    /// is lost.
    pub async fn read<T>(
        &self,
        work: impl for<'t> FnOnce(&'t mut Tx) -> Step<'t, T>,
    ) -> Result<T, StoreError> {
        let mut tx = Tx::reading(&self.0.reads, self.0.dialect).await?;
        work(&mut tx).await
    }

    fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// The same for a kind of write that is cheaper for many at once: those of
    /// a group are performed in one go.
    pub async fn write_together<W: Together>(&self, what: W) -> Result<W::Done, StoreError> {
        self.0.writer.write_together(what).await
    }

    fn reads(&self) -> &AnyPool {
        &self.0.reads
    }
}
