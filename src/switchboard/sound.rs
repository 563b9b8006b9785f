//! The sound of a call beside its signalling: every session description that
//! passes between wire and call passes here, too, and is given the relay's
//! places if the call's media are relayed. The call and the wire know nothing
//! of it.
//!
//! ```text
//!   wire ── Input ──▶ hears ──▶ Call ──▶ gives ── Output ──▶ wire
//!                       └──── Relay ───────┘
//! ```
//!
//! What cannot be relayed goes past us: a call is never lost for its sound.

use std::sync::Arc;

use bytes::Bytes;
use tracing::warn;

use super::recorder::Written;
use super::{Switchboard, recordings};
use crate::call::input::{Input, Payload};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::quality::Relayed;
use crate::domain::calling::record::Fact;
use crate::domain::calling::recording::RecordingRule;
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::media::Relay;
use crate::media::exchange::Past;
use crate::media::recorder::Hold;
use crate::sip::message::{Host, Uri};
use crate::sip::{is_description, without_hold};

/// The sound of one call.
pub(super) struct Sound {
    call: CallId,
    /// `None`: its media go past us.
    relay: Option<Box<Relay>>,
    /// A caller of another call who becomes a leg here, and what they had said there.
    joined: Option<Box<(LegId, Bytes)>>,
    /// It has been answered and is not over.
    is_talk: bool,
    /// How it is recorded once somebody talks; `None`: it is not.
    rule: Option<Arc<RecordingRule>>,
    /// What is being kept of it.
    recording: Option<Arc<Hold>>,
}

impl Sound {
    /// `offer`: its media are to be relayed, and this is what the caller offers; `rule`: and recorded.
    pub fn new(
        board: &Switchboard,
        call: CallId,
        offer: Option<Payload>,
        rule: Option<Arc<RecordingRule>>,
    ) -> Self {
        let relay = offer.map(|offer| {
            let relay = Box::new(board.inner.media.relay(call));
            if is_description(&offer.headers) {
                relay.says(LegId::CALLER, &offer.body);
            }
            relay
        });
        Self { call, relay, joined: None, is_talk: false, rule, recording: None }
    }

    /// Something happens: what a leg says of its media is remembered.
    pub async fn hears(&mut self, board: &Switchboard, input: &mut Input) {
        if let Input::Answered { leg, payload } = input
            && let Some(joined) = self.joined.take_if(|joined| joined.0 == *leg)
        {
            // The wire knows only what the relay had made of it for somebody else. Whoever
            // was on hold there is so no more.
            payload.body = without_hold(&joined.1);
        }
        let Some(relay) = &mut self.relay else { return };
        match input {
            Input::Replied { leg, what, status, payload } if what.changes_session() => {
                if status.code >= 200 {
                    relay.replies(*leg, status.code < 300).await;
                }
                remember(board, self.call, relay, *leg, payload).await;
            }
            Input::Progressed { leg, payload, .. }
            | Input::Answered { leg, payload }
            | Input::Acked { leg, payload } => remember(board, self.call, relay, *leg, payload).await,
            Input::Asked { leg, what, payload } if what.changes_session() => {
                remember(board, self.call, relay, *leg, payload).await;
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } if *leg != LegId::CALLER => {
                relay.shuts(*leg).await;
            }
            _ => {}
        }
    }

