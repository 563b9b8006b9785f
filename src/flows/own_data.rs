//! Somebody corrects what is known of them on their page, and is sent a link for what the page does not open by itself.
//!
//! What the link of a mail stands for is looked at anew: the address must still be theirs, and the contact must not have
//! become part of another.

use std::sync::Arc;
use std::time::Duration;

use super::contact_written::{Writing, entry, write};
use super::contacts_marked::mark;
use super::duplicates::suggest;
use super::preferences_changed::find_linked;
use super::request_received::{Asked, open_request};
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::MailId;
use crate::domain::people::audit::Action;
use crate::domain::people::contact::{Contact, Ground, Identity, KnownIdentity};
use crate::domain::people::email::Email;
use crate::domain::people::mail::{Mail, Words};
use crate::domain::people::mail_key::{DATA_HOLDS, MailKey, Opens, choose_email};
use crate::domain::people::opt_in;
use crate::domain::people::profile::Patch;
use crate::domain::people::purpose::Controller;
use crate::domain::people::quality::Source;
use crate::domain::people::request::{CameBy, Kind, Request};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::store::identities::Sighting;
use crate::store::{Store, StoreError, Tx};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a mail with a link tells.
#[derive(Clone, Debug)]
pub struct KeyLetter {
    pub contact: Contact,
    pub opens: Opens,
    pub controllers: Vec<Controller>,
    pub expires_at: Timestamp,
}

