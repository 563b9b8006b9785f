//! Sides that are sealed: their packets at the door, and their handshakes, for
//! which time passes here.

use std::net::SocketAddr;
use std::time::Duration;

use tracing::{debug, warn};

use super::{Call, Room, Told};
use crate::call::leg::LegId;
use crate::domain::time::Timestamp;
use crate::media::dtls::{self, DATAGRAM, Failure};
use crate::media::exchange::Sealing;
use crate::media::seal::{Door, Ended, Opened};
use crate::media::session::Lane;
use crate::telemetry::MediaPackets;

/// How many handshakes that come early a call keeps: those of its lines, and of their reports.
const EARLY_MAX: usize = 32;

/// A datagram of a handshake that came before its side was described.
pub struct Early {
    pub side: usize,
    lane: Lane,
    from: SocketAddr,
    datagram: Vec<u8>,
}

/// How often it is seen whether something of a handshake is to be sent again: its first wait is a second.
const LOOK: Duration = Duration::from_millis(50);

impl Room {
    /// Somebody's stream is sealed so from now on.
    pub(super) fn seals(&mut self, place: usize, leg: LegId, stream: u8, sealing: Sealing) {
        let now = self.clock.now();
        let Some(Some(call)) = self.calls.get_mut(place) else { return };
        let Some(side) = call.session.place(leg, stream) else { return };
        if sealing == Sealing::Plain && call.doors[side].is_none() {
            return;
        }
        let door = call.doors[side].get_or_insert_default();
        door.describe(&sealing, &self.identity);
        let is_shaking = door.is_shaking();
        call.takes_early(side, now, &mut self.packets);
        if is_shaking && !self.shaking.contains(&place) {
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
            let Call { doors, pairs, .. } = call;
            let mut is_shaking = false;
            let mut ended = Vec::new();
            for (side, (door, pair)) in doors.iter_mut().zip(pairs.iter()).enumerate() {
                let (Some(door), Some(pair)) = (door, pair) else { continue };
                let mut send = |lane: Lane, out: &[u8], to| {
                    let _ = pair.sockets[lane as usize].send_to(out, to);
                };
                ended.extend(door.wakes(now, &mut send).map(|ended| (side, ended)));
                is_shaking |= door.is_shaking();
            }
            ended.into_iter().for_each(|(side, (of, ended))| call.shaken(side, of, ended, packets));
            is_shaking
        });
    }
}

impl Call {
    /// Whether a datagram is a step of the handshake of a side, and comes from where that may be.
    pub(super) fn is_step(&self, side: usize, lane: Lane, datagram: &[u8], from: SocketAddr) -> bool {
        let Some(door) = self.doors[side].as_ref().filter(|_| dtls::is_one(datagram)) else { return false };
        if door.is_known_by_address() { self.session.admits(side, lane, from) } else { door.knows(from) }
    }

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
        let (Some(door), Some(pair)) = (&mut self.doors[side], &self.pairs[side]) else { return None };
        let is_known_by_address = door.is_known_by_address();
        if is_known_by_address && dtls::is_one(packet) && !self.session.admits(side, lane, from) {
            packets.strangers += 1;
            return None;
        }
        let socket = &pair.sockets[lane as usize];
        let (opened, ended) = door.open(lane, packet, from, now, &mut |out, to| {
            // What is lost is sent again: by the other side, or in time.
            let _ = socket.send_to(out, to);
        });
        if let Some((of, ended)) = ended {
            if is_known_by_address && ended.0.is_ok() {
                self.session.hears(side, lane, from);
            }
            self.shaken(side, of, ended, packets);
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
    pub(super) fn seal(
        door: &mut Option<Box<Door>>,
        lane: Lane,
        buffer: &mut [u8],
        length: usize,
    ) -> Option<usize> {
        match door {
            None => Some(length),
            Some(door) => door.seal(lane, buffer, length),
        }
    }

    /// Who is called may begin to shake hands before their answer has come (RFC 5763 §6.2).
    pub(super) fn comes_early(&mut self, side: usize, lane: Lane, packet: &[u8], from: SocketAddr) {
        if !dtls::is_one(packet) || packet.len() > DATAGRAM {
            return;
        }
        self.early.retain(|early| (early.side, early.lane) != (side, lane));
        if self.early.len() < EARLY_MAX {
            self.early.push(Early { side, lane, from, datagram: packet.to_vec() });
        }
    }

    fn takes_early(&mut self, side: usize, now: Timestamp, packets: &mut MediaPackets) {
        for mut early in self.early.extract_if(.., |early| early.side == side).collect::<Vec<_>>() {
            self.open(side, early.lane, &mut early.datagram, early.from, now, packets);
        }
    }

    /// `of`: whether it was for packets or for reports.
    fn shaken(&self, side: usize, of: Lane, Ended(how): Ended, packets: &MediaPackets) {
        let told = match how {
            Ok(()) => {
                packets.handshake("done");
                debug!(call.id = %self.id, "a side and the relay have agreed on keys");
                Told::Sealed
            }
            // A stream that the other side has refused is never begun.
            Err(Failure::Unbegun) if !self.session.is_sound(side) => return,
            Err(Failure::Unbegun) => Told::Unbegun,
            Err(failure) => {
                packets.handshake(failure.as_str());
                let error: &dyn std::error::Error = &failure;
                warn!(call.id = %self.id, error, "nothing of a side passes: {failure}");
                Told::Unsealed
            }
        };
        // Without reports people talk all the same. A call that has no room to be told ends by its silence.
        if let Some(leg) = self.session.leg(side).filter(|_| of == Lane::Rtp) {
            let _ = self.told.try_send(told(leg));
        }
    }
}
