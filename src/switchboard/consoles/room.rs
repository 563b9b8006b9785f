//! Which consoles ring for which leg, and who has taken it: a machine without I/O.
//!
//! ```text
//!   dialled ─┬─ none is open ─────────────▶ unreachable
//!            ├─ all who are talk ─────────▶ 486
//!            └─▶ rings ─┬─ the first takes it ─▶ talks ── either side hangs up ──▶ over
//!                       ├─ all decline, or talk ───────▶ 486
//!                       ├─ all are gone ───────────────▶ 480
//!                       └─ withdrawn ──────────────────▶ 487
//! ```
//!
//! Who declines says what a telephone says whose key for that is pressed: 486.
//! 603 would say of the whole business that it does not want the call, and the
//! plan may still lead to somebody who does.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ring, Ringing, Told};
use crate::call::input::{Input, MidCall, Payload, Status, Unreachable};
use crate::call::leg::LegId;
use crate::domain::calling::key::Key;
use crate::domain::ids::{CallId, DestinationId};
use crate::switchboard::browser::{BrowserDescription, Session, Wanted};

/// One open console of this node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConsoleId(pub u64);

/// What comes of what happened.
#[derive(PartialEq, Eq, Debug)]
pub enum Effect {
    /// A console is told this.
    Tell(ConsoleId, Told),
    /// This happens to a call.
    Happens(CallId, Input),
}

#[derive(Default)]
pub struct Room {
    consoles: BTreeMap<ConsoleId, Console>,
    legs: BTreeMap<Ring, Leg>,
    /// How many consoles have entered.
    entered: u64,
}

#[derive(Default)]
struct Console {
    /// Nothing: whoever is there is away.
    answers_for: BTreeSet<DestinationId>,
    talks: Option<Ring>,
}

enum Leg {
    Ringing(Box<Wait>),
    Talking(ConsoleId, Session),
}

/// A leg that nobody has taken yet.
struct Wait {
    told: Ringing,
    at: BTreeSet<ConsoleId>,
    /// Those that do not ring for it any more.
    left: BTreeSet<ConsoleId>,
    /// Whether somebody was there and did not take it.
    is_refused: bool,
}

impl Room {
    /// A console opens; it is away until it says for whom it answers.
    pub fn enters(&mut self) -> ConsoleId {
        self.entered += 1;
        let id = ConsoleId(self.entered);
        self.consoles.insert(id, Console::default());
        id
    }

    /// A console closes: it does not ring any more, and whoever talks there has hung up.
    pub fn leaves(&mut self, id: ConsoleId, out: &mut Vec<Effect>) {
        self.answers_for(id, BTreeSet::new(), out);
        self.hangs_up(id, out);
        self.consoles.remove(&id);
    }

    /// From now on a console answers for these destinations.
    pub fn answers_for(&mut self, id: ConsoleId, these: BTreeSet<DestinationId>, out: &mut Vec<Effect>) {
        let Some(console) = self.consoles.get_mut(&id) else { return };
        console.answers_for = these.clone();
        self.stops(id, |wait| !these.contains(&wait.told.destination), false, out);
        self.rings_at(id, out);
    }

    /// A line is dialled that consoles are.
    pub fn dials(&mut self, told: Ringing, out: &mut Vec<Effect>) {
        let Ring { call, leg } = told.ring;
        let open = self.consoles.iter().filter(|(_, it)| it.answers_for.contains(&told.destination));
        let (free, talking): (Vec<_>, Vec<_>) = open.partition(|(_, console)| console.talks.is_none());
        if free.is_empty() {
            let end = if talking.is_empty() { unreachable(leg) } else { busy(leg) };
            return out.push(Effect::Happens(call, end));
        }
        let at: BTreeSet<ConsoleId> = free.into_iter().map(|(id, _)| *id).collect();
        let (status, payload) = (Status::new(180, "Ringing"), Payload::default());
        out.push(Effect::Happens(call, Input::Progressed { leg: LegId(leg), status, payload }));
        out.extend(at.iter().map(|id| Effect::Tell(*id, Told::Ringing(Box::new(told.clone())))));
        let ring = told.ring;
        let wait = Wait { told, at, left: BTreeSet::new(), is_refused: false };
        self.legs.insert(ring, Leg::Ringing(Box::new(wait)));
    }

    /// A console takes the call that rings there.
    pub fn takes(&mut self, id: ConsoleId, ring: Ring, said: BrowserDescription, out: &mut Vec<Effect>) {
        let Some((console, leg)) = self.consoles.get_mut(&id).zip(self.legs.get_mut(&ring)) else { return };
        let Leg::Ringing(wait) = &*leg else { return };
        // Whoever is too late has been told.
        if !wait.at.contains(&id) || console.talks.is_some() {
            return;
        }
        let others = wait.at.iter().filter(|other| **other != id);
        out.extend(others.map(|other| Effect::Tell(*other, Told::Gone { ring, is_taken: true })));
        *leg = Leg::Talking(id, Session::of(&said).after(&wait.told.offer));
        console.talks = Some(ring);
        out.push(Effect::Tell(id, Told::Talking(ring)));
        let answered = Input::Answered { leg: LegId(ring.leg), payload: said.payload() };
        out.push(Effect::Happens(ring.call, answered));
        // Who talks is not rung.
        self.stops(id, |_| true, true, out);
    }

    /// A console does not take the call that rings there.
    pub fn declines(&mut self, id: ConsoleId, ring: Ring, out: &mut Vec<Effect>) {
        self.stops(id, |wait| wait.told.ring == ring, true, out);
    }

