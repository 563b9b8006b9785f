//! Calls stand at the door: write them down, say where they came from, and know
//! the people behind them.
//!
//! Many at once, as a gateway gathers them: what all of them need is asked for
//! in one question each, and what is known of all of them is written likewise.
//! It comes out as if one had come after the other: calls that have a caller
//! or a pooled number in common go in rounds of their own.

use std::collections::{HashMap, HashSet};

use super::call_attributed::{
    Asked, CANDIDATES_SINCE, attribute_anew, find_kinds, find_shares, made_on_page,
};
use super::calls_written;
use super::error::FlowError;
use super::visitor_told::bring_along;
use crate::clock::Clock;
use crate::domain::calling::record::{Arrived, Fact};
use crate::domain::calling::screening::Decision;
use crate::domain::ids::{CallId, ContactId, EngagementId, VisitId, VisitorId};
use crate::domain::people::contact::{Ground, Identity};
use crate::domain::people::engagement::{Deed, Engagement};
use crate::domain::people::linking::decide_link;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Reason;
use crate::domain::tracking::number::NumberKind;
use crate::store::identities::Sighting;
use crate::store::{Store, StoreError, Tx};

/// How many earlier visits a visitor brings along into a contact's history.
const HISTORY_MAX: u32 = 50;

/// How many earlier calls are attributed anew when a visitor becomes known.
const EARLIER_CALLS_MAX: u32 = 20;

/// Written twice, it changes nothing the second time.
pub async fn call_arrives(store: &Store, clock: &Clock, fact: &Arrived) -> Result<(), FlowError> {
    calls_written(store, clock, &[Fact::Arrived(fact.clone())]).await
}

pub(super) async fn write(tx: &mut Tx, clock: &Clock, facts: &[&Arrived]) -> Result<(), StoreError> {
    let calls: Vec<CallId> = facts.iter().map(|fact| fact.call).collect();
    let mut known = tx.list_known_calls(&calls).await?;
    let fresh: Vec<&Arrived> = facts.iter().copied().filter(|fact| known.insert(fact.call)).collect();
    let (refused, taken): (Vec<&Arrived>, Vec<&Arrived>) =
        fresh.iter().partition(|fact| fact.screening.as_deref().is_some_and(Decision::refuses));
    // A robot is no lead: a refused call makes nobody a contact, moves no consent's clock
    // and counts for no channel. Its row alone stays.
    tx.insert_calls(&refused.into_iter().map(|fact| (fact, None)).collect::<Vec<_>>()).await?;
    let kinds = find_kinds(tx, taken.iter().map(|fact| &fact.number).collect()).await?;
    for round in rounds(&taken, |number| matches!(kinds.get(number), Some(NumberKind::Pooled(_)))) {
        write_round(tx, clock, &kinds, &round).await?;
    }
    tx.insert_screenings(&fresh).await
}

/// The calls in their order, cut so that no two of a round share a caller or a
/// pooled number.
fn rounds<'f>(calls: &[&'f Arrived], is_pooled: impl Fn(&Phone) -> bool) -> Vec<Vec<&'f Arrived>> {
    let mut rounds: Vec<Vec<&Arrived>> = Vec::new();
    let mut next: HashMap<&Phone, usize> = HashMap::new();
    for fact in calls {
        let number = is_pooled(&fact.number).then_some(&fact.number);
        let phones = || fact.caller.iter().chain(number);
        let round = phones().filter_map(|phone| next.get(phone)).max().copied().unwrap_or_default();
        next.extend(phones().map(|phone| (phone, round + 1)));
        if round == rounds.len() {
            rounds.push(Vec::new());
        }
        rounds[round].push(fact);
    }
    rounds
}

