//! What can happen to a call.

use std::fmt;

use bytes::Bytes;

use super::leg::LegId;
use crate::domain::calling::key::Key;
use crate::domain::calling::outcome::EndReason;
use crate::domain::calling::routing::Way;
use crate::domain::ids::CallId;
use crate::domain::phone::Phone;

/// What a message carried besides its signalling: passed on from one leg to
/// the other, never read by the call.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Payload {
    /// Header lines that the gateway does not own, byte for byte, each ended
    /// by CRLF; `Content-Type` is among them.
    pub headers: Bytes,
    /// Usually a session description.
    pub body: Bytes,
}

/// Without what it holds: headers name people, a session their address.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes of headers, {} of body)", self.headers.len(), self.body.len())
    }
}

/// How a leg answered a request: status and the reason phrase as it stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    pub code: u16,
    pub reason: Bytes,
}

impl Status {
    pub const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Bytes::from_static(reason.as_bytes()) }
    }
}

/// Why a leg could not be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unreachable {
    /// No response came (RFC 3261 §17.1.1.2, timer B).
    Timeout,
    /// The address does not resolve, or the connection was refused.
    Transport,
    /// It was not tried: no call may leave that way.
    Barred,
    /// Its media had to be encrypted, and would not have been; what it answered counts for nothing.
    Unsealed,
}

/// A request inside an answered dialog that one side makes and the other
/// answers; what it says is not the call's concern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MidCall {
    /// re-INVITE: hold, resume, change of codec or address.
    Reinvite,
    /// INFO: for instance a key that was pressed.
    Info,
    /// UPDATE (RFC 3311).
    Update,
    /// MESSAGE (RFC 3428): a text beside the talk.
    Message,
    /// PRACK with a session description (RFC 3262 §5): before the answer, in
    /// response to what rings. A side that was not asked so is asked by UPDATE.
    Prack,
    /// REFER (RFC 3515): heard as [`Input::Referred`], and only replied to.
    Refer,
}

impl MidCall {
    /// Whether it may change the session, so that two of them must not cross.
    pub const fn changes_session(self) -> bool {
        match self {
            MidCall::Reinvite | MidCall::Update | MidCall::Prack => true,
            MidCall::Info | MidCall::Message | MidCall::Refer => false,
        }
    }

    /// Whether the other must wait for the end of this one.
    pub fn excludes(self, other: MidCall) -> bool {
        self == other || self.changes_session() && other.changes_session()
    }
}

/// Where a side asks that the talk be carried on (RFC 3515, Refer-To).
#[derive(Clone, PartialEq, Eq)]
pub struct Referral {
    pub uri: String,
    /// The telephone number that it names, if it names one.
    pub number: Option<Phone>,
    /// The talk whose place it takes (RFC 3891): the side has asked there already.
    pub replaces: Option<Replaces>,
    /// Header lines for whoever is dialled: who referred (RFC 3892), and what is replaced.
    pub headers: Bytes,
}

/// A talk that another takes the place of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replaces {
    /// One that this gateway carries.
    Here { call: CallId, leg: LegId },
    /// One that only whoever is dialled knows.
    There,
}

/// Without the target, which is a number or a name.
impl fmt::Debug for Referral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Referral({} bytes, {:?})", self.uri.len(), self.replaces)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// The attempt on this leg rings (180) or progresses (183 …).
    Progressed { leg: LegId, status: Status, payload: Payload },
    /// The attempt on this leg was answered (2xx).
    Answered { leg: LegId, payload: Payload },
    /// This leg confirmed an answer (ACK). It carries a session description
    /// when the offer came with the answer (RFC 3264 §5, "delayed offer").
    Acked { leg: LegId, payload: Payload },
    /// The attempt on this leg was refused (3xx–6xx).
    Refused { leg: LegId, status: Status, payload: Payload },
    /// The attempt on this leg reached nobody, or the caller is not there to
    /// acknowledge what is said while it rings.
    Unreachable { leg: LegId, why: Unreachable },
    /// The caller withdrew the INVITE before an answer; 487 has been sent.
    Cancelled,
    /// BYE on an answered leg, or the end of its dialog by failure.
    HungUp { leg: LegId },
    /// A request inside the dialog; it waits for [`Output::Reply`](super::output::Output::Reply).
    Asked { leg: LegId, what: MidCall, payload: Payload },
    /// The answer to [`Output::Ask`](super::output::Output::Ask) on this leg.
    Replied { leg: LegId, what: MidCall, status: Status, payload: Payload },
    /// This side asks that the talk be carried on elsewhere; it waits for
    /// a reply to [`MidCall::Refer`].
    Referred { leg: LegId, to: Referral },
    /// The caller talks in that other call from now on, which took it over.
    Taken { by: CallId },
    /// The time that `wake_at` named has come.
    Woken,
    /// Nothing has been heard of either side for too long, or nothing can be; said only of a call
    /// that talks, and whose media are relayed.
    Silent(EndReason),
    /// What the gateway was to say to this leg itself has been said.
    Said { leg: LegId },
    /// The gateway cannot speak to this leg: nothing is said, and no caller was answered.
    Mute { leg: LegId },
    /// The caller was answered, and this cannot be said.
    Unsaid { leg: LegId },
    /// A key was pressed on this leg.
    Pressed { leg: LegId, key: Key },
    /// The way of a call to the destination that was [chosen](super::output::Output::Choose).
    Chosen(Way),
    /// The gateway stops, or an admin ends the call.
    Stopped,
}
