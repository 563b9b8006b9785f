//! What has had its time is taken: a policy that is due is claimed by one node, and carried out in small parts.

use tracing::error;

use super::contact_erased::new_tombstone_key;
use super::contact_written::entry;
use super::error::FlowError;
use super::imports::import_forgotten;
use crate::clock::Clock;
use crate::domain::ids::{ContactId, ImportId, RetentionRunId};
use crate::domain::people::audit::Action;
use crate::domain::people::erasure::{Erasure, Touched, Why};
use crate::domain::people::retention::{DAY, Kind, Policy, next_night};
use crate::domain::time::Timestamp;
use crate::store::retention::{Due, Run, Target, targets};
use crate::store::{Store, StoreError};

/// How many are looked for at once …
const FOUND: i64 = 500;
/// … and taken in one transaction, so that calls do not wait.
const TAKEN: usize = 50;
/// Who erases those whose time is over.
const BY: &str = "retention";

/// What a policy would take now; nothing is changed.
pub async fn retention_tried(store: &Store, policy: &Policy, now: Timestamp) -> Result<Due, FlowError> {
    Ok(store.count_due(policy.kind, policy.cutoff(now)).await?)
}

/// Has every policy carried out within a minute instead of at night, but those that have not stood for a day.
pub async fn retention_hastened(store: &Store, clock: &Clock) -> Result<(), FlowError> {
    let now = clock.now();
    Ok(store.write(move |tx| Box::pin(async move { tx.hasten_retention(now, now - DAY).await })).await?)
}

/// Carries out every policy that is due; tells what was done.
pub async fn retention_run(store: &Store, clock: &Clock) -> Result<Vec<Run>, FlowError> {
    let mut runs = Vec::new();
    loop {
        let (now, id) = (clock.now(), RetentionRunId(clock.new_id()));
        let claimed = store.write(move |tx| {
            Box::pin(async move {
                let Some(policy) = tx.claim_retention(now, next_night(now)).await? else { return Ok(None) };
                let run = Run {
                    id,
                    kind: policy.kind,
                    months: policy.months,
                    cutoff: policy.cutoff(now),
                    began_at: now,
                    ended_at: None,
                    taken: Touched::new(),
                    failed: 0,
                };
                tx.save_retention_run(&run).await?;
                Ok(Some(run))
            })
        });
        let Some(mut run) = claimed.await? else { return Ok(runs) };
        for target in targets(run.kind) {
            take(store, clock, &mut run, target).await?;
        }
        run.ended_at = Some(clock.now());
        save(store, &run).await?;
        runs.push(run);
    }
}

/// Takes all rows of one target, and writes down each time how many that were. Each part asks whether the plan still
/// says so: a run ends when its policy is taken back.
async fn take(
    store: &Store,
    clock: &Clock,
    run: &mut Run,
    target: &'static Target,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let keys = store.list_due(target, run.cutoff, &after, FOUND).await?;
        let Some(last) = keys.last().cloned() else { return Ok(()) };
        after = last;
        let (mut taken, failed) = (0, run.failed);
        match run.kind {
            Kind::Prospects | Kind::Customers => {
                for key in keys {
                    match erase(store, clock, target, run, key.clone()).await {
                        Ok(erased) => taken += u64::from(erased),
                        // The others have had their time all the same.
                        Err(failure) if failure.is_for_good() => {
                            let error = &failure as &dyn std::error::Error;
                            error!(contact.id = key, error, "a contact whose time is over cannot be erased");
                            run.failed += 1;
                        }
                        Err(failure) => return Err(failure),
                    }
                }
            }
            Kind::Imports => {
                for id in keys.iter().filter_map(|key| key.parse().ok()) {
                    import_forgotten(store, ImportId(id)).await?;
                    taken += 1;
                }
            }
            Kind::Visits | Kind::Calls | Kind::Engagements | Kind::Mails => {
                for keys in keys.chunks(TAKEN) {
                    let (keys, cutoff, kind, months) = (keys.to_vec(), run.cutoff, run.kind, run.months);
                    let work = store.write(move |tx| {
                        let keys = keys.clone();
                        Box::pin(async move {
                            if !tx.has_retention(kind, months).await? {
                                return Ok(0);
                            }
                            tx.take_due(target, cutoff, &keys).await
                        })
                    });
                    taken += work.await?;
                }
            }
        }
        if taken > 0 {
            *run.taken.entry(target.table.to_owned()).or_default() += taken;
        }
        if taken > 0 || run.failed > failed {
            save(store, run).await?;
        }
    }
}

/// Erases a contact, unless they have done something meanwhile.
async fn erase(
    store: &Store,
    clock: &Clock,
    target: &'static Target,
    run: &Run,
    key: String,
) -> Result<bool, StoreError> {
    let Ok(contact) = key.parse().map(ContactId) else { return Ok(false) };
    let (cutoff, kind, months) = (run.cutoff, run.kind, run.months);
    let (at, secret, clock) = (clock.now(), new_tombstone_key(clock), clock.clone());
    let work = store.write(move |tx| {
        let (key, secret, clock) = (key.clone(), secret.clone(), clock.clone());
        Box::pin(async move {
            if !tx.has_retention(kind, months).await? {
                return Ok(false);
            }
            // Whoever writes of them just now is waited for, and what they wrote is looked at.
            tx.hold_identities().await?;
            tx.hold_contact(contact).await?;
            tx.hold_identities_of(&key).await?;
            if tx.still_due(target, cutoff, &[key]).await?.is_empty() {
                return Ok(false);
            }
            let (by, why) = (BY.to_owned(), Why::Retention);
            let erasure = Erasure { contact, at, by, why, touched: Touched::new() };
            tx.erase_contact(&erasure, &secret).await?;
            tx.insert_audit(&[entry(&clock, BY, Action::Delete, contact, at)]).await?;
            Ok(true)
        })
    });
    work.await
}

async fn save(store: &Store, run: &Run) -> Result<(), StoreError> {
    let run = run.clone();
    store
        .write(move |tx| {
            let run = run.clone();
            Box::pin(async move { tx.save_retention_run(&run).await })
        })
        .await
}
