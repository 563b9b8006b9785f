//! What the gateway itself says: all whom it speaks to are sent their next
//! packet in the same moment, every 20 ms.

use std::time::Duration;

use rustix::event::Timespec;

use super::{Call, Room, Saying};
use crate::domain::time::Timestamp;
use crate::media::session::Lane;
use crate::media::speech::Speech;
use crate::media::srtp::TRAILER_MAX;

/// From one packet to the next.
const TICK: Duration = Duration::from_millis(20);
/// If it is later than this it goes on from now.
const LATE_MAX: Duration = Duration::from_millis(200);

impl Room {
    /// Somebody of this call is spoken to from now on.
    pub(super) fn speaks_at(&mut self, place: usize) {
        if self.speaking.is_empty() {
            self.speak_at = self.clock.now();
        }
        if !self.speaking.contains(&place) {
            self.speaking.push(place);
        }
    }

    /// How long the sockets may be waited for; `None`: for ever, since nobody is
    /// spoken to and no handshake is under way.
    pub(super) fn patience(&self) -> Option<Timespec> {
        let speaks_at = (!self.speaking.is_empty()).then_some(self.speak_at);
        let shakes_at = (!self.shaking.is_empty()).then_some(self.shake_at);
        let left = speaks_at.into_iter().chain(shakes_at).min()?.since(self.clock.now());
        Some(Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() })
    }

    /// A packet to each leg that is spoken to, if it is time.
    pub(super) fn speak(&mut self, packet: &mut Vec<u8>, now: Timestamp) {
        if self.speaking.is_empty() || now < self.speak_at {
            return;
        }
        self.speak_at = self.speak_at + TICK;
        if self.speak_at + LATE_MAX < now {
            // The thread was held up, or the clock was set: what was missed is not made up for.
            self.speak_at = now + TICK;
        }
        let (calls, packets) = (&mut self.calls, &mut self.packets);
        self.speaking.retain(|place| {
            let Some(Some(call)) = calls.get_mut(*place) else { return false };
            for speech in &mut call.speeches {
                if speech.next(packet)
                    && let Some((side, to)) = call.session.speaks(speech.leg, speech.stream)
                    && let Some(Some(pair)) = call.pairs.get(side)
                {
                    let length = packet.len();
                    packet.resize(length + TRAILER_MAX, 0);
                    match Call::seal(&mut call.doors[side], Lane::Rtp, packet, length) {
                        None => packets.unsealed += 1,
                        Some(length) => {
                            let sent = pair.sockets[Lane::Rtp as usize].send_to(&packet[..length], to);
                            packets.unsendable += u64::from(sent.is_err());
                        }
                    }
                }
            }
            call.speeches.iter().any(|speech| !speech.is_silent())
        });
    }
}

impl Call {
    pub(super) fn says(&mut self, Saying { leg, spoken, source, voices, repeats }: Saying) {
        let at = self.speeches.iter().position(|it| it.leg == leg && it.stream == spoken.stream);
        let at = at.unwrap_or_else(|| {
            self.speeches.push(Speech::new(leg, spoken.stream, source));
            self.speeches.len() - 1
        });
        self.speeches[at].says(spoken.payload_type, voices, repeats);
    }
}
