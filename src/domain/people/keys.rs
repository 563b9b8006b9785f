//! By what a contact is found that no identity names.
//!
//! A database compares texts letter by letter, people do not: `Élodie`,
//! `ELODIE` and `elodie` are one word here. Keys are kept beside the contact
//! and made anew when the rules change ([`VERSION`]).

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::email::Email;
use super::likeness::Traits;
use super::profile::Profile;
use crate::domain::calling::outcome::words;

/// Rises when these rules change; contacts keyed by an earlier one are keyed anew.
pub const VERSION: i64 = 1;

/// As many words of a name as are kept.
const WORDS_MAX: usize = 12;
/// And as much of each.
const WORD_MAX: usize = 40;
/// As much of a key as an index has room for.
const KEY_MAX: usize = 300;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key {
    pub kind: KeyKind,
    pub value: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum KeyKind {
    /// A word of a name.
    Word,
    /// What contacts who are alike have in common.
    Alike,
    /// What should have pointed at somebody and cannot be read, with what they are called.
    Unread,
}

words! { KeyKind:
    Word = "word",
    Alike = "alike",
    Unread = "unread",
}

/// Everything by which this contact may be found.
pub fn keys(profile: &Profile, emails: &[Email]) -> BTreeSet<Key> {
    let names = [&profile.name, &profile.given_name, &profile.family_name];
    let words: BTreeSet<String> = names.into_iter().flatten().flat_map(|name| name_words(name)).collect();
    let alike = Traits::of(profile, emails).blocks().into_iter();
    let called = words.iter().cloned().collect::<Vec<_>>().join(" ");
    let unread = profile.unread.iter().filter(|it| it.points() && !called.is_empty());
    let unread = unread
        .map(|it| format!("{} {called} {}", it.part, it.value).chars().take(KEY_MAX).collect::<String>());
    let unread = unread.map(|value| Key { kind: KeyKind::Unread, value });
    let words = words.iter().cloned().map(|value| Key { kind: KeyKind::Word, value });
    words.chain(alike.map(|value| Key { kind: KeyKind::Alike, value })).chain(unread).collect()
}

/// The words of a name in small letters without accents, each once: `Marie-Hélène D'Œuf` has `marie`,
/// `helene`, `d` and `oeuf`.
pub fn name_words(name: &str) -> BTreeSet<String> {
    words_of(name, WORDS_MAX)
}

/// The same of any text: the first so many words, each once.
pub fn words_of(text: &str, most: usize) -> BTreeSet<String> {
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let folded = bare.collect::<String>().replace('œ', "oe").replace('æ', "ae").replace('ß', "ss");
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(most).map(|word| word.chars().take(WORD_MAX).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_words_that_people_hear() {
        for (name, words) in [
            ("Élodie ELODIE e\u{301}lodie", vec!["elodie"]),
            ("Marie-Hélène D'Œuf", vec!["d", "helene", "marie", "oeuf"]),
            ("Straße", vec!["strasse"]),
            ("Ле\u{301}рмонтов", vec!["лермонтов"]),
            (" - ", vec![]),
        ] {
            assert_eq!(name_words(name).into_iter().collect::<Vec<_>>(), words, "{name}");
        }
    }
}
