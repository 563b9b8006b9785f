//! What a filter may name.

use crate::domain::ids::{ControllerId, PurposeId, SegmentId};
use crate::domain::people::engagement::Kind;
use crate::domain::people::field::Field;

/// Every kind of engagement.
pub const KINDS: [&str; Kind::ALL.len()] = {
    let mut words = [""; Kind::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = Kind::ALL[at].as_str();
        at += 1;
    }
    words
};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_acts_are_those_of_engagements() {
        let own: Vec<&str> =
            Kind::ALL.iter().filter(|kind| kind.is_own_act()).map(|kind| kind.as_str()).collect();

        assert_eq!(own, OWN_ACTS);
    }
}
