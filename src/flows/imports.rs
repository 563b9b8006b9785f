//! Somebody brings a table of contacts: it is tried or written, a few rows at a
//! time, each together with the place where the work goes on. So what a crash
//! cuts off has either happened with its place, or has not.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::contact_written::{ContactError, Writing, write};
use crate::clock::Clock;
use crate::domain::ids::{ContactId, ImportId, SystemId};
use crate::domain::people::draft::Declared;
use crate::domain::people::import::columns::Mapping;
use crate::domain::people::import::row::{self, Row};
use crate::domain::people::import::table::{Position, Record};
use crate::domain::people::import::{Counts, Import, Line, Outcome, Problem, State};
use crate::domain::people::quality::Source;
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// How many lines of a report are deleted at once: whoever writes meanwhile waits for one such part.
const LINES_AT_ONCE: u32 = 2_000;

#[derive(Clone, Debug, thiserror::Error)]
pub enum ImportError {
    #[error("no such import")]
    NotFound,
    /// It is worked on, or has been.
    #[error("the import is {0} already")]
    NotNow(State),
    /// What was said about the columns cannot be meant so.
    #[error("the mapping cannot be read")]
    Mapping(Vec<Problem>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the plan declares of people, with where numbers without a country are at home.
pub async fn declared(store: &Store, home: Country) -> Result<Declared, StoreError> {
    let sites = store.list_sites().await?.into_iter();
    let sites = sites.map(|site| site.id.as_str().parse::<SystemId>().expect("a site's name is a slug"));
    let systems = store.list_systems().await?.into_iter().map(|system| system.id);
    Ok(Declared { fields: store.list_contact_fields().await?, systems: systems.chain(sites).collect(), home })
}

/// Writes down that a table is there.
pub async fn import_received(store: &Store, import: Import) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            let import = import.clone();
            Box::pin(async move { tx.save_import(&import).await })
        })
        .await
}

/// Begins a run from the first row, which stands at `first`. Without a mapping, the one before counts, or
/// what the headings say by themselves.
pub async fn import_started(
    store: &Store,
    declared: &Declared,
    id: ImportId,
    asked: Option<BTreeMap<String, String>>,
    first: Position,
    dry: bool,
) -> Result<Import, ImportError> {
    let declared = Arc::new(declared.clone());
    let started = store
        .write(move |tx| {
            let (asked, declared) = (asked.clone(), Arc::clone(&declared));
            Box::pin(async move {
                let Some(mut import) = tx.hold_import(id).await? else {
                    return Ok(Err(ImportError::NotFound));
                };
                if !import.state.may_start() {
                    return Ok(Err(ImportError::NotNow(import.state)));
                }
                let asked = match (asked, &import.mapping) {
                    (Some(asked), _) => asked,
                    (None, Some(before)) => said(&import.columns, before),
                    (None, None) => said(&import.columns, &Mapping::suggested(&import.columns, &declared)),
                };
                match Mapping::read(&import.columns, &asked, &declared) {
                    Ok(mapping) => import.mapping = Some(mapping),
                    Err(problems) => return Ok(Err(ImportError::Mapping(problems))),
                }
                import.state = if dry { State::Checking } else { State::Importing };
                (import.position, import.counts, import.finished_at) = (first, Counts::default(), None);
                import.run += 1;
                tx.save_import(&import).await?;
                Ok(Ok(import))
            })
        })
        .await??;
    forget_lines(store, id, started.run).await?;
    Ok(started)
}

/// A mapping by its headings.
fn said(columns: &[String], mapping: &Mapping) -> BTreeMap<String, String> {
    let pairs = columns.iter().zip(&mapping.0);
    pairs.filter_map(|(heading, target)| Some((heading.clone(), target.as_ref()?.to_string()))).collect()
}

