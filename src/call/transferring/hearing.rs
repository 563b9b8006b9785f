//! The new line is one that hears something before it has a call: it does so alone, and caller and
//! old line talk on meanwhile. It takes the talk as it would take a call ([`whispering`](super::super::whispering)).

use super::super::Phase;
use super::super::attending::PATIENCE;
use super::super::input::{Input, Payload};
use super::super::output::Output;
use super::super::whispering::whisper;
use super::{Stage, Transferring};
use crate::domain::time::Timestamp;

impl Transferring {
    /// The new line has answered with this session.
    pub(super) fn is_answered(&mut self, session: Payload, now: Timestamp, out: &mut Vec<Output>) {
        match &self.handover {
            Some(handover) => {
                whisper(self.leg, handover, out);
                self.stage = Stage::Hearing { session, until: now + PATIENCE };
            }
            None => self.takes(session, out),
        }
    }

    /// Something was said to the new line, or cannot be, or it has pressed a key.
    pub(super) fn hears(mut self: Box<Self>, what: &Input, now: Timestamp, out: &mut Vec<Output>) -> Phase {
        let Stage::Hearing { session, until } = &mut self.stage else { return Phase::Transferring(self) };
        let accept = self.handover.as_ref().and_then(|handover| handover.accept);
        let has_it = match (what, accept) {
            (Input::Said { .. }, Some(accept)) => {
                *until = now + accept.within;
                false
            }
            (Input::Pressed { key, .. }, accept) => accept.is_some_and(|accept| accept.key == *key),
            _ => true,
        };
        if has_it {
            let session = std::mem::take(session);
            self.takes(session, out);
        }
        Phase::Transferring(self)
    }

    fn takes(&mut self, session: Payload, out: &mut Vec<Output>) {
        self.stage = Stage::Answered { session, ask_at: None, crossings: 0 };
        self.ask_caller(out);
    }
}
