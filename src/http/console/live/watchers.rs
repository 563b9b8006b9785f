//! Who watches: each open page by whose it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::domain::ids::OutletId;
use crate::http::console::permissions::sees;

#[derive(Clone)]
pub(super) struct Watchers(Arc<Inner>);

struct Inner {
    /// The address of whoever is signed in and the part that they see, by the place of their page.
    present: Mutex<BTreeMap<u64, (String, Option<OutletId>)>>,
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
    pub fn enter(&self, email: String, part: Option<OutletId>) -> (Present, watch::Receiver<u64>) {
        // They hear of themselves, too: what was known a moment ago does not tell of them.
        let moves = self.0.moves.subscribe();
        let place = self.moved(|present, nth| _ = present.insert(nth, (email, part)));
        (Present(self.clone(), place), moves)
    }

    /// Each of those who see no more than these outlets (`None`: all of them) once, by name, and how many pages they have
    /// open.
    pub fn list(&self, within: Option<&BTreeSet<Option<String>>>) -> (Vec<String>, usize) {
        let present = self.0.present.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = present.values().filter(|(_, part)| match part {
            Some(part) => sees(within, part),
            None => within.is_none(),
        });
        let mut all: Vec<String> = seen.map(|(email, _)| email.clone()).collect();
        let pages = all.len();
        all.sort();
        all.dedup();
        (all, pages)
    }

    fn moved(&self, change: impl FnOnce(&mut BTreeMap<u64, (String, Option<OutletId>)>, u64)) -> u64 {
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
        let (one, mut heard) = watchers.enter("ada@bakery.example".into(), None);
        let (two, _) = watchers.enter("ada@bakery.example".into(), None);
        let (bob, _) = watchers.enter("Bob@bakery.example".into(), None);

        assert!(heard.has_changed().unwrap());
        heard.mark_unchanged();
        assert_eq!(watchers.list(None), (vec!["Bob@bakery.example".into(), "ada@bakery.example".into()], 3));
        drop(one);
        drop(bob);
        assert!(heard.has_changed().unwrap());
        assert_eq!(watchers.list(None), (vec!["ada@bakery.example".into()], 1));
        drop(two);
        assert_eq!(watchers.list(None), (vec![], 0));
    }
}