/// Writes, or tries, rows that stand where the import has come to; `next` is the place of the row after
/// them, `ends` tells that there is none. Gives the import as it is then, or `None` when it is not where
/// these rows are: somebody else has written them, or taken the import back.
pub async fn rows_imported(
    store: &Store,
    clock: &Clock,
    declared: &Declared,
    import: &Import,
    rows: Vec<Record>,
    (next, ends): (Position, bool),
) -> Result<Option<Import>, StoreError> {
    let now = clock.now();
    let mapping = import.mapping.clone().unwrap_or(Mapping(vec![]));
    let read = rows.iter().map(|it| (it.line, row::read(&it.cells, &import.columns, &mapping, declared)));
    let read: Arc<[_]> = read.collect::<Vec<_>>().into();
    let (asked, clock) = (import.clone(), clock.clone());
    let done = store.write(move |tx| {
        let (asked, clock, read) = (asked.clone(), clock.clone(), Arc::clone(&read));
        Box::pin(async move {
            let held = tx.hold_import(asked.id).await?;
            let at = |it: &Import| (it.run, it.state, it.position);
            let Some(mut import) = held.filter(|held| at(held) == at(&asked)) else { return Ok(None) };
            let dry = import.state == State::Checking;
            if dry {
                tx.begin_trial().await?;
            }
            let mut lines = Vec::with_capacity(read.len());
            for (line, row) in read.iter() {
                lines.push(match row {
                    Ok(row) => take(tx, &clock, &import, *line, row.clone(), now).await?,
                    Err(problems) => refused(*line, problems.clone()),
                });
            }
            if dry {
                tx.end_trial().await?;
            }
            tx.insert_import_lines(import.id, import.run, &lines).await?;
            lines.iter().for_each(|line| import.counts.add(line));
            import.position = next;
            if ends {
                import.state = if dry { State::Checked } else { State::Imported };
                import.finished_at = Some(now);
            }
            tx.save_import(&import).await?;
            Ok(Some(import))
        })
    });
    done.await
}

/// Writes one row as a program would write it. Whoever must not come back by a file is refused here.
async fn take(
    tx: &mut Tx,
    clock: &Clock,
    import: &Import,
    line: u64,
    Row { whom, patch, identities }: Row,
    now: Timestamp,
) -> Result<Line, StoreError> {
    let writing = Writing {
        by: import.by,
        source: Source::Import(import.id.to_string()),
        whom,
        patch,
        identities,
        returned: false,
    };
    Ok(match write(tx, clock, ContactId(clock.new_id()), writing, now).await? {
        Ok(written) => {
            let outcome = match &written {
                it if it.created => Outcome::Created,
                it if !it.merges.is_empty() => Outcome::Merged,
                it if it.changed => Outcome::Changed,
                _ => Outcome::Unchanged,
            };
            let mut marks: Vec<_> = written.marks.into_iter().map(|mark| mark.code).collect();
            marks.sort_unstable();
            marks.dedup();
            Line { line, outcome, marks, problems: vec![] }
        }
        Err(ContactError::Store(failure)) => return Err(failure),
        Err(why) => refused(line, vec![Problem { column: String::new(), detail: why.to_string() }]),
    })
}

fn refused(line: u64, problems: Vec<Problem>) -> Line {
    Line { line, outcome: Outcome::Refused, marks: vec![], problems }
}

/// The table cannot be read any further; what was written until there stays.
pub async fn import_failed(
    store: &Store,
    clock: &Clock,
    id: ImportId,
    problem: String,
) -> Result<(), StoreError> {
    let now = clock.now();
    store
        .write(move |tx| {
            let problem = problem.clone();
            Box::pin(async move {
                let held = tx.hold_import(id).await?;
                if let Some(mut import) = held.filter(|held| !held.state.is_over()) {
                    import.state = State::Failed;
                    (import.problem, import.finished_at) = (Some(problem), Some(now));
                    tx.save_import(&import).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Takes an import back with its report; what it has written stays.
pub async fn import_deleted(store: &Store, clock: &Clock, id: ImportId) -> Result<(), ImportError> {
    if store.find_import(id).await?.is_none() {
        return Err(ImportError::NotFound);
    }
    import_failed(store, clock, id, "it was taken back".to_owned()).await?;
    Ok(import_forgotten(store, id).await?)
}

/// Deletes an import that is over, and what became of its rows.
pub(super) async fn import_forgotten(store: &Store, id: ImportId) -> Result<(), StoreError> {
    forget_lines(store, id, u32::MAX).await?;
    store.write(move |tx| Box::pin(async move { tx.delete_import(id).await })).await
}

/// Deletes the report of runs before this one, part by part.
async fn forget_lines(store: &Store, id: ImportId, before: u32) -> Result<(), StoreError> {
    loop {
        let deleted = store
            .write(move |tx| Box::pin(async move { tx.delete_import_lines(id, before, LINES_AT_ONCE).await }))
            .await?;
        if deleted == 0 {
            return Ok(());
        }
    }
}
