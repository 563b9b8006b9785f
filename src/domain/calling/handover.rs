//! How a line that answers is given the call: what it hears before the caller, whether it must
//! say by a key that somebody is there, and what it is asked once the caller is gone.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::destination::seconds;
use super::key::Key;
use super::prompt;
use crate::domain::ids::PromptId;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Handover {
    /// What the line hears alone, one after the other, while the caller still hears it ring.
    pub whisper: Vec<PromptId>,
    /// `None`: whoever answers has the call.
    pub accept: Option<Accept>,
    /// What it is asked once the caller has hung up; `None`: nothing.
    pub rating: Option<Rating>,
}

/// The key by which a line takes the call: a voicemail presses none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accept {
    pub key: Key,
    /// How long it is waited for once the whisper has been said.
    #[serde(rename = "within_s", with = "seconds")]
    pub within: Duration,
}

/// The line says by key what the call was ([`Qualification`](super::qualification::Qualification)).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rating {
    /// Tells the keys.
    pub prompt: PromptId,
    /// How long one is waited for once that has been said.
    #[serde(rename = "wait_s", with = "seconds")]
    pub wait: Duration,
}

impl Handover {
    /// Whether the line hears something before it has the call.
    pub fn whispers(&self) -> bool {
        !self.whisper.is_empty()
    }

    /// Whether it hears the channel of the call's visit.
    pub fn names_channel(&self) -> bool {
        self.whisper.iter().any(|prompt| prompt::CHANNEL.contains(&prompt.as_str()))
    }
}
