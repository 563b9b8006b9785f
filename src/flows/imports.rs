//! Somebody brings a table of contacts: it is tried or written, a few rows at a
//! time, each together with the place where the work goes on. So what a crash
//! cuts off has either happened with its place, or has not.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::consent_recorded::{ConsentError, read_line};
use super::contact_written::{ContactError, Writing, write};
use crate::clock::Clock;
use crate::domain::ids::{ConsentId, ContactId, ImportId, SystemId};
use crate::domain::people::consent::{self, Consent, Entry};
use crate::domain::people::draft::Declared;
use crate::domain::people::import::columns::Mapping;
use crate::domain::people::import::consents::{self, Said};
use crate::domain::people::import::row::{self, Row, Table};
use crate::domain::people::import::table::{Position, Record};
use crate::domain::people::import::{Counts, Import, Line, Outcome, Problem, State};
use crate::domain::people::keys::{KeyKind, keys};
use crate::domain::people::profile::{Patch, Profile};
use crate::domain::people::quality::Source;
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// How many lines of a report are deleted at once: whoever writes meanwhile waits for one such part.
const LINES_AT_ONCE: u32 = 2_000;
/// Among so many who are called the same, and have the same value that cannot be read, somebody is looked for.
const SAME_MAX: u32 = 100;

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
    /// Nor what was said of every consent.
    #[error("what is said of every consent cannot be read")]
    Consents(Vec<consent::Fault>),
    /// Some columns are for the consent ledger, and whoever starts may not write there.
    #[error("the columns about consent are not theirs to write who starts")]
    NoConsents,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the plan declares of people, with where numbers without a country are at home.
pub async fn declared(store: &Store, home: Country) -> Result<Declared, StoreError> {
    let sites = store.list_sites().await?.into_iter();
    let sites = sites.map(|site| site.id.as_str().parse::<SystemId>().expect("a site's name is a slug"));
    let systems = store.list_systems().await?.into_iter().map(|system| system.id);
    Ok(Declared {
        fields: store.list_contact_fields().await?,
        systems: systems.chain(sites).collect(),
        purposes: store.list_purposes().await?,
        controllers: store.list_controllers().await?,
        home,
    })
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

/// What somebody says about a table; of what they say nothing, the word before counts.
#[derive(Clone, Debug, Default)]
pub struct ImportRun {
    /// What columns mean, by their headings; at first, what these say by themselves.
    pub mapping: Option<BTreeMap<String, String>>,
    /// What holds for every answer whose row does not say it itself.
    pub consents: Option<consent::Draft>,
    /// A try: nothing of it stays.
    pub dry: bool,
    /// Whether they may write into the consent ledger.
    pub may_consent: bool,
}

/// Begins a run from the first row, which stands at `first`.
pub async fn import_started(
    store: &Store,
    clock: &Clock,
    declared: &Declared,
    id: ImportId,
    asked: ImportRun,
    first: Position,
) -> Result<Import, ImportError> {
    let faults = asked.consents.as_ref().map(|all| consents::check(all, clock.now())).unwrap_or_default();
    if !faults.is_empty() {
        return Err(ImportError::Consents(faults));
    }
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
                let mapping = match (asked.mapping, &import.mapping) {
                    (Some(mapping), _) => mapping,
                    (None, Some(before)) => said(&import.columns, before),
                    (None, None) => said(&import.columns, &Mapping::suggested(&import.columns, &declared)),
                };
                match Mapping::read(&import.columns, &mapping, &declared) {
                    Ok(mapping) if mapping.has_consents() && !asked.may_consent => {
                        return Ok(Err(ImportError::NoConsents));
                    }
                    Ok(mapping) => import.mapping = Some(mapping),
                    Err(problems) => return Ok(Err(ImportError::Mapping(problems))),
                }
                import.consents = asked.consents.unwrap_or(import.consents);
                import.state = if asked.dry { State::Checking } else { State::Importing };
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
    let (columns, mapping, consents) = (&import.columns[..], &mapping, &import.consents);
    let table = Table { columns, mapping, declared, consents, now };
    let read = rows.iter().map(|it| (it.line, row::read(&it.cells, table)));
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
                let (line, consents) = match row {
                    Ok(row) => take(tx, &clock, &import, *line, row.clone(), now).await?,
                    Err(problems) => (refused(*line, problems.clone()), 0),
                };
                import.counts.add(&line, consents);
                lines.push(line);
            }
            if dry {
                tx.end_trial().await?;
            }
            tx.insert_import_lines(import.id, import.run, &lines).await?;
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

/// Writes one row as a program would write it, and tells how many lines the ledger got by it. Whoever must not come
/// back by a file is refused here.
async fn take(
    tx: &mut Tx,
    clock: &Clock,
    import: &Import,
    line: u64,
    Row { whom, patch, identities, consents, warnings }: Row,
    now: Timestamp,
) -> Result<(Line, u64), StoreError> {
    let answers = match read_answers(tx, clock, import, line, consents, now).await? {
        Ok(answers) => answers,
        Err(problems) => return Ok((refused(line, problems), 0)),
    };
    // By nothing that can be read: whoever is known with the very same.
    let is_pointed_at = whom.is_some() || !identities.is_empty();
    let whom = if is_pointed_at { whom } else { find_same(tx, &patch).await? };
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
            let told = tell(tx, written.contact, answers, now).await?;
            let outcome = match &written {
                it if it.created => Outcome::Created,
                it if !it.merges.is_empty() => Outcome::Merged,
                it if it.changed || told > 0 => Outcome::Changed,
                _ => Outcome::Unchanged,
            };
            let mut marks: Vec<_> = written.marks.into_iter().map(|mark| mark.code).collect();
            marks.sort_unstable();
            marks.dedup();
            (Line { line, outcome, marks, problems: warnings }, told)
        }
        Err(ContactError::Store(failure)) => return Err(failure),
        Err(why) => (refused(line, vec![Problem { column: String::new(), detail: why.to_string() }]), 0),
    })
}

