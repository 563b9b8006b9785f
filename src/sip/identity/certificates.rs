//! Certificates that were fetched, for as long as their server says.
//!
//! A call waits for a certificate only so long; the fetch goes on without it.
//! However many calls want one certificate, it is fetched once; one that is not
//! to be had is not asked for again for a while. What a peer can make us keep
//! or fetch has an end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use tracing::debug;
use url::Url;

use super::certificate::Chain;
use super::fetch::{Fetched, Fetcher};
use crate::clock::Clock;
use crate::domain::calling::identity::Why;
use crate::domain::time::Timestamp;

/// There are some hundreds of operators in a country.
pub const CERTIFICATES_MAX: usize = 1_000;
/// As many are fetched at a time; further ones are not waited for.
pub const FETCHES_MAX: usize = 16;
/// One that is not to be had is asked for again after this.
const RETRY: Duration = Duration::from_secs(60);

type Found = Result<Arc<Chain>, Why>;

pub(super) struct Certificates {
    kept: Arc<Mutex<HashMap<Url, Entry>>>,
    fetcher: Fetcher,
    clock: Clock,
}

struct Entry {
    found: watch::Receiver<Option<Found>>,
    /// `None` while it is being fetched.
    until: Option<Timestamp>,
}

impl Entry {
    fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Certificates {
    pub fn new(fetcher: Fetcher, clock: Clock) -> Self {
        Self { kept: Arc::default(), fetcher, clock }
    }

    /// The chain at this address, if it comes within `patience`.
    pub async fn get(&self, url: &Url, patience: Duration) -> Found {
        if !self.fetcher.allows(url) {
            return Err(Why::Unreachable);
        }
        let mut found = self.look_up(url).ok_or(Why::Slow)?;
        match timeout(patience, found.wait_for(Option::is_some)).await {
            Ok(Ok(found)) => found.clone().unwrap_or(Err(Why::Unreachable)),
            // The task that fetched it is gone: it will be tried anew.
            Ok(Err(_)) => Err(Why::Unreachable),
            Err(_) => Err(Why::Slow),
        }
    }

    /// Where it will be told; `None`: as many are being fetched as may be.
    fn look_up(&self, url: &Url) -> Option<watch::Receiver<Option<Found>>> {
        let now = self.clock.now();
        let mut kept = lock(&self.kept);
        if let Some(entry) = kept.get(url).filter(|entry| entry.holds(now)) {
            return Some(entry.found.clone());
        }
        if kept.values().filter(|entry| entry.until.is_none()).count() >= FETCHES_MAX {
            return None;
        }
        if kept.len() >= CERTIFICATES_MAX {
            make_room(&mut kept, now);
        }
        let (tell, found) = watch::channel(None);
        kept.insert(url.clone(), Entry { found: found.clone(), until: None });
        tokio::spawn(fetch(
            self.fetcher.clone(),
            url.clone(),
            tell,
            self.clock.clone(),
            Arc::clone(&self.kept),
        ));
        Some(found)
    }
}

async fn fetch(
    fetcher: Fetcher,
    url: Url,
    tell: watch::Sender<Option<Found>>,
    clock: Clock,
    kept: Arc<Mutex<HashMap<Url, Entry>>>,
) {
    let fetched = fetcher.fetch(&url).await;
    let (found, life) = match fetched.map_err(|failure| failure.to_string()).and_then(read) {
        Ok((chain, life)) => (Ok(Arc::new(chain)), life),
        Err(failure) => {
            debug!(url = %url, failure, "a certificate is not to be had");
            (Err(Why::Unreachable), RETRY)
        }
    };
    if let Some(entry) = lock(&kept).get_mut(&url) {
        entry.until = Some(clock.now() + life);
    }
    tell.send_replace(Some(found));
}

fn read(fetched: Fetched) -> Result<(Chain, Duration), String> {
    let chain = Chain::read(&fetched.body).map_err(|bad| bad.to_string())?;
    Ok((chain, fetched.life))
}

/// Forgets what is over, else what would be over soonest.
fn make_room(kept: &mut HashMap<Url, Entry>, now: Timestamp) {
    kept.retain(|_, entry| entry.holds(now));
    if kept.len() >= CERTIFICATES_MAX {
        let ending = kept.iter().filter_map(|(url, entry)| Some((entry.until?, url.clone()))).min();
        if let Some((_, url)) = ending {
            kept.remove(&url);
        }
    }
}

fn lock(kept: &Mutex<HashMap<Url, Entry>>) -> MutexGuard<'_, HashMap<Url, Entry>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_of_what_is_over_or_ends_first() {
        let url = |n: usize| Url::parse(&format!("https://c.example/{n}")).unwrap();
        let now = Timestamp::from_ms(1_000);
        let entry = |until| Entry { found: watch::channel(None).1, until };
        let ends = |n: usize| Some(now + Duration::from_secs(n as u64));
        let mut kept: HashMap<Url, Entry> =
            (0..CERTIFICATES_MAX).map(|n| (url(n), entry(ends(n + 1)))).collect();
        kept.insert(url(7), entry(None));

        make_room(&mut kept, now);
        assert!(!kept.contains_key(&url(0)) && kept.len() == CERTIFICATES_MAX - 1);

        kept.insert(url(0), entry(ends(1)));
        make_room(&mut kept, now + Duration::from_secs(10));
        assert_eq!(kept.len(), CERTIFICATES_MAX - 9, "all that are over go, the one under way stays");
        assert!(kept.contains_key(&url(7)));
    }
}
