//! The media of one call as they pass: from which port of the relay a packet
//! goes on to where, and what is learned of each stream on its way. Packets
//! and the time go in; no sockets, no clock.
//!
//! ```text
//!   caller ──▶ port ─ latch ─▶ stream 0 of the caller ─ mate ─▶ stream 0 of the line ──▶ its port ──▶ line
//! ```
//!
//! Each leg has a port of the relay to itself for each of its streams. Lines
//! that ring together have each their own; the caller hears the one that it is
//! joined with, and is heard by it alone.

mod converting;

use std::net::SocketAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::codec::Content;
use super::conversion::{Conversion, Target};
use super::ear::Ear;
use super::latch::Latch;
use super::rtp::key;
use super::rtp::packet::{self, Header, Packet};
use super::rtp::reception::Reception;
use super::rtp::rtcp::{self, Said};
use super::sdp::Stream;
use crate::call::leg::LegId;
use crate::domain::calling::key::Key;
use crate::domain::calling::quality::{Heard, StreamQuality};
use crate::domain::time::Timestamp;

/// Which of the two ports of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lane {
    Rtp,
    Rtcp,
}

/// A packet goes on: out of this port of the relay, to there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Onward {
    pub side: usize,
    pub lane: Lane,
    pub to: SocketAddr,
}

/// Why a packet goes nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dropped {
    /// It comes from where nobody of this call is.
    Stranger,
    /// Its side is not the one that the other hears.
    Unheard,
    /// Its side has not been described: nobody can tell its packets from others.
    Undescribed,
    /// It is a key that steers the gateway, and nobody else is to hear it.
    Withheld,
    /// The other side wants nothing, or nobody knows where it is.
    Nowhere,
}

/// The streams of all legs of a call.
#[derive(Default)]
pub struct Session {
    sides: Vec<Side>,
    /// Keys that were pressed and nobody has asked for yet.
    pressed: Vec<(LegId, Key)>,
    /// Keys of a line that the caller does not hear, where they are no tones.
    withheld: Vec<Key>,
}

/// One stream of one leg.
struct Side {
    leg: LegId,
    /// Which `m=` line it is.
    stream: u8,
    /// What the leg said of it last.
    said: Option<Stream>,
    /// It is the first of its leg's that carry sound.
    is_sound: bool,
    /// Its reports share the port of its packets (RFC 5761).
    is_muxed: bool,
    rtp: Latch,
    rtcp: Latch,
    /// The stream of the other leg that its packets go to.
    mate: Option<usize>,
    reception: Reception,
    sent: u64,
    strangers: u64,
    /// The payload types of its keys, a bit for each.
    keys: u128,
    /// Those that its mate has not, to which they are turned …
    turned: u128,
    target: Option<Target>,
    /// … and how, since the first of them came.
    conversion: Option<Box<Conversion>>,
    /// The timestamp of the latest key: all packets of one have the same (RFC 4733 §2.3.3).
    key_at: Option<u32>,
    /// Somebody waits for its keys.
    is_heeded: bool,
    /// What listens for keys among its sound, if any has to.
    ear: Option<Box<Ear>>,
    /// What the leg reported last of what it is sent.
    hears: Option<Heard>,
    /// The latest sender reports that went to the leg: their clock, and when.
    reports: [Option<(u32, Timestamp)>; 2],
}

impl Session {
    /// A leg has a port for one more stream; gives its place.
    pub fn add(&mut self, leg: LegId, stream: u8) -> usize {
        self.sides.push(Side {
            leg,
            stream,
            said: None,
            is_sound: false,
            is_muxed: false,
            rtp: Latch::default(),
            rtcp: Latch::default(),
            mate: None,
            reception: Reception::default(),
            sent: 0,
            strangers: 0,
            keys: 0,
            turned: 0,
            target: None,
            conversion: None,
            key_at: None,
            is_heeded: false,
            ear: None,
            hears: None,
            reports: [None; 2],
        });
        self.sides.len() - 1
    }

    /// What the leg says of its streams from now on, and from where else it may be heard.
    pub fn describe(&mut self, leg: LegId, streams: &[Stream], peers: &Arc<[IpNet]>) {
        let sound = streams.iter().position(|stream| stream.is_live && stream.kind == "audio");
        for side in self.sides.iter_mut().filter(|side| side.leg == leg) {
            side.is_sound = sound == Some(usize::from(side.stream));
            let Some(said) = streams.get(usize::from(side.stream)) else { continue };
            side.is_muxed = said.is_web() || said.is_dtls() && said.is_muxed;
            if said.is_web() {
                // It proves where it is: nobody is believed by their address.
                side.rtp.describe(None, said.is_wanted, Arc::from([]));
                side.rtcp.describe(None, said.is_wanted, Arc::from([]));
            } else {
                // Who holds is where they were.
                let named = [said.rtp.or(side.rtp.named()), said.rtcp.or(side.rtcp.named())];
                let named = named.into_iter().flatten().map(|address| IpNet::from(address.ip()));
                let allowed: Arc<[IpNet]> = named.chain(peers.iter().copied()).collect();
                side.rtp.describe(said.rtp, said.is_wanted, Arc::clone(&allowed));
                side.rtcp.describe(said.rtcp, said.is_wanted, allowed);
            }
            side.keys = said.keys().fold(0, |keys, format| keys | 1 << (format.payload_type & 0x7f));
            side.said = Some(said.clone());
        }
        self.turns();
    }

