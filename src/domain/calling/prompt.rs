//! What the gateway says by itself, and what a caller may answer by key.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::destination::{Destination, seconds};
use super::key::Key;
use super::recording::{Informed, RecordingRule};
use crate::domain::ids::{DestinationId, PromptId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;

/// Samples a second of the sound of a prompt: the best that telephones do (wideband).
pub const RATE: u32 = 16_000;
/// How long a prompt may be …
pub const LENGTH_MAX: Duration = Duration::from_mins(5);
/// … and all that an admin has brought together, since each node has them in memory.
pub const ALL_MAX: Duration = Duration::from_hours(1);
/// How many characters the title of a prompt may have.
pub const TITLE_MAX: usize = 100;

/// A prompt that an admin has brought, without its sound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prompt {
    pub id: PromptId,
    /// What it is, for people who choose one.
    pub title: String,
    /// In which language it speaks (BCP 47); `None`: in none, as music does. Every caller hears it,
    /// whatever theirs is.
    pub language: Option<String>,
    pub length: Duration,
    /// SHA-256 of its sound in hex: another sound has another one.
    pub digest: String,
    pub changed_at: Timestamp,
}

/// Who says a prompt: as long as anybody does it cannot be deleted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Sayers {
    pub destinations: Vec<DestinationId>,
    /// Numbers whose rule of recording says it: their label, and how many have that.
    pub numbers: Vec<(String, u64)>,
}

impl Sayers {
    /// `rules`: those of numbers, with their label and how many have it.
    pub fn of(
        prompt: &PromptId,
        destinations: &[Destination],
        rules: &[(String, u64, RecordingRule)],
    ) -> Self {
        let says = |destination: &&Destination| destination.ring_plan.prompts().any(|it| it == prompt);
        let tells = |(_, _, rule): &&(String, u64, RecordingRule)| match &rule.informed {
            Informed::Notice(notice) => notice.prompt == *prompt || notice.refused.as_ref() == Some(prompt),
            Informed::By(_) => false,
        };
        Self {
            destinations: destinations.iter().filter(says).map(|it| it.id.clone()).collect(),
            numbers: rules.iter().filter(tells).map(|(label, count, _)| (label.clone(), *count)).collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.destinations.is_empty() && self.numbers.is_empty()
    }
}

/// Whether a text looks like a tag of a language (BCP 47): `fr`, `pt-BR`.
pub fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_first =
        |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_rest =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= 35 && parts.next().is_some_and(is_first) && parts.all(is_rest)
}

/// Callers are told that they are recorded, and may refuse by [`REFUSAL`](super::key::REFUSAL).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Notice {
    pub prompt: PromptId,
    /// What who refuses is told; `None`: nothing.
    pub refused: Option<PromptId>,
}

/// A choice by key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Menu {
    /// Tells the choices.
    #[serde(rename = "menu")]
    pub prompt: PromptId,
    pub keys: BTreeMap<Key, DestinationId>,
    /// How long a key is waited for once that has been said.
    #[serde(rename = "wait_s", with = "seconds")]
    pub wait: Duration,
    /// How often it is said; after a key that is no choice as well.
    pub tries: u8,
    /// What comes before it is said again after such a key; `None`: nothing.
    pub again: Option<PromptId>,
}

/// A caller whom nobody takes may leave a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Voicemail {
    /// Asks for the message; a tone follows.
    #[serde(rename = "voicemail")]
    pub prompt: PromptId,
    /// The message ends by then.
    #[serde(rename = "longest_s", with = "seconds")]
    pub longest: Duration,
    /// After so many days it is deleted.
    pub keep_days: u16,
}

/// What is shorter is no message, but somebody who hung up.
pub const SHORTEST_MESSAGE: Duration = Duration::from_secs(2);

/// The prompts that come along, in French and in English.
pub const BUILT_IN: [&str; 20] = [
    "fr-welcome",
    "fr-closed",
    "fr-busy",
    "fr-recording",
    "fr-not-recorded",
    "fr-voicemail",
    "fr-again",
    "fr-goodbye",
    "fr-accept",
    "fr-rating",
    "en-welcome",
    "en-closed",
    "en-busy",
    "en-recording",
    "en-not-recorded",
    "en-voicemail",
    "en-again",
    "en-goodbye",
    "en-accept",
    "en-rating",
];

/// What a whisper says besides: the channel of the call's visit, in words. Each stands for the
/// prompts of all channels.
pub const CHANNEL: [&str; 2] = ["fr-channel", "en-channel"];

/// As well: the prompt that names its campaign, else that of its source, else the channel.
pub const CAMPAIGN: [&str; 2] = ["fr-campaign", "en-campaign"];

/// Whether this stands for what a call comes from.
pub fn is_of_origin(name: &str) -> bool {
    CHANNEL.contains(&name) || CAMPAIGN.contains(&name)
}

/// The prompt that says a channel in the language of one of those: `fr-channel` or `fr-campaign` and
/// Paid Search make `fr-channel-paid-search`.
pub fn of_channel(prompt: &PromptId, channel: Channel) -> Option<PromptId> {
    let (language, _) = prompt.as_str().split_once('-')?;
    format!("{language}-channel-{}", channel.as_str().to_lowercase().replace(' ', "-")).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_its_tag() {
        for tag in ["fr", "pt-BR", "zh-Hant-TW", "gsw"] {
            assert!(is_language(tag), "{tag}");
        }
        for text in ["", "f", "français", "french", "fr-", "fr_FR", "fr-x", &"fr-aa".repeat(9)] {
            assert!(!is_language(text), "{text}");
        }
    }
}
