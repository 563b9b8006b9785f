//! Somebody looks after their choices, by a link that was sent to them.
//!
//! A link opens the choices of the contact that it was made for, and of nobody
//! whom that turned out to be: two who were taken for one must not see each
//! other's. One click on a mail's own link still takes consent back, whoever
//! they are part of by then, and however old the mail is.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::contact_written::entry;
use super::frequency_wished::wish;
use super::own_data::find_data_email;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ConsentId, ContactId};
use crate::domain::people::audit::Action;
use crate::domain::people::choices::{Choice, choices, offered};
use crate::domain::people::consent::{Basis, Channel, Consent, Matter, Method, Proof, Status};
use crate::domain::people::contact::{Contact, Identity};
use crate::domain::people::email::Email;
use crate::domain::people::purpose::{Controller, Purpose};
use crate::domain::people::wish::Frequency;
use crate::domain::time::Timestamp;
use crate::store::preference_links::PreferenceLink;
use crate::store::{Store, StoreError, Tx};

/// What somebody sees of their choices.
#[derive(Clone, Debug)]
pub struct Preferences {
    pub contact: Contact,
    pub choices: Vec<Choice>,
    /// What the choices name.
    pub purposes: Vec<Purpose>,
    pub controllers: Vec<Controller>,
    /// How often they want to be reached, where they have said so.
    pub wishes: Vec<(Channel, Frequency)>,
}

/// What somebody wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Of what they were shown, this and nothing else; and by these channels so often, `None`: as often as anybody likes.
    These {
        shown: Vec<Matter>,
        wanted: Vec<Matter>,
        often: Vec<(Channel, Option<Frequency>)>,
    },
    Nothing,
}

/// The words that somebody agrees to.
pub type Question = Arc<dyn Fn(Channel, &Controller, &Purpose) -> String + Send + Sync>;

/// What a link opens.
#[derive(Clone, Debug)]
pub struct Seen {
    pub preferences: Preferences,
    pub identities: Vec<Identity>,
    /// Where a mail about all that is known would go.
    pub data_email: Option<Email>,
}

/// What a link opens; `None`: it opens nothing (any more).
pub async fn find_preferences(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
) -> Result<Option<Seen>, StoreError> {
    let (now, token_hash) = (clock.now(), token_hash.to_owned());
    let found = store.read(move |tx| {
        Box::pin(async move {
            let Some(preferences) = find(tx, &token_hash, now).await? else { return Ok(None) };
            let identities = tx.list_identities(preferences.contact.id).await?;
            let identities = identities.into_iter().map(|known| known.identity).collect();
            let data_email = find_data_email(tx, &preferences.contact).await?;
            Ok(Some(Seen { preferences, identities, data_email }))
        })
    });
    found.await
}

/// Writes down what somebody chose; `false`: the link opens nothing (any more).
pub async fn preferences_changed(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
    answer: Answer,
    question: Question,
) -> Result<bool, StoreError> {
    let (now, clock, token_hash) = (clock.now(), clock.clone(), token_hash.to_owned());
    let changed = store.write(move |tx| {
        let (clock, token_hash, answer, question) =
            (clock.clone(), token_hash.clone(), answer.clone(), question.clone());
        Box::pin(async move {
            let Some(Preferences { contact, choices, purposes, controllers, wishes }) =
                find(tx, &token_hash, now).await?
            else {
                return Ok(false);
            };
            tx.insert_audit(&[entry(&clock, Accessor::Link, Action::Write, contact.id, now)]).await?;
            for choice in choices {
                let said = match &answer {
                    Answer::These { shown, .. } if !shown.contains(&choice.matter) => None,
                    Answer::These { wanted, .. } => choice.decide(wanted.contains(&choice.matter)),
                    Answer::Nothing => choice.refuse(),
                };
                let Some((status, basis)) = said else { continue };
                let Matter { channel, purpose, controller } = &choice.matter;
                let purpose = purposes.iter().find(|it| it.id == *purpose);
                let controller = controllers.iter().find(|it| it.id == *controller);
                let text = controller
                    .zip(purpose)
                    .map(|(controller, purpose)| question(*channel, controller, purpose));
                let text = text.filter(|_| status == Status::Granted);
                let id = ConsentId(clock.new_id());
                let method = Method::PreferenceCentre;
                let line =
                    Line { id, contact: contact.id, matter: choice.matter, status, basis, method, text };
                tx.insert_consent(&line.by(&token_hash, now)).await?;
            }
            if let Answer::These { often, .. } = &answer {
                for &wished in often {
                    wish(tx, &clock, (contact.id, &wishes), wished, now).await?;
                }
            }
            Ok(true)
        })
    });
    changed.await
}

/// The e-mails that one click ends.
#[derive(Clone, Debug)]
pub struct Mailing {
    pub contact: Contact,
    pub purpose: Purpose,
    /// Some of them follow from a contract or the law, and go on.
    pub goes_on: bool,
}

/// Whose consent to e-mail one click takes back, and for what; `None`: the link is for nothing like that.
pub async fn find_unsubscribed(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
) -> Result<Option<Mailing>, StoreError> {
    let (now, token_hash) = (clock.now(), token_hash.to_owned());
    let found = store.read(move |tx| {
        Box::pin(async move {
            let Some((contact, purpose)) = find_mailing(tx, &token_hash).await? else { return Ok(None) };
            let goes_on = list_mailed(tx, &contact, &purpose, now).await?.iter().any(Choice::is_fixed);
            Ok(Some(Mailing { contact, purpose, goes_on }))
        })
    });
    found.await
}

