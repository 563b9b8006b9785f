//! What contacts are compared by when look-alikes are sought is told anew.

use std::collections::{BTreeMap, HashSet};

use crate::clock::Clock;
use crate::domain::ids::ContactId;
use crate::domain::money::Currency;
use crate::domain::people::lookalikes::{Features, Sample, objects, region_of};
use crate::domain::people::purpose::Purpose;
use crate::domain::people::rules::Facts;
use crate::domain::time::Timestamp;
use crate::store::lookalikes::Year;
use crate::store::{Store, StoreError, Tx};

/// How many contacts are looked at at once: few enough that memory does not come in pieces that nothing else fills …
const FOUND: u32 = 200;
/// … and how many are written at once, so that calls do not wait.
const WRITTEN: usize = 500;

/// Tells for how many contacts something has changed.
///
/// All are looked at; only what differs is written. Of whoever objects to be profiled nothing is told, and what was is
/// deleted.
pub async fn lookalikes_reckoned(store: &Store, clock: &Clock) -> Result<u64, StoreError> {
    let at = clock.now();
    let currency = store.read(|tx| Box::pin(tx.find_rfm_settings())).await?.currency;
    let purposes = store.list_purposes().await?;
    let (mut after, mut changed, mut base) = (String::new(), 0, Sample::default());
    loop {
        let ids = store.list_standing_contacts(&after, FOUND).await?;
        let to = ids.last().filter(|_| ids.len() == FOUND as usize).map(ContactId::to_string);
        let told = told(store, ids, currency, &purposes, at).await?;
        for features in told.values() {
            base.add(features.numbers(at.day()), &features.named);
        }
        let known = store.list_lookalike_features_between(&after, to.as_deref()).await?;
        let gone: Vec<ContactId> =
            known.iter().map(|(contact, _)| *contact).filter(|it| !told.contains_key(it)).collect();
        let known: BTreeMap<ContactId, Features> = known.into_iter().collect();
        let new: Vec<(ContactId, Features)> =
            told.into_iter().filter(|(contact, features)| known.get(contact) != Some(features)).collect();
        changed += (gone.len() + new.len()) as u64;
        write(store, new, gone).await?;
        match to {
            Some(to) => after = to,
            None => break,
        }
    }
    let saved = store.write(move |tx| {
        let base = base.clone();
        Box::pin(async move { tx.save_lookalike_base(at, &base).await })
    });
    saved.await?;
    Ok(changed)
}

/// What these are compared by, without those who object.
async fn told(
    store: &Store,
    ids: Vec<ContactId>,
    currency: Currency,
    purposes: &[Purpose],
    at: Timestamp,
) -> Result<BTreeMap<ContactId, Features>, StoreError> {
    let read = store.read(|tx| {
        Box::pin(async move {
            let (facts, objecting) = facts_and_objecting(tx, &ids, at).await?;
            let years = tx.list_years(&ids, currency, at).await?;
            let channels = tx.list_first_channels(&ids, at).await?;
            Ok((facts, objecting, years, channels, tx.list_languages(&ids).await?))
        })
    });
    let (facts, objecting, years, mut channels, languages) = read.await?;
    let profiled = facts.into_iter().filter(|it| !objects(it, objecting.contains(&it.contact), purposes, at));
    let told = profiled.map(|facts| {
        let Year { deeds, spent_minor } = years.get(&facts.contact).copied().unwrap_or_default();
        let language = languages
            .get(&facts.contact)
            .map(|tag| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase());
        let features = Features {
            deeds,
            last_act: facts.last_act().map(|act| act.at.day()),
            known_since: facts.created_at.day(),
            spent_minor,
            named: [channels.remove(&facts.contact), region_of(&facts), language],
        };
        (facts.contact, features)
    });
    Ok(told.collect())
}

/// What is known of these, and which of them have asked to object or to restrict.
pub(super) async fn facts_and_objecting(
    tx: &mut Tx,
    ids: &[ContactId],
    at: Timestamp,
) -> Result<(Vec<Facts>, HashSet<ContactId>), StoreError> {
    let mut facts = tx.load_facts(ids, at, at).await?;
    // Who has become part of another meanwhile stands for nobody.
    let facts = ids.iter().filter_map(|id| facts.remove(id).filter(|it| it.contact == *id)).collect();
    Ok((facts, tx.list_objecting(ids).await?))
}

async fn write(
    store: &Store,
    new: Vec<(ContactId, Features)>,
    gone: Vec<ContactId>,
) -> Result<(), StoreError> {
    for part in new.chunks(WRITTEN) {
        let part = part.to_vec();
        let saved = store.write(move |tx| {
            let part = part.clone();
            Box::pin(async move { tx.save_lookalike_features(&part).await })
        });
        saved.await?;
    }
    for part in gone.chunks(WRITTEN) {
        let part = part.to_vec();
        let deleted = store.write(move |tx| {
            let part = part.clone();
            Box::pin(async move { tx.delete_lookalike_features(&part).await })
        });
        deleted.await?;
    }
    Ok(())
}