async fn write_round(
    tx: &mut Tx,
    clock: &Clock,
    kinds: &HashMap<Phone, NumberKind>,
    calls: &[&Arrived],
) -> Result<(), StoreError> {
    let asked = calls.iter().map(|fact| Asked {
        call: fact.call,
        number: &fact.number,
        caller: fact.caller.as_ref(),
        at: fact.at,
    });
    let mut reckoned = find_shares(tx, kinds, &asked.collect::<Vec<_>>()).await?;
    let visits: Vec<VisitId> = calls.iter().filter_map(|fact| fact.page.as_ref()?.visit).collect();
    let visitors = tx.list_visitors(&visits).await?;
    for (fact, reckoned) in calls.iter().zip(&mut reckoned) {
        if let Some(page) = fact.page.as_deref() {
            // A visit may have been deleted before this was written down.
            let visit = page.visit.filter(|visit| visitors.contains_key(visit));
            *reckoned = made_on_page(visit, page.source.clone());
        }
    }
    let contacts = recognise(tx, clock, calls, &visitors).await?;
    let contact_of = |fact: &Arrived| contacts.get(&who_calls(fact, &visitors)?).copied();
    let rows: Vec<_> = calls.iter().map(|fact| (*fact, contact_of(fact))).collect();
    tx.insert_calls(&rows).await?;

    let engage = |contact, what, at| (contact, Engagement { id: EngagementId(clock.new_id()), at, what });
    let (mut deeds, mut links, mut origins) = (Vec::new(), Vec::new(), Vec::new());
    for ((fact, contact), reckoned) in rows.into_iter().zip(reckoned) {
        if let Some(contact) = contact {
            deeds.push(engage(contact, Deed::Call(fact.call), fact.at));
            links.extend(decide_link(&reckoned.shares).map(|visit| Link {
                call: fact.call,
                contact,
                visit,
                at: fact.at,
            }));
        }
        if !reckoned.shares.is_empty() {
            origins.push((fact.call, fact.at, reckoned));
        }
    }
    tx.insert_first_attributions(&origins).await?;
    for (contact, visit, at) in link(tx, clock, links).await? {
        deeds.push(engage(contact, Deed::Visit(visit), at));
    }
    tx.insert_engagements(&deeds).await?;
    Ok(())
}

/// By what a caller is known: their number, or the visitor on whose page they call.
pub(super) fn who_calls(fact: &Arrived, visitors: &HashMap<VisitId, VisitorId>) -> Option<Identity> {
    let visitor = || visitors.get(&fact.page.as_ref()?.visit?).copied().map(Identity::Visitor);
    fact.caller.clone().map(Identity::Phone).or_else(visitor)
}

/// The contact of each caller, old or new.
async fn recognise(
    tx: &mut Tx,
    clock: &Clock,
    calls: &[&Arrived],
    visitors: &HashMap<VisitId, VisitorId>,
) -> Result<HashMap<Identity, ContactId>, StoreError> {
    // One who calls twice from their page counts once: the first time.
    let mut seen = HashSet::new();
    let called = |fact: &&Arrived| Some((who_calls(fact, visitors)?, fact.at));
    let callers = calls.iter().filter_map(called).filter(|(caller, _)| seen.insert(caller.clone()));
    let callers: Vec<(Identity, Timestamp)> = callers.collect();
    let identities: Vec<Identity> = callers.iter().map(|(caller, _)| caller.clone()).collect();
    // Whose they are must stay so until the call is theirs: somebody might be merged or erased meanwhile.
    tx.keep_identities().await?;
    let owners = tx.find_owners(&identities).await?;
    let mut new = Vec::new();
    let sighting = |(identity, at): (Identity, Timestamp)| {
        let contact = owners.get(&identity).copied().unwrap_or_else(|| {
            let id = ContactId(clock.new_id());
            new.push((id, at));
            id
        });
        Sighting { identity, contact, ground: Ground::SEEN, first: at, last: at }
    };
    let sightings: Vec<Sighting> = callers.into_iter().map(sighting).collect();
    tx.insert_contacts(&new).await?;
    let contacts = tx.save_identities(&sightings).await?;
    // Another node may have met the same caller at the same time and been first.
    let owners: HashSet<ContactId> = contacts.values().copied().collect();
    for (contact, _) in new.iter().filter(|(contact, _)| !owners.contains(contact)) {
        tx.delete_contact(*contact).await?;
    }
    Ok(contacts)
}

