//! Many facts about calls are written down at once, as a gateway gathers them.

use super::call_arrives;
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::Fact;
use crate::domain::ids::CallId;
use crate::store::Store;

/// Writes all facts in one transaction, arrivals first, whatever their order.
///
/// [`FlowError::CallUnknown`] names the calls whose arrival is neither among
/// the facts nor in the database; every fact about other calls is then on
/// disk. After any other error none is.
pub async fn calls_written(store: &Store, clock: &Clock, facts: &[Fact]) -> Result<(), FlowError> {
    let clock = clock.clone();
    let mut facts = facts.to_vec();
    // The sort is stable, so what happened to one call keeps its order.
    facts.sort_by_key(|fact| !matches!(fact, Fact::Arrived(_)));
    let written = store.write(move |tx| {
        let (clock, facts) = (clock.clone(), facts.clone());
        Box::pin(async move {
            let mut unknown: Vec<CallId> = Vec::new();
            for fact in &facts {
                let known = match fact {
                    Fact::Arrived(fact) => {
                        call_arrives::write(tx, &clock, fact).await?;
                        true
                    }
                    Fact::Answered(fact) => tx.answer_call(fact).await?,
                    Fact::Ended(fact) => tx.end_call(fact).await?,
                };
                if !known && !unknown.contains(&fact.call()) {
                    unknown.push(fact.call());
                }
            }
            Ok(unknown)
        })
    });
    let calls = written.await?;
    if calls.is_empty() { Ok(()) } else { Err(FlowError::CallUnknown { calls }) }
}
