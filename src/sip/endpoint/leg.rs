//! One leg of a call on the wire: its dialog and what is outstanding on it.

use std::sync::Arc;

use bytes::Bytes;

use super::faces::{Faces, Reliable};
use super::transactions::Hop;
use crate::call::input::{MidCall, Payload, Status};
use crate::call::leg::LegId;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::sip::dialog::reliable::RAck;
use crate::sip::dialog::session_timer::SessionTimer;
use crate::sip::dialog::{Dialog, DialogId, Forks, RepeatedOk};
use crate::sip::message::{Message, Name};
use crate::sip::transaction::{ClientKey, ServerKey};
use crate::sip::translate::to_wire::Lines;
use crate::sip::transport::Flow;
use crate::sip::trunk::health::Place;
use crate::sip::trunk::numbers::Numbers;
use crate::sip::trunk::out::Out;

pub(super) struct Leg {
    pub role: Role,
    /// Our tag, by which requests of the other side find the leg.
    pub local_tag: Bytes,
    /// The wire that the other side was met on.
    pub flow: Flow,
    /// Requests of the other side that wait for the call's reply, one of a kind.
    pub asked: Vec<Asked>,
    /// Requests of ours within the dialog that wait for their final response.
    pub asking: Vec<(MidCall, ClientKey)>,
    /// The 2xx we gave last, repeated until its ACK.
    pub ok: Option<RepeatedOk>,
    /// Where that 2xx went.
    pub ok_to: Flow,
    /// An INVITE of ours was answered and its ACK waits for the other leg's.
    pub ack_owed: Option<u32>,
    /// The INVITE we sent last carried no offer, so its ACK must bring the answer.
    pub delayed_offer: bool,
    /// Where our latest ACK went.
    pub ack_to: Option<Hop>,
    /// Their BYE, answered once the call has seen to it.
    pub bye_asked: Option<Box<(Message, ServerKey, Flow)>>,
    /// Our BYE is on its way.
    pub bye: Option<ClientKey>,
    /// When the session is over unless somebody refreshes it.
    pub session: Option<SessionTimer>,
    /// The wake-up that stands for it in [`Endpoint::sessions`](super::Endpoint).
    pub session_at: Option<Timestamp>,
    /// The session description that we gave last, for refreshes.
    pub description: Bytes,
    /// What it was before the request that waits for its answer.
    pub described: Bytes,
    /// The other side has asked for a transfer and hears how it goes.
    pub subscription: Option<Subscription>,
    /// The other side takes UPDATE.
    pub takes_update: bool,
    /// The call needs the leg no more; it goes when nothing is outstanding.
    pub released: bool,
}

pub(super) enum Role {
    /// They called us.
    Inbound(Box<Inbound>),
    /// We called them.
    Outbound(Box<Outbound>),
}

pub(super) struct Inbound {
    /// What tells that the same INVITE has come by another way.
    pub mark: Mark,
    pub invite: Message,
    /// The number that was called, and the one that calls, where they are numbers.
    pub called: Option<Phone>,
    pub caller: Option<Phone>,
    /// The number of its From.
    pub presented: Option<Phone>,
    /// How the trunk that it came on writes numbers.
    pub numbers: Numbers,
    /// The trunk that it came on, if that may ask who we are.
    pub out: Option<Arc<Out>>,
    pub server: ServerKey,
    pub faces: Faces,
    pub reliable: Reliable,
    /// An answer that waits until the caller has acknowledged the early session.
    pub held: Option<(LegId, Status, Payload)>,
    pub progress: Progress,
    /// Numbers that it dials and that are not ours are counted.
    pub is_watched: bool,
    /// It has dialled too many of them: it hears nothing until this one proves to be ours.
    pub is_quiet: bool,
}

/// Call-ID, From tag and CSeq of an INVITE: one that has them with another
/// branch was forked on its way and came twice (RFC 3261 §8.2.2.2).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Mark(Box<[u8]>, Box<[u8]>, u32);

impl Mark {
    pub fn of(invite: &Message) -> Self {
        let from_tag = invite.from().tag().unwrap_or_default();
        Self(invite.call_id().into(), from_tag.into(), invite.cseq().number)
    }
}

/// How far the caller's INVITE has been answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Progress {
    Waiting,
    Answered,
    Refused,
}

