//! Works off the tables that were brought to this node, the oldest first, a few
//! rows at a time: calls and visits are written in between.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::domain::people::import::table::{TableError, records};
use crate::domain::people::import::{Import, State};
use crate::domain::phone::Country;
use crate::flows::{declared, import_failed, rows_imported};
use crate::inbox::Inbox;
use crate::store::{Store, StoreError};

/// Rows that share a transaction.
pub const BATCH: usize = 50;
const EVERY: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_secs(5);
/// Whoever has not begun by then has forgotten; the file is not kept for it.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Works off what was brought here, and what an earlier run had begun.
#[derive(Clone)]
pub struct ImportContacts {
    pub store: Store,
    pub clock: Clock,
    pub inbox: Inbox,
    pub node: String,
    /// Where numbers without a country are at home.
    pub home: Country,
}

impl ImportContacts {
    pub async fn run(self) {
        let mut failing = false;
        loop {
            match self.step().await {
                Ok(true) => {
                    failing = false;
                    tokio::task::yield_now().await;
                    continue;
                }
                Ok(false) => failing = false,
                Err(failure) if !failing => {
                    let error = &failure as &dyn std::error::Error;
                    warn!(error, "imports wait for the database");
                    failing = true;
                }
                Err(_) => {}
            }
            self.clock.until(Some(self.clock.now() + EVERY)).await;
        }
    }

    /// Deletes files of no import, which a crash has left.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let needed: Vec<_> =
            self.store.list_imports_of_node(&self.node).await?.iter().map(|import| import.id).collect();
        match self.inbox.sweep(&needed) {
            Ok(0) => {}
            Ok(files) => info!(files, "files of imports that a crash had left are deleted"),
            Err(failure) => {
                warn!(error = &failure as &dyn std::error::Error, "the folder of imports cannot be swept")
            }
        }
        Ok(())
    }

    /// Works off a few rows of the oldest import; `false`: there is none.
    pub async fn step(&self) -> Result<bool, StoreError> {
        let imports = self.store.list_imports_of_node(&self.node).await?;
        let long_ago = self.clock.now() - FORGOTTEN_AFTER;
        for import in imports.iter().filter(|it| it.state.may_start() && it.created_at < long_ago) {
            let problem = "nobody has begun it within seven days".to_owned();
            import_failed(&self.store, &self.clock, import.id, problem).await?;
            self.delete_file(import);
        }
        let Some(import) = imports.into_iter().find(|import| import.state.runs()) else { return Ok(false) };
        self.work(import).await?;
        Ok(true)
    }

    async fn work(&self, import: Import) -> Result<(), StoreError> {
        let (inbox, asked) = (self.inbox.clone(), import.clone());
        let read = spawn_blocking(move || {
            let file = inbox.read(asked.id, asked.position.byte)?;
            records(file, asked.separator, asked.position, BATCH)
        });
        let (rows, next) = match read.await.map_err(std::io::Error::other).map_err(TableError::from).flatten()
        {
            Ok(read) => read,
            // A disk that hiccups is asked again; a file that is gone never comes back.
            Err(TableError::Io(failure))
                if !matches!(failure.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) =>
            {
                warn!(import.id = %import.id, error = &failure as &dyn std::error::Error, "a table cannot be read now");
                self.clock.until(Some(self.clock.now() + AGAIN)).await;
                return Ok(());
            }
            Err(failure) => return self.give_up(&import, &failure.to_string()).await,
        };
        let ends = rows.len() < BATCH;
        let declared = Arc::new(declared(&self.store, self.home).await?);
        match rows_imported(&self.store, &self.clock, &declared, &import, rows, (next, ends)).await {
            Ok(Some(done)) if done.state == State::Imported => {
                info!(import.id = %done.id, rows = done.counts.rows(), "contacts of a table are imported");
                self.delete_file(&done);
                Ok(())
            }
            Ok(_) => Ok(()),
            // The same rows would fail again.
            Err(failure) if failure.is_for_good() => {
                error!(
                    import.id = %import.id,
                    error = &failure as &dyn std::error::Error,
                    "the database refuses rows of an import"
                );
                let first = import.position.line + 1;
                let problem = format!("the database refuses a row among the {BATCH} from line {first} on");
                self.give_up(&import, &problem).await
            }
            Err(failure) => Err(failure),
        }
    }

    async fn give_up(&self, import: &Import, problem: &str) -> Result<(), StoreError> {
        import_failed(&self.store, &self.clock, import.id, problem.to_owned()).await?;
        self.delete_file(import);
        Ok(())
    }

    /// The next sweep deletes what cannot be deleted now.
    fn delete_file(&self, import: &Import) {
        if let Err(failure) = self.inbox.delete(import.id) {
            let error = &failure as &dyn std::error::Error;
            error!(import.id = %import.id, error, "the file of an import cannot be deleted");
        }
    }
}
