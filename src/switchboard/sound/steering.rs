//! Keys by which a line steers the gateway during the talk: its recording is paused and resumed.
//!
//! The caller hears none of them where they are events (RFC 4733) or INFO. A tone among the sound
//! has been heard before anybody can tell that it is one: it is obeyed, and nothing is withheld.

use tracing::info;

use super::Sound;
use crate::call::leg::LegId;
use crate::domain::calling::key::{Key, Pressing, Sequence};
use crate::switchboard::Switchboard;
use crate::switchboard::live::Recorded;

impl Sound {
    /// From now on these keys pause and resume the recording; `None`: none do.
    pub(super) async fn is_steered(&mut self, by: Option<Sequence>) {
        let Some(relay) = self.relay.as_ref().filter(|_| by.is_some() || self.steering.is_some()) else {
            return;
        };
        relay.withholds(by.as_ref().map(Sequence::keys).unwrap_or_default()).await;
        self.steering = by.map(Pressing::of);
    }

    /// A line presses a key.
    pub(super) fn steers(&mut self, board: &Switchboard, leg: LegId, key: Key) {
        // Not the caller, nor who is only asked whether they take the call.
        let is_line = leg != LegId::CALLER && self.relay.as_ref().is_some_and(|relay| relay.is_heard(leg));
        let Some(steering) = self.steering.as_mut().filter(|_| is_line) else { return };
        if steering.completes(key, board.inner.clock.now()) {
            let pauses = board.inner.live.recorded(self.call) != Some(Recorded::Paused);
            info!(call.id = %self.call, pauses, "the line pauses or resumes the recording by key");
            // Whoever presses it after the end of the recording presses in vain.
            let _ = board.inner.live.pause_recording(self.call, pauses);
        }
    }
}
