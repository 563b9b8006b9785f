//! A contact: one person, and the identities that point at them.

use serde::Serialize;

use super::customer::Customer;
use super::email::Email;
use super::profile::Profile;
use crate::domain::ids::{ContactId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Contact {
    pub id: ContactId,
    pub created_at: Timestamp,
    /// The contact that it is part of; `None`: it stands for itself.
    pub merged_into: Option<ContactId>,
    /// Since when nothing is known of it any more; the consent ledger stands on it.
    pub erased_at: Option<Timestamp>,
    #[serde(flatten)]
    pub profile: Profile,
}

/// What tells that it is this person again.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum Identity {
    Phone(Phone),
    Visitor(VisitorId),
    Email(Email),
    Customer(Customer),
}

impl Identity {
    pub const fn kind(&self) -> &'static str {
        match self {
            Identity::Phone(_) => "phone",
            Identity::Visitor(_) => "visitor",
            Identity::Email(_) => "email",
            Identity::Customer(_) => "customer",
        }
    }

    pub const fn email(&self) -> Option<&Email> {
        match self {
            Identity::Email(email) => Some(email),
            Identity::Phone(_) | Identity::Visitor(_) | Identity::Customer(_) => None,
        }
    }

    /// Whole, for the database.
    pub fn reveal(&self) -> String {
        match self {
            Identity::Phone(phone) => phone.reveal().to_owned(),
            Identity::Visitor(visitor) => visitor.to_string(),
            Identity::Email(email) => email.reveal().to_owned(),
            Identity::Customer(customer) => customer.reveal().to_owned(),
        }
    }
}

/// Whom somebody means.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Whom {
    Contact(ContactId),
    Identity(Identity),
}

/// An identity with the time it was known for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct KnownIdentity {
    #[serde(flatten)]
    pub identity: Identity,
    pub ground: Ground,
    /// Since when somebody vouches that it is theirs; `None`: nobody does.
    pub verified_at: Option<Timestamp>,
    /// When a mail to it last came back for good; `None`: none has, or one was opened since.
    pub bounced_at: Option<Timestamp>,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Of an e-mail address: who wrote it first, as a mark names its source.
    #[serde(skip)]
    pub source: Option<String>,
}

/// What it stands on that an identity is this contact's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Ground {
    /// A call or a visit has shown it.
    pub seen: bool,
    /// Somebody has said it, and may have said anything.
    pub said: bool,
    /// A program or an employee has written it, who is trusted to know.
    pub written: bool,
}

impl Ground {
    pub const SEEN: Ground = Ground { seen: true, said: false, written: false };
    pub const SAID: Ground = Ground { seen: false, said: true, written: false };
    pub const WRITTEN: Ground = Ground { seen: false, said: false, written: true };
}
