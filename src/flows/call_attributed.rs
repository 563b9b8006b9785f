//! Where did this call come from? Asked when it arrives, and again when late
//! evidence does: each answer is a version of its own beside the earlier ones.

use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::{CallId, VisitId};
use crate::domain::people::contact::Identity;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Evidence, Priors, Reason, Ring, Share, attribute};
use crate::domain::tracking::number::{Medium, NumberKind};
use crate::domain::tracking::source::Source;
use crate::store::{Store, StoreError, Tx, Version};

/// How far back a visit may have been shown the number. The weight of a
/// candidate falls with time; after a month nothing of it is left.
pub(super) const CANDIDATES_SINCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many visits of one number are weighed, newest first. A small pool under
/// load lends a number some sixty times a day, and the slowest callers take days.
const CANDIDATES_MAX: u32 = 500;

/// Shares nearer to each other than this are the same.
const ALIKE: f64 = 1e-9;

/// Somebody who knows says where the call came from: from `visit`, or from
/// none. Later evidence does not change it any more.
pub async fn call_corrected(
    store: &Store,
    clock: &Clock,
    call: CallId,
    visit: Option<VisitId>,
) -> Result<Version, FlowError> {
    let now = clock.now();
    store.find_call(call).await?.ok_or(FlowError::NotFound { what: "call" })?;
    let source = match visit {
        Some(visit) => store.find_visit(visit).await?.ok_or(FlowError::NotFound { what: "visit" })?.source,
        None => Source::unknown(),
    };
    let share = Share { visit, probability: 1.0, evidence: Evidence::Corrected, source };
    let write = async || {
        let share = share.clone();
        let written = store.write(move |tx| {
            let shares = [share.clone()];
            Box::pin(async move {
                let before = tx.find_attribution(call).await?.map_or(0, |newest| newest.version);
                let written = tx.insert_attribution(call, before, Reason::Corrected, &shares, now).await?;
                Ok(written.then_some(before + 1))
            })
        });
        written.await
    };
    // Another node may be first with late evidence: what was said here goes on top.
    let version = loop {
        if let Some(version) = write().await? {
            break version;
        }
    };
    Ok(Version { version, reason: Reason::Corrected, at: now, shares: vec![share] })
}

/// Attributes the call once more. Nothing is written when nothing changed, or
/// when somebody has corrected it.
pub(super) async fn attribute_anew(
    tx: &mut Tx,
    call: CallId,
    reason: Reason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(record) = tx.find_call(call).await? else { return Ok(()) };
    let newest = tx.find_attribution(call).await?;
    if newest.as_ref().is_some_and(|newest| newest.reason == Reason::Corrected) {
        return Ok(());
    }
    let shares = find_shares(tx, &record.number, record.caller.as_ref(), record.arrived_at).await?;
    if newest.as_ref().is_some_and(|newest| same(&newest.shares, &shares)) {
        return Ok(());
    }
    let before = newest.map_or(0, |newest| newest.version);
    tx.insert_attribution(call, before, reason, &shares, now).await?;
    Ok(())
}

fn same(before: &[Share], after: &[Share]) -> bool {
    before.len() == after.len()
        && before.iter().zip(after).all(|(before, after)| {
            before.visit == after.visit
                && before.evidence == after.evidence
                && (before.probability - after.probability).abs() < ALIKE
        })
}

/// Where a call on `number` at `at` came from; nothing when the number is none of ours.
pub(super) async fn find_shares(
    tx: &mut Tx,
    number: &Phone,
    caller: Option<&Phone>,
    at: Timestamp,
) -> Result<Vec<Share>, StoreError> {
    let Some(row) = tx.find_number(number).await? else { return Ok(Vec::new()) };
    if let NumberKind::Static(medium) = row.number.kind {
        return Ok(vec![share_of(medium)]);
    }
    let (contact, rang_before_at) = match caller {
        None => (None, None),
        Some(caller) => (
            tx.find_owner(&Identity::Phone(caller.clone())).await?,
            tx.find_call_before(number, caller, at).await?,
        ),
    };
    let candidates = tx.list_candidates(number, contact, at, at - CANDIDATES_SINCE, CANDIDATES_MAX).await?;
    let ring = Ring { at, country: caller.and_then(Phone::country), rang_before_at };
    Ok(attribute(&Priors::STATED, &ring, &candidates))
}

/// A static number stands for its medium, and for nothing else.
fn share_of(medium: Medium) -> Share {
    Share {
        visit: None,
        probability: 1.0,
        evidence: Evidence::StaticNumber,
        source: Source {
            channel: medium.channel,
            source: medium.source,
            medium: medium.medium,
            campaign: medium.campaign,
            term: None,
            content: None,
            click_id: None,
        },
    }
}
