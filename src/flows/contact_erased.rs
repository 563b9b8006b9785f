//! A person is forgotten; or one who was comes back.

use super::contact_written::ContactError;
use super::contacts_merged::find_standing;
use crate::clock::Clock;
use crate::domain::ids::ContactId;
use crate::domain::people::contact::Identity;
use crate::domain::people::erasure::{Erasure, Touched, Why};
use crate::store::{Store, StoreError};

/// Forgets a contact and whoever has become part of it. Their recordings are due from then on, and deleted
/// within a minute by who keeps them.
pub async fn contact_erased(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    by: String,
    why: Why,
) -> Result<Erasure, ContactError> {
    let at = clock.now();
    // Two of them have more chance than the key of the hash is long.
    let key = format!("{}{}", clock.new_id(), clock.new_id());
    let erased = store.write(move |tx| {
        let (by, key) = (by.clone(), key.clone());
        Box::pin(async move {
            tx.hold_identities().await?;
            if let Err(refused) = find_standing(tx, contact).await? {
                return Ok(Err(refused));
            }
            let mut erasure = Erasure { contact, at, by, why, touched: Touched::new() };
            erasure.touched = tx.erase_contact(&erasure, &key).await?;
            Ok(Ok(erasure))
        })
    });
    erased.await?
}

/// The person has come back themselves: what they are known by may be written again.
pub async fn person_returned(store: &Store, identities: Vec<Identity>) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            let identities = identities.clone();
            Box::pin(async move { tx.delete_tombstones(&identities).await })
        })
        .await
}
