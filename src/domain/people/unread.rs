//! What was given of a person and cannot be read as what it should be: a number
//! that nobody can dial, an address without an `@`. It is kept as it was given,
//! so that somebody can put it right, and used for nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::field::is_text;
use super::quality::Code;

/// What is longer, in characters, is nothing that somebody could put right.
pub const UNREAD_MAX: usize = 200;
/// As many are kept of one contact: a program that is mistaken again and again shall not fill it up.
pub const UNREAD_OF_ONE: usize = 50;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unread {
    /// What it should be, as a column of a table is called: `phone`, `given_name`, `fields.shoe`.
    pub part: String,
    /// As it was given.
    pub value: String,
}

impl Unread {
    /// `None`: it is too long to be kept, or no text of one line.
    pub fn new(part: &str, value: &str) -> Option<Self> {
        let it = Self { part: part.to_owned(), value: value.trim().to_owned() };
        is_text(value, UNREAD_MAX).then_some(it)
    }

    /// Whether it should have told who somebody is.
    pub fn points(&self) -> bool {
        let kind = self.part.split('.').next();
        kind.is_some_and(|kind| ["phone", "email", "customer"].contains(&kind))
    }

    /// How it is marked.
    pub fn code(&self) -> Code {
        match self.part.as_str() {
            "phone" => Code::PhoneUnreadable,
            "email" => Code::EmailUnreadable,
            _ => Code::Unreadable,
        }
    }
}

/// Without the value itself.
impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_some_length_is_kept_and_prints_without_its_value() {
        let kept = Unread::new("phone", " 12 rue ").unwrap();

        assert_eq!((kept.value.as_str(), kept.code()), ("12 rue", Code::PhoneUnreadable));
        assert_eq!(format!("{kept:?}"), "phone");
        for lost in ["", "a\nb", &"1".repeat(UNREAD_MAX + 1)] {
            assert_eq!(Unread::new("phone", lost), None);
        }
    }
}
