//! A caller will not be recorded: they say so by key, or the consent ledger has it from before.
//!
//! A rule of recording says in words what it is for, so a no of the ledger to
//! `call_recording` counts whatever its purpose, and a key says no to all that
//! are pursued by it, or to all that there are where the plan tells of none.

use std::collections::HashMap;

use super::call_arrives::who_calls;
use super::consent_recorded::find_standing;
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::Arrived;
use crate::domain::calling::recording::RecordingRefused;
use crate::domain::ids::{ConsentId, ContactId};
use crate::domain::people::consent::{Basis, Channel, Consent, Matter, Method, Status, objects_to};
use crate::domain::people::contact::Identity;
use crate::domain::people::purpose::Purpose;
use crate::store::{Store, StoreError, Tx};

/// Where such a line says that it comes from, and who has written it.
const CALL: &str = "call";

/// Whether a call may be recorded: who calls is nobody who has refused or withdrawn. Whoever calls for the first time,
/// or shows no number, has said nothing.
pub(super) async fn may_record(store: &Store, call: &Arrived) -> Result<bool, FlowError> {
    let call = call.clone();
    let lines = store.read(move |tx| {
        Box::pin(async move {
            let visits: Vec<_> = call.page.iter().filter_map(|page| page.visit).collect();
            let visitors = if visits.is_empty() { HashMap::new() } else { tx.list_visitors(&visits).await? };
            let Some(caller) = who_calls(&call, &visitors) else { return Ok((vec![], call.at)) };
            let owners: HashMap<Identity, ContactId> = tx.find_owners(&[caller]).await?;
            let Some(contact) = owners.into_values().next() else { return Ok((vec![], call.at)) };
            Ok((tx.list_consents_known(contact, call.at).await?, call.at))
        })
    });
    let (lines, at) = lines.await?;
    Ok(!objects_to(Channel::CallRecording, &lines, at))
}

/// Writes into the ledger, once, what a caller has said by key; tells whether the call is known. Whoever is nobody's
/// contact has no ledger.
pub(super) async fn write(
    tx: &mut Tx,
    clock: &Clock,
    refused: &RecordingRefused,
) -> Result<bool, StoreError> {
    let Some(call) = tx.find_call(refused.call).await? else { return Ok(false) };
    let Some(contact) = call.contact else { return Ok(true) };
    if find_standing(tx, contact).await?.is_err() {
        return Ok(true);
    }
    let (mut purposes, controllers) = (tx.list_purposes().await?, tx.list_controller_ids(false).await?);
    let records = |purpose: &Purpose| purpose.channels.contains(&Channel::CallRecording);
    if purposes.iter().any(records) {
        purposes.retain(records);
    }
    let matters: Vec<_> =
        purposes.iter().flat_map(|it| controllers.iter().map(move |c| (&it.id, c))).collect();
    for (purpose, controller) in matters {
        let line = Consent {
            id: ConsentId(clock.new_id()),
            contact,
            matter: Matter {
                channel: Channel::CallRecording,
                purpose: purpose.clone(),
                controller: controller.clone(),
            },
            status: Status::Refused,
            basis: Basis::Consent,
            at: refused.at,
            expires_at: None,
            method: Method::Spoken,
            source: CALL.to_owned(),
            reference: Some(format!("{} {purpose} {controller}", refused.call)),
            text: None,
            text_version: None,
            actor: None,
            proof: None,
            recorded_at: clock.now(),
            recorded_by: CALL.to_owned(),
        };
        // Told twice, it is there already.
        tx.insert_consent(&line).await?;
    }
    Ok(true)
}
