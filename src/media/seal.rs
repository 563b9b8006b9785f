//! What stands between a sealed side and its session: it opens what comes in,
//! seals what goes out, and answers what is meant for the gateway itself.
//!
//! ```text
//!   socket ─▶ ┌──────┐ ─ check (ICE) ──▶ answered; where it came from, the side is
//!             │ Seal │ ─ DTLS ─────────▶ handshake ─▶ keys
//!   socket ◀─ └──────┘ ◀─ SRTP ────────▶ session, plain
//! ```
//!
//! Nothing of a browser is believed by where it comes from: a datagram of the
//! handshake counts only from where a check came, and a packet only if it is
//! authentic as well. The side is where the browser has nominated it last, or
//! where its first check came from before it nominates anything.
//!
//! A telephone without ICE may shake hands from wherever it may be heard; who
//! has shown its certificate there, or a packet that is authentic, is it.

mod door;
mod hands;

use std::net::SocketAddr;
use std::sync::Arc;

use super::dtls::{self, Failure, Identity, Keys};
use super::exchange::Sealing;
use super::ice::{self, Credentials, REPLY_MAX};
use super::sdp::Setup;
use super::session::Lane;
use super::srtp::{Context, Master, Refused};
use crate::domain::time::Timestamp;
pub use door::Door;
use hands::Hands;
pub use hands::LASTS;

/// A browser has no more ways to us that it would go on checking.
const WAYS_MAX: usize = 8;

/// What was taken off the socket of a sealed side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opened {
    /// A packet for the session: so long, and as if it came from there.
    Packet { length: usize, from: SocketAddr },
    /// It was for the gateway itself; the side is there from now on.
    Ours { moved: Option<SocketAddr> },
    /// It is nobody's.
    Stranger,
    /// It may be the side's, and cannot be proved to be.
    Unauthentic,
    /// There is no key to open it with.
    Unsealed,
}

/// How the handshake of a side has ended.
#[derive(Debug)]
pub struct Ended(pub Result<(), Failure>);

/// One port of one side.
#[derive(Default)]
pub struct Seal {
    passing: Passing,
    theirs: Option<Opening>,
    ours: Option<Opening>,
    hands: Option<Hands>,
    web: Option<Web>,
}

/// What becomes of packets.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Passing {
    #[default]
    Sealed,
    /// They pass as they are. Keys of before stay: should the side come back to them, their
    /// counters go on.
    Plain,
    /// Nothing passes.
    Nothing,
}

/// One direction; the key is kept to see whether it changes.
struct Opening {
    master: Master,
    context: Context,
}

/// By which ways a browser comes.
struct Web {
    ours: Credentials,
    their_ufrag: String,
    /// From where checks came, the latest at the end.
    ways: Vec<SocketAddr>,
    at: Option<SocketAddr>,
    is_nominated: bool,
}

impl Seal {
    /// How the side is sealed from now on. What is as before goes on: a
    /// handshake, a context with its counters.
    fn describe(&mut self, sealing: &Sealing, lane: Lane, identity: &Arc<Identity>) {
        self.passing = match sealing {
            Sealing::Sdes { .. } | Sealing::Web { .. } | Sealing::Dtls { .. } => Passing::Sealed,
            Sealing::Plain => Passing::Plain,
            Sealing::Unkeyed => Passing::Nothing,
        };
        let (theirs, at) = match sealing {
            Sealing::Sdes { theirs, ours } => {
                (self.web, self.hands) = (None, None);
                return self.keys(Keys { theirs: theirs.clone(), ours: ours.clone() });
            }
            Sealing::Unkeyed | Sealing::Plain => {
                (self.web, self.hands) = (None, None);
                return;
            }
            Sealing::Web { theirs, .. } => (theirs, None),
            Sealing::Dtls { theirs, at, .. } => (theirs, at[lane as usize]),
        };
        let begins = theirs.setup == Setup::Passive;
        match &mut self.hands {
            Some(hands) if hands.theirs == theirs.fingerprint => hands.goes_on(begins, at),
            _ => {
                let passing = self.passing;
                let hands = Some(Hands::new(Arc::clone(identity), theirs.fingerprint.clone(), begins, at));
                *self = Self { passing, hands, ..Self::default() };
            }
        }
        match sealing {
            Sealing::Web { theirs, ours, is_answered } => {
                self.hands.iter_mut().for_each(|hands| hands.may_begin = *is_answered);
                // ICE may have restarted; where the browser was it is until it nominates anew.
                let web = self.web.get_or_insert_with(|| Web::new(ours.clone()));
                web.ours = ours.clone();
                web.their_ufrag = theirs.ice.as_ref().map(|ice| ice.ufrag.clone()).unwrap_or_default();
            }
            Sealing::Dtls { is_answered, .. } => {
                self.web = None;
                self.hands.iter_mut().for_each(|hands| hands.may_begin = *is_answered);
            }
            Sealing::Sdes { .. } | Sealing::Unkeyed | Sealing::Plain => {}
        }
    }

