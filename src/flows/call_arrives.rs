//! A call stands at the door: write it down, say where it came from, and know
//! the person behind it.

use super::call_attributed::{CANDIDATES_SINCE, attribute_anew, find_shares};
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::Arrived;
use crate::domain::ids::{CallId, ContactId, EngagementId, VisitId};
use crate::domain::people::contact::{Contact, Identity};
use crate::domain::people::engagement::{Deed, Engagement};
use crate::domain::people::linking::decide_link;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Reason;
use crate::store::{Store, StoreError, Tx};

/// How many earlier visits a visitor brings along into a contact's history.
const HISTORY_MAX: u32 = 50;

/// How many earlier calls are attributed anew when a visitor becomes known.
const EARLIER_CALLS_MAX: u32 = 20;

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
    let shares = find_shares(tx, &fact.number, fact.caller.as_ref(), fact.at).await?;
    if !shares.is_empty() {
        tx.insert_attribution(fact.call, 0, Reason::Arrived, &shares, fact.at).await?;
    }
    if let Some(caller) = &fact.caller {
        let contact = recognise(tx, clock, caller, fact.at).await?;
        tx.set_contact(fact.call, contact).await?;
        engage(tx, clock, contact, Deed::Call(fact.call), fact.at).await?;
        if let Some(visit) = decide_link(&shares) {
            link(tx, clock, fact.call, contact, visit, fact.at).await?;
        }
    }
    Ok(())
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
/// they did before they called becomes part of the contact's history, and
/// earlier calls that they may have made are attributed anew.
async fn link(
    tx: &mut Tx,
    clock: &Clock,
    call: CallId,
    contact: ContactId,
    visit: VisitId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(visit) = tx.find_visit(visit).await? else { return Ok(()) };
    let identity = Identity::Visitor(visit.visitor);
    let unknown = tx.find_owner(&identity).await?.is_none();
    if tx.save_identity(&identity, contact, at).await? != contact {
        return Ok(());
    }
    for earlier in tx.list_visits_of(visit.visitor, at, HISTORY_MAX).await? {
        engage(tx, clock, contact, Deed::Visit(earlier.id), earlier.started_at).await?;
    }
    if unknown {
        for other in tx.list_calls_shared(visit.visitor, at - CANDIDATES_SINCE, EARLIER_CALLS_MAX).await? {
            if other != call {
                attribute_anew(tx, other, Reason::Identified, at).await?;
            }
        }
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
