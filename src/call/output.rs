//! What a call wants done.

use bytes::Bytes;

use super::input::{MidCall, Payload, Status};
use super::leg::LegId;
use crate::domain::calling::handover::Names;
use crate::domain::calling::prompt::Voicemail;
use crate::domain::calling::qualification::Qualified;
use crate::domain::calling::record::{Answered, Ended};
use crate::domain::calling::recording::RecordingRefused;
use crate::domain::calling::routing::Target;
use crate::domain::calling::transfer::Transferred;
use crate::domain::ids::{CallId, DestinationId, PromptId};

/// Why it is this line that rings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Because {
    /// It is the first.
    First,
    /// Those before it rang in vain …
    NoAnswer,
    /// … were busy or declined …
    Busy,
    /// … or could not be reached.
    Unavailable,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Start an attempt on a new leg; `destination` is where the target stands.
    Dial { leg: LegId, to: Target, destination: DestinationId, because: Because, payload: Payload },
    /// Start an attempt that is to take the place of an answered leg: it is
    /// offered the session that this leg was given last, or `session` where
    /// whoever stands between call and wire knows better.
    Redial {
        leg: LegId,
        to: Target,
        destination: DestinationId,
        instead_of: LegId,
        session: Option<Bytes>,
        headers: Bytes,
    },
    /// Take the caller of another call over, which talks on that leg there; it
    /// becomes this leg, and is heard of as answered.
    Join { leg: LegId, call: CallId, other: LegId },
    /// Tell the side that asked for a transfer how it goes (NOTIFY).
    Notify { leg: LegId, status: Status, is_last: bool },
    /// Tell the caller that the attempt on this leg rings or progresses.
    Progress { leg: LegId, status: Status, payload: Payload },
    /// Answer the caller (200) as this leg did.
    Answer { leg: LegId, payload: Payload },
    /// Answer the caller ourselves, to speak to them, if that can be done …
    Attend,
    /// … and say this; heard of as said, or not.
    Say { prompt: PromptId },
    /// Say this to a line that talks to nobody, the names of campaigns and sources among it; heard of
    /// as said, or not.
    Whisper { leg: LegId, prompts: Vec<PromptId>, names: Names },
    /// Keys of this leg are waited for while it hears us alone.
    HeedKeys { leg: LegId },
    /// Decide where a call to this destination goes now; heard of as chosen.
    Choose { destination: DestinationId },
    /// Record the talk from now on: the caller knows of it, and has not refused.
    Record,
    /// Give the caller the tone, and keep what they say from then on.
    TakeMessage(Voicemail),
    /// Let a caller whom we have answered hear that the line rings: a tone, or this again and again.
    Ring { music: Option<PromptId> },
    /// Confirm the answer of this leg (ACK), if that is still owed: an offer
    /// that went out with the INVITE is confirmed by the wire itself.
    Ack { leg: LegId, payload: Payload },
    /// Refuse the caller for good (3xx–6xx).
    Refuse { status: Status, payload: Payload },
    /// The number is none of ours: refuse the caller with 404, or with silence
    /// where it tries one number after the other.
    NoSuchNumber,
    /// Withdraw an attempt that has no answer yet (CANCEL).
    Cancel { leg: LegId },
    /// End an answered leg (BYE).
    HangUp { leg: LegId },
    /// Make a request inside the dialog of this leg.
    Ask { leg: LegId, what: MidCall, payload: Payload },
    /// Give this leg a session by re-INVITE, unless it is what the leg was given
    /// last; either way it is heard of as replied.
    Align { leg: LegId, payload: Payload },
    /// Answer the request that this leg made.
    Reply { leg: LegId, what: MidCall, status: Status, payload: Payload },
    /// Write down that the call was answered.
    RecordAnswered(Answered),
    /// Write down what the line says that the call was.
    RecordQualified(Qualified),
    /// Write down that the caller will not be recorded.
    RecordRefused(RecordingRefused),
    /// Write down what became of a transfer.
    RecordTransferred(Transferred),
    /// Write down how the call ended; said exactly once.
    RecordEnded(Ended),
    /// Nothing more will come: the legs are free.
    Done,
}
