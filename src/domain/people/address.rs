//! A postal address, in the parts that a letter needs.
//!
//! Parts are kept as they were written; how a country lays them out on an
//! envelope is asked when one is written.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::calling::outcome::words;
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;

/// As many as one person may have.
pub const ADDRESSES_MAX: usize = 10;
/// How long a part may be.
pub const PART_MAX: usize = 100;

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    pub kind: Kind,
    /// Where behind the door, or in whose care: `Apartment 12`, `c/o Martin`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub complement: Option<String>,
    /// Number and street: `12 rue de la Paix`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<String>,
    /// A place within the municipality: a hamlet, a post-office box.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locality: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub postcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub city: Option<String>,
    pub country: Country,
    /// When a letter to it last came back; `None`: none has.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub returned_at: Option<Timestamp>,
}

/// What somebody is reached for at an address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Home,
    Work,
    Billing,
    Delivery,
    Other,
}

words! { Kind:
    Home = "home",
    Work = "work",
    Billing = "billing",
    Delivery = "delivery",
    Other = "other",
}

impl Kind {
    /// What who names another is told.
    pub const WORDS: &'static str = "home, work, billing, delivery or other";
}

impl Address {
    /// Whether both name one place, whatever is known of letters to it.
    pub fn is_same(&self, other: &Address) -> bool {
        Address { returned_at: other.returned_at, ..self.clone() } == *other
    }

    /// Its parts as they are written below each other, without the country.
    pub fn lines(&self) -> Vec<String> {
        let place: Vec<&str> =
            [&self.postcode, &self.city].into_iter().filter_map(|part| part.as_deref()).collect();
        let lines = [&self.complement, &self.line, &self.locality].into_iter().filter_map(Clone::clone);
        lines.chain((!place.is_empty()).then(|| place.join(" "))).collect()
    }
}

/// Where somebody lives is no matter for a log.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an address ({}, {})", self.kind, self.country)
    }
}
