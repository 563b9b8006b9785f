//! How much of a client each contact is, is told anew.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::ContactId;
use crate::domain::people::rfm::{Borders, Rfm, Settings};
use crate::domain::time::Timestamp;
use crate::store::rfm::Drawn;
use crate::store::{Store, StoreError};

/// How long borders hold.
const DRAWN: Duration = Duration::from_hours(24);
/// Of how many contacts what they bought is summed up at once …
const FOUND: u32 = 5_000;
/// … and how many are written at once, so that calls do not wait.
const WRITTEN: usize = 500;

/// Tells for how many contacts something has changed.
///
/// All clients are looked at, since time alone makes a purchase old; only what differs is written. The borders hold
/// for a day, unless the plan says something else meanwhile.
pub async fn rfm_reckoned(store: &Store, clock: &Clock) -> Result<u64, FlowError> {
    let now = clock.now();
    let settings = store.read(|tx| Box::pin(tx.find_rfm_settings())).await?;
    let borders = borders(store, &settings, now).await?;
    let (mut after, mut changed) = (String::new(), 0);
    loop {
        let bought = match &borders {
            Some(_) => store.list_bought(&settings, now, &after, FOUND).await?,
            None => vec![],
        };
        let last = bought.last().map(|(contact, _)| contact.to_string());
        let to = last.filter(|_| bought.len() == FOUND as usize);
        let known: BTreeMap<ContactId, Rfm> =
            store.list_rfm_between(&after, to.as_deref()).await?.into_iter().collect();
        let judged: Vec<(ContactId, Rfm)> = borders
            .iter()
            .flat_map(|borders| bought.iter().map(|(contact, bought)| (*contact, borders.judge(bought))))
            .collect();
        let clients: HashSet<ContactId> = judged.iter().map(|(contact, _)| *contact).collect();
        let gone: Vec<ContactId> = known.keys().copied().filter(|it| !clients.contains(it)).collect();
        let new: Vec<(ContactId, Rfm)> =
            judged.into_iter().filter(|(contact, rfm)| known.get(contact) != Some(rfm)).collect();
        changed += (gone.len() + new.len()) as u64;
        write(store, new, gone).await?;
        match to {
            Some(to) => after = to,
            None => return Ok(changed),
        }
    }
}

/// Those that hold, or new ones; with limits of the plan the scores go by those.
async fn borders(store: &Store, settings: &Settings, now: Timestamp) -> Result<Option<Borders>, StoreError> {
    let kept = store.find_rfm_borders().await?;
    let holds = |drawn: &Drawn| drawn.settings == *settings && now.since(drawn.at) < DRAWN;
    let borders = match kept.filter(holds) {
        Some(drawn) => drawn.borders,
        None => {
            let borders = store.draw_rfm_borders(settings, now).await?;
            let drawn = Drawn { at: now, settings: settings.clone(), borders: borders.clone() };
            let saved = store.write(move |tx| {
                let drawn = drawn.clone();
                Box::pin(async move { tx.save_rfm_borders(&drawn).await })
            });
            saved.await?;
            borders
        }
    };
    Ok(borders.map(|borders| match &settings.limits {
        Some(limits) => borders.limited(limits, now),
        None => borders,
    }))
}

async fn write(store: &Store, new: Vec<(ContactId, Rfm)>, gone: Vec<ContactId>) -> Result<(), StoreError> {
    for part in new.chunks(WRITTEN) {
        let part = part.to_vec();
        let saved = store.write(move |tx| {
            let part = part.clone();
            Box::pin(async move { tx.save_rfm(&part).await })
        });
        saved.await?;
    }
    for part in gone.chunks(WRITTEN) {
        let part = part.to_vec();
        let deleted = store.write(move |tx| {
            let part = part.clone();
            Box::pin(async move { tx.delete_rfm(&part).await })
        });
        deleted.await?;
    }
    Ok(())
}
