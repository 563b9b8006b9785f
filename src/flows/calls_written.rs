//! Many facts about calls are written down at once, as a gateway gathers them.

use std::collections::HashSet;
use std::sync::Arc;

use super::error::FlowError;
use super::{call_arrives, recording_refused};
use crate::clock::Clock;
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualified;
use crate::domain::calling::quality::Relayed;
use crate::domain::calling::record::{Answered, Arrived, Departed, Ended, Fact};
use crate::domain::calling::recording::{DeleteWhy, RecordingBegan, RecordingEnded, RecordingRefused};
use crate::domain::calling::transfer::Transferred;
use crate::domain::ids::{CallId, EngagementId};
use crate::domain::people::engagement::{Deed, Engagement};
use crate::store::{Store, StoreError, Tx};

/// Writes all facts in one transaction, whatever their order: arrivals, then
/// answers, then ends, each kind in few statements.
///
/// [`FlowError::CallUnknown`] names the calls whose arrival is neither among
/// the facts nor in the database; every fact about other calls is then on
/// disk. After any other error none is.
pub async fn calls_written(store: &Store, clock: &Clock, facts: &[Fact]) -> Result<(), FlowError> {
    let (clock, facts): (Clock, Arc<[Fact]>) = (clock.clone(), facts.into());
    let written = store.write(move |tx| {
        let (clock, facts) = (clock.clone(), Arc::clone(&facts));
        Box::pin(async move { write(tx, &clock, &facts).await })
    });
    let calls = written.await?;
    if calls.is_empty() { Ok(()) } else { Err(FlowError::CallUnknown { calls }) }
}

/// Gives the calls that are not there.
async fn write(tx: &mut Tx, clock: &Clock, facts: &[Fact]) -> Result<Vec<CallId>, StoreError> {
    let (mut arrived, mut answered, mut ended) =
        (Vec::<&Arrived>::new(), Vec::<&Answered>::new(), Vec::<&Ended>::new());
    let (mut departed, mut transferred) = (Vec::<&Departed>::new(), Vec::<&Transferred>::new());
    let (mut relayed, mut qualified) = (Vec::<&Relayed>::new(), Vec::<&Qualified>::new());
    let (mut began, mut kept) = (Vec::<&RecordingBegan>::new(), Vec::<&RecordingEnded>::new());
    let mut refused = Vec::<&RecordingRefused>::new();
    for fact in facts {
        match fact {
            Fact::Arrived(fact) => arrived.push(fact),
            Fact::Departed(fact) => departed.push(fact),
            Fact::Answered(fact) => answered.push(fact),
            Fact::Transferred(fact) => transferred.push(fact),
            Fact::Relayed(fact) => relayed.push(fact),
            Fact::Qualified(fact) => qualified.push(fact),
            Fact::RecordingBegan(fact) => began.push(fact),
            Fact::RecordingEnded(fact) => kept.push(fact),
            Fact::RecordingRefused(fact) => refused.push(fact),
            Fact::Ended(fact) => ended.push(fact),
        }
    }
    once_a_call(&mut answered, |fact| fact.call);
    once_a_call(&mut ended, |fact| fact.call);
    call_arrives::write(tx, clock, &arrived).await?;
    let mut known = tx.answer_calls(&answered).await?;
    known.extend(tx.end_calls(&ended).await?);
    let messages = ended.iter().filter(|fact| fact.outcome == Outcome::Voicemail).map(|fact| {
        let what = Deed::Voicemail(fact.call);
        (fact.call, Engagement { id: EngagementId(clock.new_id()), at: fact.at, what })
    });
    tx.insert_engagements_of_calls(&messages.collect::<Vec<_>>()).await?;
    known.extend(arrived.iter().map(|fact| fact.call));
    // Few calls leave over a trunk, are transferred or recorded: each in a statement of its own.
    for fact in departed {
        if tx.insert_departure(fact).await? {
            known.insert(fact.call);
        }
    }
    for fact in transferred {
        if tx.insert_transfer(fact).await? {
            known.insert(fact.call);
        }
    }

    for fact in began.iter() {
        if tx.begin_recording(fact).await? {
            known.insert(fact.call);
        }
    }
    // Whose caller was erased meanwhile is deleted as the others of that person were.
    let recorded: Vec<CallId> = began.iter().map(|fact| fact.call).collect();
    let erased = tx.find_erased_calls(&recorded).await?;
    for fact in began.iter().filter(|fact| erased.contains(&fact.call)) {
        tx.make_recording_due(fact.recording, clock.now(), DeleteWhy::Person, "erasure").await?;
    }
    for fact in kept {
        if tx.end_recording(fact).await? {
            known.insert(fact.call);
        }
    }
    for fact in refused {
        if recording_refused::write(tx, clock, fact).await? {
            known.insert(fact.call);
        }
    }
    known.extend(tx.insert_streams(&relayed).await?);
    for Qualified { call, qualification, at, by } in qualified {
        if tx.qualify_call(*call, Some(*qualification), *at, by).await? {
            known.insert(*call);
        }
    }

    let mut unknown: Vec<CallId> = Vec::new();
    for call in facts.iter().map(Fact::call) {
        if !known.contains(&call) && !unknown.contains(&call) {
            unknown.push(call);
        }
    }
    Ok(unknown)
}

/// A fact that comes twice says the same both times.
fn once_a_call<F>(facts: &mut Vec<F>, call: impl Fn(&F) -> CallId) {
    let mut seen = HashSet::new();
    facts.retain(|fact| seen.insert(call(fact)));
}
