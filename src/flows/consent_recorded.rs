//! Somebody has agreed, refused or taken back, and the ledger gets a line of it.

use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ConsentId, ContactId};
use crate::domain::people::consent::{Consent, Draft, Entry, Fault};
use crate::domain::people::contact::Contact;
use crate::store::{Store, StoreError};

#[derive(Clone, Debug, thiserror::Error)]
pub enum ConsentError {
    /// What was written cannot be meant so.
    #[error("the line cannot be read")]
    Faults(Vec<Fault>),
    #[error("there is no such contact")]
    NoContact,
    #[error("the contact is part of {into} now; write to that one")]
    Merged { into: ContactId },
    /// What the source calls so is another line of the ledger, which nobody changes.
    #[error("the source has said something else by this reference; what the ledger has is not changed")]
    OtherLine,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a line, and tells whether it is new: by one reference a source says the same thing once.
pub async fn consent_recorded(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    draft: Draft,
    who: Accessor,
) -> Result<(Consent, bool), ConsentError> {
    let (now, id, by) = (clock.now(), ConsentId(clock.new_id()), who.to_string());
    let recorded = store.write(move |tx| {
        let (draft, by) = (draft.clone(), by.clone());
        Box::pin(async move {
            match tx.hold_contact(contact).await? {
                None => return Ok(Err(ConsentError::NoContact)),
                Some(Contact { merged_into: Some(into), .. }) => {
                    return Ok(Err(ConsentError::Merged { into }));
                }
                Some(Contact { erased_at: Some(_), .. }) => return Ok(Err(ConsentError::NoContact)),
                Some(_) => {}
            }
            let purposes = tx.list_purpose_ids(draft.is_no()).await?;
            // One that is not named is one of those in service.
            let names_old = draft.is_no() && draft.controller.is_some();
            let controllers = tx.list_controller_ids(names_old).await?;
            let entry = Entry { id, contact, by: &by, now };
            let line = match draft.read(entry, &purposes, &controllers) {
                Ok(line) => line,
                Err(faults) => return Ok(Err(ConsentError::Faults(faults))),
            };
            if tx.insert_consent(&line).await? {
                return Ok(Ok((line, true)));
            }
            let reference = line.reference.as_deref().unwrap_or_default();
            let known = tx.find_consent_called(&line.source, reference).await?;
            let same = known.filter(|known| line.repeats(known));
            Ok(same.map(|known| (known, false)).ok_or(ConsentError::OtherLine))
        })
    });
    recorded.await?
}
