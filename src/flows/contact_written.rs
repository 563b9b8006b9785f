//! A program or an employee, who is trusted to know, writes of a contact.
//!
//! Whom it is about the identities say that come along; where nobody has them
//! yet, somebody new. What a visitor says of themselves is another story
//! ([`visitor_identified`](super::visitor_identified)).

use super::visitor_identified::{reconsider, remember};
use crate::clock::Clock;
use crate::domain::ids::ContactId;
use crate::domain::people::claims::{Claimant, decide_claimant};
use crate::domain::people::contact::{Ground, Identity};
use crate::domain::people::draft::WrittenIdentity;
use crate::domain::people::profile::Patch;
use crate::domain::time::Timestamp;
use crate::store::identities::Sighting;
use crate::store::{Store, StoreError, Tx};

#[derive(Clone, Debug, thiserror::Error)]
pub enum ContactError {
    #[error("no such {what}")]
    NotFound { what: &'static str },
    #[error("what was given points at several contacts")]
    Several,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    pub contact: ContactId,
    /// Nobody was known by these identities.
    pub created: bool,
}

/// Writes of `whom`, or of the contact that the identities point at, or of somebody new.
pub async fn contact_written(
    store: &Store,
    clock: &Clock,
    whom: Option<ContactId>,
    patch: Patch,
    mut identities: Vec<WrittenIdentity>,
) -> Result<Written, ContactError> {
    let (now, fresh, clock) = (clock.now(), ContactId(clock.new_id()), clock.clone());
    // In one order, whatever order they came in: on PostgreSQL two who write the same wait for each other.
    identities.sort_by_key(|it| (it.identity.kind(), it.identity.reveal()));
    let written = store.write(move |tx| {
        let (patch, identities, clock) = (patch.clone(), identities.clone(), clock.clone());
        Box::pin(async move {
            tx.hold_identities().await?;
            let asked: Vec<Identity> = identities.iter().map(|it| it.identity.clone()).collect();
            let owners = tx.find_owners(&asked).await?;
            let (id, created) = match decide_claimant(owners.values().copied().chain(whom)) {
                Claimant::Several => return Ok(Err(ContactError::Several)),
                Claimant::Known(id) => (id, false),
                Claimant::New => {
                    tx.insert_contacts(&[(fresh, now)]).await?;
                    (fresh, true)
                }
            };
            let Some(mut contact) = tx.hold_contact(id).await? else {
                return Ok(Err(ContactError::NotFound { what: "contact" }));
            };
            if patch != Patch::default() {
                contact.profile.apply(patch);
                tx.save_profile(id, &contact.profile).await?;
            }
            save(tx, id, &identities, now).await?;
            for identity in asked.iter().filter(|identity| !owners.contains_key(identity)) {
                if let Identity::Visitor(visitor) = identity {
                    remember(tx, &clock, *visitor, id, now).await?;
                    reconsider(tx, *visitor, id, now).await?;
                }
            }
            Ok(Ok(Written { contact: id, created }))
        })
    });
    written.await?
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
    contact: ContactId,
    identity: Identity,
) -> Result<(), ContactError> {
    let taken = store.write(move |tx| {
        let identity = identity.clone();
        Box::pin(async move { tx.delete_identity(contact, &identity).await })
    });
    if taken.await? { Ok(()) } else { Err(ContactError::NotFound { what: "identity of this contact" }) }
}
