//! Somebody objects to being prospected (RGPD art. 21(2), (3)): the ledger gets a no for every purpose that prospects,
//! before every controller.

use super::contact_written::ContactError;
use super::contacts_merged::find_standing;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ConsentId, ContactId};
use crate::domain::people::choices::choices;
use crate::domain::people::consent::{Channel, Consent, Method};
use crate::domain::people::purpose::Kind as PurposeKind;
use crate::domain::people::request::Kind;
use crate::domain::people::rules::REACHING;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// To what somebody objects, and how they said so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Objection {
    pub channels: Vec<Channel>,
    pub method: Method,
}

impl Objection {
    /// To everything, said in this way.
    pub fn all(method: Method) -> Self {
        Self { channels: REACHING.to_vec(), method }
    }
}

/// Writes the lines that are new; who asked for it in the register has it.
pub async fn prospecting_objected(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    objection: Objection,
    by: Accessor,
) -> Result<Vec<Consent>, ContactError> {
    let (now, clock) = (clock.now(), clock.clone());
    let objected = store.write(move |tx| {
        let (objection, clock) = (objection.clone(), clock.clone());
        Box::pin(async move {
            if let Err(refused) = find_standing(tx, contact).await? {
                return Ok(Err(refused));
            }
            let by = by.to_string();
            let lines = object(tx, &clock, contact, &objection, &by, now).await?;
            tx.settle_requests(contact, &[Kind::Objection], now, &by).await?;
            Ok(Ok(lines))
        })
    });
    objected.await?
}

/// The same as a part of something greater.
pub(super) async fn object(
    tx: &mut Tx,
    clock: &Clock,
    contact: ContactId,
    objection: &Objection,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Consent>, StoreError> {
    let (mut purposes, controllers) = (tx.list_purposes().await?, tx.list_controllers().await?);
    let known = tx.list_consents_known(contact, now).await?;
    // What they once agreed to may come back into service.
    for line in &known {
        if purposes.iter().all(|purpose| purpose.id != line.matter.purpose) {
            purposes.extend(tx.find_purpose(&line.matter.purpose).await?);
        }
    }
    purposes.retain(|purpose| purpose.kind == PurposeKind::Prospecting);
    let mut lines = Vec::new();
    for choice in choices(&objection.channels, &purposes, &controllers, &known, now) {
        let of = &choice.matter;
        let prospects = purposes.iter().any(|purpose| purpose.id == of.purpose);
        if !prospects || !objection.channels.contains(&of.channel) {
            continue;
        }
        let Some((status, basis)) = choice.object() else { continue };
        let line = Consent {
            id: ConsentId(clock.new_id()),
            contact,
            matter: choice.matter,
            status,
            basis,
            at: now,
            expires_at: None,
            method: objection.method,
            source: "objection".to_owned(),
            reference: None,
            text: None,
            text_version: None,
            actor: None,
            proof: None,
            recorded_at: now,
            recorded_by: by.to_owned(),
        };
        tx.insert_consent(&line).await?;
        lines.push(line);
    }
    Ok(lines)
}
