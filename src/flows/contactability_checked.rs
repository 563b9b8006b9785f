//! Somebody asks whether people may be reached.

use std::collections::HashMap;

use futures_util::future::try_join_all;

use crate::clock::Clock;
use crate::domain::ids::ContactId;
use crate::domain::people::contact::{Identity, Whom};
use crate::domain::people::rules::{Decision, Facts, Policy, Question, decide};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// How many are read on one connection; those after them are read on another, beside it.
const READ: usize = 500;

/// What is decided of each, in the order in which they are named; `None`: nobody is known so.
pub async fn contactability_checked(
    store: &Store,
    clock: &Clock,
    whom: Vec<Whom>,
    question: &Question,
    at: Timestamp,
) -> Result<Vec<Option<Decision>>, StoreError> {
    let (policy, facts) = facts_of(store, clock, whom, at).await?;
    Ok(facts.iter().map(|facts| Some(decide(facts.as_ref()?, question, &policy, at))).collect())
}

/// What decisions about these stand on. Each contact is read as it stood at one moment, not all of them at the same.
pub async fn facts_of(
    store: &Store,
    clock: &Clock,
    whom: Vec<Whom>,
    at: Timestamp,
) -> Result<(Policy, Vec<Option<Facts>>), StoreError> {
    let now = clock.now();
    let policy = policy_of(store).await?;
    let parts = whom.chunks(READ).map(|part| {
        let part = part.to_vec();
        store.read(move |tx| {
            Box::pin(async move {
                let ids = resolve(tx, &part).await?;
                let known: Vec<ContactId> = ids.iter().copied().flatten().collect();
                let facts = tx.load_facts(&known, at, now).await?;
                Ok(ids.into_iter().map(|id| facts.get(&id?).cloned()).collect::<Vec<_>>())
            })
        })
    });
    Ok((policy, try_join_all(parts).await?.into_iter().flatten().collect()))
}

/// By what decisions are made besides the facts.
pub async fn policy_of(store: &Store) -> Result<Policy, StoreError> {
    store.read(|tx| Box::pin(find_policy(tx))).await
}

pub(super) async fn find_policy(tx: &mut Tx) -> Result<Policy, StoreError> {
    Ok(Policy { settings: tx.find_contactability().await?, caps: tx.list_caps().await? })
}

pub(super) async fn resolve(tx: &mut Tx, whom: &[Whom]) -> Result<Vec<Option<ContactId>>, StoreError> {
    let identities = whom.iter().filter_map(|whom| match whom {
        Whom::Identity(identity) => Some(identity.clone()),
        Whom::Contact(_) => None,
    });
    let identities: Vec<Identity> = identities.collect();
    let owners = if identities.is_empty() { HashMap::new() } else { tx.find_owners_of(&identities).await? };
    let id = |whom: &Whom| match whom {
        Whom::Contact(id) => Some(*id),
        Whom::Identity(identity) => owners.get(identity).copied(),
    };
    Ok(whom.iter().map(id).collect())
}