    /// Takes what came off the socket. `send` gets what is to be sent back.
    fn open(
        &mut self,
        packet: &mut [u8],
        from: SocketAddr,
        now: Timestamp,
        send: &mut dyn FnMut(&[u8], SocketAddr),
    ) -> (Opened, Option<Ended>) {
        match self.passing {
            Passing::Sealed => {}
            Passing::Plain => return (Opened::Packet { length: packet.len(), from }, None),
            Passing::Nothing => return (Opened::Unsealed, None),
        }
        let Some(hands) = &mut self.hands else { return (self.opened(packet, from), None) };
        // RFC 7983 tells them apart.
        match (packet.first(), &mut self.web) {
            (Some(0..=3), Some(web)) => (web.checked(packet, from, send), None),
            // What keeps a NAT open (RFC 6263 §4.6) asks nothing of us.
            (Some(0..=3), None) => (Opened::Ours { moved: None }, None),
            (_, Some(web)) if !web.ways.contains(&from) => (Opened::Stranger, None),
            _ if dtls::is_one(packet) => {
                let taken = hands.hears(packet, from, now, send);
                (Opened::Ours { moved: None }, self.shaken(taken))
            }
            (_, web) => {
                let at = web.as_ref().and_then(|web| web.at).unwrap_or(from);
                (self.opened(packet, at), None)
            }
        }
    }

    /// Seals what `buffer` begins with for the side and gives its new length;
    /// `None`: there is no key, or it is nothing that is sealed.
    fn seal(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        match self.passing {
            Passing::Sealed => self.ours.as_mut()?.context.seal(buffer, length).ok(),
            Passing::Plain => Some(length),
            Passing::Nothing => None,
        }
    }

    /// Time has passed: what is lost of a handshake is sent again, and what we begin begins.
    fn wakes(&mut self, now: Timestamp, send: &mut dyn FnMut(&[u8], SocketAddr)) -> Option<Ended> {
        let hands = self.hands.as_mut()?;
        let at = match &self.web {
            Some(web) => web.at,
            None => hands.at(),
        };
        let taken = hands.wakes(at, now, send);
        self.shaken(taken)
    }

    /// There are no keys yet, and may still be.
    fn is_shaking(&self) -> bool {
        self.hands.as_ref().is_some_and(Hands::is_shaking)
    }

    fn shaken(&mut self, taken: Result<Option<Keys>, Failure>) -> Option<Ended> {
        match taken {
            Ok(keys) => {
                self.keys(keys?);
                Some(Ended(Ok(())))
            }
            Err(Failure::Unbegun) => Some(Ended(Err(Failure::Unbegun))),
            Err(failure) => {
                (self.theirs, self.ours) = (None, None);
                Some(Ended(Err(failure)))
            }
        }
    }

    fn keys(&mut self, Keys { theirs, ours }: Keys) {
        for (place, master) in [(&mut self.theirs, theirs), (&mut self.ours, ours)] {
            // A key that is the same goes on with its counters: a keystream is used once.
            if place.as_ref().is_none_or(|opening| opening.master != master) {
                *place = Some(Opening { context: Context::new(&master), master });
            }
        }
    }

    fn opened(&mut self, packet: &mut [u8], from: SocketAddr) -> Opened {
        let Some(theirs) = &mut self.theirs else { return Opened::Unsealed };
        match theirs.context.open(packet) {
            Ok(length) => Opened::Packet { length, from },
            Err(Refused::Malformed | Refused::Replayed | Refused::Unauthentic) => Opened::Unauthentic,
        }
    }
}

impl Web {
    fn new(ours: Credentials) -> Self {
        Self { ours, their_ufrag: String::new(), ways: vec![], at: None, is_nominated: false }
    }

    fn checked(
        &mut self,
        packet: &[u8],
        from: SocketAddr,
        send: &mut dyn FnMut(&[u8], SocketAddr),
    ) -> Opened {
        let mut reply = [0; REPLY_MAX];
        let check = ice::answer(&self.ours, &self.their_ufrag, packet, from, &mut reply);
        let Some(check) = check else { return Opened::Stranger };
        send(&reply[..check.reply], from);
        self.ways.retain(|way| *way != from);
        if self.ways.len() == WAYS_MAX {
            self.ways.remove(0);
        }
        self.ways.push(from);
        let is_chosen = check.is_nominated || !self.is_nominated && self.at.is_none();
        self.is_nominated |= check.is_nominated;
        let moved = (is_chosen && self.at != Some(from)).then_some(from);
        self.at = moved.or(self.at);
        Opened::Ours { moved }
    }
}

#[cfg(test)]
mod tests;
