//! Somebody is to look after their choices, and gets a link for it.

use std::time::Duration;

use super::consent_recorded::{ConsentError, find_standing};
use crate::clock::Clock;
use crate::domain::ids::{ContactId, PurposeId};
use crate::domain::people::consent::{Fault, Wrong};
use crate::store::Store;
use crate::store::preference_links::PreferenceLink;

/// Makes a link that holds for a while; by one with a purpose a click takes consent to e-mail for it back.
pub async fn preference_link_made(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    purpose: Option<String>,
    token_hash: String,
    holds_for: Duration,
) -> Result<PreferenceLink, ConsentError> {
    let now = clock.now();
    let made = store.write(move |tx| {
        let (purpose, token_hash) = (purpose.clone(), token_hash.clone());
        Box::pin(async move {
            if let Err(refused) = find_standing(tx, contact).await? {
                return Ok(Err(refused));
            }
            let known = tx.list_purpose_ids(false).await?;
            let purpose = match purpose {
                None => None,
                Some(word) => match known.iter().find(|id| id.as_str() == word) {
                    Some(id) => Some(id.clone()),
                    None => {
                        let known = known.iter().map(PurposeId::as_str).collect::<Vec<_>>().join(", ");
                        let fault = Fault { field: "purpose", wrong: Wrong::Unknown { word, known } };
                        return Ok(Err(ConsentError::Faults(vec![fault])));
                    }
                },
            };
            let (made_at, expires_at) = (now, now + holds_for);
            let link = PreferenceLink { token_hash, contact, purpose, made_at, expires_at, revoked_at: None };
            tx.insert_preference_link(&link).await?;
            Ok(Ok(link))
        })
    });
    made.await?
}

/// No link that was made for the contact opens their choices any more; how many did until now.
pub async fn preference_links_revoked(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
) -> Result<u64, ConsentError> {
    let now = clock.now();
    let revoked = store.write(move |tx| {
        Box::pin(async move {
            if tx.hold_contact(contact).await?.is_none() {
                return Ok(Err(ConsentError::NoContact));
            }
            Ok(Ok(tx.revoke_preference_links(contact, now).await?))
        })
    });
    revoked.await?
}
