//! With whom a sealed side shakes hands, and how far that has come.
//!
//! A handshake has a time that it may take, which begins when it does: with the
//! first datagram of the peer's, or, where the peer waits for us, as soon as it
//! has been told who we are. A peer that has been told and does not begin has as
//! long; it may begin later all the same, since some wait until somebody talks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::time::Timestamp;
use crate::media::dtls::{Failure, Handshake, Identity, Keys, is_only_early};
use crate::media::sdp::Fingerprint;

/// So long may it take, from its first datagram on, and so long may the peer wait with that.
pub const LASTS: Duration = Duration::from_secs(40);
/// How often it is told that the peer has not begun yet.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Hands {
    identity: Arc<Identity>,
    pub theirs: Fingerprint,
    /// We do, since the peer waits.
    begins: bool,
    /// The peer knows who we are, so that either may.
    pub may_begin: bool,
    /// Where its description says that it is …
    named: Option<SocketAddr>,
    /// … and where its last datagram came from.
    heard: Option<SocketAddr>,
    handshake: Option<Handshake>,
    /// By then it must be done.
    until: Option<Timestamp>,
    /// By then the peer must have begun.
    begun_by: Option<Timestamp>,
    is_done: bool,
    /// It has failed: nothing of the side passes.
    is_over: bool,
}

impl Hands {
    pub fn new(
        identity: Arc<Identity>,
        theirs: Fingerprint,
        begins: bool,
        named: Option<SocketAddr>,
    ) -> Self {
        let (may_begin, is_done, is_over) = (true, false, false);
        let (heard, handshake, until, begun_by) = (None, None, None, None);
        Self {
            identity,
            theirs,
            begins,
            may_begin,
            named,
            heard,
            handshake,
            until,
            begun_by,
            is_done,
            is_over,
        }
    }

    /// The same peer has described itself again. Where it is elsewhere, or begins now as it did not
    /// before, it may shake hands anew; until it has, the keys are those of before (RFC 8842 §4).
    pub fn goes_on(&mut self, begins: bool, named: Option<SocketAddr>) {
        let has_moved = named.is_some() && self.named.is_some_and(|before| Some(before) != named);
        if begins != self.begins || has_moved && !begins {
            (self.handshake, self.until, self.begun_by, self.begins) = (None, None, None, begins);
            self.is_done &= !begins;
        }
        if has_moved {
            self.heard = None;
        }
        self.named = named.or(self.named);
    }

    /// Where it is sent what is not an answer to a datagram.
    pub fn at(&self) -> Option<SocketAddr> {
        self.heard.or(self.named)
    }

    pub fn is_shaking(&self) -> bool {
        !self.is_done && !self.is_over
    }

    /// Takes a datagram of the peer's; gives keys once for each handshake.
    pub fn hears(
        &mut self,
        datagram: &[u8],
        from: SocketAddr,
        now: Timestamp,
        send: &mut dyn FnMut(&[u8], SocketAddr),
    ) -> Result<Option<Keys>, Failure> {
        if self.is_over {
            return Ok(None);
        }
        self.heard = Some(from);
        let taken = self.handshake(now).hears(datagram, now, &mut |out| send(out, from));
        self.ends(taken, now)
    }

    /// Time has passed; the peer is `at` there, as far as that is known.
    pub fn wakes(
        &mut self,
        at: Option<SocketAddr>,
        now: Timestamp,
        send: &mut dyn FnMut(&[u8], SocketAddr),
    ) -> Result<Option<Keys>, Failure> {
        if self.is_over || self.handshake.is_none() && (self.is_done || !self.may_begin) {
            return Ok(None);
        }
        let Some(at) = at.filter(|_| self.begins || self.handshake.is_some()) else {
            if self.until.is_some_and(|until| now >= until) {
                return self.fails(Failure::Late);
            }
            let begun_by = self.begun_by.get_or_insert(now + LASTS);
            if now < *begun_by || self.until.is_some() {
                return Ok(None);
            }
            *begun_by = now + AGAIN;
            return Err(Failure::Unbegun);
        };
        let taken = self.handshake(now).wakes(now, &mut |out| send(out, at));
        self.ends(taken, now)
    }

    fn handshake(&mut self, now: Timestamp) -> &mut Handshake {
        let Self { identity, theirs, begins, until, .. } = self;
        until.get_or_insert(now + LASTS);
        self.handshake.get_or_insert_with(|| Handshake::new(identity, theirs.clone(), *begins, now))
    }

    fn ends(
        &mut self,
        taken: Result<Option<Keys>, Failure>,
        now: Timestamp,
    ) -> Result<Option<Keys>, Failure> {
        let is_late = self.until.is_some_and(|until| now >= until);
        match taken {
            Ok(Some(keys)) => {
                (self.is_done, self.until) = (true, None);
                Ok(Some(keys))
            }
            Ok(None) if self.is_done || !is_late => Ok(None),
            // What is broken after its keys are known (a closing word) takes nothing away.
            Err(_) if self.is_done => {
                self.handshake = None;
                Ok(None)
            }
            // Whatever is no part of it anybody may have sent, or the wire has mixed up (RFC 6347 §4.1.2.7):
            // it goes on, or begins anew, as long as there is time.
            Err(Failure::Library(cause)) if !is_late => {
                if !is_only_early(&cause) {
                    self.handshake = None;
                }
                Ok(None)
            }
            Ok(None) => self.fails(Failure::Late),
            Err(failure) => self.fails(failure),
        }
    }

    fn fails(&mut self, failure: Failure) -> Result<Option<Keys>, Failure> {
        (self.handshake, self.is_over) = (None, true);
        Err(failure)
    }
}
