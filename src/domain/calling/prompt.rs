//! What the gateway can say by itself.

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
