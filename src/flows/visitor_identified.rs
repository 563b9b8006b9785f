//! A visitor says who they are: what they gave points at one contact from now
//! on, and calls that they may have made are attributed anew.

use std::collections::BTreeSet;

use super::call_attributed::{CANDIDATES_SINCE, attribute_anew};
use super::contact_restricted::find_restricted;
use super::contact_written::tell_changed;
use super::contacts_marked::mark;
use super::duplicates::suggest;
use super::error::FlowError;
use super::visitor_told::bring_along;
use crate::clock::Clock;
use crate::domain::ids::{CallId, ContactId, EngagementId, VisitorId};
use crate::domain::people::claims::{Claimant, Claims, decide_claimant};
use crate::domain::people::contact::{Ground, Identity};
use crate::domain::people::engagement::{Deed, Engagement};
use crate::domain::people::quality::Source;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Reason;
use crate::domain::tracking::visit::Visit;
use crate::domain::webhook::event::IDENTITIES;
use crate::store::claims::Said;
use crate::store::identities::Sighting;
use crate::store::{Store, StoreError, Tx};

/// How many earlier visits a visitor brings along into a contact's history.
const HISTORY_MAX: u32 = 50;

/// How many earlier calls are attributed anew, of those that the visitor's
/// visits have a share of and of those that the contact made.
const EARLIER_CALLS_MAX: u32 = 20;

/// Writes down what was said, at least; [`Said::Full`] when not even that.
pub async fn visitor_identified(
    store: &Store,
    clock: &Clock,
    visit: &Visit,
    claims: Claims,
) -> Result<Said, FlowError> {
    let now = clock.now();
    let (visit, clock, fresh) = (visit.clone(), clock.clone(), ContactId(clock.new_id()));
    let written = store.write(move |tx| {
        let (visit, claims, clock) = (visit.clone(), claims.clone(), clock.clone());
        Box::pin(async move {
            let said = tx.insert_claims(visit.id, &claims, now).await?;
            if said == Said::Anew
                && let Some(contact) = identify(tx, visit.visitor, &claims, fresh, now).await?
            {
                mark(tx, contact, &Source::Site(visit.site.to_string()), now).await?;
                remember(tx, &clock, visit.visitor, contact, now).await?;
                reconsider(tx, visit.visitor, contact, now).await?;
            }
            Ok(said)
        })
    });
    Ok(written.await?)
}

/// Points the visitor and what they said at one contact, `fresh` if they have
/// none; `None` when it would have to be two.
async fn identify(
    tx: &mut Tx,
    visitor: VisitorId,
    claims: &Claims,
    fresh: ContactId,
    now: Timestamp,
) -> Result<Option<ContactId>, StoreError> {
    let (given, browser) = (claims.identities(), Identity::Visitor(visitor));
    let mut asked = given.clone();
    asked.push(browser.clone());
    tx.keep_identities().await?;
    let owners = tx.find_owners(&asked).await?;
    let contact = match decide_claimant(owners.values().copied()) {
        Claimant::Several => return Ok(None),
        Claimant::Known(contact) => contact,
        Claimant::New => {
            tx.insert_contacts(&[(fresh, now)]).await?;
            fresh
        }
    };
    let sighting =
        |identity, contact| Sighting { identity, contact, ground: Ground::SAID, first: now, last: now };
    let are_new = given.iter().any(|identity| !owners.contains_key(identity));
    let sightings: Vec<Sighting> = given.into_iter().map(|identity| sighting(identity, contact)).collect();
    let saved = tx.save_identities(&sightings).await?;
    // Another node may have met the same person at the same time and been first.
    let met = saved.values().chain(owners.get(&browser)).copied();
    let met = decide_claimant(met);
    if contact == fresh && met != Claimant::New && !saved.values().any(|owner| *owner == fresh) {
        tx.delete_contact(fresh).await?;
    }
    let contact = match met {
        Claimant::Several => return Ok(None),
        Claimant::Known(contact) => contact,
        Claimant::New => contact,
    };
    let owner = tx.save_identities(&[sighting(browser.clone(), contact)]).await?.remove(&browser);
    if owner != Some(contact) {
        return Ok(None);
    }
    let mut changed = Vec::new();
    // Anybody can type anything: data that is only kept (RGPD art. 18) is not changed by it.
    if let Some(name) = &claims.name
        && tx.hold_contact(contact).await?.is_some()
        && find_restricted(tx, contact).await?.is_none()
        && tx.name_contact(contact, name).await?
    {
        changed.push("name");
    }
    if are_new {
        changed.push(IDENTITIES);
    }
    if contact != fresh {
        tell_changed(tx, contact, changed, now);
    }
    if let Some(held) = tx.hold_contact(contact).await? {
        tx.save_profile(contact, &held.profile).await?;
        suggest(tx, contact, now).await?;
    }
    Ok(Some(contact))
}

/// What the visitor did before becomes part of the contact's history.
pub(super) async fn remember(
    tx: &mut Tx,
    clock: &Clock,
    visitor: VisitorId,
    contact: ContactId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let visits = tx.list_visits_by(&[(visitor, now)], HISTORY_MAX).await?;
    let deeds: Vec<_> = visits
        .into_iter()
        .map(|(_, visit, at)| {
            (contact, Engagement { id: EngagementId(clock.new_id()), at, what: Deed::Visit(visit) })
        })
        .collect();
    tx.insert_engagements(&deeds).await?;
    bring_along(tx, clock, &[(visitor, contact)], now).await
}

/// Asks again where calls came from that the visitor may have made, or the contact has.
pub(super) async fn reconsider(
    tx: &mut Tx,
    visitor: VisitorId,
    contact: ContactId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let since = now - CANDIDATES_SINCE;
    let mut calls: BTreeSet<CallId> =
        tx.list_calls_shared(visitor, since, EARLIER_CALLS_MAX).await?.into_iter().collect();
    calls.extend(tx.list_calls_of(contact, since, EARLIER_CALLS_MAX).await?);
    for call in calls {
        attribute_anew(tx, call, Reason::Identified, now).await?;
    }
    Ok(())
}
