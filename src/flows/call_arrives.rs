//! A call stands at the door: write it down, say where it came from, and know
//! the person behind it.

use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::Arrived;
use crate::domain::ids::{ContactId, EngagementId, VisitId};
use crate::domain::people::contact::{Contact, Identity};
use crate::domain::people::engagement::{Deed, Engagement};
use crate::domain::people::linking::decide_link;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Evidence, Share, attribute};
use crate::domain::tracking::number::{Medium, NumberKind};
use crate::domain::tracking::source::Source;
use crate::store::{Store, StoreError, Tx};

/// How far back a visit may have been shown the number. The weight of a
/// candidate falls with time; after a month nothing of it is left.
const CANDIDATES_SINCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many visits of one number are weighed, newest first.
const CANDIDATES_MAX: u32 = 20;

/// How many earlier visits a visitor brings along into a contact's history.
const HISTORY_MAX: u32 = 50;

/// Written twice, it changes nothing the second time.
pub async fn call_arrives(store: &Store, clock: &Clock, fact: &Arrived) -> Result<(), FlowError> {
    let (clock, fact) = (clock.clone(), fact.clone());
    let written = store.write(move |tx| {
        let (clock, fact) = (clock.clone(), fact.clone());
        Box::pin(async move { write(tx, &clock, &fact).await })
    });
    Ok(written.await?)
}

pub(super) async fn write(tx: &mut Tx, clock: &Clock, fact: &Arrived) -> Result<(), StoreError> {
    if !tx.insert_call(fact).await? {
        return Ok(());
    }
    let shares = shares(tx, fact).await?;
    tx.insert_attribution(fact.call, 1, &shares, fact.at).await?;
    if let Some(caller) = &fact.caller {
        let contact = recognise(tx, clock, caller, fact.at).await?;
        tx.set_contact(fact.call, contact).await?;
        engage(tx, clock, contact, Deed::Call(fact.call), fact.at).await?;
        if let Some(visit) = decide_link(&shares) {
            link(tx, clock, contact, visit, fact.at).await?;
        }
    }
    Ok(())
}

/// Where the call came from; nothing when its number is none of ours.
async fn shares(tx: &mut Tx, fact: &Arrived) -> Result<Vec<Share>, StoreError> {
    let Some(row) = tx.find_number(&fact.number).await? else { return Ok(Vec::new()) };
    match row.number.kind {
        NumberKind::Static(medium) => Ok(vec![share_of(medium)]),
        NumberKind::Pooled(_) => {
            let since = fact.at - CANDIDATES_SINCE;
            let candidates = tx.list_candidates(&fact.number, fact.at, since, CANDIDATES_MAX).await?;
            Ok(attribute(fact.at, &candidates))
        }
    }
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

/// The contact of this telephone number, old or new.
async fn recognise(
    tx: &mut Tx,
    clock: &Clock,
    caller: &Phone,
    at: Timestamp,
) -> Result<ContactId, StoreError> {
    let identity = Identity::Phone(caller.clone());
    if let Some(known) = tx.find_owner(&identity).await? {
        return tx.save_identity(&identity, known, at).await;
    }
    let new = Contact { id: ContactId(clock.new_id()), created_at: at, name: None };
    tx.insert_contact(&new).await?;
    let owner = tx.save_identity(&identity, new.id, at).await?;
    if owner != new.id {
        // Another node met the same caller at the same time and was first.
        tx.delete_contact(new.id).await?;
    }
    Ok(owner)
}

/// The visit's visitor is this contact, unless somebody else's already; what
/// they did before they called becomes part of the contact's history.
async fn link(
    tx: &mut Tx,
    clock: &Clock,
    contact: ContactId,
    visit: VisitId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(visit) = tx.find_visit(visit).await? else { return Ok(()) };
    if tx.save_identity(&Identity::Visitor(visit.visitor), contact, at).await? != contact {
        return Ok(());
    }
    for earlier in tx.list_visits_of(visit.visitor, at, HISTORY_MAX).await? {
        engage(tx, clock, contact, Deed::Visit(earlier.id), earlier.started_at).await?;
    }
    Ok(())
}

async fn engage(
    tx: &mut Tx,
    clock: &Clock,
    contact: ContactId,
    what: Deed,
    at: Timestamp,
) -> Result<(), StoreError> {
    let engagement = Engagement { id: EngagementId(clock.new_id()), at, what };
    tx.insert_engagement(contact, &engagement).await
}
