//! Somebody's data is kept and not used, and used again (RGPD art. 18).

use super::contact_written::ContactError;
use super::contacts_merged::find_standing;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, RestrictionId};
use crate::domain::people::request::Kind;
use crate::domain::people::restriction::{Ground, Restriction};
use crate::store::{Store, StoreError, Tx};

/// Restricts a contact, and tells whether it is new; who asked for that has it.
pub async fn contact_restricted(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    ground: Option<Ground>,
    by: Accessor,
) -> Result<(Restriction, bool), ContactError> {
    let (id, now) = (RestrictionId(clock.new_id()), clock.now());
    let restriction = Restriction { id, contact, ground, at: now, by: by.to_string(), lifted: None };
    let restricted = store.write(move |tx| {
        let restriction = restriction.clone();
        Box::pin(async move {
            if let Err(refused) = find_standing(tx, contact).await? {
                return Ok(Err(refused));
            }
            let (stands, is_new) = restrict(tx, restriction.clone()).await?;
            tx.settle_requests(contact, &[Kind::Restriction], now, &restriction.by).await?;
            Ok(Ok((stands, is_new)))
        })
    });
    restricted.await?
}

/// The restriction that stands then: this one, or the one that did before.
pub(super) async fn restrict(
    tx: &mut Tx,
    restriction: Restriction,
) -> Result<(Restriction, bool), StoreError> {
    if let Some(stands) = tx.find_restriction(restriction.contact).await? {
        return Ok((stands, false));
    }
    tx.insert_restriction(&restriction).await?;
    Ok((restriction, true))
}

/// The data may be used again.
pub async fn restriction_lifted(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    by: Accessor,
) -> Result<Restriction, ContactError> {
    let (now, by) = (clock.now(), by.to_string());
    let lifted = store.write(move |tx| {
        let by = by.clone();
        Box::pin(async move {
            if let Err(refused) = find_standing(tx, contact).await? {
                return Ok(Err(refused));
            }
            let Some(stood) = tx.find_restriction(contact).await? else {
                return Ok(Err(ContactError::NotFound { what: "restriction of this contact" }));
            };
            tx.lift_restriction(contact, now, &by).await?;
            Ok(Ok(Restriction { lifted: Some((now, by)), ..stood }))
        })
    });
    lifted.await?
}

/// Why nothing of a contact may be changed.
pub(super) async fn find_restricted(
    tx: &mut Tx,
    contact: ContactId,
) -> Result<Option<ContactError>, StoreError> {
    Ok(tx.find_restriction(contact).await?.map(|_| ContactError::Restricted))
}
