//! Whom somebody looks for: by a number in any spelling or its last digits, by
//! an address, a customer's number, or words of a name.

use std::collections::BTreeSet;

use super::customer::Customer;
use super::email::Email;
use super::quality::Code;
use crate::domain::phone::{Country, Phone};

/// So many last digits of a number tell few people from all others.
pub const DIGITS_MIN: usize = 4;
/// A text with fewer digits is no whole number, even where one could be dialled.
const WHOLE_MIN: usize = 7;

/// Each condition given must hold.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Search {
    pub phone: Option<PhoneSought>,
    pub email: Option<Email>,
    pub customer: Option<Customer>,
    /// [Words](super::keys::name_words) of the name, all of them.
    pub name: BTreeSet<String>,
    /// Something of them is suspicious in this way.
    pub mark: Option<Code>,
    /// Only those whose data may be used.
    pub usable: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PhoneSought {
    Whole(Phone),
    /// Its last digits, at least [`DIGITS_MIN`].
    Ends(String),
}

/// The text has too few digits for a search.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("takes a telephone number, or at least its last {DIGITS_MIN} digits")]
pub struct TooFewDigits;

impl PhoneSought {
    /// Reads what somebody types into a field for a number.
    pub fn parse(text: &str, home: Country) -> Result<Self, TooFewDigits> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let whole = Phone::parse(text, Some(home)).ok().filter(|_| digits.len() >= WHOLE_MIN);
        match whole {
            Some(phone) => Ok(Self::Whole(phone)),
            None if digits.len() >= DIGITS_MIN => Ok(Self::Ends(digits)),
            None => Err(TooFewDigits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_sought_as_people_write_it_or_by_its_end() {
        let france: Country = "FR".parse().unwrap();
        let whole = PhoneSought::Whole("+33199001234".parse().unwrap());
        let ends = |digits: &str| PhoneSought::Ends(digits.into());

        for (text, sought) in [
            ("01 99 00 12 34", Ok(whole.clone())),
            ("+33 (0)1 99 00 12 34", Ok(whole.clone())),
            // As a `+` arrives that nobody escaped.
            (" 33199001234", Ok(whole)),
            ("12 34", Ok(ends("1234"))),
            ("99.00.12.34", Ok(ends("99001234"))),
            ("234", Err(TooFewDigits)),
            ("ada", Err(TooFewDigits)),
        ] {
            assert_eq!(PhoneSought::parse(text, france), sought, "{text}");
        }
    }
}
