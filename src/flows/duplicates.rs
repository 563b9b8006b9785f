//! Something of a contact has changed: who else may be the same person? And
//! somebody says that two are not.

use super::contact_written::ContactError;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::domain::people::likeness::{SUGGESTED_FROM, compare};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// How many are compared with one contact, the newest first: whoever shares the
/// beginnings of name and given name with more has a name like many.
const COMPARED_MAX: u32 = 200;

/// Compares a contact with all who share a block with it.
pub(super) async fn suggest(tx: &mut Tx, id: ContactId, now: Timestamp) -> Result<(), StoreError> {
    let others = tx.list_alike(id, COMPARED_MAX).await?;
    let Some((_, traits)) = tx.list_traits(&[id]).await?.pop() else { return Ok(()) };
    let likenesses =
        tx.list_traits(&others).await?.into_iter().map(|(other, its)| (other, compare(&traits, &its)));
    let alike: Vec<_> = likenesses.filter(|(_, likeness)| likeness.score >= SUGGESTED_FROM).collect();
    tx.save_duplicates(id, &alike, now).await
}

/// Two that were suggested are not one: they are not suggested again.
pub async fn duplicate_refused(
    store: &Store,
    clock: &Clock,
    pair: [ContactId; 2],
    by: Accessor,
) -> Result<(), ContactError> {
    let now = clock.now();
    let refused = store
        .write(move |tx| Box::pin(async move { tx.refuse_duplicate(pair, now, &by.to_string()).await }))
        .await?;
    if refused { Ok(()) } else { Err(ContactError::NotFound { what: "suggestion" }) }
}