/// What a mailing stands on, before each controller.
async fn list_mailed(
    tx: &mut Tx,
    contact: &Contact,
    purpose: &Purpose,
    now: Timestamp,
) -> Result<Vec<Choice>, StoreError> {
    let controllers = tx.list_controllers().await?;
    let lines = tx.list_consents_known(contact.id, now).await?;
    let mut choices = choices(&[Channel::Email], std::slice::from_ref(purpose), &controllers, &lines, now);
    choices.retain(|it| it.matter.channel == Channel::Email && it.matter.purpose == purpose.id);
    Ok(choices)
}

/// Takes it back, before every controller.
pub async fn unsubscribed(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
) -> Result<Option<Mailing>, StoreError> {
    let (now, clock, token_hash) = (clock.now(), clock.clone(), token_hash.to_owned());
    let done = store.write(move |tx| {
        let (clock, token_hash) = (clock.clone(), token_hash.clone());
        Box::pin(async move {
            let Some((contact, purpose)) = find_mailing(tx, &token_hash).await? else { return Ok(None) };
            tx.insert_audit(&[entry(&clock, Accessor::Link, Action::Write, contact.id, now)]).await?;
            let mut goes_on = false;
            for choice in list_mailed(tx, &contact, &purpose, now).await? {
                goes_on |= choice.is_fixed();
                let Some((status, basis)) = choice.refuse() else { continue };
                let (id, method, matter) = (ConsentId(clock.new_id()), Method::Unsubscribe, choice.matter);
                let line = Line { id, contact: contact.id, matter, status, basis, method, text: None };
                tx.insert_consent(&line.by(&token_hash, now)).await?;
            }
            Ok(Some(Mailing { contact, purpose, goes_on }))
        })
    });
    done.await
}

/// What a person says themself.
struct Line {
    id: ConsentId,
    contact: ContactId,
    matter: Matter,
    status: Status,
    basis: Basis,
    method: Method,
    text: Option<String>,
}

impl Line {
    /// As the ledger has it: said just now, by whoever has the link.
    fn by(self, token_hash: &str, now: Timestamp) -> Consent {
        let Self { id, contact, matter, status, basis, method, text } = self;
        let Matter { channel, purpose, controller } = &matter;
        let said = format!("{token_hash}\n{status} {channel} {purpose} {controller}\n{now}");
        Consent {
            id,
            contact,
            matter,
            status,
            basis,
            at: now,
            expires_at: None,
            method,
            source: "link".to_owned(),
            reference: None,
            text,
            text_version: None,
            actor: None,
            proof: Some(Proof(Sha256::digest(said).into())),
            recorded_at: now,
            recorded_by: "link".to_owned(),
        }
    }
}

/// Whose page a link opens; nobody else changes the contact until the end of this.
pub(super) async fn find_linked(
    tx: &mut Tx,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<Contact>, StoreError> {
    let Some(link) = tx.find_preference_link(token_hash).await? else { return Ok(None) };
    if link.revoked_at.is_some() || link.expires_at <= now {
        return Ok(None);
    }
    let contact = tx.hold_contact(link.contact).await?;
    Ok(contact.filter(|contact| contact.merged_into.is_none() && contact.erased_at.is_none()))
}

async fn find(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<Preferences>, StoreError> {
    let Some(contact) = find_linked(tx, token_hash, now).await? else { return Ok(None) };
    let (mut purposes, mut controllers) = (tx.list_purposes().await?, tx.list_controllers().await?);
    let lines = tx.list_consents_known(contact.id, now).await?;
    let mut choices = offered(&purposes, &controllers, &lines, now);
    // What is in service no more can only be taken back.
    choices.retain(|it| {
        let in_service = purposes.iter().any(|purpose| purpose.id == it.matter.purpose)
            && controllers.iter().any(|controller| controller.id == it.matter.controller);
        in_service || it.is_granted()
    });
    for Choice { matter, .. } in &choices {
        if purposes.iter().all(|purpose| purpose.id != matter.purpose) {
            purposes.extend(tx.find_purpose(&matter.purpose).await?);
        }
        if controllers.iter().all(|controller| controller.id != matter.controller) {
            controllers.extend(tx.find_controller(&matter.controller).await?);
        }
    }
    let wishes = tx.list_wishes(contact.id).await?;
    Ok(Some(Preferences { contact, choices, purposes, controllers, wishes }))
}

async fn find_mailing(tx: &mut Tx, token_hash: &str) -> Result<Option<(Contact, Purpose)>, StoreError> {
    let link = tx.find_preference_link(token_hash).await?;
    let Some(PreferenceLink { contact, purpose: Some(purpose), .. }) = link else { return Ok(None) };
    let Some(purpose) = tx.find_purpose(&purpose).await? else { return Ok(None) };
    let Some(mut contact) = tx.hold_contact(contact).await? else { return Ok(None) };
    if let Some(into) = contact.merged_into {
        let Some(stands) = tx.hold_contact(into).await? else { return Ok(None) };
        contact = stands;
    }
    Ok(Some((contact, purpose)))
}
