//! Which calls of a number are kept as sound, why and for how long; and what is written down about
//! each recording.
//!
//! Off until a number has a [`RecordingRule`]: who records states a purpose (GDPR art. 5(1)(b)), an
//! end ([`KEEP_DAYS_MAX`]) and how callers learn of it before they are connected. What the CNIL
//! says of recorded calls is summed up in `docs/recording.md`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::key::Sequence;
use super::outcome::{UnknownWord, words};
use super::prompt::Notice;
use crate::domain::dice::Dice;
use crate::domain::ids::{ApiKeyId, CallId, RecordingId, UserId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// How long a recording is kept when its rule does not say.
pub const KEEP_DAYS: u16 = 30;
/// Six months: the longest that the CNIL finds proportionate, unless a reason is written down.
pub const KEEP_DAYS_MAX: u16 = 183;
/// How many pairs of peaks a recording's picture has at the most.
pub const PEAKS_MAX: usize = 1_000;

/// How the calls of a number are recorded.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
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
    /// By which the line pauses and resumes; `None`: by none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_key: Option<Sequence>,
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
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Informed {
    /// We tell them; a key refuses it.
    Notice(Notice),
    /// Somebody else tells them: who, in words.
    By(String),
}

/// How sound is kept: two tracks, the caller left, the line right.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
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

/// A caller who was told that they are recorded has refused it by key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordingRefused {
    pub call: CallId,
    pub at: Timestamp,
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
    /// Nothing came by the gateway: the media went past it, or nobody sent any.
    Unheard,
    /// More sound came than the recorder could take, or the clock leapt ahead; the relay does not wait.
    Overrun,
    /// The gateway went down in the middle; what was kept until then was repaired.
    Crashed,
}

words! { RecordingFailure:
    NoSpace = "no_space",
    Storage = "storage",
    Codec = "codec",
    Encrypted = "encrypted",
    Unheard = "unheard",
    Overrun = "overrun",
    Crashed = "crashed",
}

/// Why a recording is deleted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DeleteWhy {
    /// Its time is over.
    Retention,
    /// Somebody who is heard in it asked for it (GDPR art. 17).
    Person,
    /// Whoever runs the gateway wanted it.
    Admin,
}

words! { DeleteWhy:
    Retention = "retention",
    Person = "person",
    Admin = "admin",
}

/// What somebody did with a recording.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AccessKind {
    Listened,
    Downloaded,
    Deleted,
}

words! { AccessKind:
    Listened = "listened",
    Downloaded = "downloaded",
    Deleted = "deleted",
}

/// Who did it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accessor {
    /// Somebody at the console.
    User(UserId),
    /// A program.
    Key(ApiKeyId),
    /// The person themself, by a link that was sent to them.
    Link,
}

impl fmt::Display for Accessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Accessor::User(id) => write!(f, "user:{id}"),
            Accessor::Key(id) => write!(f, "key:{id}"),
            Accessor::Link => f.write_str("link"),
        }
    }
}

/// As it prints.
impl FromStr for Accessor {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        if text == "link" {
            return Ok(Accessor::Link);
        }
        let (kind, id) = text.split_once(':').ok_or(UnknownWord)?;
        match kind {
            "user" => id.parse().map(Accessor::User).map_err(|_| UnknownWord),
            "key" => id.parse().map(Accessor::Key).map_err(|_| UnknownWord),
            _ => Err(UnknownWord),
        }
    }
}

/// One line of a recording's list of accesses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Access {
    pub at: Timestamp,
    /// As [`Accessor`] prints.
    pub who: String,
    /// The user's address or the key's name, while they are known.
    pub name: Option<String>,
    pub what: AccessKind,
}

/// A recording as it stands in the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordingRecord {
    pub id: RecordingId,
    pub call: CallId,
    /// The gateway that made it.
    pub node: String,
    pub number: Phone,
    pub began_at: Timestamp,
    pub purpose: String,
    pub format: Format,
    pub rate: u32,
    /// `None` while it goes on.
    pub ended_at: Option<Timestamp>,
    pub length_ms: Option<u64>,
    /// In the clear, without the header of a WAV file.
    pub bytes: Option<u64>,
    pub paused: Vec<Pause>,
    pub failure: Option<RecordingFailure>,
    pub uploaded_at: Option<Timestamp>,
    /// When it is due.
    pub delete_at: Timestamp,
    pub delete_why: DeleteWhy,
    /// As [`Accessor`] prints; `None`: nobody asked.
    pub deleted_by: Option<String>,
    /// The sound is gone; what is left is that it was.
    pub deleted_at: Option<Timestamp>,
}

