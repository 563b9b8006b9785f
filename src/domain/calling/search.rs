//! What somebody looks for among calls: a number in any spelling, its last digits, or words of notes and names.

use std::collections::BTreeSet;

use crate::domain::people::keys::name_words;
use crate::domain::people::search::PhoneSought;
use crate::domain::phone::{Country, Phone};

/// Shorter words stand everywhere.
const LETTERS_MIN: usize = 3;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sought {
    /// Who called from it.
    Number(Phone),
    /// The last digits of the caller's number.
    Ends(String),
    /// Each stands in a note of the call, or, where names may be looked at, in the caller's.
    Words { words: BTreeSet<String>, of_names: bool },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("takes a telephone number, at least its last four digits, or words of three letters or more")]
pub struct NothingSought;

impl Sought {
    /// Reads what somebody types into the field.
    pub fn parse(text: &str, home: Country, of_names: bool) -> Result<Self, NothingSought> {
        if text.chars().any(char::is_alphabetic) {
            let mut words = name_words(text);
            words.retain(|word| word.chars().count() >= LETTERS_MIN);
            return if words.is_empty() { Err(NothingSought) } else { Ok(Self::Words { words, of_names }) };
        }
        match PhoneSought::parse(text, home) {
            Ok(PhoneSought::Whole(phone)) => Ok(Self::Number(phone)),
            Ok(PhoneSought::Ends(digits)) => Ok(Self::Ends(digits)),
            Err(_) => Err(NothingSought),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_mean_words_and_digits_a_number_or_its_end() {
        let france: Country = "FR".parse().unwrap();
        let words = |words: &[&str]| {
            let words = words.iter().map(|it| (*it).to_owned()).collect();
            Sought::Words { words, of_names: true }
        };

        for (text, sought) in [
            ("le devis d’Élodie", Ok(words(&["devis", "elodie"]))),
            ("offer 2026", Ok(words(&["2026", "offer"]))),
            ("01 99 00 12 34", Ok(Sought::Number("+33199001234".parse().unwrap()))),
            ("12 34", Ok(Sought::Ends("1234".into()))),
            ("12", Err(NothingSought)),
            ("--", Err(NothingSought)),
            ("de la", Err(NothingSought)),
        ] {
            assert_eq!(Sought::parse(text, france, true), sought, "{text}");
        }
    }
}
