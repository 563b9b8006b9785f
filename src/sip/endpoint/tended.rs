//! How the endpoint is looked after while it works: other settings, the way
//! down, what it holds, and what has been said.

use std::time::Duration;

use bytes::Bytes;

use super::{Endpoint, Event};
use crate::domain::calling::ladder::Way;
use crate::domain::time::Timestamp;
use crate::sip::transport::Flow;
use crate::sip::trunk::accept::Trunks;

impl Endpoint {
    /// New calls get 503 from now on, and so does who asks whether we live.
    pub fn drain(&mut self) {
        self.draining = true;
    }

    /// Other settings from now on; calls that are up go on.
    pub fn change(&mut self, user_agent: String, trunks: Trunks, session: Duration, ladders: bool) {
        (self.config.user_agent, self.config.trunks, self.config.session) = (user_agent, trunks, session);
        self.ladders.gather(ladders);
    }

    /// This message was sent on that wire; for the ladder of its call.
    pub fn sent(&mut self, bytes: &Bytes, flow: Flow, now: Timestamp) {
        self.ladders.saw(Way::Out, bytes, flow, now);
    }

    /// Gives out the ladders that are done by then.
    pub fn hand_out_ladders(&mut self, by: Timestamp) {
        while let Some(ladder) = self.ladders.done(by) {
            self.events.push(Event::Ladder(ladder));
        }
    }

    /// Nothing under way: no leg, no transaction.
    pub fn is_idle(&self) -> bool {
        self.legs.is_empty() && self.txs.clients.is_empty() && self.txs.servers.is_empty()
    }

    /// No leg is left: what still lingers only absorbs copies.
    pub fn has_no_legs(&self) -> bool {
        self.legs.is_empty()
    }

    /// Messages that timers have sent again, and requests that came again.
    pub fn repeats(&self) -> (u64, u64) {
        self.repeats
    }

    /// Every ladder has been given out.
    pub fn holds_no_ladder(&self) -> bool {
        self.ladders.is_empty()
    }

    /// Legs and transactions that are held.
    pub fn held(&self) -> (usize, usize) {
        (self.legs.len(), self.txs.clients.len() + self.txs.servers.len())
    }
}
