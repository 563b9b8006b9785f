//! The gateway speaks to the caller itself, on the way to whoever takes the call.
//!
//! ```text
//!   Waiting ── something is to be said ──▶ Saying ── said ──▶ Answered ──┐
//!      │                                    │  ▲──── and more ───────────┘
//!      │                                    └── it cannot be ──▶ Mute: the way goes on without
//!      ├── nothing is: most calls stay here
//!      └── music is to be heard while a line rings ──▶ Answered
//! ```
//!
//! To be heard it answers the caller (200): what is played before an answer
//! gets through many networks badly, and keys do not come back. Whether
//! somebody has *taken* the call is another matter: that is the line's answer,
//! and nothing else is written down as one.

use std::time::Duration;

use super::Phase;
use super::dialing::Dialing;
use super::facts::Facts;
use super::input::{Input, MidCall, Payload, Status};
use super::leg::LegId;
use super::output::Output;
use crate::domain::calling::key::{DONE, Key, REFUSAL};
use crate::domain::calling::prompt::{Menu, SHORTEST_MESSAGE, Voicemail};
use crate::domain::calling::recording::RecordingRefused;
use crate::domain::calling::routing::Step;
use crate::domain::ids::PromptId;
use crate::domain::time::Timestamp;

/// Whatever is said is over by then; that it is, is told before.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