    /// The side at this place has proved where it is.
    pub fn proves(&mut self, place: usize, at: SocketAddr) {
        if let Some(side) = self.sides.get_mut(place) {
            side.rtp.proves(at);
        }
    }

    /// Whether a handshake may be that of the side at this place.
    pub fn admits(&self, place: usize, lane: Lane, from: SocketAddr) -> bool {
        self.sides.get(place).is_some_and(|side| side.latch(lane).admits(from))
    }

    /// The side at this place has sent from there what nobody else can: it is there.
    pub fn hears(&mut self, place: usize, lane: Lane, from: SocketAddr) {
        if let Some(side) = self.sides.get_mut(place) {
            side.latch_mut(lane).hears(from);
        }
    }

    /// Whose stream is at this place.
    pub fn leg(&self, place: usize) -> Option<LegId> {
        self.sides.get(place).map(|side| side.leg)
    }

    /// Whether what the side at this place sends is what its leg is heard by.
    pub fn is_sound(&self, place: usize) -> bool {
        self.sides.get(place).is_some_and(|side| side.is_sound)
    }

    /// The place of a leg's stream.
    pub fn place(&self, leg: LegId, stream: u8) -> Option<usize> {
        self.sides.iter().position(|side| side.leg == leg && side.stream == stream)
    }

    /// The gateway itself sends a packet to a leg: from which place of ours, to where.
    pub fn speaks(&mut self, leg: LegId, stream: u8) -> Option<(usize, SocketAddr)> {
        let place = self.place(leg, stream)?;
        let to = self.sides[place].rtp.to()?;
        self.sides[place].sent += 1;
        Some((place, to))
    }

    /// These keys of a line do not go on to the caller.
    pub fn withhold(&mut self, keys: Vec<Key>) {
        self.withheld = keys;
    }

    /// Somebody waits for keys of this leg from now on, or does so no more.
    pub fn heeds(&mut self, leg: LegId, is_heeded: bool) {
        self.sides.iter_mut().filter(|side| side.leg == leg).for_each(|side| side.is_heeded = is_heeded);
    }

