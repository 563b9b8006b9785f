//! How many contacts may be reached is counted anew: all of them, by every channel, for every purpose, before
//! every controller.

use std::collections::BTreeMap;

use super::contactability_checked::find_policy;
use crate::clock::Clock;
use crate::domain::ids::SegmentId;
use crate::domain::people::rules::{Question, REACHING, judge};
use crate::domain::reporting::contactability::Tally;
use crate::store::reports::contactability::Counted;
use crate::store::{Store, StoreError};

/// How many contacts are judged at once: few enough that memory does not come in pieces that nothing else fills.
const JUDGED: u32 = 200;
/// A day's counts are kept for so many days: a month can be held against that of the year before.
pub const KEPT_DAYS: i64 = 400;

/// Tells how many contacts were judged, each as it stood when this began.
///
/// Only counts are held meanwhile, so memory does not grow with the contacts. Of a day the last counts stay.
pub async fn contactability_reckoned(store: &Store, clock: &Clock) -> Result<u64, StoreError> {
    let at = clock.now();
    let policy = store.read(|tx| Box::pin(find_policy(tx))).await?.at_any_hour();
    let (purposes, controllers) = (store.list_purposes().await?, store.list_controllers().await?);
    let mut questions = Vec::new();
    for controller in &controllers {
        for purpose in &purposes {
            let (purpose, controller) = (purpose.clone(), controller.id.clone());
            questions.extend(REACHING.map(|channel| Question {
                channel,
                purpose: purpose.clone(),
                controller: controller.clone(),
            }));
        }
    }
    let none = vec![Tally::default(); questions.len()];
    let mut tallies: BTreeMap<Option<SegmentId>, Vec<Tally>> = BTreeMap::new();
    tallies.insert(None, none.clone());
    for segment in store.list_segments(at.day()).await? {
        tallies.insert(Some(segment.segment.id), none.clone());
    }
    let (mut after, mut judged) = (String::new(), 0);
    // Where nobody is to be reached for anything there is nothing to count.
    while !questions.is_empty() {
        let ids = store.list_standing_contacts(&after, JUDGED).await?;
        let (Some(first), Some(last)) = (ids.first().copied(), ids.last().copied()) else { break };
        after = last.to_string();
        let mut segments = store.list_segments_between(first, last).await?;
        let known = store.read(|tx| {
            Box::pin({
                let ids = ids.clone();
                async move { tx.load_facts(&ids, at, at).await }
            })
        });
        for (contact, facts) in known.await? {
            let mut of = vec![None];
            of.extend(segments.remove(&contact).unwrap_or_default().into_iter().map(Some));
            for (nth, question) in questions.iter().enumerate() {
                let reasons = judge(&facts, question, &policy, at);
                for whose in &of {
                    if let Some(tallies) = tallies.get_mut(whose) {
                        tallies[nth].add(&facts, &reasons, at);
                    }
                }
            }
            judged += 1;
        }
    }
    let counts = tallies.into_iter().flat_map(|(segment, tallies)| {
        questions.iter().zip(tallies).map(move |(question, tally)| {
            let Question { channel, purpose, controller } = question.clone();
            (Counted { segment: segment.clone(), channel, purpose: purpose.id, controller }, tally)
        })
    });
    let counts: Vec<(Counted, Tally)> = counts.collect();
    let saved = store.write(move |tx| {
        let counts = counts.clone();
        Box::pin(async move { tx.save_contactability_counts(at, at.day() - KEPT_DAYS, &counts).await })
    });
    saved.await?;
    Ok(judged)
}
