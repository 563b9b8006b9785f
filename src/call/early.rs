//! Whose sound the caller hears before anybody has the call: one line's at a time.

use super::dialing::{Attempt, Dialing};
use super::input::{Payload, Status};
use super::leg::LegId;
use super::output::Output;

impl Dialing {
    pub(super) fn is_heard(&mut self, leg: LegId, status: Status, payload: Payload, out: &mut Vec<Output>) {
        if !payload.body.is_empty() {
            self.heard = Some(leg);
        }
        out.push(Output::Progress { leg, status, payload });
    }

    /// The one that was heard is gone: the next that has spoken meanwhile, or at least rung.
    pub(super) fn hear_another(&mut self, out: &mut Vec<Output>) {
        let speaks = |attempt: &Attempt| attempt.unheard.as_ref().map(|(_, said)| !said.body.is_empty());
        // The first of equals.
        let next = self.open.iter_mut().rev().max_by_key(|attempt| speaks(attempt));
        if let Some((leg, (status, payload))) =
            next.and_then(|attempt| Some((attempt.leg, attempt.unheard.take()?)))
        {
            self.is_heard(leg, status, payload, out);
        }
    }

    /// The other end of what is heard.
    pub(super) fn heard_by(&self, leg: LegId) -> Option<LegId> {
        let heard = self.heard?;
        if leg == LegId::CALLER { Some(heard) } else { (leg == heard).then_some(LegId::CALLER) }
    }
}