    /// Keys that were pressed since this was asked last.
    pub fn pressed(&mut self) -> impl Iterator<Item = (LegId, Key)> + '_ {
        self.pressed.drain(..)
    }

    /// These two legs hear each other from now on, and nobody else.
    pub fn join(&mut self, one: LegId, other: LegId) {
        for place in 0..self.sides.len() {
            let Side { leg, stream, .. } = self.sides[place];
            let mate = if leg == one { other } else { one };
            if leg == one || leg == other {
                self.sides[place].mate =
                    self.sides.iter().position(|side| side.leg == mate && side.stream == stream);
            }
        }
        self.turns();
    }

    /// A leg is gone: it hears nobody any more, and nobody hears it.
    pub fn part(&mut self, leg: LegId) {
        self.sides.iter_mut().filter(|side| side.leg == leg).for_each(|side| side.mate = None);
    }

    /// The places of a leg's streams, so that their ports can be closed; what was learned stays.
    pub fn places(&self, leg: LegId) -> impl Iterator<Item = usize> + '_ {
        self.sides.iter().enumerate().filter(move |(_, side)| side.leg == leg).map(|(place, _)| place)
    }

    /// Takes a packet that came in on a port. What it tells is noted even where it goes nowhere.
    #[inline]
    pub fn packet(
        &mut self,
        place: usize,
        lane: Lane,
        from: SocketAddr,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<Onward, Dropped> {
        let described = self.sides.get_mut(place).filter(|side| side.said.is_some());
        let side = described.ok_or(Dropped::Undescribed)?;
        if !side.latch_mut(lane).hears(from) {
            side.strangers += 1;
            return Err(Dropped::Stranger);
        }
        let packet = Packet::read(bytes);
        match packet {
            Packet::Rtp(header) => {
                let rate = side.said.as_ref().and_then(|said| said.rate(header.payload_type));
                side.reception.packet(header, rate, now);
                let is_steering = side.leg != LegId::CALLER && !self.withheld.is_empty();
                if side.is_sound && side.keys == 0 && (side.is_heeded || is_steering) {
                    side.listens(header, bytes, &mut self.pressed);
                } else {
                    side.ear = None;
                }
                if side.keys >> header.payload_type & 1 != 0 {
                    let key = packet::payload(bytes).and_then(key::of_event);
                    if side.key_at != Some(header.timestamp) {
                        side.key_at = Some(header.timestamp);
                        self.pressed.extend(key.map(|key| (side.leg, key)));
                    }
                    if side.leg != LegId::CALLER && key.is_some_and(|key| self.withheld.contains(&key)) {
                        return Err(Dropped::Withheld);
                    }
                }
            }
            Packet::Rtcp => self.reported(place, bytes, now),
            Packet::Other => {}
        }
        let mate_at = self.sides[place].mate.ok_or(Dropped::Unheard)?;
        let is_muxed = self.sides[place].is_muxed;
        let mate = &mut self.sides[mate_at];
        if mate.mate != Some(place) {
            return Err(Dropped::Unheard);
        }
        let lane = match packet {
            _ if mate.is_muxed => Lane::Rtp,
            Packet::Rtcp if is_muxed => Lane::Rtcp,
            _ => lane,
        };
        let to = mate.latch(lane).to().ok_or(Dropped::Nowhere)?;
        if matches!(packet, Packet::Rtp(_)) {
            mate.sent += 1;
        }
        Ok(Onward { side: mate_at, lane, to })
    }

    /// Whether a packet that went on is of the caller, and what it holds; `None`: it is not of what is said.
    pub fn sound(&self, place: usize, bytes: &[u8]) -> Option<(bool, Content)> {
        let side = self.sides.get(place).filter(|side| side.is_sound)?;
        let Packet::Rtp(header) = Packet::read(bytes) else { return None };
        let content = side.said.as_ref()?.content(header.payload_type);
        Some((side.leg == LegId::CALLER, content))
    }

    fn reported(&mut self, place: usize, bytes: &[u8], now: Timestamp) {
        let side = &mut self.sides[place];
        if side.said.as_ref().is_none_or(|said| said.is_sealed()) {
            return;
        }
        let mate_at = side.mate;
        for said in rtcp::read(bytes) {
            match said {
                Said::Sends { clock } => {
                    if let Some(mate) = mate_at.and_then(|at| self.sides.get_mut(at)) {
                        mate.reports = [Some((clock, now)), mate.reports[0]];
                    }
                }
                Said::Hears(block) => {
                    // In units of the clock of what it is sent.
                    let rate = mate_at.and_then(|at| self.sides.get(at)?.sends_at());
                    let side = &mut self.sides[place];
                    let asked = side.reports.iter().flatten().find(|(clock, _)| *clock == block.last_report);
                    let round_trip = asked.filter(|_| block.last_report != 0).map(|(_, at)| {
                        let kept_us = u64::from(block.since_report) * 1_000_000 / 65_536;
                        (now.since(*at).as_micros() as u64).saturating_sub(kept_us)
                    });
                    let before = side.hears.take();
                    side.hears = Some(Heard {
                        lost: block.lost.max(0).unsigned_abs(),
                        jitter_us: rate.map(|rate| u64::from(block.jitter) * 1_000_000 / u64::from(rate)),
                        round_trip_us: round_trip.or(before.and_then(|before| before.round_trip_us)),
                    });
                }
            }
        }
    }

    /// How each stream went that carried anything.
    pub fn quality(&self) -> Vec<StreamQuality> {
        let went = self.sides.iter().filter(|side| side.reception.packets() + side.sent + side.strangers > 0);
        went.map(|side| StreamQuality {
            leg: side.leg.0,
            stream: side.stream,
            kind: side.said.as_ref().map(|said| said.kind.clone()).unwrap_or_default(),
            received: side.reception.packets(),
            lost: side.reception.lost(),
            jitter_us: side.reception.jitter_us(),
            sent: side.sent,
            strangers: side.strangers,
            heard: side.hears,
        })
        .collect()
    }
}

impl Side {
    fn latch(&self, lane: Lane) -> &Latch {
        match lane {
            Lane::Rtp => &self.rtp,
            Lane::Rtcp => &self.rtcp,
        }
    }

    fn latch_mut(&mut self, lane: Lane) -> &mut Latch {
        match lane {
            Lane::Rtp => &mut self.rtp,
            Lane::Rtcp => &mut self.rtcp,
        }
    }

    /// Who names no events for keys may send tones.
    fn listens(&mut self, header: Header, packet: &[u8], pressed: &mut Vec<(LegId, Key)>) {
        let (Some(said), Some(payload)) = (&self.said, packet::payload(packet)) else { return };
        let content = said.content(header.payload_type);
        let ear = self.ear.get_or_insert_default();
        ear.hears(header, content, payload, |key| pressed.push((self.leg, key)));
    }
}

#[cfg(test)]
mod tests;
