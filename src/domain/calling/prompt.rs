//! What the gateway says by itself, and what a caller may answer by key.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::destination::seconds;
use super::key::Key;
use crate::domain::ids::{DestinationId, PromptId};
use crate::domain::tracking::channels::Channel;

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

/// The prompt that says a channel: `fr-channel` and Paid Search make `fr-channel-paid-search`.
pub fn of_channel(prompt: &PromptId, channel: Channel) -> Option<PromptId> {
    format!("{prompt}-{}", channel.as_str().to_lowercase().replace(' ', "-")).parse().ok()
}
