//! A program or an employee, who is trusted to know, writes of a contact.
//!
//! Whom it is about the identities say that come along; where nobody has them
//! yet, somebody new; where several have, these are one person. What a visitor says of themselves is another story
//! ([`visitor_identified`](super::visitor_identified)).

use std::collections::BTreeSet;
use std::fmt::Display;

use super::contact_restricted::find_restricted;
use super::contacts_marked::{mark, mark_as_known};
use super::contacts_merged::{find_standing, merge};
use super::duplicates::suggest;
use super::visitor_identified::{reconsider, remember};
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{AuditId, ContactId, MergeId};
use crate::domain::people::audit::{Action, Entry};
use crate::domain::people::contact::{Ground, Identity};
use crate::domain::people::draft::WrittenIdentity;
use crate::domain::people::profile::Patch;
use crate::domain::people::quality::{Mark, Source};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{Event, IDENTITIES, differing};
use crate::store::identities::Sighting;
use crate::store::{Store, StoreError, Tx};

#[derive(Clone, Debug, thiserror::Error)]
pub enum ContactError {
    #[error("no such {what}")]
    NotFound { what: &'static str },
    /// It is part of another, of whom to write instead.
    #[error("the contact has become part of {into}")]
    Gone { into: ContactId },
    /// Nothing is known of it any more.
    #[error("the contact was erased")]
    Erased,
    /// The person was erased; only they themselves may come back.
    #[error("{} was erased: `returned` says that the person has come back since", .kind)]
    Tombstone { kind: &'static str },
    /// Its data is kept and not used (RGPD art. 18).
    #[error("the contact's data is restricted: lift that before anything is changed")]
    Restricted,
    #[error("a contact is one with itself")]
    Same,
    #[error("the merge is undone")]
    Undone,
    /// What it ended in has become part of another since.
    #[error("the merge {merge} stands on this one; undo that first")]
    Later { merge: MergeId },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub contact: ContactId,
    /// Nobody was known by these identities.
    pub created: bool,
    /// Something is known that was not, whatever was seen again.
    pub changed: bool,
    /// What became one by this.
    pub merges: Vec<MergeId>,
    /// What is suspicious of them now.
    pub marks: Vec<Mark>,
}

/// What is written, and by whom.
#[derive(Clone, Debug)]
pub(super) struct Writing {
    pub by: Accessor,
    /// What marks of it name as their source.
    pub source: Source,
    /// `None`: whom the identities point at, or somebody new.
    pub whom: Option<ContactId>,
    pub patch: Patch,
    pub identities: Vec<WrittenIdentity>,
    /// The person was erased, and has come back themselves.
    pub returned: bool,
}

/// Writes of `whom`, or of the contact that the identities point at, or of somebody new.
pub async fn contact_written(
    store: &Store,
    clock: &Clock,
    by: Accessor,
    whom: Option<ContactId>,
    patch: Patch,
    identities: Vec<WrittenIdentity>,
) -> Result<Written, ContactError> {
    let source = Source::Accessor(by.to_string());
    written_so(store, clock, Writing { by, source, whom, patch, identities, returned: false }).await
}

/// The same of a person who was erased and has come back themselves.
pub async fn person_returned(
    store: &Store,
    clock: &Clock,
    by: Accessor,
    whom: Option<ContactId>,
    patch: Patch,
    identities: Vec<WrittenIdentity>,
) -> Result<Written, ContactError> {
    let source = Source::Accessor(by.to_string());
    written_so(store, clock, Writing { by, source, whom, patch, identities, returned: true }).await
}

async fn written_so(store: &Store, clock: &Clock, writing: Writing) -> Result<Written, ContactError> {
    let (now, fresh, clock) = (clock.now(), ContactId(clock.new_id()), clock.clone());
    let written = store.write(move |tx| {
        let (writing, clock) = (writing.clone(), clock.clone());
        Box::pin(async move { write(tx, &clock, fresh, writing, now).await })
    });
    written.await?
}

/// The same as a part of something greater; `fresh` is whoever is new.
pub(super) async fn write(
    tx: &mut Tx,
    clock: &Clock,
    fresh: ContactId,
    writing: Writing,
    now: Timestamp,
) -> Result<Result<Written, ContactError>, StoreError> {
    let Writing { by, source, whom, patch, mut identities, returned } = writing;
    // In one order, whatever order they came in: on PostgreSQL two who write the same wait for each other.
    identities.sort_by_key(|it| (it.identity.kind(), it.identity.reveal()));
    tx.hold_identities().await?;
    let asked: Vec<Identity> = identities.iter().map(|it| it.identity.clone()).collect();
    if let Some(erased) = tx.find_tombstones(&asked).await?.first().filter(|_| !returned) {
        return Ok(Err(ContactError::Tombstone { kind: erased.kind() }));
    }
    let mut owners = tx.find_owners(&asked).await?;
    let several = |owner: &ContactId| owners.values().chain(&whom).any(|other| other != owner);
    // Anybody can type anything: that brings no two together, and is theirs whom a program names.
    let mut typed = tx.list_typed(&asked).await?;
    typed.retain(|identity| owners.get(identity).is_some_and(several));
    let losers: BTreeSet<ContactId> =
        typed.iter().filter_map(|identity| owners.get(identity)).copied().collect();
    owners.retain(|identity, _| !typed.contains(identity));
    let mut ids: BTreeSet<ContactId> = owners.values().copied().chain(whom).collect();
    let created = ids.is_empty();
    if created {
        tx.insert_contacts(&[(fresh, now)]).await?;
        ids.insert(fresh);
    }
    let mut contacts = Vec::with_capacity(ids.len());
    for id in ids {
        match find_standing(tx, id).await? {
            Ok(contact) => contacts.push(contact),
            Err(refused) => return Ok(Err(refused)),
        }
        // What they say themselves of their own data is taken (art. 18(2)).
        if by != Accessor::Link
            && let Some(restricted) = find_restricted(tx, id).await?
        {
            return Ok(Err(restricted));
        }
    }
    if returned {
        tx.delete_tombstones(&asked).await?;
    }
    let of = |contact| asked.iter().find(|identity| owners.get(*identity) == Some(&contact)).cloned();
    let met = |stays, gone| of(gone).or_else(|| of(stays));
    let (mut contact, merges) = merge(tx, clock, contacts, by, now, met).await?;
    let id = contact.id;
    for identity in &typed {
        tx.give_identity(id, identity).await?;
    }
    for loser in losers {
        tx.tell(Event::changed(loser, vec![IDENTITIES], now));
        compare_anew(tx, loser, now).await?;
    }
    save(tx, id, &identities, now).await?;
    let before = contact.profile.clone();
    contact.profile.apply(patch);
    let changed = created || !merges.is_empty() || contact.profile != before || owners.len() < asked.len();
    let is_pointed_at = |it: &Identity| !matches!(it, Identity::Visitor(_));
    if !created {
        let mut parts = differing(&before, &contact.profile);
        if asked.iter().any(|it| is_pointed_at(it) && !owners.contains_key(it)) {
            parts.push(IDENTITIES);
        }
        tell_changed(tx, id, parts, now);
    }
    let marks = if changed {
        tx.save_profile(id, &contact.profile).await?;
        suggest(tx, id, now).await?;
        mark(tx, id, &source, now).await?
    } else {
        tx.list_marks(&[id]).await?.into_iter().map(|(_, kept)| kept.mark).collect()
    };
    for identity in asked.iter().filter(|identity| !owners.contains_key(identity)) {
        if let Identity::Visitor(visitor) = identity {
            remember(tx, clock, *visitor, id, now).await?;
            reconsider(tx, *visitor, id, now).await?;
        }
    }
    if whom.is_none() || matches!(source, Source::Import(_)) {
        // Who asked for it did not say yet whose data it is.
        tx.insert_audit(&[entry(clock, by, Action::Write, id, now)]).await?;
    }
    let merges = merges.into_iter().map(|merge| merge.id).collect();
    Ok(Ok(Written { contact: id, created, changed, merges, marks }))
}

/// Tells that parts of a contact are different, if any are.
pub(super) fn tell_changed(tx: &mut Tx, contact: ContactId, parts: Vec<&'static str>, now: Timestamp) {
    if !parts.is_empty() {
        tx.tell(Event::changed(contact, parts, now));
    }
}

pub(super) fn entry(
    clock: &Clock,
    by: impl Display,
    what: Action,
    contact: ContactId,
    at: Timestamp,
) -> Entry {
    Entry {
        id: AuditId(clock.new_id()),
        at,
        who: by.to_string(),
        what,
        kind: "contact".to_owned(),
        subject: Some(contact.to_string()),
    }
}

async fn save(
    tx: &mut Tx,
    contact: ContactId,
    identities: &[WrittenIdentity],
    now: Timestamp,
) -> Result<(), StoreError> {
    let sighting = |it: &WrittenIdentity| Sighting {
        identity: it.identity.clone(),
        contact,
        ground: Ground::WRITTEN,
        first: now,
        last: now,
    };
    tx.save_identities(&identities.iter().map(sighting).collect::<Vec<_>>()).await?;
    for WrittenIdentity { identity, verified } in identities {
        if let Some(verified) = verified {
            tx.verify_identity(identity, verified.then_some(now)).await?;
        }
    }
    Ok(())
}

/// Takes an identity off a contact; from now on it points at nobody. What came by it stays.
pub async fn identity_taken_off(
    store: &Store,
    clock: &Clock,
    id: ContactId,
    identity: Identity,
) -> Result<(), ContactError> {
    let now = clock.now();
    let taken = store.write(move |tx| {
        let identity = identity.clone();
        Box::pin(async move {
            if let Some(restricted) = find_restricted(tx, id).await? {
                return Ok(Err(restricted));
            }
            if !tx.delete_identity(id, &identity).await? {
                return Ok(Err(ContactError::NotFound { what: "identity of this contact" }));
            }
            if !matches!(identity, Identity::Visitor(_)) {
                tx.tell(Event::changed(id, vec![IDENTITIES], now));
            }
            compare_anew(tx, id, now).await?;
            Ok(Ok(()))
        })
    });
    taken.await?
}

/// An identity points at this contact no more, by which it may have been found and suggested.
async fn compare_anew(tx: &mut Tx, id: ContactId, now: Timestamp) -> Result<(), StoreError> {
    if let Some(contact) = tx.hold_contact(id).await? {
        tx.save_profile(id, &contact.profile).await?;
        suggest(tx, id, now).await?;
        mark_as_known(tx, id, now).await?;
    }
    Ok(())
}
