//! Which calls of a number are kept as sound, why and for how long; and what is written down about
//! each recording.
//!
//! Off until a number has a [`RecordingRule`]: who records states a purpose (GDPR art. 5(1)(b)), an
//! end ([`KEEP_DAYS_MAX`]) and how callers learn of it before they are connected. What the CNIL
//! says of recorded calls is summed up in `docs/recording.md`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::outcome::words;
use crate::domain::dice::Dice;
use crate::domain::ids::{CallId, RecordingId};
use crate::domain::time::Timestamp;

/// How long a recording is kept when its rule does not say.
pub const KEEP_DAYS: u16 = 30;
/// Six months: the longest that the CNIL finds proportionate, unless a reason is written down.
pub const KEEP_DAYS_MAX: u16 = 183;
/// How many pairs of peaks a recording's picture has at the most.
pub const PEAKS_MAX: usize = 1_000;

/// How the calls of a number are recorded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordingRule {
    /// What the recordings are for, in words.
    pub purpose: String,
    /// After so many days a recording is deleted.
    pub keep_days: u16,
    /// Why longer than [`KEEP_DAYS_MAX`]; needed there.
    pub longer_because: Option<String>,
    /// 1: each call; n: one call of n.
    pub every: u32,
    pub format: Format,
    pub informed: Informed,
}

impl RecordingRule {
    /// Whether this call is one of those that are recorded; the same at every asking.
    pub fn chooses(&self, call: CallId) -> bool {
        let (high, low) = call.0.as_u64_pair();
        Dice::new(high ^ low).next_u64().is_multiple_of(u64::from(self.every.max(1)))
    }

    /// When a recording that begins now is deleted.
    pub fn keep_until(&self, began: Timestamp) -> Timestamp {
        began + Duration::from_hours(24 * u64::from(self.keep_days))
    }
}

/// How callers learn that they are recorded, before they are connected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Informed {
    /// The gateway plays a notice.
    Prompt,
    /// Somebody else tells them: who, in words.
    By(String),
}

/// How sound is kept: two tracks, the caller left, the line right.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Opus in Ogg (RFC 7845).
    #[default]
    OggOpus,
    /// 16-bit samples (`s16le`), interleaved; kept without the header, whose length is known only
    /// at the end.
    Wav,
}

words! { Format:
    OggOpus = "ogg_opus",
    Wav = "wav",
}

/// The sound of a call is being kept from here on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordingBegan {
    pub call: CallId,
    pub recording: RecordingId,
    pub at: Timestamp,
    pub purpose: String,
    pub format: Format,
    /// Samples a second of each track: 8,000, 16,000 or 48,000.
    pub rate: u32,
    pub keep_until: Timestamp,
}

/// Nothing is added to a recording any more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordingEnded {
    pub call: CallId,
    pub recording: RecordingId,
    pub at: Timestamp,
    pub length_ms: u64,
    /// As the vault counts them: in the clear.
    pub bytes: u64,
    /// When nothing was kept, in order.
    pub paused: Vec<Pause>,
    /// The loudest of each stretch, 0 to 255: left, right; at most [`PEAKS_MAX`].
    pub peaks: Vec<[u8; 2]>,
    /// Why sound is missing; what was kept until then is there.
    pub failure: Option<RecordingFailure>,
}

/// A stretch of silence that somebody asked for, in milliseconds from the recording's beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pause {
    pub from_ms: u64,
    pub to_ms: u64,
}

/// Why a recording is not what it should be. The call went on all the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingFailure {
    /// The disk is full.
    NoSpace,
    /// The vault cannot be written to for another reason.
    Storage,
    /// The sides speak a codec that the gateway does not know.
    Codec,
    /// The media are enciphered from end to end (SRTP that passes).
    Encrypted,
    /// More sound came than the recorder could take; the relay does not wait for it.
    Overrun,
    /// The gateway went down in the middle; what was kept until then was repaired.
    Crashed,
}

words! { RecordingFailure:
    NoSpace = "no_space",
    Storage = "storage",
    Codec = "codec",
    Encrypted = "encrypted",
    Overrun = "overrun",
    Crashed = "crashed",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::uuid_v7;

    fn rule(every: u32) -> RecordingRule {
        RecordingRule {
            purpose: "training".into(),
            keep_days: KEEP_DAYS,
            longer_because: None,
            every,
            format: Format::OggOpus,
            informed: Informed::By("the carrier's welcome message".into()),
        }
    }

    fn calls() -> impl Iterator<Item = CallId> {
        let mut dice = Dice::new(1);
        (0..10_000).map(move |ms| {
            let mut chance = [0; 10];
            chance[..8].copy_from_slice(&dice.next_u64().to_le_bytes());
            CallId(uuid_v7(Timestamp::from_ms(ms * 1_000), &chance))
        })
    }

    #[test]
    fn a_rule_chooses_its_share_of_the_calls_and_the_same_at_every_asking() {
        for (every, fewest, most) in [(1, 10_000, 10_000), (4, 2_350, 2_650), (50, 150, 250)] {
            let rule = rule(every);

            let chosen: Vec<CallId> = calls().filter(|&call| rule.chooses(call)).collect();

            assert!((fewest..=most).contains(&chosen.len()), "one of {every}: {}", chosen.len());
            assert!(chosen.iter().all(|&call| rule.chooses(call)));
        }
    }

    #[test]
    fn a_recording_is_kept_for_whole_days() {
        let began = Timestamp::from_ms(5);

        assert_eq!(rule(1).keep_until(began), Timestamp::from_ms(5 + 30 * 86_400_000));
    }

    #[test]
    fn words_are_the_same_in_every_layer() {
        for &failure in RecordingFailure::ALL {
            assert_eq!(serde_json::to_string(&failure).unwrap(), format!("\"{failure}\""));
        }
        for &format in Format::ALL {
            assert_eq!(serde_json::to_string(&format).unwrap(), format!("\"{format}\""));
        }
    }
}
