//! Where did this call come from? Asked when it arrives, and again when late
//! evidence does: each answer is a version of its own beside the earlier ones.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::Arrived;
use crate::domain::calling::screening::Decision;
use crate::domain::ids::{CallId, VisitId};
use crate::domain::people::contact::Identity;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Evidence, Priors, Reason, Reckoned, Ring, Share, attribute};
use crate::domain::tracking::number::{Medium, NumberKind};
use crate::domain::tracking::origin::Origin;
use crate::domain::tracking::source::Source;
use crate::store::leases;
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
            let reckoned = Reckoned { priors: None, shares: vec![share.clone()] };
            Box::pin(async move {
                let before = tx.find_attribution(call).await?.map_or(0, |newest| newest.version);
                let written = tx.insert_attribution(call, before, Reason::Corrected, &reckoned, now).await?;
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
    Ok(Version { version, reason: Reason::Corrected, at: now, priors: None, shares: vec![share] })
}

/// Where a call comes from, as the database knows it while the call rings.
pub(super) async fn find_origin(store: &Store, call: &Arrived) -> Result<Origin, FlowError> {
    if let Some(page) = &call.page {
        return Ok(Origin::of(&made_on_page(None, page.source.clone()).shares));
    }
    let call = call.clone();
    let found = store.read(move |tx| {
        Box::pin(async move {
            let (number, caller, at) = (&call.number, call.caller.as_ref(), call.at);
            let kinds = find_kinds(tx, HashSet::from([number])).await?;
            let asked = Asked { call: call.call, number, caller, at };
            Ok(find_shares(tx, &kinds, &[asked]).await?.pop().unwrap_or_default())
        })
    });
    Ok(Origin::of(&found.await?.shares))
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
    // It counts for no channel, whatever comes to light.
    if record.screening.as_ref().is_some_and(Decision::refuses) {
        return Ok(());
    }
    let newest = tx.find_attribution(call).await?;
    // Somebody has said so, or there was nothing to reckon.
    let is_known = |newest: &Version| {
        newest.reason == Reason::Corrected
            || newest.shares.iter().any(|share| share.evidence == Evidence::MadeOnPage)
    };
    if newest.as_ref().is_some_and(is_known) {
        return Ok(());
    }
    let asked = Asked { call, number: &record.number, caller: record.caller.as_ref(), at: record.arrived_at };
    let kinds = find_kinds(tx, HashSet::from([&record.number])).await?;
    let reckoned = find_shares(tx, &kinds, &[asked]).await?.pop().unwrap_or_default();
    // Of a number that is none of ours nothing is known, and a version without shares is none.
    if reckoned.shares.is_empty() || newest.as_ref().is_some_and(|it| same(&it.shares, &reckoned.shares)) {
        return Ok(());
    }
    let before = newest.map_or(0, |newest| newest.version);
    tx.insert_attribution(call, before, reason, &reckoned, now).await?;
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

/// A call: where did it come from?
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub call: CallId,
    pub number: &'a Phone,
    pub caller: Option<&'a Phone>,
    pub at: Timestamp,
}

/// What is known of each of these numbers; nothing of those that are none of ours.
pub(super) async fn find_kinds(
    tx: &mut Tx,
    numbers: HashSet<&Phone>,
) -> Result<HashMap<Phone, NumberKind>, StoreError> {
    let rows = tx.find_numbers(&numbers.into_iter().collect::<Vec<_>>()).await?;
    Ok(rows.into_iter().map(|row| (row.number.e164, row.number.kind)).collect())
}

/// Where each call came from, in their order; no share where its number is not among `kinds`.
pub(super) async fn find_shares(
    tx: &mut Tx,
    kinds: &HashMap<Phone, NumberKind>,
    calls: &[Asked<'_>],
) -> Result<Vec<Reckoned>, StoreError> {
    let is_pooled = |asked: &&Asked<'_>| matches!(kinds.get(asked.number), Some(NumberKind::Pooled(_)));
    let pooled: Vec<Asked<'_>> = calls.iter().filter(is_pooled).copied().collect();

    let callers: HashSet<&Phone> = pooled.iter().filter_map(|asked| asked.caller).collect();
    let callers: Vec<Identity> = callers.into_iter().cloned().map(Identity::Phone).collect();
    let contacts = tx.find_owners(&callers).await?;
    let with_caller = pooled.iter().filter_map(|a| Some((a.call, a.number, a.caller?, a.at)));
    let rang_before = tx.list_calls_before(&with_caller.collect::<Vec<_>>()).await?;
    let contact_of = |caller: &Phone| contacts.get(&Identity::Phone(caller.clone())).copied();
    let shown = pooled.iter().map(|asked| leases::Shown {
        call: asked.call,
        number: asked.number,
        caller: asked.caller.and_then(contact_of),
        at: asked.at,
        since: asked.at - CANDIDATES_SINCE,
    });
    let numbers: HashSet<&Phone> = pooled.iter().map(|asked| asked.number).collect();
    let believed = tx.list_believed(&numbers.into_iter().collect::<Vec<_>>()).await?;
    let mut candidates = tx.list_candidates(&shown.collect::<Vec<_>>(), CANDIDATES_MAX).await?;

    let shares = |asked: &Asked<'_>| match kinds.get(asked.number) {
        None => Reckoned::default(),
        Some(NumberKind::Static(medium)) => Reckoned { priors: None, shares: vec![share_of(medium.clone())] },
        Some(NumberKind::Pooled(_)) => {
            let ring = Ring {
                at: asked.at,
                country: asked.caller.and_then(Phone::country),
                rang_before_at: rang_before.get(&asked.call).copied(),
            };
            let believed = believed.get(asked.number).copied().unwrap_or_default();
            let (version, priors) = believed.learned.map_or((None, Priors::STATED), |(v, it)| (Some(v), it));
            let priors = match believed.background {
                Some((calls, within)) => priors.with_background(calls, within),
                None => priors,
            };
            let candidates = candidates.remove(&asked.call).unwrap_or_default();
            Reckoned { priors: version, shares: attribute(&priors, &ring, &candidates) }
        }
    };
    Ok(calls.iter().map(shares).collect())
}

/// A call that was made on a page is of its visit, or of a page that nobody is known on.
pub(super) fn made_on_page(visit: Option<VisitId>, source: Source) -> Reckoned {
    let share = Share { visit, probability: 1.0, evidence: Evidence::MadeOnPage, source };
    Reckoned { priors: None, shares: vec![share] }
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