/// What has been said to a caller, and what they said to it.
#[derive(Default, Debug)]
pub(super) struct Attendance {
    voice: Voice,
    /// What the caller hears while lines ring, if it is no tone.
    music: Option<PromptId>,
    notice: Told,
    choosing: Option<Choosing>,
    /// A message that the caller is asked for, or leaves since then.
    message: Option<(Voicemail, Option<Timestamp>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Voice {
    /// The caller waits for an answer.
    #[default]
    Waiting,
    /// The caller was answered to be told something; `is_first`: it may turn out that that cannot be done.
    Saying { is_first: bool },
    /// Nothing is said just now.
    Answered,
    /// The caller cannot be spoken to, and waits for an answer.
    Mute,
}

/// Whether the caller knows that the call is recorded.
#[derive(Default, Debug)]
enum Told {
    /// It is not for us to tell them.
    #[default]
    Elsewhere,
    /// They are being told; who refuses will be told this.
    Now(Option<PromptId>),
    /// They know.
    Yes,
    /// They cannot be told, or have refused.
    Refused,
}

/// A menu that has no choice yet.
#[derive(Debug)]
struct Choosing {
    menu: Menu,
    /// How often it will still be said.
    left: u8,
    /// It is said anew after what is being said now.
    is_next: bool,
}

impl Attendance {
    pub fn is_answered(&self) -> bool {
        matches!(self.voice, Voice::Saying { .. } | Voice::Answered)
    }

    /// Whether a key is waited for.
    pub fn is_choosing(&self) -> bool {
        self.choosing.is_some()
    }

    /// Whether nothing stands against a recording.
    pub fn may_record(&self) -> bool {
        matches!(self.notice, Told::Elsewhere | Told::Yes)
    }

    /// Whether a caller who is asked for a message has left one by now; `None`: nobody asks for any.
    pub fn left(&self, now: Timestamp) -> Option<bool> {
        let (_, began) = self.message.as_ref()?;
        Some(began.is_some_and(|began| now.since(began) >= SHORTEST_MESSAGE))
    }

    /// Begins a step that is spoken; `false`: it cannot be, or needs not.
    pub fn begins(&mut self, step: Step, out: &mut Vec<Output>) -> bool {
        match step {
            Step::Ring { .. } => false,
            Step::Say(prompt) => self.says(prompt, out),
            Step::Notice(notice) => {
                let can = self.asks(notice.prompt, out);
                self.notice = if can { Told::Now(notice.refused) } else { Told::Refused };
                can
            }
            Step::Voicemail(voicemail) => {
                let can = self.asks(voicemail.prompt.clone(), out);
                self.message = can.then_some((voicemail, None));
                can
            }
            Step::Menu(menu) => {
                let can = self.asks(menu.prompt.clone(), out);
                let left = menu.tries.saturating_sub(1);
                self.choosing = can.then_some(Choosing { menu, left, is_next: false });
                can
            }
        }
    }

    /// Says something that may be answered by key, if it can be said.
    fn asks(&mut self, prompt: PromptId, out: &mut Vec<Output>) -> bool {
        let can = self.says(prompt, out);
        out.extend(can.then_some(Output::HeedKeys { leg: LegId::CALLER }));
        can
    }

    /// Says something, if it can be; then it will be heard of.
    fn says(&mut self, prompt: PromptId, out: &mut Vec<Output>) -> bool {
        if self.voice == Voice::Mute {
            return false;
        }
        let is_first = self.voice == Voice::Waiting;
        out.extend(is_first.then_some(Output::Attend));
        out.push(Output::Say { prompt });
        self.voice = Voice::Saying { is_first };
        self.music = None;
        true
    }

    /// Something is about to ring: who is to hear music meanwhile is answered, if that can be done.
    pub fn will_ring(&mut self, music: Option<&PromptId>, out: &mut Vec<Output>) {
        if self.voice == Voice::Waiting && music.is_some() {
            out.push(Output::Attend);
            self.voice = Voice::Answered;
        }
    }

    /// A line rings: who was answered already hears it from us. The same music goes on.
    pub fn rings(&mut self, music: Option<PromptId>, out: &mut Vec<Output>) {
        if self.is_answered() {
            self.voice = Voice::Answered;
            if music.is_none() || music != self.music {
                out.push(Output::Ring { music: music.clone() });
            }
            self.music = music;
        }
    }

    /// The menu is to be said once more; `false`: it has been said often enough.
    fn offers_again(&mut self, first: Option<PromptId>, out: &mut Vec<Output>) -> bool {
        let Some(mut choosing) = self.choosing.take_if(|choosing| choosing.left > 0) else {
            self.choosing = None;
            return false;
        };
        choosing.left -= 1;
        choosing.is_next = first.is_some();
        self.says(first.unwrap_or_else(|| choosing.menu.prompt.clone()), out);
        self.choosing = Some(choosing);
        true
    }
}

impl Dialing {
    /// What was to be said has been, or cannot be: the way goes on.
    pub fn spoken(
        mut self: Box<Self>,
        how: &Input,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let it = &mut self.attendance;
        match (it.voice, how) {
            (Voice::Saying { is_first: true }, Input::Mute { .. }) => {
                (it.voice, it.choosing, it.message) = (Voice::Mute, None, None);
                if matches!(it.notice, Told::Now(_)) {
                    it.notice = Told::Refused;
                }
            }
            // Lines ring already, with music that will not be heard.
            (Voice::Answered, Input::Mute { leg: LegId::CALLER }) => {
                it.voice = Voice::Mute;
                return Phase::Dialing(self);
            }
            (Voice::Saying { .. }, _) => {
                it.voice = Voice::Answered;
                if matches!(it.notice, Told::Now(_)) {
                    it.notice = if matches!(how, Input::Said { .. }) { Told::Yes } else { Told::Refused };
                }
                if let Some((voicemail, began @ None)) = &mut it.message {
                    *began = Some(now);
                    self.ring_until = now + voicemail.longest;
                    out.push(Output::TakeMessage(voicemail.clone()));
                    return Phase::Dialing(self);
                }
                if let Some(choosing) = &mut it.choosing {
                    let (menu, is_next) = (choosing.menu.prompt.clone(), choosing.is_next);
                    choosing.is_next = false;
                    self.ring_until = now + if is_next { PATIENCE } else { choosing.menu.wait };
                    if is_next {
                        it.says(menu, out);
                    }
                    return Phase::Dialing(self);
                }
            }
            // It was waited for no longer.
            _ => return Phase::Dialing(self),
        }
        self.next_step(facts, now, out)
    }

    /// The caller has pressed a key.
    pub fn pressed(
        mut self: Box<Self>,
        key: Key,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let it = &mut self.attendance;
        if key == REFUSAL && !matches!(it.notice, Told::Elsewhere) {
            return self.refuses_to_be_recorded(facts, now, out);
        }
        if key == DONE && it.left(now).is_some() {
            return self.refuse(facts, now, out);
        }
        let Some(Choosing { menu, .. }) = &it.choosing else { return Phase::Dialing(self) };
        self.ring_until = now + PATIENCE;
        if let Some(destination) = menu.keys.get(&key) {
            out.push(Output::Choose { destination: destination.clone() });
            (it.choosing, it.voice) = (None, Voice::Answered);
            return Phase::Dialing(self);
        }
        let again = menu.again.clone();
        if it.offers_again(again, out) { Phase::Dialing(self) } else { self.next_step(facts, now, out) }
    }

    fn refuses_to_be_recorded(
        mut self: Box<Self>,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        let it = &mut self.attendance;
        if !matches!(it.notice, Told::Refused) {
            out.push(Output::RecordRefused(RecordingRefused { call: facts.call, at: now }));
        }
        match std::mem::replace(&mut it.notice, Told::Refused) {
            // The notice stops, and what follows it comes now.
            Told::Now(Some(refused)) => {
                it.says(refused, out);
                Phase::Dialing(self)
            }
            Told::Now(None) => {
                it.voice = Voice::Answered;
                self.next_step(facts, now, out)
            }
            Told::Elsewhere | Told::Yes | Told::Refused => Phase::Dialing(self),
        }
    }

    /// Nothing was chosen in time.
    pub fn has_not_chosen(
        mut self: Box<Self>,
        facts: &mut Facts,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) -> Phase {
        self.ring_until = now + PATIENCE;
        if self.attendance.offers_again(None, out) {
            Phase::Dialing(self)
        } else {
            self.next_step(facts, now, out)
        }
    }
}

/// What a caller asks who talks to us alone: a session is agreed on as before, the rest is well.
pub(super) fn attended(what: MidCall) -> Output {
    Output::Reply { leg: LegId::CALLER, what, status: Status::new(200, "OK"), payload: Payload::default() }
}