/// How a link is sent.
#[derive(Clone)]
pub struct KeySending {
    pub policy: opt_in::Policy,
    /// SHA-256 of what the link holds, in hex.
    pub token_hash: String,
    pub compose: Arc<dyn Fn(&KeyLetter) -> Words + Send + Sync>,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeySent {
    Sent,
    /// No address of theirs is vouched for.
    NoEmail,
    /// The address or the contact has had as many as they get in a day.
    TooOften,
}

/// Writes down what somebody says of themselves; `false`: the link opens nothing (any more).
///
/// A number is kept as told. One that points at somebody already stays where it is: it is not told whether it does.
pub async fn data_corrected(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
    patch: Patch,
    phone: Option<Phone>,
) -> Result<bool, StoreError> {
    let (now, clock, token_hash) = (clock.now(), clock.clone(), token_hash.to_owned());
    let corrected = store.write(move |tx| {
        let (clock, token_hash, patch, phone) =
            (clock.clone(), token_hash.clone(), patch.clone(), phone.clone());
        Box::pin(async move {
            tx.hold_identities().await?;
            let Some(contact) = find_linked(tx, &token_hash, now).await? else { return Ok(false) };
            let (by, id, source) = (Accessor::Link, contact.id, Source::Accessor(Accessor::Link.to_string()));
            tx.insert_audit(&[entry(&clock, by, Action::Write, id, now)]).await?;
            if let Some(phone) = phone.map(Identity::Phone)
                && tx.find_owner(&phone).await?.is_none()
            {
                say(tx, &contact, phone, now).await?;
                mark(tx, id, &source, now).await?;
            }
            let (whom, identities, returned) = (Some(id), vec![], false);
            let writing = Writing { by, source, whom, patch, identities, returned };
            Ok(write(tx, &clock, id, writing, now).await?.is_ok())
        })
    });
    corrected.await
}

async fn say(tx: &mut Tx, contact: &Contact, identity: Identity, now: Timestamp) -> Result<(), StoreError> {
    let (ground, first, last) = (Ground::SAID, now, now);
    tx.save_identities(&[Sighting { identity, contact: contact.id, ground, first, last }]).await?;
    Ok(())
}

/// Sends a link to all that is known of somebody, to an address that is vouched for; `None`: the link to their page opens
/// nothing (any more).
pub async fn data_key_asked(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
    sending: KeySending,
) -> Result<Option<KeySent>, StoreError> {
    send(store, clock, token_hash, None, sending).await
}

/// Sends a link to an address that somebody says is theirs, to confirm it.
pub async fn email_told(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
    email: Email,
    sending: KeySending,
) -> Result<Option<KeySent>, StoreError> {
    send(store, clock, token_hash, Some(email), sending).await
}

async fn send(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
    told: Option<Email>,
    sending: KeySending,
) -> Result<Option<KeySent>, StoreError> {
    let (now, clock, token_hash) = (clock.now(), clock.clone(), token_hash.to_owned());
    let sent = store.write(move |tx| {
        let (clock, token_hash, told, sending) =
            (clock.clone(), token_hash.clone(), told.clone(), sending.clone());
        Box::pin(async move {
            let Some(contact) = find_linked(tx, &token_hash, now).await? else { return Ok(None) };
            tx.insert_audit(&[entry(&clock, Accessor::Link, Action::Write, contact.id, now)]).await?;
            let (opens, email, holds) = match told {
                Some(email) => (Opens::Email, Some(email), sending.policy.confirm_within),
                None => (Opens::Data, find_data_email(tx, &contact).await?, DATA_HOLDS),
            };
            let Some(email) = email else { return Ok(Some(KeySent::NoEmail)) };
            let asked = tx.count_keys_asked_since(contact.id, &email, now - DAY).await?;
            if asked >= i64::from(sending.policy.mails_per_day) {
                return Ok(Some(KeySent::TooOften));
            }
            let expires_at = now + holds;
            let key = MailKey {
                token_hash: sending.token_hash.clone(),
                contact: contact.id,
                opens,
                email: email.clone(),
                asked_at: now,
                expires_at,
                confirmed_at: None,
            };
            tx.insert_mail_key(&key).await?;
            let controllers = tx.list_controllers().await?;
            let words = (sending.compose)(&KeyLetter { contact, opens, controllers, expires_at });
            let mail = Mail { id: MailId(clock.new_id()), to: email, words, unsubscribe: None };
            tx.insert_mail(&mail, now).await?;
            Ok(Some(KeySent::Sent))
        })
    });
    sent.await
}

/// Where a link to all that is known would go.
pub(super) async fn find_data_email(tx: &mut Tx, contact: &Contact) -> Result<Option<Email>, StoreError> {
    let known = tx.list_identities(contact.id).await?;
    Ok(choose_email(&known, &tx.list_added_emails(contact.id).await?))
}

/// Whose data a link from a mail opens, and what they are known by; `None`: it opens nothing (any more).
pub async fn find_own_data(
    store: &Store,
    clock: &Clock,
    key_hash: &str,
) -> Result<Option<(Contact, Vec<KnownIdentity>)>, StoreError> {
    let (now, key_hash) = (clock.now(), key_hash.to_owned());
    let found = store.read(move |tx| {
        Box::pin(async move {
            let Some((_, contact)) = find_key(tx, &key_hash, Opens::Data, now).await? else {
                return Ok(None);
            };
            let known = tx.list_identities(contact.id).await?;
            Ok(Some((contact, known)))
        })
    });
    found.await
}

/// Writes into the register that somebody wants to be erased, once; `None`: the link opens nothing (any more).
pub async fn erasure_asked(
    store: &Store,
    clock: &Clock,
    key_hash: &str,
) -> Result<Option<Request>, StoreError> {
    let (now, clock, key_hash) = (clock.now(), clock.clone(), key_hash.to_owned());
    let asked = store.write(move |tx| {
        let (clock, key_hash) = (clock.clone(), key_hash.clone());
        Box::pin(async move {
            let Some((_, contact)) = find_key(tx, &key_hash, Opens::Data, now).await? else {
                return Ok(None);
            };
            tx.insert_audit(&[entry(&clock, Accessor::Link, Action::Write, contact.id, now)]).await?;
            if let Some(open) = tx.find_open_request(contact.id, Kind::Erasure).await? {
                return Ok(Some(open));
            }
            let (kind, came_by) = (Kind::Erasure, CameBy::Page);
            let asked = Asked { contact: contact.id, kind, came_by, received_at: None };
            let request = open_request(&clock, asked, Accessor::Link);
            tx.insert_request(&request).await?;
            Ok(Some(request))
        })
    });
    asked.await
}

/// The address that a link from a mail is to confirm, and whose; `None`: it asks nothing (any more).
pub async fn find_told_email(
    store: &Store,
    clock: &Clock,
    key_hash: &str,
) -> Result<Option<(Contact, Email)>, StoreError> {
    let (now, key_hash) = (clock.now(), key_hash.to_owned());
    let found =
        store.read(move |tx| Box::pin(async move { find_key(tx, &key_hash, Opens::Email, now).await }));
    Ok(found.await?.map(|(key, contact)| (contact, key.email)))
}

/// The address is theirs from now on.
pub async fn email_confirmed(
    store: &Store,
    clock: &Clock,
    key_hash: &str,
) -> Result<Option<(Contact, Email)>, StoreError> {
    let (now, clock, key_hash) = (clock.now(), clock.clone(), key_hash.to_owned());
    let confirmed = store.write(move |tx| {
        let (clock, key_hash) = (clock.clone(), key_hash.clone());
        Box::pin(async move {
            tx.hold_identities().await?;
            let Some((key, contact)) = find_key(tx, &key_hash, Opens::Email, now).await? else {
                return Ok(None);
            };
            if !tx.confirm_mail_key(&key_hash, now).await? {
                return Ok(None);
            }
            tx.insert_audit(&[entry(&clock, Accessor::Link, Action::Write, contact.id, now)]).await?;
            let email = Identity::Email(key.email.clone());
            say(tx, &contact, email.clone(), now).await?;
            tx.verify_identity(&email, Some(now)).await?;
            tx.save_profile(contact.id, &contact.profile).await?;
            suggest(tx, contact.id, now).await?;
            mark(tx, contact.id, &Source::Accessor(Accessor::Link.to_string()), now).await?;
            Ok(Some((contact, key.email)))
        })
    });
    confirmed.await
}

async fn find_key(
    tx: &mut Tx,
    key_hash: &str,
    opens: Opens,
    now: Timestamp,
) -> Result<Option<(MailKey, Contact)>, StoreError> {
    let Some(key) = tx.find_mail_key(key_hash).await? else { return Ok(None) };
    if key.opens != opens || key.expires_at <= now || key.confirmed_at.is_some() {
        return Ok(None);
    }
    let Some(contact) = tx.hold_contact(key.contact).await? else { return Ok(None) };
    if contact.merged_into.is_some() || contact.erased_at.is_some() {
        return Ok(None);
    }
    let owner = tx.find_owner(&Identity::Email(key.email.clone())).await?;
    let is_theirs = match opens {
        Opens::Data => owner == Some(contact.id),
        Opens::Email => owner.is_none_or(|owner| owner == contact.id),
    };
    Ok(is_theirs.then_some((key, contact)))
}
