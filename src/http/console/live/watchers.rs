//! Who watches: each open page by whose it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

#[derive(Clone)]
pub(super) struct Watchers(Arc<Inner>);

struct Inner {
    /// The address of whoever is signed in, by the place of their page.
    present: Mutex<BTreeMap<u64, String>>,
    /// How often somebody came or went.
    moves: watch::Sender<u64>,
}

impl Default for Watchers {
    fn default() -> Self {
        Self(Arc::new(Inner { present: Mutex::default(), moves: watch::Sender::new(0) }))
    }
}

/// Somebody is there until this is dropped.
pub(super) struct Present(Watchers, u64);

impl Watchers {
    /// Somebody begins to watch, and hears when somebody comes or goes.
    pub fn enter(&self, email: String) -> (Present, watch::Receiver<u64>) {
        // They hear of themselves, too: what was known a moment ago does not tell of them.
        let moves = self.0.moves.subscribe();
        let place = self.moved(|present, nth| _ = present.insert(nth, email));
        (Present(self.clone(), place), moves)
    }

    /// Each of them once, by name, and how many pages they have open.
    pub fn list(&self) -> (Vec<String>, usize) {
        let present = self.0.present.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<String> = present.values().cloned().collect();
        let pages = all.len();
        all.sort();
        all.dedup();
        (all, pages)
    }

    fn moved(&self, change: impl FnOnce(&mut BTreeMap<u64, String>, u64)) -> u64 {
        let mut present = self.0.present.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = *self.0.moves.borrow() + 1;
        change(&mut present, nth);
        self.0.moves.send_replace(nth);
        nth
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.moved(|present, _| _ = present.remove(&self.1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_two_pages_open_is_told_once_and_is_there_until_both_are_closed() {
        let watchers = Watchers::default();
        let (one, mut heard) = watchers.enter("ada@bakery.example".into());
        let (two, _) = watchers.enter("ada@bakery.example".into());
        let (bob, _) = watchers.enter("Bob@bakery.example".into());

        assert!(heard.has_changed().unwrap());
        heard.mark_unchanged();
        assert_eq!(watchers.list(), (vec!["Bob@bakery.example".into(), "ada@bakery.example".into()], 3));
        drop(one);
        drop(bob);
        assert!(heard.has_changed().unwrap());
        assert_eq!(watchers.list(), (vec!["ada@bakery.example".into()], 1));
        drop(two);
        assert_eq!(watchers.list(), (vec![], 0));
    }
}
