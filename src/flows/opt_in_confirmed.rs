//! Somebody follows the link of a question, and says yes.
//!
//! What the link stands for is looked at anew: the address must still be theirs,
//! whoever the contact has become part of meanwhile, and they must have said
//! nothing else since. Where that is not so there is no question, and nobody
//! is told why: a link tells strangers nothing.

use sha2::{Digest, Sha256};

use super::contact_written::entry;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ConsentId;
use crate::domain::people::audit::Action;
use crate::domain::people::consent::{Consent, Method, Proof, Status};
use crate::domain::people::contact::{Contact, Identity};
use crate::domain::people::opt_in::is_open;
use crate::domain::people::purpose::{Controller, Purpose};
use crate::domain::time::Timestamp;
use crate::store::confirmations::Confirmation;
use crate::store::{Store, StoreError, Tx};

/// A question that stands.
#[derive(Clone, Debug)]
pub struct Open {
    pub contact: Contact,
    /// The line that waits.
    pub asked: Consent,
    pub purpose: Purpose,
    pub controller: Controller,
}

/// The question that a link asks; nothing changes by looking.
pub async fn find_open_question(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
) -> Result<Option<Open>, StoreError> {
    let (now, token_hash) = (clock.now(), token_hash.to_owned());
    let found = store.read(move |tx| Box::pin(async move { find(tx, &token_hash, now).await })).await?;
    Ok(found.map(|(_, open)| open))
}

/// Says yes to what a link asks, and that the address is theirs; `None`: it asks nothing (any more).
pub async fn opt_in_confirmed(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
) -> Result<Option<Open>, StoreError> {
    let (now, id, token_hash) = (clock.now(), ConsentId(clock.new_id()), token_hash.to_owned());
    let clock = clock.clone();
    let confirmed = store.write(move |tx| {
        let (token_hash, clock) = (token_hash.clone(), clock.clone());
        Box::pin(async move {
            let Some((question, open)) = find(tx, &token_hash, now).await? else { return Ok(None) };
            if !tx.confirm(&token_hash, now).await? {
                return Ok(None);
            }
            // Whoever has the mail can show that it is this one.
            let proof = Sha256::digest(format!("{}\n{token_hash}\n{now}", question.mail));
            let granted = Consent {
                id,
                status: Status::Granted,
                at: now,
                expires_at: None,
                method: Method::DoubleOptIn,
                reference: Some(format!("confirmation of {}", open.asked.id)),
                actor: None,
                proof: Some(Proof(proof.into())),
                recorded_at: now,
                recorded_by: "link".to_owned(),
                ..open.asked.clone()
            };
            tx.insert_consent(&granted).await?;
            tx.insert_audit(&[entry(&clock, Accessor::Link, Action::Write, open.contact.id, now)]).await?;
            tx.verify_identity(&Identity::Email(question.email), Some(now)).await?;
            Ok(Some(open))
        })
    });
    confirmed.await
}

async fn find(
    tx: &mut Tx,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<(Confirmation, Open)>, StoreError> {
    let Some(question) = tx.find_confirmation(token_hash).await? else { return Ok(None) };
    if question.confirmed_at.is_some() || question.expires_at <= now {
        return Ok(None);
    }
    let Some(asked) = tx.find_consent(question.consent).await? else { return Ok(None) };
    let Some(contact) = tx.hold_contact(asked.contact).await? else { return Ok(None) };
    let owner = tx.find_owner(&Identity::Email(question.email.clone())).await?;
    let lines = tx.list_consents_known(contact.id, now).await?;
    if owner != Some(contact.id) || !is_open(&asked, &lines, now) {
        return Ok(None);
    }
    let purpose = tx.find_purpose(&asked.matter.purpose).await?;
    let controller = tx.find_controller(&asked.matter.controller).await?;
    let (Some(purpose), Some(controller)) = (purpose, controller) else { return Ok(None) };
    Ok(Some((question, Open { contact, asked, purpose, controller })))
}