    /// Something is to be done: what a leg is given is put in the relay's terms.
    pub async fn gives(&mut self, board: &Switchboard, output: &mut Output) {
        if let Output::Join { leg, call, other } = output {
            let said = board.inner.media.given(*call, *other);
            self.joined = said.map(|said| Box::new((*leg, said)));
        }
        let (call, Some(relay)) = (self.call, &mut self.relay) else { return };
        match output {
            Output::Dial { leg, to, payload, .. } => {
                relay.dials(*leg, family(board, to));
                give(board, call, relay, *leg, payload, false).await;
            }
            Output::Redial { leg, to, instead_of, session, .. } => {
                relay.dials(*leg, family(board, to));
                if let Some(mut body) = relay.given_to(*instead_of) {
                    give_body(board, call, relay, *leg, &mut body, false).await;
                    *session = Some(body);
                }
            }
            Output::Progress { payload, .. } | Output::Answer { payload, .. } => {
                give(board, call, relay, LegId::CALLER, payload, false).await;
            }
            Output::Reply { what, .. } | Output::Ask { what, .. } if !what.changes_session() => {}
            Output::Ack { leg, payload } | Output::Reply { leg, payload, .. } => {
                give(board, call, relay, *leg, payload, false).await;
            }
            Output::Ask { leg, payload, .. } | Output::Align { leg, payload } => {
                give(board, call, relay, *leg, payload, true).await;
            }
            Output::HangUp { leg } if *leg != LegId::CALLER => relay.shuts(*leg).await,
            Output::RecordAnswered(answered) => {
                self.is_talk = true;
                if let Some(rule) = self.rule.take() {
                    self.recording = Some(recordings::begin(board, call, relay, &rule, answered.at).await);
                }
            }
            Output::RecordEnded(_) => (self.is_talk, self.recording) = (false, None),
            _ => {}
        }
    }

    /// When the call is dead unless something is heard of it before; `None`
    /// while nothing need be: nobody talks, or somebody holds.
    pub fn dead_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.relay.as_mut().filter(|_| self.is_talk)?.dead_at(now)
    }

    /// The call is over: how its streams went is written down.
    pub async fn ends(&mut self, board: &Switchboard) -> Option<Written> {
        let streams = self.relay.as_mut()?.ends().await;
        let relayed = Relayed { call: self.call, streams };
        (!relayed.streams.is_empty()).then(|| board.inner.recorder.write(Fact::Relayed(relayed)))
    }
}

async fn remember(board: &Switchboard, call: CallId, relay: &mut Relay, leg: LegId, payload: &Payload) {
    if payload.body.is_empty() || !is_description(&payload.headers) {
        return;
    }
    relay.says(leg, &payload.body);
    know(board, call, relay, leg).await;
}

/// From where a leg may send besides what it says: asked once.
async fn know(board: &Switchboard, call: CallId, relay: &mut Relay, leg: LegId) {
    if !relay.knows(leg) {
        relay.allow(leg, board.inner.sip.peers_of(call, leg).await);
    }
}

async fn give(
    board: &Switchboard,
    call: CallId,
    relay: &mut Relay,
    to: LegId,
    payload: &mut Payload,
    is_asked: bool,
) {
    if payload.body.is_empty() {
        return;
    }
    if is_description(&payload.headers) {
        give_body(board, call, relay, to, &mut payload.body, is_asked).await;
    } else if payload.body.windows(MARK.len()).any(|words| words.eq_ignore_ascii_case(MARK)) {
        if to != LegId::CALLER {
            relay.goes_past(to);
        }
        goes_past(board, call, Past::Multipart);
    }
}

/// What tells that a body of several parts has a description among them.
const MARK: &[u8] = b"application/sdp";

async fn give_body(
    board: &Switchboard,
    call: CallId,
    relay: &mut Relay,
    to: LegId,
    body: &mut Bytes,
    is_asked: bool,
) {
    know(board, call, relay, LegId::CALLER).await;
    match relay.gives(to, body, is_asked).await {
        Ok(Some(given)) => *body = given,
        Ok(None) => {}
        Err(why) => goes_past(board, call, why),
    }
}

fn goes_past(board: &Switchboard, call: CallId, why: Past) {
    warn!(call.id = %call, "the media of a call go past us: {why}");
    board.inner.metrics.media_past(why.as_str());
}

/// Whether whoever is dialled is at an IPv6 address, where that is known.
fn family(board: &Switchboard, to: &Target) -> Option<bool> {
    match to {
        Target::Uri(uri) => is_ipv6(uri),
        Target::Number { trunk, .. } => board.inner.config.load().ipv6_trunks.get(trunk).copied(),
    }
}

/// Whether a SIP URI leads to an IPv6 address; `None`: to a name.
pub fn is_ipv6(uri: &str) -> Option<bool> {
    match Uri::parse(uri.as_bytes()).ok()?.host? {
        Host::Ip(address) => Some(address.is_ipv6()),
        Host::Name(_) => None,
    }
}
