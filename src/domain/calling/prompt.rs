//! What the gateway says by itself, and what a caller may answer by key.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::destination::seconds;
use super::key::Key;
use crate::domain::ids::{DestinationId, PromptId};

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

/// The prompts that come along, in French and in English.
pub const BUILT_IN: [&str; 18] = [
    "fr-welcome",
    "fr-closed",
    "fr-busy",
    "fr-recording",
    "fr-not-recorded",
    "fr-voicemail",
    "fr-take",
    "fr-again",
    "fr-goodbye",
    "en-welcome",
    "en-closed",
    "en-busy",
    "en-recording",
    "en-not-recorded",
    "en-voicemail",
    "en-take",
    "en-again",
    "en-goodbye",
];
