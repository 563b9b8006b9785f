//! Somebody has agreed, refused or taken back, and the ledger gets a line of it.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ConsentId, ContactId};
use crate::domain::people::consent::{Channel, Consent, Draft, Entry, Fault, Method, Status};
use crate::domain::people::contact::Contact;
use crate::domain::people::engagement::{Deed, Engagement};
use crate::domain::people::opt_in::NobodyAsked;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

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
    NobodyAsked(#[from] NobodyAsked),
    /// The address has had as many questions as it gets in a day.
    #[error("the address was asked too often today")]
    AskedTooOften { retry_after: Duration },
    #[error("there is no such line")]
    NoLine,
    /// Only what waits for an answer by mail can be asked again.
    #[error("the line waits for no answer")]
    NotWaiting,
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
            if let Err(refused) = find_standing(tx, contact).await? {
                return Ok(Err(refused));
            }
            record(tx, Entry { id, contact, by: &by, now }, &draft).await
        })
    });
    recorded.await?
}

/// What is wrong with a line, whoever it is about.
pub async fn consent_read(store: &Store, clock: &Clock, draft: &Draft) -> Result<Vec<Fault>, StoreError> {
    let (now, id, draft) = (clock.now(), ConsentId(clock.new_id()), draft.clone());
    let read = store.read(move |tx| {
        Box::pin(async move {
            let entry = Entry { id, contact: ContactId(Uuid::nil()), by: "", now };
            read_line(tx, &draft, entry).await
        })
    });
    Ok(match read.await? {
        Err(ConsentError::Faults(faults)) => faults,
        _ => vec![],
    })
}

/// Adds the line, once.
async fn record(
    tx: &mut Tx,
    entry: Entry<'_>,
    draft: &Draft,
) -> Result<Result<(Consent, bool), ConsentError>, StoreError> {
    let line = match read_line(tx, draft, entry).await? {
        Ok(line) => line,
        Err(faults) => return Ok(Err(faults)),
    };
    if tx.insert_consent(&line).await? {
        return Ok(Ok((line, true)));
    }
    let reference = line.reference.as_deref().unwrap_or_default();
    let known = tx.find_consent_called(&line.source, reference).await?;
    let same = known.filter(|known| line.repeats(known));
    Ok(same.map(|known| (known, false)).ok_or(ConsentError::OtherLine))
}

/// The contact, which nobody else changes until this transaction ends.
pub(super) async fn find_standing(
    tx: &mut Tx,
    id: ContactId,
) -> Result<Result<Contact, ConsentError>, StoreError> {
    Ok(match tx.hold_contact(id).await? {
        None => Err(ConsentError::NoContact),
        Some(Contact { merged_into: Some(into), .. }) => Err(ConsentError::Merged { into }),
        Some(Contact { erased_at: Some(_), .. }) => Err(ConsentError::NoContact),
        Some(contact) => Ok(contact),
    })
}

/// The line that was handed in, by the purposes and controllers that there are.
pub(super) async fn read_line(
    tx: &mut Tx,
    draft: &Draft,
    entry: Entry<'_>,
) -> Result<Result<Consent, ConsentError>, StoreError> {
    let purposes = tx.list_purpose_ids(draft.is_no()).await?;
    // One that is not named is one of those in service.
    let names_old = draft.is_no() && draft.controller.is_some();
    let controllers = tx.list_controller_ids(names_old).await?;
    Ok(draft.read(entry, &purposes, &controllers).map_err(ConsentError::Faults))
}

/// Somebody wants no more mails: for the purpose that they named, or for any, and before every controller.
pub(super) async fn unsubscribe(
    tx: &mut Tx,
    clock: &Clock,
    contact: ContactId,
    engagement: &Engagement,
    by: Accessor,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Deed::Told(told) = &engagement.what else { return Ok(()) };
    let purposes = match &told.purpose {
        Some(purpose) => vec![purpose.clone()],
        None => tx.list_purpose_ids(false).await?,
    };
    let (controllers, by) = (tx.list_controller_ids(false).await?, by.to_string());
    let matters: Vec<_> = purposes.iter().flat_map(|it| controllers.iter().map(move |c| (it, c))).collect();
    for (purpose, controller) in matters {
        let draft = Draft {
            channel: Some(Channel::Email.to_string()),
            purpose: Some(purpose.to_string()),
            controller: Some(controller.to_string()),
            status: Some(Status::Withdrawn.to_string()),
            at: Some(engagement.at.to_string()),
            method: Some(Method::Unsubscribe.to_string()),
            source: Some(told.source.clone()),
            // What it is about in the timeline, once for each matter.
            reference: Some(format!("{} {purpose} {controller}", engagement.id)),
            ..Draft::default()
        };
        let entry = Entry { id: ConsentId(clock.new_id()), contact, by: &by, now };
        record(tx, entry, &draft).await?.map_err(|_| StoreError::Conflict)?;
    }
    Ok(())
}
