//! What is suspicious of contacts is marked: at once of whom a program, an
//! employee or a visitor writes, later of callers, and anew of everybody when
//! the rules change.

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::ContactId;
use crate::domain::people::contact::{Ground, KnownIdentity};
use crate::domain::people::quality::{Mark, Place, Source, marks};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// How many share a transaction.
const BATCH: u32 = 20;

/// Marks a contact as it is now; whatever is new was written by `source`.
pub(super) async fn mark(
    tx: &mut Tx,
    id: ContactId,
    source: &Source,
    now: Timestamp,
) -> Result<Vec<Mark>, StoreError> {
    mark_by(tx, id, now, |_| source.clone()).await
}

/// The same where nobody has written anything just now: what is new is a caller's own number, or was there
/// before these rules.
pub(super) async fn mark_as_known(tx: &mut Tx, id: ContactId, now: Timestamp) -> Result<(), StoreError> {
    let source = |marked: Option<&KnownIdentity>| {
        if marked.is_some_and(|known| known.ground == Ground::SEEN) { Source::Call } else { Source::Earlier }
    };
    mark_by(tx, id, now, source).await.map(drop)
}

/// `source` tells who wrote an identity, or what is no identity.
async fn mark_by(
    tx: &mut Tx,
    id: ContactId,
    now: Timestamp,
    source: impl Fn(Option<&KnownIdentity>) -> Source,
) -> Result<Vec<Mark>, StoreError> {
    let Some(contact) = tx.hold_contact(id).await? else { return Ok(vec![]) };
    let mut identities = tx.list_identities(id).await?;
    let mut domains = vec![];
    for known in &mut identities {
        let Some(email) = known.identity.email() else { continue };
        domains.push(email.domain().to_owned());
        // Who wrote an address is kept with it: that no mail is taken there is found out later.
        if known.source.is_none() {
            let writer = source(Some(known)).to_string();
            tx.save_email_source(email, &writer).await?;
            known.source = Some(writer);
        }
    }
    let without_mail = tx.list_without_mail(&domains).await?;
    let found = marks(&contact.profile, identities.iter().map(|known| &known.identity), &without_mail);
    let source = |mark: &Mark| {
        let of = identities.iter().find(|known| mark.place == Place::of(&known.identity));
        of.and_then(|known| known.source.clone()).unwrap_or_else(|| source(of).to_string())
    };
    tx.save_marks(id, &found, source, now).await?;
    Ok(found.into_iter().collect())
}

/// Marks whoever has no marks by these rules yet; tells how many there were.
pub async fn contacts_marked(store: &Store, clock: &Clock) -> Result<usize, FlowError> {
    let now = clock.now();
    let mut marked = 0;
    loop {
        let batch = store.write(move |tx| {
            Box::pin(async move {
                let contacts = tx.list_contacts_to_mark(BATCH).await?;
                for id in &contacts {
                    mark_as_known(tx, *id, now).await?;
                }
                Ok(contacts.len())
            })
        });
        match batch.await? {
            0 => return Ok(marked),
            some => marked += some,
        }
    }
}
