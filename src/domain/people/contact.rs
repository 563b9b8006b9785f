//! A contact: one person, and the identities that point at them.

use serde::Serialize;

use crate::domain::ids::{ContactId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Contact {
    pub id: ContactId,
    pub created_at: Timestamp,
    pub name: Option<String>,
}

/// What tells that it is this person again.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum Identity {
    Phone(Phone),
    Visitor(VisitorId),
}

impl Identity {
    pub const fn kind(&self) -> &'static str {
        match self {
            Identity::Phone(_) => "phone",
            Identity::Visitor(_) => "visitor",
        }
    }

    /// Whole, for the database.
    pub fn reveal(&self) -> String {
        match self {
            Identity::Phone(phone) => phone.reveal().to_owned(),
            Identity::Visitor(visitor) => visitor.to_string(),
        }
    }
}

/// An identity with the time it was known for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct KnownIdentity {
    #[serde(flatten)]
    pub identity: Identity,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
}
