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
//! What cannot be relayed goes past us: a call is never lost for its sound. Only where sound has to be
//! sealed what would go past is refused ([`insisting`]).

mod dialled;
mod insisting;
mod passing;
mod permitting;
mod pressing;
mod steering;
mod words;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tracing::warn;

use super::Switchboard;
use super::recorder::Written;
use super::recordings::{self, Kept};
use crate::call::input::{Input, MidCall, Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::key::{Pressing, Told};
use crate::domain::calling::outcome::EndReason;
use crate::domain::calling::quality::Relayed;
use crate::domain::calling::record::Fact;
use crate::domain::calling::recording::{Format, RecordingRule};
use crate::domain::calling::transfer::TransferOutcome;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::media::Relay;
use crate::media::prompts::{beep, ringback};
use crate::media::recorder::Hold;
use crate::media::rtp::key;
use crate::sip::{content_type, is_description, without_hold};
pub(super) use dialled::encrypts;
pub use dialled::is_ipv6;
use dialled::{family, profile, unsealed};
use passing::{attend, give, give_body, remember};
pub(super) use permitting::{ask_permission, permitted};
pub(super) use words::{KnownOrigin, learn_origin};

const NOT_ACCEPTABLE: Status = Status::new(488, "Not Acceptable Here");
/// What a message is kept for, in the list of recordings.
const MESSAGE: &str = "voicemail";

/// The sound of one call.
pub(super) struct Sound {
    call: CallId,
    /// `None`: its media go past us.
    relay: Option<Box<Relay>>,
    /// A caller of another call who becomes a leg here, and what they had said there.
    joined: Option<Box<(LegId, Bytes)>>,
    /// A caller of another call is about to talk here.
    is_joining: bool,
    /// Since when it has been answered; `None`: it has not, or is over.
    talks_since: Option<Timestamp>,
    /// The caller has offered a session within the dialog.
    is_offered: bool,
    /// Whom the gateway says something, and when that will have been said.
    saying: Vec<(LegId, Timestamp)>,
    /// What a line may be whispered.
    origin: KnownOrigin,
    /// How it is recorded, if it is to be.
    rule: Option<Arc<RecordingRule>>,
    /// The call has come so far that it is to be; the consent ledger says that it may be.
    is_wanted: bool,
    is_permitted: bool,
    /// What is being kept of it, and how far the line has come with the keys that pause that.
    recording: Option<Arc<Hold>>,
    steering: Option<Pressing>,
    /// Of whom nothing passes: it is not who it has described.
    unsealed: Vec<LegId>,
    /// The latest key of each leg that has pressed any.
    told: Vec<(LegId, Told)>,
}

impl Sound {
    /// `offer`: its media are to be relayed, and this is what the caller offers; `rule`: and recorded, once that is
    /// permitted;
    /// `origin`: as it becomes known.
    pub fn new(
        board: &Switchboard,
        call: CallId,
        offer: Option<Payload>,
        rule: Option<Arc<RecordingRule>>,
        origin: KnownOrigin,
    ) -> Self {
        let relay = offer.map(|offer| {
            let relay = Box::new(board.inner.media.relay(call));
            if is_description(&offer.headers) {
                relay.says(LegId::CALLER, &offer.body);
            }
            relay
        });
        Self {
            call,
            relay,
            joined: None,
            is_joining: false,
            talks_since: None,
            is_offered: false,
            saying: Vec::new(),
            origin,
            rule,
            is_wanted: false,
            is_permitted: false,
            recording: None,
            steering: None,
            unsealed: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Something happens: what a leg says of its media is remembered. It may
    /// say something else besides.
    pub async fn hears(&mut self, board: &Switchboard, input: &mut Input) -> Option<Input> {
        if let Input::Answered { leg, payload } = input
            && let Some(joined) = self.joined.take_if(|joined| joined.0 == *leg)
        {
            // The wire knows only what the relay had made of it for somebody else. Whoever
            // was on hold there is so no more.
            payload.body = without_hold(&joined.1);
        }
        self.insists(board, input).await;
        if let Input::Answered { leg, payload } = input
            // Whoever the gateway has answered can be offered what the line has.
            && self.relay.as_ref().is_some_and(|relay| {
                !relay.is_spoken_to(LegId::CALLER) && relay.is_vain(*leg, &payload.body)
            })
        {
            // Nobody would hear it: it is as if it had refused.
            let leg = *leg;
            if !board.consoles().lets_go(self.call, leg) {
                board.tell_sip(self.call, Output::HangUp { leg }).await;
            }
            *input = Input::Refused { leg, status: NOT_ACCEPTABLE, payload: Payload::default() };
        }
        match input {
            Input::Pressed { leg, key } => self.steers(board, *leg, *key),
            Input::Asked { leg, what: MidCall::Info, payload } if self.relay.is_some() => {
                let key = content_type(&payload.headers).and_then(|kind| key::of_info(kind, &payload.body));
                let (leg, key) = (*leg, key?);
                return self.told_by_info(board, leg, key, input).await;
            }
            _ => {}
        }
        let relay = self.relay.as_mut()?;
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
                self.is_offered = *leg == LegId::CALLER && is_description(&payload.headers);
                // What may not pass has not been said; who is to be asked for it refuses.
                if insisting::misfit(relay, *leg, payload).is_none() {
                    remember(board, self.call, relay, *leg, payload).await;
                }
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } if *leg != LegId::CALLER => {
                relay.shuts(*leg).await;
            }
            _ => {}
        }
        None
    }

    /// Something is to be done: what a leg is given is put in the relay's
    /// terms. What comes of it may be known at once; then the wire need not do it.
    pub async fn gives(&mut self, board: &Switchboard, output: &mut Output) -> Option<Input> {
        if let Output::Join { leg, call, other } = output {
            self.is_joining = true;
            let said = board.inner.media.given(*call, *other);
            self.joined = said.map(|said| Box::new((*leg, said)));
        }
        if let Output::Whisper { leg, prompts, names } = output {
            return self.whispers(board, *leg, prompts, names).await;
        }
        let (call, Some(relay)) = (self.call, &mut self.relay) else {
            return unsealed(board, self.call, None, output);
        };
        match output {
            Output::Attend => match attend(board, call, relay).await {
                Ok(payload) => *output = Output::Answer { leg: LegId::CALLER, payload },
                Err(why) => {
                    warn!(call.id = %call, "the caller cannot be spoken to: {why}");
                    board.inner.metrics.media_past(why.as_str());
                    return Some(Input::Mute { leg: LegId::CALLER });
                }
            },
            Output::Say { prompt } => return self.says(board, prompt).await,
            Output::HeedKeys { leg } => relay.heeds(*leg).await,
            Output::Ring { music } => {
                let clip = music.as_ref().and_then(|prompt| words::find(board, call, prompt));
                relay.speaks(LegId::CALLER, &[clip.unwrap_or_else(ringback)], true).await;
            }
            // An INVITE is answered with a session in any case (RFC 3264 §5), the others where they bring one.
            Output::Reply { leg: LegId::CALLER, what, status, payload }
                if status.code == 200
                    && relay.is_spoken_to(LegId::CALLER)
                    && (std::mem::take(&mut self.is_offered) || *what == MidCall::Reinvite) =>
            {
                match attend(board, call, relay).await {
                    Ok(answer) => *payload = answer,
                    // The session stays as it is (RFC 3261 §14.2).
                    Err(_) => *status = NOT_ACCEPTABLE,
                }
            }
            // What the caller would be asked to agree on is what we have agreed on already.
            Output::Align { leg: LegId::CALLER, payload }
                if relay.has_agreed(LegId::CALLER, &payload.body) =>
            {
                give(board, call, relay, LegId::CALLER, payload, false).await;
                let (leg, what, status) = (LegId::CALLER, MidCall::Reinvite, Status::new(200, "OK"));
                return Some(Input::Replied { leg, what, status, payload: Payload::default() });
            }
            Output::Dial { leg, to, payload, .. } => {
                relay.dials(*leg, family(board, to), profile(board, to));
                // Who was answered may have moved since their INVITE.
                payload.body = relay.offered(LegId::CALLER).unwrap_or(std::mem::take(&mut payload.body));
                give(board, call, relay, *leg, payload, false).await;
                return unsealed(board, call, Some(relay), output);
            }
            Output::Redial { leg, to, instead_of, session, .. } => {
                relay.dials(*leg, family(board, to), profile(board, to));
                if let Some(mut body) = relay.given_to(*instead_of) {
                    give_body(board, call, relay, *leg, &mut body, false).await;
                    *session = Some(body);
                }
                return unsealed(board, call, Some(relay), output);
            }
            Output::Progress { payload, .. } => {
                give(board, call, relay, LegId::CALLER, payload, false).await;
            }
            // Neither can be refused any more.
            Output::Answer { payload, .. } => {
                let passes = give(board, call, relay, LegId::CALLER, payload, false).await;
                self.unsealed.extend((!passes).then_some(LegId::CALLER));
            }
            Output::Ack { leg, payload } => {
                let passes = give(board, call, relay, *leg, payload, false).await;
                self.unsealed.extend((!passes).then_some(*leg));
            }
            Output::Reply { what, .. } | Output::Ask { what, .. } if !what.changes_session() => {}
            Output::Reply { leg, payload, status, .. } => {
                let passes = give(board, call, relay, *leg, payload, false).await;
                if !passes {
                    *status = NOT_ACCEPTABLE;
                }
            }
            Output::Ask { leg, payload, .. } | Output::Align { leg, payload } => {
                let leg = *leg;
                if !give(board, call, relay, leg, payload, true).await {
                    let what = if let Output::Ask { what, .. } = output { *what } else { MidCall::Reinvite };
                    let payload = Payload::default();
                    return Some(Input::Replied { leg, what, status: NOT_ACCEPTABLE, payload });
                }
            }
            Output::HangUp { leg } if *leg != LegId::CALLER => {
                relay.shuts(*leg).await;
                self.unsealed.retain(|it| it != leg);
                self.is_not_told(*leg);
            }
            Output::RecordAnswered(answered) => self.talks_since = Some(answered.at),
            Output::Record => {
                self.is_wanted = true;
                self.records(board).await;
            }
            Output::TakeMessage(voicemail) => {
                relay.speaks(LegId::CALLER, &[beep()], false).await;
                let now = board.inner.clock.now();
                let kept = Kept {
                    purpose: MESSAGE,
                    format: Format::OggOpus,
                    keep_until: now + Duration::from_hours(24 * u64::from(voicemail.keep_days)),
                    is_message: true,
                };
                self.recording = Some(recordings::begin(board, call, relay, kept, now).await);
            }
            // Nobody has told a caller of another call, who comes to talk here, that they are recorded.
            Output::RecordTransferred(fact) => {
                let is_theirs = std::mem::take(&mut self.is_joining);
                if is_theirs && fact.outcome == TransferOutcome::Done {
                    (self.rule, self.recording) = (None, None);
                    self.is_steered(None).await;
                }
            }
            // The line may still be there, and be asked something: it is heard by nobody else.
            Output::RecordEnded(_) => {
                (self.talks_since, self.rule, self.recording) = (None, None, None);
                relay.shuts(LegId::CALLER).await;
            }
            _ => {}
        }
        None
    }

    /// When [`due`](Self::due) is to be asked.
    pub fn wake_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        let dead_at = self.dead_at(now);
        self.saying.iter().map(|(_, at)| *at).chain(dead_at).min()
    }

    /// What has happened by now.
    pub fn due(&mut self, now: Timestamp) -> Option<Input> {
        let why = if self.is_in_vain() { EndReason::Unsealed } else { EndReason::Silence };
        self.said(now).or_else(|| self.dead_at(now).is_some_and(|at| at <= now).then_some(Input::Silent(why)))
    }

    /// When the call is dead unless something is heard of it before; `None`
    /// while nothing need be: nobody talks, or somebody holds.
    fn dead_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        if self.is_in_vain() {
            return Some(now);
        }
        self.relay.as_mut().filter(|_| self.talks_since.is_some())?.dead_at(now)
    }

    /// The call is over: how its streams went is written down.
    pub async fn ends(&mut self, board: &Switchboard) -> Option<Written> {
        let streams = self.relay.as_mut()?.ends().await;
        let relayed = Relayed { call: self.call, streams };
        (!relayed.streams.is_empty()).then(|| board.inner.recorder.write(Fact::Relayed(relayed)))
    }
}
