//! A person is forgotten.

use std::fmt;

use super::contact_restricted::find_restricted;
use super::contact_written::{ContactError, entry};
use super::contacts_merged::find_standing;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::domain::people::audit::Action;
use crate::domain::people::erasure::{Erasure, Touched, Why};
use crate::domain::people::request;
use crate::store::Store;

/// Who forgets somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Eraser {
    /// Whoever carries out what was asked for; the log of who changed what has it from who is asking.
    Asked(Accessor),
    /// Who erases again what a backup has brought back: `whence erasures replay`.
    Replay,
}

impl fmt::Display for Eraser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Eraser::Asked(who) => who.fmt(f),
            Eraser::Replay => f.write_str("replay"),
        }
    }
}

/// Forgets a contact and whoever has become part of it. Their recordings are due from then on, and deleted
/// within a minute by who keeps them.
pub async fn contact_erased(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    by: Eraser,
    why: Why,
) -> Result<Erasure, ContactError> {
    let at = clock.now();
    let (key, clock) = (new_tombstone_key(clock), clock.clone());
    let erased = store.write(move |tx| {
        let (key, clock) = (key.clone(), clock.clone());
        Box::pin(async move {
            tx.hold_identities().await?;
            if let Err(refused) = find_standing(tx, contact).await? {
                return Ok(Err(refused));
            }
            // Whoever is restricted is not erased but by their own word (art. 18(1) b).
            if why == Why::Retention
                && let Some(restricted) = find_restricted(tx, contact).await?
            {
                return Ok(Err(restricted));
            }
            // Nothing is left to be restricted, corrected or handed out.
            tx.settle_requests(contact, request::Kind::ALL, at, &by.to_string()).await?;
            match by {
                Eraser::Asked(_) => {}
                // Nobody's request to the gateway has written it down.
                Eraser::Replay => tx.insert_audit(&[entry(&clock, by, Action::Delete, contact, at)]).await?,
            }
            let mut erasure = Erasure { contact, at, by: by.to_string(), why, touched: Touched::new() };
            erasure.touched = tx.erase_contact(&erasure, &key).await?;
            Ok(Ok(erasure))
        })
    });
    erased.await?
}

/// What tombstones are hashed with from the first one on; two ids have some 148 bits of chance.
pub(super) fn new_tombstone_key(clock: &Clock) -> String {
    format!("{}{}", clock.new_id(), clock.new_id())
}
