//! Somebody writes down something of a call: a note, or which tags it has.

use std::collections::BTreeSet;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::note::{NoteText, Tag};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{CallId, NoteId};
use crate::store::Store;

const NO_CALL: FlowError = FlowError::NotFound { what: "call" };

pub async fn call_noted(
    store: &Store,
    clock: &Clock,
    call: CallId,
    text: NoteText,
    who: Accessor,
) -> Result<NoteId, FlowError> {
    let (id, now, who) = (NoteId(clock.new_id()), clock.now(), who.to_string());
    let written = store.write(move |tx| {
        let (text, who) = (text.clone(), who.clone());
        Box::pin(async move {
            if !tx.hold_call(call).await? {
                return Ok(false);
            }
            tx.insert_note((id, call), now, &who, &text).await?;
            Ok(true)
        })
    });
    if written.await? { Ok(id) } else { Err(NO_CALL) }
}

pub async fn note_deleted(store: &Store, call: CallId, note: NoteId) -> Result<(), FlowError> {
    let deleted = store.write(move |tx| {
        Box::pin(async move { Ok(tx.hold_call(call).await? && tx.delete_note(call, note).await?) })
    });
    if deleted.await? { Ok(()) } else { Err(FlowError::NotFound { what: "note" }) }
}

/// The call has these tags from now on, and no others.
pub async fn call_tagged(store: &Store, call: CallId, tags: BTreeSet<Tag>) -> Result<(), FlowError> {
    let written = store.write(move |tx| {
        let tags = tags.clone();
        Box::pin(async move {
            if !tx.hold_call(call).await? {
                return Ok(false);
            }
            tx.set_tags(call, &tags).await?;
            Ok(true)
        })
    });
    if written.await? { Ok(()) } else { Err(NO_CALL) }
}
