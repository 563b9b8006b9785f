//! Somebody asks for those who are like a segment.

use std::collections::{BTreeMap, HashSet};

use super::contactability_checked::find_policy;
use super::lookalikes_reckoned::facts_and_objecting;
use crate::clock::Clock;
use crate::domain::ids::{ContactId, SegmentId};
use crate::domain::people::lookalikes::{Features, Likeness, Model, Sample, objects};
use crate::domain::people::rules::{Question, Verdict, judge};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError};

/// So many of the nearest are held while all are looked at …
const NEAREST: usize = 10_000;
/// … and so many are read at once …
const READ: u32 = 10_000;
/// … and so many asked whether they object, or may be reached.
const ASKED: usize = 1_000;

#[derive(Clone, Debug, thiserror::Error)]
pub enum LookalikeError {
    #[error("no such segment")]
    NotFound,
    #[error("contacts have not been profiled yet; that is done within minutes")]
    NotYet,
    #[error("nobody who may be profiled is in the segment by what was told last")]
    Nobody,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Those who are like a segment.
#[derive(Clone, PartialEq, Debug)]
pub struct Lookalikes {
    /// When contacts were profiled.
    pub at: Timestamp,
    /// How many were …
    pub contacts: u64,
    /// … and how many of them are in the segment.
    pub members: u64,
    /// Whether anything tells the segment from all contacts; without it nobody is found.
    pub tells: bool,
    /// The nearest first.
    pub items: Vec<(ContactId, Likeness)>,
}

/// The nearest `limit` contacts outside the segment; with a question those alone who may be reached so, whatever
/// the hour.
///
/// All profiles are read in the order of their ids, and no more are held than [`NEAREST`]: of these, those who have
/// objected since, and those who may not be reached, are left out, so that fewer may be found than asked for. The same is found each time.
pub async fn lookalikes_found(
    store: &Store,
    clock: &Clock,
    segment: &SegmentId,
    limit: usize,
    question: Option<&Question>,
) -> Result<Lookalikes, LookalikeError> {
    let now = clock.now();
    if !store.list_segments(now.day()).await?.iter().any(|row| row.segment.id == *segment) {
        return Err(LookalikeError::NotFound);
    }
    let (at, base) = store.find_lookalike_base().await?.ok_or(LookalikeError::NotYet)?;
    let members = sampled(store, segment, at).await?;
    if members.contacts == 0 {
        return Err(LookalikeError::Nobody);
    }
    let (contacts, counted) = (base.contacts, members.contacts);
    let model = Model::new(base, members);
    let mut found = Lookalikes { at, contacts, members: counted, tells: model.tells(), items: Vec::new() };
    if !found.tells {
        return Ok(found);
    }
    let mut nearest = nearest(store, segment, &model, at).await?.into_iter().peekable();
    while found.items.len() < limit && nearest.peek().is_some() {
        let part: Vec<(ContactId, Features)> =
            nearest.by_ref().take(ASKED).map(|((_, contact), features)| (contact, features)).collect();
        let allowed = allowed(store, &part, question, now).await?;
        let part = part.iter().filter(|(contact, _)| allowed.contains(contact));
        let room = limit - found.items.len();
        found.items.extend(
            part.take(room).map(|(contact, features)| (*contact, model.likeness(features, at.day()))),
        );
    }
    Ok(found)
}

/// What the members of a segment add up to.
async fn sampled(store: &Store, segment: &SegmentId, at: Timestamp) -> Result<Sample, StoreError> {
    let (mut after, mut sample) = (String::new(), Sample::default());
    loop {
        let part = store.list_lookalike_features(segment, true, &after, READ).await?;
        for (contact, features) in &part {
            sample.add(features.numbers(at.day()), &features.named);
            after = contact.to_string();
        }
        if part.len() < READ as usize {
            return Ok(sample);
        }
    }
}

/// By their squared distance, whose bits sort as it does since it is not negative, and their id.
type Nearest = BTreeMap<(u64, ContactId), Features>;

async fn nearest(
    store: &Store,
    segment: &SegmentId,
    model: &Model,
    at: Timestamp,
) -> Result<Nearest, StoreError> {
    let (mut after, mut nearest) = (String::new(), Nearest::new());
    loop {
        let part = store.list_lookalike_features(segment, false, &after, READ).await?;
        let is_last = part.len() < READ as usize;
        after = part.last().map(|(contact, _)| contact.to_string()).unwrap_or_default();
        for (contact, features) in part {
            let square = model.square(&features.numbers(at.day()), &features.named);
            let key = (square.to_bits(), contact);
            if nearest.len() < NEAREST || nearest.last_key_value().is_some_and(|(last, _)| key < *last) {
                nearest.insert(key, features);
            }
            if nearest.len() > NEAREST {
                nearest.pop_last();
            }
        }
        if is_last {
            return Ok(nearest);
        }
    }
}

/// Those of these who do not object, and may be reached if that is asked.
async fn allowed(
    store: &Store,
    part: &[(ContactId, Features)],
    question: Option<&Question>,
    now: Timestamp,
) -> Result<HashSet<ContactId>, StoreError> {
    let purposes = store.list_purposes().await?;
    let ids: Vec<ContactId> = part.iter().map(|(contact, _)| *contact).collect();
    let read = store.read(|tx| {
        Box::pin(async move { Ok((find_policy(tx).await?, facts_and_objecting(tx, &ids, now).await?)) })
    });
    let (policy, (facts, objecting)) = read.await?;
    let policy = policy.at_any_hour();
    let is_reached = |facts: &_| {
        question.is_none_or(|question| {
            judge(facts, question, &policy, now).iter().all(|reason| reason.verdict != Verdict::Denies)
        })
    };
    let allowed = facts
        .into_iter()
        .filter(|it| !objects(it, objecting.contains(&it.contact), &purposes, now) && is_reached(it));
    Ok(allowed.map(|it| it.contact).collect())
}
