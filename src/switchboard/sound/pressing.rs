//! Keys that legs press, whichever way they tell us: among their sound, as events (RFC 4733) or as
//! tones, or by INFO. Who tells one in two ways has pressed one.

use tracing::warn;

use super::Sound;
use crate::call::input::{Input, MidCall, Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::key::{By, Key, Pressing, Told};
use crate::domain::time::Timestamp;
use crate::media::{self, HANDSHAKE};
use crate::switchboard::Switchboard;

impl Sound {
    /// The next key that somebody presses and tells among their sound; or something else that the
    /// relay has to tell, of which the call hears when it is [`due`](Self::due).
    pub async fn pressed(&mut self, board: &Switchboard) -> Input {
        loop {
            let Some(relay) = &mut self.relay else { return std::future::pending().await };
            match relay.told().await {
                media::Told::Pressed(leg, key) if self.is_new(board, leg, key, By::Sound) => {
                    return Input::Pressed { leg, key };
                }
                media::Told::Pressed(..) => {}
                media::Told::Unsealed(leg) => {
                    self.unsealed.push(leg);
                    return Input::Woken;
                }
                // Who is waited for while somebody rings may wait for the answer.
                media::Told::Unbegun(leg) if self.has_waited(board.inner.clock.now()) => {
                    warn!(call.id = %self.call, "nothing of a side passes: it has not begun its handshake");
                    self.unsealed.push(leg);
                    return Input::Woken;
                }
                media::Told::Unbegun(_) => {}
                media::Told::Sealed(leg) => self.unsealed.retain(|it| *it != leg),
            }
        }
    }

    /// It has been a talk for as long as a handshake may take.
    fn has_waited(&self, now: Timestamp) -> bool {
        self.talks_since.is_some_and(|since| now.since(since) >= HANDSHAKE)
    }

    /// Somebody talks to whom nothing can pass.
    pub(super) fn is_in_vain(&self) -> bool {
        let is_heard =
            |&leg: &LegId| leg == LegId::CALLER || self.relay.as_ref().is_some_and(|it| it.is_heard(leg));
        self.talks_since.is_some() && self.unsealed.iter().any(is_heard)
    }

    /// A leg says by INFO that it has pressed a key; what is left to be said of that.
    pub(super) async fn told_by_info(
        &mut self,
        board: &Switchboard,
        leg: LegId,
        key: Key,
        input: &mut Input,
    ) -> Option<Input> {
        let pressed = self.is_new(board, leg, key, By::Info).then_some(Input::Pressed { leg, key });
        let withheld = |steering: &Pressing| steering.sequence().keys().contains(&key);
        if leg == LegId::CALLER || !self.steering.as_ref().is_some_and(withheld) {
            return pressed;
        }
        let (what, status) = (MidCall::Info, Status::new(200, "OK"));
        board.tell_sip(self.call, Output::Reply { leg, what, status, payload: Payload::default() }).await;
        if pressed.is_some() {
            self.steers(board, leg, key);
        }
        *input = pressed.unwrap_or(Input::Woken);
        None
    }

    fn is_new(&mut self, board: &Switchboard, leg: LegId, key: Key, by: By) -> bool {
        let at = self.told.iter().position(|(known, _)| *known == leg).unwrap_or_else(|| {
            self.told.push((leg, Told::default()));
            self.told.len() - 1
        });
        self.told[at].1.is_new(key, by, board.inner.clock.now())
    }
}
