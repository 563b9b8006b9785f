//! A message of the tracking interface arrives: somebody is written of, or has
//! done something. With its id it is taken once.

use super::contact_written::{Writing, write};
use super::engagements_told::{Handed, record};
use super::visitor_told::{keep, not_taken};
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, SystemId};
use crate::domain::people::consent::{Channel, objects_to};
use crate::domain::people::contact::{Identity, Whom};
use crate::domain::people::draft::WrittenIdentity;
use crate::domain::people::engagement::Draft;
use crate::domain::people::message::{Message, Says};
use crate::domain::people::profile::Patch;
use crate::domain::people::quality::Source;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// What became of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    Now,
    /// It had been taken before.
    Before,
    /// It is about nobody who is known: a browser that is none of ours, of which nothing is told but that it is there, or
    /// whose visitor is not to be followed.
    OfNobody,
    /// It cannot be written down, for this reason.
    Not(String),
}

pub async fn message_taken(
    store: &Store,
    clock: &Clock,
    by: Accessor,
    source: &SystemId,
    message: Message,
) -> Result<Taken, StoreError> {
    let (now, clock, source) = (clock.now(), clock.clone(), source.clone());
    let taken = store.write(move |tx| {
        let (message, clock, source) = (message.clone(), clock.clone(), source.clone());
        Box::pin(async move {
            if let Some(id) = &message.id
                && tx.has_message(&source, id).await?
            {
                return Ok(Taken::Before);
            }
            let id = message.id.clone();
            let taken = take(tx, &clock, by, message, now).await?;
            if let (Taken::Now, Some(id)) = (&taken, id) {
                tx.insert_message(&source, &id, now).await?;
            }
            Ok(taken)
        })
    });
    taken.await
}

async fn take(
    tx: &mut Tx,
    clock: &Clock,
    by: Accessor,
    message: Message,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    // Nobody else points an identity at anybody while it is found out whose these are.
    tx.hold_identities().await?;
    let mut named: Vec<Identity> = message.customer.into_iter().map(Identity::Customer).collect();
    let is_customer = !named.is_empty();
    let mut visitor = message.visitor;
    if let Some(told) = visitor
        && tx.list_visits_by(&[(told, now)], 1).await?.is_empty()
    {
        visitor = None;
    }
    named.extend(visitor.map(Identity::Visitor));
    match message.says {
        Says::Person { patch, identities } => {
            // A browser of which nothing is told is nobody yet.
            let is_told = is_customer || !identities.is_empty() || patch != Patch::default();
            named.extend(identities);
            if named.is_empty() || !is_told {
                return Ok(Taken::OfNobody);
            }
            written(tx, clock, by, patch, named, now)
                .await
                .map(|it| it.map_or_else(Taken::Not, |_| Taken::Now))
        }
        Says::Deed(draft) => {
            // Whoever is not to be followed is not, by whatever system.
            if let (Some(it), [Identity::Visitor(_)]) = (visitor, &named[..]) {
                let said = tx.list_consents_of_visitor(it, Channel::WebTracking).await?;
                if objects_to(Channel::WebTracking, &said, now) {
                    return Ok(Taken::OfNobody);
                }
            }
            let owners = tx.find_owners(&named).await?;
            let mut owned = named.iter().map(|identity| owners.get(identity).copied());
            let first = owned.next().flatten();
            let whom = match first {
                Some(contact) if owned.all(|owner| owner == Some(contact)) => Whom::Contact(contact),
                _ if is_customer => match written(tx, clock, by, Patch::default(), named, now).await? {
                    Ok(contact) => Whom::Contact(contact),
                    Err(refused) => return Ok(Taken::Not(refused)),
                },
                _ => match (by_address(tx, &draft).await?, visitor) {
                    (Some(identity), _) => Whom::Identity(identity),
                    // What is said of an address is its owner's, who may be anybody but the one at the browser.
                    (None, Some(visitor)) if draft.email.is_none() => {
                        return keep(tx, clock, by, visitor, draft, now).await;
                    }
                    (None, _) => return Ok(Taken::OfNobody),
                },
            };
            let handed = [Handed { whom, draft }];
            Ok(match record(tx, clock, by, &handed, now).await? {
                Ok(_) => Taken::Now,
                Err(refusals) => not_taken(&refusals),
            })
        }
    }
}

/// The address that a message is about, if it points at somebody.
async fn by_address(tx: &mut Tx, draft: &Draft) -> Result<Option<Identity>, StoreError> {
    let email = draft.email.as_ref().and_then(|email| email.parse().ok());
    let Some(identity) = email.map(Identity::Email) else { return Ok(None) };
    Ok(tx.find_owner(&identity).await?.map(|_| identity))
}

/// Whom these identities point at from now on, or why they cannot.
async fn written(
    tx: &mut Tx,
    clock: &Clock,
    by: Accessor,
    patch: Patch,
    mut identities: Vec<Identity>,
    now: Timestamp,
) -> Result<Result<ContactId, String>, StoreError> {
    identities.sort_by_key(|identity| (identity.kind(), identity.reveal()));
    identities.dedup();
    let identities =
        identities.into_iter().map(|identity| WrittenIdentity { identity, verified: None }).collect();
    let fresh = ContactId(clock.new_id());
    let source = Source::Accessor(by.to_string());
    let writing = Writing { by, source, whom: None, patch, identities, returned: false };
    let written = write(tx, clock, fresh, writing, now).await?;
    Ok(written.map(|it| it.contact).map_err(|refused| refused.to_string()))
}
