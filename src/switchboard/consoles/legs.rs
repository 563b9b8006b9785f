//! The lines of one call that are consoles, as the call's task has them.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::room::{Effect, Room};
use super::{BrowserDescription, Consoles, Ring, Ringing};
use crate::call::input::{Input, Unreachable};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::routing::Target;
use crate::domain::ids::{CallId, DestinationId};
use crate::switchboard::live::{LiveCalls, Stage};
use crate::switchboard::page::DOOR;

/// Whatever of them rings or talks is let go when this is dropped.
pub(in crate::switchboard) struct ConsoleLegs {
    consoles: Consoles,
    call: CallId,
    legs: Vec<LegId>,
    /// What happens to them, once one was dialled.
    inputs: Option<mpsc::UnboundedReceiver<Input>>,
}

impl ConsoleLegs {
    pub fn of(call: CallId, consoles: Consoles) -> Self {
        Self { consoles, call, legs: Vec::new(), inputs: None }
    }

    /// What happens to them next.
    pub async fn next(&mut self) -> Input {
        let next = match &mut self.inputs {
            Some(inputs) => inputs.recv().await,
            None => None,
        };
        match next {
            Some(input) => input,
            None => std::future::pending().await,
        }
    }

    /// Carries out what is for them; gives back what is not.
    pub fn carry_out(&mut self, live: &LiveCalls, output: Output) -> Option<Output> {
        match output {
            Output::Dial { leg, to: Target::Console, destination, payload, .. } => {
                self.dials(live, leg, destination, &payload.body);
            }
            Output::Redial { leg, to: Target::Console, destination, session, .. } => {
                self.dials(live, leg, destination, &session.unwrap_or_default());
            }
            Output::Cancel { leg } if self.has(leg) => {
                let is_taken = live.find(self.call).is_some_and(|call| call.stage == Stage::Talking);
                self.with(leg, |room, ring, out| room.is_withdrawn(ring, is_taken, out));
            }
            Output::HangUp { leg } if self.has(leg) => self.with(leg, Room::is_let_go),
            Output::Align { leg, payload } if self.has(leg) => {
                self.with(leg, |room, ring, out| room.is_aligned(ring, &payload, out));
            }
            Output::Ask { leg, what, payload } if self.has(leg) => {
                self.with(leg, |room, ring, out| room.is_asked(ring, what, &payload, out));
            }
            // A console is owed nothing, and asks for nothing.
            Output::Ack { leg, .. } | Output::Reply { leg, .. } | Output::Notify { leg, .. }
                if self.has(leg) => {}
            other => return Some(other),
        }
        None
    }

    fn dials(&mut self, live: &LiveCalls, leg: LegId, destination: DestinationId, offer: &Bytes) {
        self.legs.push(leg);
        if self.inputs.is_none() {
            self.inputs = Some(self.consoles.hears_of(self.call));
        }
        let offer = String::from_utf8(offer.to_vec()).ok().and_then(BrowserDescription::read);
        self.with(leg, |room, ring, out| match offer.zip(live.find(ring.call)) {
            Some((offer, call)) => {
                let is_from_page = call.trunk.as_str() == DOOR;
                let (number, caller) = (call.number, call.caller);
                room.dials(Ringing { ring, destination, number, caller, is_from_page, offer }, out);
            }
            // Nothing that a browser could talk by.
            None => {
                let input = Input::Unreachable { leg, why: Unreachable::Transport };
                out.push(Effect::Happens(ring.call, input));
            }
        });
    }

    fn has(&self, leg: LegId) -> bool {
        self.legs.contains(&leg)
    }

    fn with(&self, leg: LegId, happens: impl FnOnce(&mut Room, Ring, &mut Vec<Effect>)) {
        let ring = Ring { call: self.call, leg: leg.0 };
        self.consoles.with(|room, out| happens(room, ring, out));
    }
}

impl Drop for ConsoleLegs {
    fn drop(&mut self) {
        for leg in &self.legs {
            self.with(*leg, Room::is_let_go);
        }
        if self.inputs.is_some() {
            self.consoles.hears_no_more(self.call);
        }
    }
}
