//! Another system tells what contacts did or received: all of it is written
//! down, or nothing.
//!
//! Some of it tells more than itself: an address that mails come back from, a
//! person who wants no more of them.

use std::collections::{BTreeSet, HashMap};

use super::consent_recorded::unsubscribe;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, EngagementId};
use crate::domain::people::address;
use crate::domain::people::contact::{Contact, Identity, Whom};
use crate::domain::people::email::Email;
use crate::domain::people::engagement::{Deed, Draft, Engagement, Fault, Kind, Reading, Report, Told};
use crate::domain::people::purpose;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// One engagement, as it is handed in.
#[derive(Clone, Debug)]
pub struct Handed {
    pub whom: Whom,
    pub draft: Draft,
}

/// One engagement, as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    pub contact: ContactId,
    pub engagement: Engagement,
    /// Its source had not told it before.
    pub is_new: bool,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum EngagementError {
    /// Nothing is written down.
    #[error("{} of the engagements cannot be taken", .0.len())]
    Refused(Vec<Refusal>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why one of them is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Its place among those that were handed in.
    pub index: usize,
    pub why: Why,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Why {
    #[error("{}", .0.wrong)]
    Fault(Fault),
    #[error("there is no such contact")]
    NoContact,
    #[error("the contact is part of {into} now; write to that one")]
    Merged { into: ContactId },
    #[error("points at nobody; write the contact first")]
    Nobody,
    #[error("there is no such visit")]
    NoVisit,
    #[error("the source has told something else by this reference; what is known is not changed")]
    OtherContent,
}

/// Writes down all of them, and tells in their order what stands there now.
pub async fn engagements_told(
    store: &Store,
    clock: &Clock,
    by: Accessor,
    handed: Vec<Handed>,
) -> Result<Vec<Recorded>, EngagementError> {
    let (now, clock) = (clock.now(), clock.clone());
    let recorded = store.write(move |tx| {
        let (handed, clock) = (handed.clone(), clock.clone());
        Box::pin(async move { record(tx, &clock, by, &handed, now).await })
    });
    recorded.await?.map_err(EngagementError::Refused)
}

/// What is wrong with what these tell, whoever they are about.
pub async fn engagements_read(
    store: &Store,
    clock: &Clock,
    drafts: Vec<Draft>,
) -> Result<Vec<Refusal>, StoreError> {
    let now = clock.now();
    let looked = store.read(|tx| {
        Box::pin(async move {
            let mut refusals = Vec::new();
            read(tx, drafts.iter(), now, &mut refusals).await?;
            Ok(refusals)
        })
    });
    looked.await
}

/// The same in the middle of a write; where it refuses, nothing has been written.
pub(super) async fn record(
    tx: &mut Tx,
    clock: &Clock,
    by: Accessor,
    handed: &[Handed],
    now: Timestamp,
) -> Result<Result<Vec<Recorded>, Vec<Refusal>>, StoreError> {
    // Nobody becomes part of another meanwhile.
    tx.keep_identities().await?;
    let mut refusals = Vec::new();
    let contacts = find_contacts(tx, handed, &mut refusals).await?;
    let reports = read(tx, handed.iter().map(|it| &it.draft), now, &mut refusals).await?;
    if !refusals.is_empty() {
        refusals.sort_by_key(|refusal| refusal.index);
        return Ok(Err(refusals));
    }

    let references: Vec<_> = reports.iter().filter_map(|report| named(&report.told)).collect();
    let known = tx.find_told(&references).await?.into_iter();
    let mut known: HashMap<_, _> = known.filter_map(|it| Some((named(told(&it.1)?)?, it))).collect();
    let mut recorded = Vec::with_capacity(reports.len());
    for (index, (contact, report)) in contacts.iter().zip(&reports).enumerate() {
        let name = named(&report.told);
        if let Some((its_contact, engagement)) = name.as_ref().and_then(|name| known.get(name)) {
            let same_time = report.at.is_none_or(|at| at == engagement.at);
            if its_contact != contact || !same_time || told(engagement) != Some(&report.told) {
                refusals.push(Refusal { index, why: Why::OtherContent });
            }
            recorded.push(Recorded { contact: *contact, engagement: engagement.clone(), is_new: false });
            continue;
        }
        let (id, at) = (EngagementId(clock.new_id()), report.at.unwrap_or(now));
        let engagement = Engagement { id, at, what: Deed::Told(Box::new(report.told.clone())) };
        // What comes twice in one breath is known the second time.
        known.extend(name.map(|name| (name, (*contact, engagement.clone()))));
        recorded.push(Recorded { contact: *contact, engagement, is_new: true });
    }
    if !refusals.is_empty() {
        return Ok(Err(refusals));
    }
    let new: Vec<_> =
        recorded.iter().filter(|it| it.is_new).map(|it| (it.contact, it.engagement.clone())).collect();
    if tx.insert_engagements(&new).await?.len() < new.len() {
        // Another node has told the same a moment ago: whoever asks again learns what.
        return Err(StoreError::Conflict);
    }
    for (n, it) in recorded.iter().enumerate() {
        if it.is_new {
            take_effect(tx, clock, by, it, &reports[n], &handed[n].whom, now).await?;
        }
    }
    Ok(Ok(recorded))
}

/// What names it among all that was told.
fn named(told: &Told) -> Option<(String, String)> {
    Some((told.source.clone(), told.reference.clone()?))
}

fn told(engagement: &Engagement) -> Option<&Told> {
    if let Deed::Told(told) = &engagement.what { Some(told) } else { None }
}

/// Whose each of them is; one that is nobody's is a refusal.
async fn find_contacts(
    tx: &mut Tx,
    handed: &[Handed],
    refusals: &mut Vec<Refusal>,
) -> Result<Vec<ContactId>, StoreError> {
    let identities: Vec<Identity> = handed
        .iter()
        .filter_map(|it| if let Whom::Identity(identity) = &it.whom { Some(identity.clone()) } else { None })
        .collect();
    let owners = tx.find_owners(&identities).await?;
    let named: BTreeSet<ContactId> = handed
        .iter()
        .filter_map(|it| if let Whom::Contact(contact) = it.whom { Some(contact) } else { None })
        .collect();
    let known = tx.find_contacts(&named.into_iter().collect::<Vec<_>>()).await?.into_iter();
    let known: HashMap<ContactId, Contact> = known.map(|contact| (contact.id, contact)).collect();
    let mut contacts = Vec::with_capacity(handed.len());
    for (index, Handed { whom, .. }) in handed.iter().enumerate() {
        let found = match whom {
            Whom::Identity(identity) => owners.get(identity).copied().ok_or(Why::Nobody),
            Whom::Contact(id) => match known.get(id) {
                None => Err(Why::NoContact),
                Some(Contact { merged_into: Some(into), .. }) => Err(Why::Merged { into: *into }),
                Some(Contact { erased_at: Some(_), .. }) => Err(Why::NoContact),
                Some(contact) => Ok(contact.id),
            },
        };
        match found {
            Ok(contact) => contacts.push(contact),
            Err(why) => refusals.push(Refusal { index, why }),
        }
    }
    Ok(contacts)
}

/// What each of them says, with how its visit came about.
pub(super) async fn read(
    tx: &mut Tx,
    drafts: impl Iterator<Item = &Draft>,
    now: Timestamp,
    refusals: &mut Vec<Refusal>,
) -> Result<Vec<Report>, StoreError> {
    let (purposes, purposes_ever) = (tx.list_purpose_ids(false).await?, tx.list_purpose_ids(true).await?);
    let services =
        tx.list_purposes().await?.into_iter().filter(|purpose| purpose.kind == purpose::Kind::Service);
    let services: Vec<_> = services.map(|purpose| purpose.id).collect();
    let reading = Reading { purposes: &purposes, purposes_ever: &purposes_ever, services: &services, now };
    let mut reports = Vec::with_capacity(drafts.size_hint().0);
    for (index, draft) in drafts.enumerate() {
        match draft.read(reading) {
            Ok(report) => reports.push((index, report)),
            Err(faults) => {
                refusals.extend(faults.into_iter().map(|fault| Refusal { index, why: Why::Fault(fault) }));
            }
        }
    }
    let named: Vec<_> = reports.iter().filter_map(|(_, report)| report.told.visit).collect();
    let visits = tx.find_visits(&named).await?;
    for (index, report) in &mut reports {
        let Some(visit) = report.told.visit else { continue };
        match visits.get(&visit) {
            Some(visit) => report.told.came_by = Some(visit.source.clone().into()),
            None => refusals.push(Refusal { index: *index, why: Why::NoVisit }),
        }
    }
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

/// What an engagement says of the contact besides that it was.
async fn take_effect(
    tx: &mut Tx,
    clock: &Clock,
    by: Accessor,
    it: &Recorded,
    report: &Report,
    whom: &Whom,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (contact, at) = (it.contact, it.engagement.at);
    match report.told.kind {
        Kind::EmailBouncedHard => {
            if let Some(email) = meant(tx, contact, report, whom).await? {
                tx.mark_bounced(contact, &email, at).await?;
            }
        }
        Kind::EmailOpened | Kind::EmailClicked => {
            if let Some(email) = meant(tx, contact, report, whom).await? {
                tx.mark_reached(contact, &email, at).await?;
            }
        }
        Kind::EmailUnsubscribed => unsubscribe(tx, clock, contact, &it.engagement, by, now).await?,
        Kind::LetterReturned => mark_returned(tx, contact, report.address, at).await?,
        _ => {}
    }
    Ok(())
}

/// Which address is meant: the one that is named, or the only one that the contact has.
async fn meant(
    tx: &mut Tx,
    contact: ContactId,
    report: &Report,
    whom: &Whom,
) -> Result<Option<Email>, StoreError> {
    if let Some(email) = &report.email {
        return Ok(Some(email.clone()));
    }
    if let Whom::Identity(Identity::Email(email)) = whom {
        return Ok(Some(email.clone()));
    }
    let emails = tx.list_emails(&[contact]).await?.remove(&contact).unwrap_or_default();
    Ok(if let [only] = &emails[..] { Some(only.clone()) } else { None })
}

/// Letters come back from the addresses of this kind, or from the only one there is.
async fn mark_returned(
    tx: &mut Tx,
    id: ContactId,
    kind: Option<address::Kind>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut contact) = tx.hold_contact(id).await? else { return Ok(()) };
    let is_only = contact.profile.addresses.len() == 1;
    for address in &mut contact.profile.addresses {
        if kind.map_or(is_only, |kind| kind == address.kind) {
            address.returned_at = address.returned_at.max(Some(at));
        }
    }
    tx.save_profile(id, &contact.profile).await
}
