//! Employees who answer in the console: a browser is a line of a destination.
//!
//! ```text
//!   console ── says ──▶ ConsoleEnd ──▶ ┌──────┐ ── what happens ──▶ ConsoleLegs ──▶ the call's task
//!   console ◀─ hears ── ConsoleEnd ◀── │ Room │ ◀─ what is wanted ─ ConsoleLegs ◀── the call's task
//!                                      └──────┘
//! ```
//!
//! All consoles of this node that are open for a destination ring together, as
//! one leg; the first to take the call is that leg. A console is open at one
//! node and hears the calls of that node.

mod legs;
mod room;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::Switchboard;
pub use super::browser::BrowserDescription;
use crate::call::input::Input;
use crate::call::leg::LegId;
use crate::domain::calling::key::Key;
use crate::domain::ids::{CallId, DestinationId};
use crate::domain::phone::Phone;
pub(super) use legs::ConsoleLegs;
use room::{ConsoleId, Effect, Room};

/// What a console may be told before it has listened; one that lags further is gone.
const TOLD: usize = 64;

/// What rings: one attempt of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ring {
    pub call: CallId,
    pub leg: u8,
}

/// A call that rings at a console.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ringing {
    pub ring: Ring,
    pub destination: DestinationId,
    /// The number that was dialled.
    pub number: Phone,
    pub caller: Option<Phone>,
    /// Whether the caller is on a page of a website.
    pub is_from_page: bool,
    /// For the browser of whoever takes it.
    pub offer: BrowserDescription,
}

/// What a console is told. Descriptions are the browser's to apply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    Ringing(Box<Ringing>),
    /// It rings no more; taken, if somebody else has the call.
    Gone {
        ring: Ring,
        is_taken: bool,
    },
    /// The call is this console's.
    Talking(Ring),
    /// The other side wants another session: to be [accepted](ConsoleEnd::accepts).
    Offered(String),
    /// The talk is over, or goes on elsewhere.
    Ended,
}

/// All consoles that are open at this node; cheap to clone.
#[derive(Clone, Default)]
pub struct Consoles(Arc<Mutex<Wired>>);

impl Switchboard {
    /// The consoles that are open, to open one.
    pub fn consoles(&self) -> &Consoles {
        &self.inner.consoles
    }
}

/// The room, and who is to hear of what comes of it.
#[derive(Default)]
struct Wired {
    room: Room,
    consoles: HashMap<ConsoleId, mpsc::Sender<Told>>,
    calls: HashMap<CallId, mpsc::UnboundedSender<Input>>,
}

impl Consoles {
    /// Somebody opens a console, and is away until they say for whom they answer.
    pub fn enter(&self) -> ConsoleEnd {
        let (tell, told) = mpsc::channel(TOLD);
        let mut wired = self.wired();
        let id = wired.room.enters();
        wired.consoles.insert(id, tell);
        drop(wired);
        ConsoleEnd { consoles: self.clone(), id, told }
    }

    /// A call begins to hear what happens to its legs here.
    fn hears_of(&self, call: CallId) -> mpsc::UnboundedReceiver<Input> {
        let (inputs, heard) = mpsc::unbounded_channel();
        self.wired().calls.insert(call, inputs);
        heard
    }

    /// The call does not want this leg after all; whether it is one of these.
    pub(super) fn lets_go(&self, call: CallId, leg: LegId) -> bool {
        let ring = Ring { call, leg: leg.0 };
        let mut is_ours = false;
        self.with(|room, out| {
            is_ours = room.has(ring);
            room.is_let_go(ring, out);
        });
        is_ours
    }

    fn hears_no_more(&self, call: CallId) {
        self.wired().calls.remove(&call);
    }

    fn wired(&self) -> MutexGuard<'_, Wired> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happens in the room, and whom it concerns hears of it.
    fn with(&self, happens: impl FnOnce(&mut Room, &mut Vec<Effect>)) {
        let wired = &mut *self.wired();
        let mut effects = Vec::new();
        happens(&mut wired.room, &mut effects);
        for effect in effects {
            match effect {
                // A console that does not listen is gone: its end hears nothing more, and says so.
                Effect::Tell(id, told) => {
                    let heard = wired.consoles.get(&id).map(|tell| tell.try_send(told));
                    if heard.is_some_and(|heard| heard.is_err()) {
                        wired.consoles.remove(&id);
                    }
                }
                // A call that is over hears nothing.
                Effect::Happens(call, input) => {
                    let _ = wired.calls.get(&call).map(|inputs| inputs.send(input));
                }
            }
        }
    }
}

/// One console, as whoever speaks with the browser has it. It closes when it is dropped.
pub struct ConsoleEnd {
    consoles: Consoles,
    id: ConsoleId,
    told: mpsc::Receiver<Told>,
}

impl ConsoleEnd {
    /// What the console is to be told next; `None`: it has listened too slowly, and is to close.
    pub async fn next(&mut self) -> Option<Told> {
        self.told.recv().await
    }

    /// Whether it has been told all that there is.
    pub fn is_quiet(&self) -> bool {
        self.told.is_empty()
    }

    /// It answers for these destinations from now on; for none: whoever is there is away.
    pub fn answers_for(&self, these: BTreeSet<DestinationId>) {
        self.consoles.with(|room, out| room.answers_for(self.id, these, out));
    }

    /// It takes a call that rings; `said`: the browser's answer to the offer.
    pub fn takes(&self, ring: Ring, said: BrowserDescription) {
        self.consoles.with(|room, out| room.takes(self.id, ring, said, out));
    }

    /// It does not.
    pub fn declines(&self, ring: Ring) {
        self.consoles.with(|room, out| room.declines(self.id, ring, out));
    }

    /// The browser's answer to what was [offered](Told::Offered).
    pub fn accepts(&self, description: BrowserDescription) {
        self.consoles.with(|room, out| room.accepts(self.id, description, out));
    }

    /// A key is pressed in its talk.
    pub fn presses(&self, key: Key) {
        self.consoles.with(|room, out| room.presses(self.id, key, out));
    }

    /// It ends its talk.
    pub fn hangs_up(&self) {
        self.consoles.with(|room, out| room.hangs_up(self.id, out));
    }
}

impl Drop for ConsoleEnd {
    fn drop(&mut self) {
        self.consoles.with(|room, out| room.leaves(self.id, out));
        self.consoles.wired().consoles.remove(&self.id);
    }
}

#[cfg(test)]
mod tests;
