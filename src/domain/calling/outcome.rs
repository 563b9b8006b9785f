//! How a call ended, in one word.

use serde::{Deserialize, Serialize};

/// How a call ended; what the reports count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Somebody, on the business line, took it.
    Answered,
    /// It rang and nobody took it.
    Missed,
    /// The business line was busy or declined.
    Busy,
    /// The caller gave up before anybody answered.
    Abandoned,
    /// The caller left a message.
    Voicemail,
    /// Screening refused the caller.
    Blocked,
    /// The call could not be carried: line unreachable, number unknown, gateway stopped.
    Failed,
}

/// Who ended the call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HungUpBy {
    Caller,
    Line,
    Gateway,
}

/// Why the gateway ended a call that it had carried.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// It had lasted as long as a call may.
    TooLong,
    /// Its media are relayed, and nothing had been heard of either side for too long.
    Silence,
    /// A side that was to encrypt did not, or is not who it had described, so that nothing could be heard.
    Unsealed,
    /// The gateway stopped, or an admin ended it.
    Stopped,
}

/// The word is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known words")]
pub struct UnknownWord;

/// Gives each variant the one word that it has in the database, the API and the logs.
macro_rules! words {
    ($type:ident: $($variant:ident = $word:literal,)*) => {
        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$variant,)*];

            /// As it stands in the database, the API and the logs.
            pub const fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::domain::calling::outcome::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let word = $type::ALL.iter().copied().find(|w| w.as_str() == word);
                word.ok_or(crate::domain::calling::outcome::UnknownWord)
            }
        }
    };
}
pub(in crate::domain) use words;

words! { Outcome:
    Answered = "answered",
    Missed = "missed",
    Busy = "busy",
    Abandoned = "abandoned",
    Voicemail = "voicemail",
    Blocked = "blocked",
    Failed = "failed",
}

words! { EndReason:
    TooLong = "too_long",
    Silence = "silence",
    Unsealed = "unsealed",
    Stopped = "stopped",
}

words! { HungUpBy:
    Caller = "caller",
    Line = "line",
    Gateway = "gateway",
}