/// How long sound is of which only the size and the last bytes are known; `None` when they tell
/// nothing.
///
/// An Ogg page says where it ends, in samples at 48 kHz (RFC 7845 §4); the decoder's delay is a
/// hundredth of a second and left in.
pub fn length_ms(format: Format, rate: u32, bytes: u64, tail: &[u8]) -> Option<u64> {
    match format {
        Format::Wav => (bytes / WAV_FRAME * 1_000).checked_div(u64::from(rate)),
        Format::OggOpus => {
            let page = tail.windows(14).rev().find(|window| window.starts_with(b"OggS"))?;
            let granule = u64::from_le_bytes(page[6..].try_into().ok()?);
            // All ones: no packet ends on this page (RFC 3533 §6).
            (granule != u64::MAX).then_some(granule / 48)
        }
    }
}

/// The 44 bytes that make [`Format::Wav`] a file (RIFF, PCM of 16 bits, two channels).
///
/// Sizes beyond 4 GiB do not fit; they stand as the largest that do, which players take for
/// "until the end".
pub fn wav_header(rate: u32, bytes: u64) -> [u8; 44] {
    let data = u32::try_from(bytes).unwrap_or(u32::MAX);
    let mut header = [0; 44];
    header[..4].copy_from_slice(b"RIFF");
    header[4..8].copy_from_slice(&data.saturating_add(36).to_le_bytes());
    header[8..16].copy_from_slice(b"WAVEfmt ");
    header[16..20].copy_from_slice(&16_u32.to_le_bytes());
    header[20..22].copy_from_slice(&1_u16.to_le_bytes());
    header[22..24].copy_from_slice(&2_u16.to_le_bytes());
    header[24..28].copy_from_slice(&rate.to_le_bytes());
    header[28..32].copy_from_slice(&(rate * WAV_FRAME as u32).to_le_bytes());
    header[32..34].copy_from_slice(&(WAV_FRAME as u16).to_le_bytes());
    header[34..36].copy_from_slice(&16_u16.to_le_bytes());
    header[36..40].copy_from_slice(b"data");
    header[40..].copy_from_slice(&data.to_le_bytes());
    header
}

/// Two channels of two bytes.
const WAV_FRAME: u64 = 4;

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
            pause_key: None,
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

    #[test]
    fn the_last_whole_page_of_an_ogg_stream_tells_its_length() {
        let page = |granule: u64| [&b"OggS\0\0"[..], &granule.to_le_bytes(), &[0; 20]].concat();
        let of = |tail: &[u8]| length_ms(Format::OggOpus, 48_000, 0, tail);

        assert_eq!(of(&[page(48_000), page(96_000)].concat()), Some(2_000));
        assert_eq!(of(&[&page(48_000)[..], b"OggS\0"].concat()), Some(1_000), "a torn page is none");
        assert_eq!(of(&page(u64::MAX)), None);
        assert_eq!(of(b""), None);
    }

    #[test]
    fn samples_are_counted_where_there_is_no_container() {
        assert_eq!(length_ms(Format::Wav, 8_000, 64_000, &[]), Some(2_000));
        assert_eq!(length_ms(Format::Wav, 0, 64_000, &[]), None);
    }

    #[test]
    fn a_wav_header_says_what_follows_it() {
        let header = wav_header(8_000, 64_000);

        assert_eq!(header[4..8], 64_036_u32.to_le_bytes());
        assert_eq!(header[28..36], [0, 125, 0, 0, 4, 0, 16, 0], "32,000 bytes a second, 4 a frame, 16 bits");
        assert_eq!(header[40..], 64_000_u32.to_le_bytes());
        assert_eq!(wav_header(8_000, u64::MAX)[4..8], u32::MAX.to_le_bytes());
    }
}