/// Somebody who was given with the same names and the same value that cannot be read, and of whom all else that is said is
/// known. Names make no two people one: who differs in anything is somebody else.
async fn find_same(tx: &mut Tx, patch: &Patch) -> Result<Option<ContactId>, StoreError> {
    let mut said = Profile::default();
    said.apply(patch.clone());
    let Some(key) = keys(&said, &[]).into_iter().find(|key| key.kind == KeyKind::Unread) else {
        return Ok(None);
    };
    for id in tx.list_contacts_keyed(&key, SAME_MAX).await? {
        let Some(mut contact) = tx.hold_contact(id).await? else { continue };
        if let Some(into) = contact.merged_into {
            let Some(now) = tx.hold_contact(into).await? else { continue };
            contact = now;
        }
        let mut after = contact.profile.clone();
        after.apply(patch.clone());
        if after == contact.profile && contact.erased_at.is_none() {
            return Ok(Some(contact.id));
        }
    }
    Ok(None)
}

/// A line for the ledger, whose contact is not known yet, and whether its row says when that was.
type Answer = (Consent, bool);

/// The lines that a row has for the ledger, or what is wrong with them.
async fn read_answers(
    tx: &mut Tx,
    clock: &Clock,
    import: &Import,
    row: u64,
    consents: Vec<Said>,
    now: Timestamp,
) -> Result<Result<Vec<Answer>, Vec<Problem>>, StoreError> {
    let by = import.by.to_string();
    let (mut answers, mut problems) = (Vec::with_capacity(consents.len()), Vec::new());
    for (nth, mut said) in consents.into_iter().enumerate() {
        let timed = said.draft.at.is_some();
        said.draft.source.get_or_insert_with(|| import.name.clone());
        said.draft.reference = Some(format!("import {}, line {row}, answer {}", import.id, nth + 1));
        let entry = Entry { id: ConsentId(clock.new_id()), contact: ContactId(Uuid::nil()), by: &by, now };
        match read_line(tx, &said.draft, entry).await? {
            Ok(line) => answers.push((line, timed)),
            Err(ConsentError::Faults(faults)) => {
                problems.extend(faults.iter().map(|fault| said.problem(fault)));
            }
            Err(other) => problems.push(Problem { column: String::new(), detail: other.to_string() }),
        }
    }
    Ok(if problems.is_empty() { Ok(answers) } else { Err(problems) })
}

/// Adds to the ledger what is news to it; tells how many lines.
async fn tell(
    tx: &mut Tx,
    contact: ContactId,
    answers: Vec<Answer>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    if answers.is_empty() {
        return Ok(0);
    }
    let (known, mut told) = (tx.list_consents_known(contact, now).await?, 0);
    for (line, timed) in answers {
        if consents::is_news(&line, timed, &known) {
            told += u64::from(tx.insert_consent(&Consent { contact, ..line }).await?);
        }
    }
    Ok(told)
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
