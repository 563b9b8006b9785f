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

use std::net::SocketAddr;
use std::sync::Arc;

use super::dtls::{Failure, Handshake, Identity, Keys};
use super::exchange::Sealing;
use super::ice::{self, Credentials, REPLY_MAX};
use super::sdp::Dtls;
use super::srtp::{Context, Master, Refused};
use crate::domain::time::Timestamp;

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

/// One side.
#[derive(Default)]
pub struct Seal {
    passing: Passing,
    theirs: Option<Opening>,
    ours: Option<Opening>,
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

struct Web {
    ours: Credentials,
    theirs: Dtls,
    /// `None`: it has failed, and nothing of the side passes.
    handshake: Option<Handshake>,
    is_done: bool,
    /// From where checks came, the latest at the end.
    ways: Vec<SocketAddr>,
    at: Option<SocketAddr>,
    is_nominated: bool,
}

impl Seal {
    /// How the side is sealed from now on. What is as before goes on: a
    /// handshake, a context with its counters.
    pub fn describe(&mut self, sealing: Sealing, identity: &Arc<Identity>, now: Timestamp) {
        self.passing = match sealing {
            Sealing::Sdes { .. } | Sealing::Web { .. } => Passing::Sealed,
            Sealing::Plain => Passing::Plain,
            Sealing::Unkeyed => Passing::Nothing,
        };
        match sealing {
            Sealing::Sdes { theirs, ours } => {
                self.web = None;
                self.keys(Keys { theirs, ours });
            }
            Sealing::Web { theirs, ours } => {
                if let Some(web) = &mut self.web
                    && web.theirs.fingerprint == theirs.fingerprint
                {
                    // ICE may have restarted; where the browser was it is until it nominates anew.
                    (web.ours, web.theirs) = (ours, theirs);
                    return;
                }
                let handshake = Handshake::new(identity, theirs.fingerprint.clone(), theirs.is_passive, now);
                *self = Self { web: Some(Web::new(ours, theirs, handshake)), ..Self::default() };
            }
            Sealing::Unkeyed | Sealing::Plain => self.web = None,
        }
    }

    /// Takes what came off the socket. `send` gets what is to be sent back.
    pub fn open(
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
        let Some(web) = &mut self.web else { return (self.opened(packet, from), None) };
        // RFC 7983 tells them apart.
        match packet.first() {
            Some(0..=3) => (web.checked(packet, from, send), None),
            _ if !web.ways.contains(&from) => (Opened::Stranger, None),
            Some(20..=63) => {
                let taken =
                    web.handshake.as_mut().map(|it| it.hears(packet, now, &mut |out| send(out, from)));
                (Opened::Ours { moved: None }, taken.and_then(|taken| self.shaken(taken)))
            }
            _ => {
                let at = web.at.unwrap_or(from);
                (self.opened(packet, at), None)
            }
        }
    }

    /// Seals what `buffer` begins with for the side and gives its new length;
    /// `None`: there is no key, or it is nothing that is sealed.
    pub fn seal(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        match self.passing {
            Passing::Sealed => self.ours.as_mut()?.context.seal(buffer, length).ok(),
            Passing::Plain => Some(length),
            Passing::Nothing => None,
        }
    }

    /// Time has passed: what is lost of a handshake is sent again.
    pub fn wakes(&mut self, now: Timestamp, send: &mut dyn FnMut(&[u8], SocketAddr)) -> Option<Ended> {
        let web = self.web.as_mut()?;
        let at = web.at?;
        let taken = web.handshake.as_mut()?.wakes(now, &mut |out| send(out, at));
        self.shaken(taken)
    }

    /// A handshake is under way.
    pub fn is_shaking(&self) -> bool {
        self.web.as_ref().is_some_and(|web| !web.is_done && web.handshake.is_some())
    }

    fn shaken(&mut self, taken: Result<Option<Keys>, Failure>) -> Option<Ended> {
        let web = self.web.as_mut()?;
        match taken {
            Ok(None) => None,
            Ok(Some(keys)) => {
                web.is_done = true;
                self.keys(keys);
                Some(Ended(Ok(())))
            }
            // What is broken after its keys are known (a closing word) takes nothing away.
            Err(_) if web.is_done => {
                web.handshake = None;
                None
            }
            Err(failure) => {
                web.handshake = None;
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
    fn new(ours: Credentials, theirs: Dtls, handshake: Handshake) -> Self {
        let handshake = Some(handshake);
        Self { ours, theirs, handshake, is_done: false, ways: vec![], at: None, is_nominated: false }
    }

    fn checked(
        &mut self,
        packet: &[u8],
        from: SocketAddr,
        send: &mut dyn FnMut(&[u8], SocketAddr),
    ) -> Opened {
        let mut reply = [0; REPLY_MAX];
        let check = ice::answer(&self.ours, &self.theirs.ice.ufrag, packet, from, &mut reply);
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