/// A call tells that the visitor of this visit is this contact.
struct Link {
    call: CallId,
    contact: ContactId,
    visit: VisitId,
    at: Timestamp,
}

/// Each visit's visitor is the contact, unless somebody else's already; what
/// they did before they called becomes part of the contact's history, and
/// earlier calls that they may have made are attributed anew.
async fn link(
    tx: &mut Tx,
    clock: &Clock,
    links: Vec<Link>,
) -> Result<Vec<(ContactId, VisitId, Timestamp)>, StoreError> {
    let visits: Vec<VisitId> = links.iter().map(|link| link.visit).collect();
    let visitors = tx.list_visitors(&visits).await?;
    // Of two numbers that one visitor was shown, the first that is called counts.
    let mut linked: HashMap<VisitorId, Link> = HashMap::new();
    for link in links {
        if let Some(visitor) = visitors.get(&link.visit) {
            linked.entry(*visitor).or_insert(link);
        }
    }
    let identities: Vec<Identity> = linked.keys().copied().map(Identity::Visitor).collect();
    let known = tx.find_owners(&identities).await?;
    let sighting = |(visitor, link): (&VisitorId, &Link)| Sighting {
        identity: Identity::Visitor(*visitor),
        contact: link.contact,
        ground: Ground::SEEN,
        first: link.at,
        last: link.at,
    };
    let owners = tx.save_identities(&linked.iter().map(sighting).collect::<Vec<_>>()).await?;
    linked.retain(|visitor, link| owners.get(&Identity::Visitor(*visitor)) == Some(&link.contact));

    let asked: Vec<_> = linked.iter().map(|(visitor, link)| (*visitor, link.at)).collect();
    let earlier = tx.list_visits_by(&asked, HISTORY_MAX).await?;
    for (visitor, link) in linked.iter().filter(|(v, _)| !known.contains_key(&Identity::Visitor(**v))) {
        let since = link.at - CANDIDATES_SINCE;
        for other in tx.list_calls_shared(*visitor, since, EARLIER_CALLS_MAX).await? {
            if other != link.call {
                attribute_anew(tx, other, Reason::Identified, link.at).await?;
            }
        }
    }
    let whose: Vec<_> = linked.iter().map(|(visitor, link)| (*visitor, link.contact)).collect();
    bring_along(tx, clock, &whose, clock.now()).await?;
    let history = |(visitor, visit, at)| Some((linked.get(&visitor)?.contact, visit, at));
    Ok(earlier.into_iter().filter_map(history).collect())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const POSTER: &str = "+33199001004";

    fn call(n: u128, caller: Option<&str>, number: &str) -> Arrived {
        Arrived {
            call: CallId(Uuid::from_u128(n)),
            node: "whence".into(),
            trunk: "carrier".parse().unwrap(),
            sip_call_id: n.to_string(),
            number: number.parse().unwrap(),
            caller: caller.map(|caller| caller.parse().unwrap()),
            destination: None,
            outlet: None,
            screening: None,
            identity: None,
            page: None,
            at: Timestamp::from_ms(0),
        }
    }

    #[test]
    fn calls_that_share_a_caller_or_a_pooled_number_come_one_after_the_other() {
        let (ada, bob) = (Some("+33639980001"), Some("+33639980002"));
        let calls = [
            call(1, ada, "+33199001001"),
            call(2, bob, "+33199001002"),
            call(3, ada, "+33199001003"),
            call(4, None, "+33199001003"),
            call(5, None, POSTER),
            call(6, None, POSTER),
        ];

        let rounds = rounds(&calls.iter().collect::<Vec<_>>(), |number| number.reveal() != POSTER);

        let ids: Vec<Vec<u128>> =
            rounds.iter().map(|round| round.iter().map(|fact| fact.call.0.as_u128()).collect()).collect();
        assert_eq!(ids, [vec![1, 2, 5, 6], vec![3], vec![4]]);
    }
}
