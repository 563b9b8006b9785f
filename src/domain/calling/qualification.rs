//! What a call was to the business: said by the line by key once the caller is gone, or by people.

use serde::{Deserialize, Serialize};

use super::key::Key;
use super::outcome::words;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualification {
    /// Somebody who may buy.
    Lead,
    /// A supplier, an applicant, a wrong number.
    NotALead,
    /// They have bought.
    Sale,
}

words! { Qualification:
    Lead = "lead",
    NotALead = "not_a_lead",
    Sale = "sale",
}

impl Qualification {
    /// What the keys 1, 2 and 3 say.
    pub fn of_key(key: Key) -> Option<Self> {
        let keys = [(b'1', Self::Lead), (b'2', Self::NotALead), (b'3', Self::Sale)];
        keys.into_iter().find(|(of, _)| Key::new(*of) == Some(key)).map(|(_, it)| it)
    }
}

/// Somebody has said what a call was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Qualified {
    pub call: CallId,
    #[serde(rename = "is")]
    pub qualification: Qualification,
    pub at: Timestamp,
    /// `line:` and the destination that said it by key, or as
    /// [`Accessor`](super::recording::Accessor) prints.
    pub by: String,
}