pub(super) struct Outbound {
    pub client: ClientKey,
    pub forks: Forks,
    /// The dialog of the first answer.
    pub answered: Option<DialogId>,
    /// Before an answer: the phone whose session the caller may hear.
    pub voice: Option<DialogId>,
    /// Its latest provisional response was reliable.
    pub is_reliable: bool,
    /// A reliable offer whose PRACK waits for the caller's answer.
    pub prack_owed: Option<(DialogId, RAck)>,
    pub call_id: Bytes,
    pub invite_cseq: u32,
    /// How often it was sent to this hop, as the hop wanted it.
    pub tries: u8,
    /// What its INVITE has proved with, for the ACK.
    pub proof: Lines,
    /// The INVITE, until it has a final response: it may have to be sent anew.
    pub invite: Bytes,
    /// The call gave the attempt up.
    pub withdrawn: bool,
    pub has_rung: bool,
    /// The trunk that it leaves over, for a number.
    pub out: Option<Arc<Out>>,
    /// The hop that it is tried at.
    pub place: Place,
}

/// The one that a REFER opens (RFC 3515 §2.4.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Subscription {
    /// CSeq of the REFER.
    pub id: u32,
}

/// A request that waits for a reply.
pub(super) struct Asked {
    pub what: MidCall,
    pub request: Message,
    pub server: ServerKey,
}

impl Leg {
    /// The dialog that stands (or will stand, for a caller who waits).
    pub fn dialog(&mut self) -> Option<&mut Dialog> {
        match &mut self.role {
            Role::Inbound(inbound) => Some(&mut inbound.faces.shown().dialog),
            Role::Outbound(outbound) => {
                let id = outbound.answered.as_ref().or(outbound.voice.as_ref())?;
                outbound.forks.find(id)
            }
        }
    }

    /// The dialog that a request of the other side is made in.
    pub fn dialog_of(&mut self, request: &Message) -> Option<&mut Dialog> {
        match &mut self.role {
            Role::Inbound(inbound) => inbound.faces.of_request(request).map(|face| &mut face.dialog),
            Role::Outbound(outbound) => {
                let ours = request.to().tag()?;
                outbound.forks.find(&DialogId::new(request.call_id(), ours, request.from().tag()))
            }
        }
    }

    /// Whether that dialog is the one that the call is about: not a phone that
    /// came too late, nor what the caller heard before somebody else.
    pub fn is_about(&self, request: &Message) -> bool {
        match &self.role {
            Role::Inbound(inbound) => inbound.faces.is_shown(request.to().tag().unwrap_or_default()),
            Role::Outbound(outbound) => {
                let theirs = request.from().tag().unwrap_or_default();
                let id = outbound.answered.as_ref().or(outbound.voice.as_ref());
                id.is_none_or(|id| id.remote_tag() == theirs)
            }
        }
    }

    /// The INVITE itself has no answer yet.
    pub fn is_early(&self) -> bool {
        match &self.role {
            Role::Inbound(inbound) => inbound.progress != Progress::Answered,
            Role::Outbound(outbound) => outbound.answered.is_none(),
        }
    }

    /// A request of ours that is under way in this kind's place.
    pub fn is_asking(&self, what: MidCall) -> bool {
        self.asking.iter().any(|(other, _)| other.excludes(what))
    }

    pub fn is_asked(&self, what: MidCall) -> bool {
        self.asked.iter().any(|asked| asked.what.excludes(what))
    }

    /// Remembers the session description of a message that we send.
    pub fn describes(&mut self, payload: &Payload) {
        if !payload.body.is_empty() && is_description(&payload.headers) {
            // A copy: the slice would hold on to the whole packet.
            self.description = Bytes::copy_from_slice(&payload.body);
            if let Role::Inbound(inbound) = &mut self.role {
                inbound.faces.shown().session = self.description.clone();
            }
        }
    }

    /// Whether the call and the wire are both done with it.
    pub fn is_spent(&self) -> bool {
        let waits_for_ack = self.ok.as_ref().is_some_and(|ok| ok.wake_at().is_some());
        self.released && self.bye.is_none() && !waits_for_ack
    }
}

/// Whether these header lines say that the body is a session description alone.
pub fn is_description(headers: &[u8]) -> bool {
    content_type(headers).is_some_and(|kind| kind.to_ascii_lowercase().starts_with(SDP.as_bytes()))
}

/// What these header lines say that the body is.
pub fn content_type(headers: &[u8]) -> Option<&[u8]> {
    headers.split(|b| *b == b'\n').find_map(|line| {
        let at = line.iter().position(|b| *b == b':')?;
        let is_it = Name::of(line[..at].trim_ascii()) == Name::ContentType;
        is_it.then(|| line[at + 1..].trim_ascii())
    })
}

/// The media type of a session description.
pub(super) const SDP: &str = "application/sdp";
