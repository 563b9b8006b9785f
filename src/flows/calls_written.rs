//! Many facts about calls are written down at once, as a gateway gathers them.

use super::call_arrives;
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::calling::record::Fact;
use crate::domain::ids::CallId;
use crate::store::Store;

/// Writes all facts in one transaction, arrivals first, whatever their order.
///
/// Answers which calls had facts that could not be written, since their
/// arrival is neither here nor in the database: keep those facts and write
/// them again after it. Every other fact is on disk.
pub async fn calls_written(store: &Store, clock: &Clock, facts: &[Fact]) -> Result<Vec<CallId>, FlowError> {
    let clock = clock.clone();
    let mut facts = facts.to_vec();
    // The sort is stable, so what happened to one call keeps its order.
    facts.sort_by_key(|fact| !matches!(fact, Fact::Arrived(_)));
    let unknown = store.write(move |tx| {
        let (clock, facts) = (clock.clone(), facts.clone());
        Box::pin(async move {
            let mut unknown = Vec::new();
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
    Ok(unknown.await?)
}
