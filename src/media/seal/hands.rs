//! With whom a sealed side shakes hands, and how far that has come.
//!
//! A handshake has a time that it may take, which begins when it does: with the
//! first datagram of the peer's, or, where the peer waits for us, as soon as it
//! has been told who we are.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::domain::time::Timestamp;
use crate::media::dtls::{Failure, Handshake, Identity, Keys};
use crate::media::sdp::Fingerprint;

pub(super) struct Hands {
    identity: Arc<Identity>,
    pub theirs: Fingerprint,
    /// We do, since the peer waits.
    begins: bool,
    /// The peer knows that we do.
    pub may_begin: bool,
    /// Where its description says that it is …
    named: Option<SocketAddr>,
    /// … and where its last datagram came from.
    heard: Option<SocketAddr>,
    handshake: Option<Handshake>,
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
        let (may_begin, handshake, heard) = (true, None, None);
        Self { identity, theirs, begins, may_begin, named, heard, handshake, is_done: false, is_over: false }
    }

    /// The same peer has described itself again. Where it is elsewhere, or begins now as it did not
    /// before, it may shake hands anew; until it has, the keys are those of before (RFC 8842 §4).
    pub fn goes_on(&mut self, begins: bool, named: Option<SocketAddr>) {
        let has_moved = named.is_some() && self.named.is_some_and(|before| Some(before) != named);
        if begins != self.begins || has_moved && !begins {
            (self.handshake, self.begins) = (None, begins);
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
        self.ends(taken)
    }

    /// Time has passed; the peer is `at` there.
    pub fn wakes(
        &mut self,
        at: SocketAddr,
        now: Timestamp,
        send: &mut dyn FnMut(&[u8], SocketAddr),
    ) -> Result<Option<Keys>, Failure> {
        let begins = self.begins && self.may_begin;
        if self.is_over || self.handshake.is_none() && (self.is_done || !begins) {
            return Ok(None);
        }
        let taken = self.handshake(now).wakes(now, &mut |out| send(out, at));
        self.ends(taken)
    }

    fn handshake(&mut self, now: Timestamp) -> &mut Handshake {
        let Self { identity, theirs, begins, .. } = self;
        self.handshake.get_or_insert_with(|| Handshake::new(identity, theirs.clone(), *begins, now))
    }

    fn ends(&mut self, taken: Result<Option<Keys>, Failure>) -> Result<Option<Keys>, Failure> {
        if taken.is_err() {
            self.handshake = None;
        }
        match taken {
            // What is broken after its keys are known (a closing word) takes nothing away.
            Err(_) if self.is_done => return Ok(None),
            Err(_) => self.is_over = true,
            Ok(Some(_)) => self.is_done = true,
            Ok(None) => {}
        }
        taken
    }
}
