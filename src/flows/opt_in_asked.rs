//! Somebody has said yes somewhere, and is asked by e-mail whether they meant it.
//!
//! The line that waits, the mail and its link are written in one go: who got the
//! line back is asked, and nobody is asked of whom there is no line.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::consent_recorded::{ConsentError, find_standing, read_line};

use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ConsentId, ContactId, MailId};
use crate::domain::people::consent::{Consent, Draft, Entry, Method, Proof};
use crate::domain::people::contact::Contact;
use crate::domain::people::email::Email;
use crate::domain::people::mail::{Mail, Words};
use crate::domain::people::opt_in::{Policy, choose_email, is_open};
use crate::domain::people::purpose::{Controller, Purpose};
use crate::domain::time::Timestamp;
use crate::store::confirmations::Confirmation;
use crate::store::preference_links::PreferenceLink;
use crate::store::{Store, StoreError, Tx};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The person's own, where it is known.
    pub language: Option<String>,
    pub asked: Consent,
    pub purpose: Purpose,
    pub controller: Controller,
    pub expires_at: Timestamp,
}

/// How somebody is asked.
#[derive(Clone)]
pub struct Asking {
    pub policy: Policy,
    /// Of their addresses the one to ask; without it the only one.
    pub email: Option<Email>,
    /// SHA-256 of what the link holds, in hex.
    pub token_hash: String,
    /// What one click on the mail's own link takes back: SHA-256 of what that holds, in hex, and where it leads.
    pub unsubscribe: (String, String),
    pub compose: Arc<Compose>,
}

/// The words that the person agrees to, and the mail around them.
pub type Compose = dyn Fn(&Question) -> (String, Words) + Send + Sync;

/// Adds a line that waits for an answer, and asks; by one reference a source asks once.
pub async fn opt_in_asked(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    draft: Draft,
    who: Accessor,
    asking: Asking,
) -> Result<(Consent, bool), ConsentError> {
    let (now, id, mail, by) =
        (clock.now(), ConsentId(clock.new_id()), MailId(clock.new_id()), who.to_string());
    let asked = store.write(move |tx| {
        let (draft, by, asking) = (draft.clone(), by.clone(), asking.clone());
        Box::pin(async move {
            let contact = match find_standing(tx, contact).await? {
                Ok(contact) => contact,
                Err(refused) => return Ok(Err(refused)),
            };
            let line = match read_line(tx, &draft, Entry { id, contact: contact.id, by: &by, now }).await? {
                Ok(line) => line,
                Err(faults) => return Ok(Err(faults)),
            };
            if let Some(reference) = &line.reference
                && let Some(known) = tx.find_consent_called(&line.source, reference).await?
            {
                // What was left to us we chose then.
                let expires_at = line.expires_at.or(known.expires_at);
                let text = line.text.clone().or_else(|| known.text.clone());
                let same = Consent { expires_at, text, ..line }.repeats(&known);
                return Ok(if same { Ok((known, false)) } else { Err(ConsentError::OtherLine) });
            }
            Ok(ask(tx, contact, line, mail, &asking, now).await?.map(|line| (line, true)))
        })
    });
    asked.await?
}

/// Asks once more what waits for an answer: a line of its own, at the same address.
pub async fn opt_in_asked_again(
    store: &Store,
    clock: &Clock,
    line: ConsentId,
    who: Accessor,
    asking: Asking,
) -> Result<Consent, ConsentError> {
    let (now, id, mail, by) =
        (clock.now(), ConsentId(clock.new_id()), MailId(clock.new_id()), who.to_string());
    let asked = store.write(move |tx| {
        let (by, mut asking) = (by.clone(), asking.clone());
        Box::pin(async move {
            let Some(first) = tx.find_consent(line).await? else { return Ok(Err(ConsentError::NoLine)) };
            let contact = match find_standing(tx, first.contact).await? {
                Ok(contact) => contact,
                Err(refused) => return Ok(Err(refused)),
            };
            let lines = tx.list_consents_known(contact.id, now).await?;
            let email = tx.find_asked_email(line).await?;
            if first.method != Method::DoubleOptIn || email.is_none() || !is_open(&first, &lines, now) {
                return Ok(Err(ConsentError::NotWaiting));
            }
            asking.email = email;
            let (at, recorded_at, recorded_by) = (now, now, by);
            let again =
                Consent { id, at, recorded_at, recorded_by, expires_at: None, reference: None, ..first };
            ask(tx, contact, again, mail, &asking, now).await
        })
    });
    asked.await?
}

async fn ask(
    tx: &mut Tx,
    contact: Contact,
    mut line: Consent,
    mail: MailId,
    asking: &Asking,
    now: Timestamp,
) -> Result<Result<Consent, ConsentError>, StoreError> {
    let theirs = tx.list_emails(&[contact.id]).await?.remove(&contact.id).unwrap_or_default();
    let email = match choose_email(&theirs, asking.email.as_ref()) {
        Ok(email) => email,
        Err(nobody) => return Ok(Err(nobody.into())),
    };
    let Policy { confirm_within, mails_per_day } = asking.policy;
    let asked = tx.list_asked_since(&email, now - DAY).await?;
    if let Some(over) = asked.len().checked_sub(mails_per_day as usize) {
        let retry_after = (asked[over] + DAY).since(now);
        return Ok(Err(ConsentError::AskedTooOften { retry_after }));
    }
    let expires_at = *line.expires_at.get_or_insert(now + confirm_within);
    let purpose = tx.find_purpose(&line.matter.purpose).await?;
    let controller = tx.find_controller(&line.matter.controller).await?;
    let question = Question {
        language: contact.profile.language,
        asked: line.clone(),
        purpose: purpose.ok_or(StoreError::NotFound { what: "purpose" })?,
        controller: controller.ok_or(StoreError::NotFound { what: "controller" })?,
        expires_at,
    };
    let (text, words) = (asking.compose)(&question);
    line.text.get_or_insert(text);
    let said = format!("{}\n{}\n{}", words.subject, words.text, words.html);
    if !tx.insert_consent(&line).await? {
        return Ok(Err(ConsentError::OtherLine));
    }
    tx.insert_confirmation(&Confirmation {
        token_hash: asking.token_hash.clone(),
        consent: line.id,
        email: email.clone(),
        mail: Proof(Sha256::digest(said).into()),
        asked_at: now,
        expires_at,
        confirmed_at: None,
    })
    .await?;
    // It opens no page: who reads at this address has not shown yet that they are meant.
    let (token_hash, address) = asking.unsubscribe.clone();
    let (purpose, made_at, expires_at) = (Some(line.matter.purpose.clone()), now, now);
    let link =
        PreferenceLink { token_hash, contact: contact.id, purpose, made_at, expires_at, revoked_at: None };
    tx.insert_preference_link(&link).await?;
    tx.insert_mail(&Mail { id: mail, to: email, words, unsubscribe: Some(address) }, now).await?;
    Ok(Ok(line))
}
