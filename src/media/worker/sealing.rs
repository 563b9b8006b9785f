//! Sides that are sealed: their packets at the door, and their handshakes, for
//! which time passes here.

use std::net::SocketAddr;
use std::time::Duration;

use tracing::{debug, warn};

use super::{Call, Room};
use crate::call::leg::LegId;
use crate::domain::time::Timestamp;
use crate::media::exchange::Sealing;
use crate::media::seal::{Ended, Opened, Seal};
use crate::media::session::Lane;
use crate::telemetry::MediaPackets;

/// How often it is seen whether something of a handshake is to be sent again: its first wait is a second.
const LOOK: Duration = Duration::from_millis(50);

impl Room {
    /// Somebody's stream is sealed so from now on.
    pub(super) fn seals(&mut self, place: usize, leg: LegId, stream: u8, sealing: Sealing) {
        let now = self.clock.now();
        let Some(Some(call)) = self.calls.get_mut(place) else { return };
        let Some(side) = call.session.place(leg, stream) else { return };
        if sealing == Sealing::Plain && call.seals[side].is_none() {
            return;
        }
        let seal = call.seals[side].get_or_insert_default();
        seal.describe(sealing, &self.identity, now);
        if seal.is_shaking() && !self.shaking.contains(&place) {
            if self.shaking.is_empty() {
                self.shake_at = now + LOOK;
            }
            self.shaking.push(place);
        }
    }

    /// What is due of handshakes.
    pub(super) fn shake(&mut self, now: Timestamp) {
        if self.shaking.is_empty() || now < self.shake_at {
            return;
        }
        self.shake_at = now + LOOK;
        let (calls, packets) = (&mut self.calls, &self.packets);
        self.shaking.retain(|place| {
            let Some(Some(call)) = calls.get_mut(*place) else { return false };
            let Call { seals, pairs, .. } = call;
            let mut is_shaking = false;
            let mut ended = Vec::new();
            for (seal, pair) in seals.iter_mut().zip(pairs.iter()) {
                let (Some(seal), Some(pair)) = (seal, pair) else { continue };
                let socket = &pair.sockets[Lane::Rtp as usize];
                ended.extend(seal.wakes(now, &mut |out, to| {
                    let _ = socket.send_to(out, to);
                }));
                is_shaking |= seal.is_shaking();
            }
            ended.into_iter().for_each(|ended| call.shaken(ended, packets));
            is_shaking
        });
    }
}

impl Call {
    /// Opens what came in on a side that is sealed, where it lies; what it is
    /// for the session, and as if from where.
    pub(super) fn open(
        &mut self,
        side: usize,
        lane: Lane,
        packet: &mut [u8],
        from: SocketAddr,
        now: Timestamp,
        packets: &mut MediaPackets,
    ) -> Option<(usize, SocketAddr)> {
        let (Some(seal), Some(pair)) = (&mut self.seals[side], &self.pairs[side]) else { return None };
        let socket = &pair.sockets[lane as usize];
        let (opened, ended) = seal.open(packet, from, now, &mut |out, to| {
            // What is lost is sent again: by the browser, or in time.
            let _ = socket.send_to(out, to);
        });
        if let Some(ended) = ended {
            self.shaken(ended, packets);
        }
        match opened {
            Opened::Packet { length, from } => return Some((length, from)),
            Opened::Ours { moved: Some(at) } => self.session.proves(side, at),
            Opened::Ours { moved: None } => {}
            Opened::Stranger => packets.strangers += 1,
            Opened::Unauthentic => packets.unauthentic += 1,
            Opened::Unsealed => packets.unsealed += 1,
        }
        None
    }

    /// Seals what a buffer begins with for a side, if that is sealed; `None`: it cannot be sent.
    #[inline]
    pub(super) fn seal(seal: &mut Option<Box<Seal>>, buffer: &mut [u8], length: usize) -> Option<usize> {
        match seal {
            None => Some(length),
            Some(seal) => seal.seal(buffer, length),
        }
    }

    fn shaken(&self, Ended(how): Ended, packets: &MediaPackets) {
        match how {
            Ok(()) => {
                packets.handshake("done");
                debug!(call.id = %self.id, "a browser and the relay have agreed on keys");
            }
            Err(failure) => {
                packets.handshake(failure.as_str());
                let error: &dyn std::error::Error = &failure;
                warn!(call.id = %self.id, error, "nothing of a browser passes: {failure}");
            }
        }
    }
}