    /// A key is pressed at a console, for a side that cannot be told it beside the sound.
    pub fn presses(&self, id: ConsoleId, key: Key, out: &mut Vec<Effect>) {
        if let Some(ring) = self.consoles.get(&id).and_then(|console| console.talks) {
            out.push(Effect::Happens(ring.call, Input::Pressed { leg: LegId(ring.leg), key }));
        }
    }

    /// Whether this leg rings or talks here.
    pub fn has(&self, ring: Ring) -> bool {
        self.legs.contains_key(&ring)
    }

    /// A console ends its talk.
    pub fn hangs_up(&mut self, id: ConsoleId, out: &mut Vec<Effect>) {
        let Some(ring) = self.consoles.get_mut(&id).and_then(|console| console.talks.take()) else { return };
        self.legs.remove(&ring);
        out.push(Effect::Tell(id, Told::Ended));
        out.push(Effect::Happens(ring.call, Input::HungUp { leg: LegId(ring.leg) }));
        self.rings_at(id, out);
    }

    /// A console has accepted what it was offered.
    pub fn accepts(&mut self, id: ConsoleId, description: BrowserDescription, out: &mut Vec<Effect>) {
        let Some(ring) = self.consoles.get(&id).and_then(|console| console.talks) else { return };
        let Some(Leg::Talking(_, session)) = self.legs.get_mut(&ring) else { return };
        if let Some((what, status, payload)) = session.accepts(description) {
            let input = Input::Replied { leg: LegId(ring.leg), what, status, payload };
            out.push(Effect::Happens(ring.call, input));
        }
    }

    /// The call withdraws an attempt, since another line has taken it or nobody is to. One that was
    /// taken meanwhile has answered, and the call will see it.
    pub fn is_withdrawn(&mut self, ring: Ring, is_taken: bool, out: &mut Vec<Effect>) {
        let Some(Leg::Ringing(wait)) = self.legs.get(&ring) else { return };
        out.extend(wait.at.iter().map(|id| Effect::Tell(*id, Told::Gone { ring, is_taken })));
        self.legs.remove(&ring);
        out.push(Effect::Happens(ring.call, refused(ring.leg, Status::new(487, "Request Terminated"))));
    }

    /// The call hangs up on a leg, or forgets it.
    pub fn is_let_go(&mut self, ring: Ring, out: &mut Vec<Effect>) {
        match self.legs.remove(&ring) {
            Some(Leg::Talking(id, _)) => {
                out.push(Effect::Tell(id, Told::Ended));
                if let Some(console) = self.consoles.get_mut(&id) {
                    console.talks = None;
                }
                self.rings_at(id, out);
            }
            Some(Leg::Ringing(wait)) => {
                out.extend(wait.at.iter().map(|id| Effect::Tell(*id, Told::Gone { ring, is_taken: false })));
            }
            None => {}
        }
    }

    /// A leg is to have this session.
    pub fn is_aligned(&mut self, ring: Ring, payload: &Payload, out: &mut Vec<Effect>) {
        self.is_wanted(ring, |session| session.aligns(payload), out);
    }

    /// The other side asks something of a leg.
    pub fn is_asked(&mut self, ring: Ring, what: MidCall, payload: &Payload, out: &mut Vec<Effect>) {
        self.is_wanted(ring, |session| session.is_asked(what, payload), out);
    }

    fn is_wanted(&mut self, ring: Ring, ask: impl FnOnce(&mut Session) -> Wanted, out: &mut Vec<Effect>) {
        let Some(Leg::Talking(id, session)) = self.legs.get_mut(&ring) else { return };
        out.push(match ask(session) {
            Wanted::Offered(description) => Effect::Tell(*id, Told::Offered(description)),
            Wanted::Replied(what, status, payload) => {
                Effect::Happens(ring.call, Input::Replied { leg: LegId(ring.leg), what, status, payload })
            }
        });
    }

    /// A console has time: what waits for somebody there rings, unless it has rung there.
    fn rings_at(&mut self, id: ConsoleId, out: &mut Vec<Effect>) {
        let Some(console) = self.consoles.get(&id).filter(|console| console.talks.is_none()) else { return };
        for leg in self.legs.values_mut() {
            let Leg::Ringing(wait) = leg else { continue };
            let is_meant = console.answers_for.contains(&wait.told.destination);
            if is_meant && !wait.left.contains(&id) && wait.at.insert(id) {
                out.push(Effect::Tell(id, Told::Ringing(Box::new(wait.told.clone()))));
            }
        }
    }

    /// These ring no more at a console. `is_refused`: somebody is there who does not take them.
    fn stops(
        &mut self,
        id: ConsoleId,
        these: impl Fn(&Wait) -> bool,
        is_refused: bool,
        out: &mut Vec<Effect>,
    ) {
        self.legs.retain(|ring, leg| {
            let Leg::Ringing(wait) = leg else { return true };
            if !these(wait) || !wait.at.remove(&id) {
                return true;
            }
            out.push(Effect::Tell(id, Told::Gone { ring: *ring, is_taken: false }));
            wait.left.insert(id);
            wait.is_refused |= is_refused;
            if wait.at.is_empty() {
                // It has rung, and nobody took it.
                let nobody = Status::new(480, "Temporarily Unavailable");
                let end = if wait.is_refused { busy(ring.leg) } else { refused(ring.leg, nobody) };
                out.push(Effect::Happens(ring.call, end));
            }
            !wait.at.is_empty()
        });
    }
}

fn busy(leg: u8) -> Input {
    refused(leg, Status::new(486, "Busy Here"))
}

fn refused(leg: u8, status: Status) -> Input {
    Input::Refused { leg: LegId(leg), status, payload: Payload::default() }
}

fn unreachable(leg: u8) -> Input {
    Input::Unreachable { leg: LegId(leg), why: Unreachable::Transport }
}
