//! Contacts turn out to be one person; or it turns out that they are not.

use super::contact_restricted::find_restricted;
use super::contact_written::ContactError;
use super::contacts_marked::mark_as_known;
use super::duplicates::suggest;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ConsentId, ContactId, MergeId};
use crate::domain::people::consent::Consent;
use crate::domain::people::contact::{Contact, Identity};
use crate::domain::people::merge::{Merge, Undone, Why, decide_survivor, join, separate};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// Somebody says that the two are one. Which of them stays is not for them to say.
pub async fn contacts_merged(
    store: &Store,
    clock: &Clock,
    [one, other]: [ContactId; 2],
    by: Accessor,
) -> Result<Merge, ContactError> {
    if one == other {
        return Err(ContactError::Same);
    }
    let (now, clock) = (clock.now(), clock.clone());
    let merged = store.write(move |tx| {
        let clock = clock.clone();
        Box::pin(async move {
            tx.hold_identities().await?;
            let mut contacts = Vec::new();
            for id in [one, other] {
                match find_standing(tx, id).await? {
                    Ok(contact) => contacts.push(contact),
                    Err(refused) => return Ok(Err(refused)),
                }
                if let Some(restricted) = find_restricted(tx, id).await? {
                    return Ok(Err(restricted));
                }
            }
            let (_, mut merges) = merge(tx, &clock, contacts, by, now, |_, _| None).await?;
            Ok(merges.pop().ok_or(ContactError::Same))
        })
    });
    merged.await?
}

/// The contact, if it is not part of another.
pub(super) async fn find_standing(
    tx: &mut Tx,
    id: ContactId,
) -> Result<Result<Contact, ContactError>, StoreError> {
    let Some(contact) = tx.hold_contact(id).await? else {
        return Ok(Err(ContactError::NotFound { what: "contact" }));
    };
    Ok(match contact.merged_into {
        Some(into) => Err(ContactError::Gone { into }),
        None if contact.erased_at.is_some() => Err(ContactError::Erased),
        None => Ok(contact),
    })
}

/// Makes one of `contacts`, the oldest, and gives it as it is then; `met` tells which identity brought one that goes together with it.
pub(super) async fn merge(
    tx: &mut Tx,
    clock: &Clock,
    contacts: Vec<Contact>,
    by: Accessor,
    now: Timestamp,
    met: impl Fn(ContactId, ContactId) -> Option<Identity>,
) -> Result<(Contact, Vec<Merge>), StoreError> {
    let (mut stays, go) = decide_survivor(contacts).ok_or(StoreError::NotFound { what: "contact" })?;
    let mut merges = Vec::with_capacity(go.len());
    for gone in go {
        let (after, conflicts) = join(&stays.profile, &gone.profile);
        let identity = met(stays.id, gone.id);
        let merge = Merge {
            id: MergeId(clock.new_id()),
            at: now,
            by: by.to_string(),
            into: stays.id,
            gone: gone.id,
            why: if identity.is_some() { Why::Identity } else { Why::Hand },
            identity,
            before: stays.profile,
            after: after.clone(),
            conflicts,
            undone: None,
        };
        tx.insert_merge(&merge).await?;
        tx.save_profile(stays.id, &after).await?;
        stays.profile = after;
        merges.push(merge);
    }
    if !merges.is_empty() {
        suggest(tx, stays.id, now).await?;
        mark_as_known(tx, stays.id, now).await?;
    }
    Ok((stays, merges))
}

/// Both are themselves again.
///
/// What was carried over goes back, unless it has been taken off since. What came after the merge is
/// theirs by whose identity it came: a call by its number, a visit by its browser. What was written
/// since is of the one that stayed.
pub async fn merge_undone(
    store: &Store,
    clock: &Clock,
    id: MergeId,
    by: Accessor,
) -> Result<Merge, ContactError> {
    let (now, clock) = (clock.now(), clock.clone());
    let undone = store.write(move |tx| {
        let clock = clock.clone();
        Box::pin(async move {
            tx.hold_identities().await?;
            let Some(merge) = tx.find_merge(id).await? else {
                return Ok(Err(ContactError::NotFound { what: "merge" }));
            };
            if merge.undone.is_some() {
                return Ok(Err(ContactError::Undone));
            }
            // Later merges stand on this one: they are undone before it.
            let gone_on = tx.find_merge_of(merge.into).await?;
            if let Some(later) = gone_on.or(tx.find_merge_since(&merge).await?) {
                return Ok(Err(ContactError::Later { merge: later.id }));
            }
            let [Some(stayed), Some(gone)] =
                [tx.hold_contact(merge.into).await?, tx.hold_contact(merge.gone).await?]
            else {
                return Ok(Err(ContactError::NotFound { what: "contact" }));
            };
            if let Some(restricted) = find_restricted(tx, stayed.id).await? {
                return Ok(Err(restricted));
            }
            // Nobody can tell which of the two it was who has said no since: it holds for both.
            for said in tx.list_noes_since(merge.into, merge.at).await? {
                let id = ConsentId(clock.new_id());
                tx.insert_consent(&Consent { id, contact: merge.gone, reference: None, ..said }).await?;
            }
            tx.undo_merge(&merge, now, &by.to_string()).await?;
            tx.save_profile(stayed.id, &separate(&stayed.profile, &merge.before, &merge.after)).await?;
            tx.save_profile(gone.id, &gone.profile).await?;
            for id in [stayed.id, gone.id] {
                suggest(tx, id, now).await?;
                mark_as_known(tx, id, now).await?;
            }
            Ok(Ok(Merge { undone: Some(Undone { at: now, by: by.to_string() }), ..merge }))
        })
    });
    undone.await?
}
