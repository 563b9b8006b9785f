//! What a filter may name.

use crate::domain::ids::{ControllerId, PurposeId, SegmentId};
use crate::domain::people::field::Field;

/// Every kind of engagement.
pub const KINDS: [&str; 17] = [
    "call",
    "voicemail",
    "visit",
    "call_made",
    "form_submitted",
    "email_sent",
    "email_opened",
    "email_clicked",
    "email_bounced_soft",
    "email_bounced_hard",
    "email_unsubscribed",
    "sms_sent",
    "sms_received",
    "letter_sent",
    "letter_returned",
    "purchase",
    "custom",
];

/// Those that contacts do themselves, of their own accord.
pub const OWN_ACTS: [&str; 7] =
    ["call", "voicemail", "visit", "form_submitted", "email_clicked", "sms_received", "purchase"];

/// What is declared, and so may be named.
#[derive(Clone, Default, Debug)]
pub struct Words {
    pub fields: Vec<Field>,
    pub purposes: Vec<PurposeId>,
    pub controllers: Vec<ControllerId>,
    pub segments: Vec<SegmentId>,
}

/// The word that was probably meant, if one is near.
pub(super) fn nearest<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Option<String> {
    let distances = words.into_iter().map(|word| (strsim::damerau_levenshtein(wrong, word), word));
    let (distance, word) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + wrong.chars().count() / 3).then(|| word.to_owned())
}
