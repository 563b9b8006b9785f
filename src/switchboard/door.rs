//! The door: what screening says of a call, from memory and at once.
//!
//! The rulebook is the same on every node; what is remembered of callers is
//! this node's own. Two nodes that share a caller each see half of their calls,
//! which makes the limits milder and never stricter. So does a restart: it
//! forgets them all, and habits are counted anew. What must hold against a
//! caller for longer is an entry of the block list, which is in the database.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::domain::calling::record::Ended;
use crate::domain::calling::screening::callers::Callers;
use crate::domain::calling::screening::{Caller, Decision, Knock, Rulebook};
use crate::domain::time::Timestamp;

/// What screening goes by, swapped whole when it changes.
pub type SharedRulebook = Arc<ArcSwap<Rulebook>>;

pub(super) struct Door {
    rulebook: SharedRulebook,
    callers: Mutex<Callers>,
}

impl Door {
    pub fn new(rulebook: SharedRulebook) -> Self {
        Self { rulebook, callers: Mutex::default() }
    }

    /// Somebody is there: what is to be done with them.
    pub fn opens(&self, knock: &Knock<'_>, now: Timestamp) -> Option<Decision> {
        let rulebook = self.rulebook.load();
        let habits = knock.caller.number().map(|caller| {
            let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
            callers.arrives(caller, now, &rulebook.settings)
        });
        // Callers who withhold their number are many; nothing can be held against all of them.
        rulebook.decide(knock, habits.unwrap_or_default(), now)
    }

    /// They are gone.
    pub fn closes(&self, caller: &Caller, arrived_at: Timestamp, ended: &Ended) {
        let Some(caller) = caller.number() else { return };
        let rulebook = self.rulebook.load();
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        callers.leaves(caller, arrived_at, ended, &rulebook.settings);
    }
}
