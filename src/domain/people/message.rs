//! A message of the tracking interface that Segment's libraries speak
//! (`identify`, `track`, `page`, `screen`, `alias`, `group`), read as what is
//! known here: who somebody is, or what they did.
//!
//! A library sends and forgets. So what cannot be meant of a message is left
//! out by its name and the rest is taken; a number, an address or another trait
//! that cannot be read is kept as it was given. Only a message without a person
//! or a meaning is refused.

mod events;
mod traits;

use serde_json::{Map, Value};

use super::contact::Identity;
use super::customer::Customer;
use super::draft::Declared;
use super::engagement::Draft;
use super::field::is_text;
use super::profile::Patch;
use crate::domain::calling::outcome::words;
use crate::domain::ids::{SystemId, VisitorId};
use crate::domain::time::Timestamp;
use traits::Traits;

/// What one message may weigh, in bytes.
pub const MESSAGE_MAX: usize = 32 * 1024;
/// How long a message's id may be, in characters.
const ID_MAX: usize = 200;
/// How many names of what was left out are told.
const LEFT_OUT_MAX: usize = 50;

/// What a message is, as its `type` or its address says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    Identify,
    Track,
    Page,
    Screen,
    Alias,
    Group,
}

words! { Type:
    Identify = "identify",
    Track = "track",
    Page = "page",
    Screen = "screen",
    Alias = "alias",
    Group = "group",
}

#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// By which it is taken once.
    pub id: Option<String>,
    /// Who it is in the books of the source.
    pub customer: Option<Customer>,
    /// Which browser, if it is one of ours.
    pub visitor: Option<VisitorId>,
    pub says: Says,
    /// The names of what of it is not taken.
    pub left_out: Vec<String>,
    /// And of what cannot be read, and is kept as it was given.
    pub unreadable: Vec<String>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Says {
    /// Who somebody is: what is known of them, and what else points at them.
    Person { patch: Patch, identities: Vec<Identity> },
    /// What they did. Where neither customer nor visitor is named, the address says who.
    Deed(Draft),
}

/// Why a message is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadMessage {
    #[error("is no object")]
    NoObject,
    #[error("weighs more than {MESSAGE_MAX} bytes")]
    TooLarge,
    #[error("type: takes identify, track, page, screen, alias or group")]
    Type,
    #[error("messageId: takes 1 to {ID_MAX} characters")]
    Id,
    #[error("userId: takes 1 to 128 characters")]
    User,
    #[error("previousId: takes 1 to 128 characters")]
    Previous,
    #[error("names neither userId nor anonymousId")]
    Nobody,
    #[error("timestamp: is no time; write it as in ISO 8601, with its zone")]
    Time,
    #[error("event: is missing")]
    Event,
}

/// With what a message is read.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'d> {
    /// The system that sends it.
    pub source: &'d SystemId,
    pub declared: &'d Declared,
    /// When the sender's clock says that it sent it.
    pub sent_at: Option<Timestamp>,
    pub now: Timestamp,
}

impl Desk<'_> {
    /// Reads one message; `kind` is what its address says, if that says it.
    pub fn read(&self, raw: &Value, kind: Option<Type>) -> Result<Message, BadMessage> {
        let raw = raw.as_object().ok_or(BadMessage::NoObject)?;
        if serde_json::to_string(raw).is_ok_and(|text| text.len() > MESSAGE_MAX) {
            return Err(BadMessage::TooLarge);
        }
        let kind = kind.or_else(|| raw.get("type")?.as_str()?.parse().ok()).ok_or(BadMessage::Type)?;
        let id = text(raw, "messageId");
        if id.as_deref().is_some_and(|id| !is_text(id, ID_MAX)) {
            return Err(BadMessage::Id);
        }
        let customer = self.customer(raw, "userId").map_err(|()| BadMessage::User)?;
        let visitor = text(raw, "anonymousId").and_then(|id| id.parse().ok());
        let at = self.time(raw)?;
        let (mut left_out, mut unreadable) = (Vec::new(), Vec::new());
        let says = match kind {
            Type::Identify => {
                let traits = object(raw, "traits").or_else(|| object(object(raw, "context")?, "traits"));
                Traits::read(traits, self.declared, &mut left_out, &mut unreadable)
            }
            Type::Group => {
                Traits::of_group(raw.get("groupId"), self.declared, &mut left_out, &mut unreadable)
            }
            Type::Alias => {
                let previous = self.customer(raw, "previousId").ok().flatten().ok_or(BadMessage::Previous)?;
                // The browser of before is one of ours, or an id of the source.
                let visitor = text(raw, "previousId").and_then(|id| id.parse().ok());
                let previous = visitor.map_or(Identity::Customer(previous), Identity::Visitor);
                Says::Person { patch: Patch::default(), identities: vec![previous] }
            }
            Type::Track | Type::Page | Type::Screen => {
                let draft = events::read(kind, raw, &mut left_out).ok_or(BadMessage::Event)?;
                let (at, source) = (Some(at.to_string()), Some(self.source.to_string()));
                Says::Deed(Draft { at, source, reference: id.clone(), ..draft })
            }
        };
        let by_address = matches!(&says, Says::Deed(draft) if draft.email.is_some());
        if customer.is_none() && text(raw, "anonymousId").is_none() && !by_address {
            return Err(BadMessage::Nobody);
        }
        left_out.truncate(LEFT_OUT_MAX);
        unreadable.truncate(LEFT_OUT_MAX);
        Ok(Message { id, customer, visitor, says, left_out, unreadable })
    }

    fn customer(&self, raw: &Map<String, Value>, name: &str) -> Result<Option<Customer>, ()> {
        let Some(number) = text(raw, name) else { return Ok(None) };
        Customer::of(self.source, &number).map(Some).map_err(|_| ())
    }

    /// When it was: by the sender's clock, put right by as much as that was off when it sent, and never ahead.
    fn time(&self, raw: &Map<String, Value>) -> Result<Timestamp, BadMessage> {
        let Some(said) = text(raw, "timestamp").or_else(|| text(raw, "originalTimestamp")) else {
            return Ok(self.now);
        };
        let said: Timestamp = said.parse().map_err(|_| BadMessage::Time)?;
        let Some(sent_at) = self.sent_at else { return Ok(said.min(self.now)) };
        let ahead = self.now.as_ms().saturating_sub(sent_at.as_ms());
        Ok(Timestamp::from_ms(said.as_ms().saturating_add(ahead)).min(self.now))
    }
}

/// A text that is there and not empty; ids are numbers, too.
fn text(raw: &Map<String, Value>, name: &str) -> Option<String> {
    match raw.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn object<'v>(raw: &'v Map<String, Value>, name: &str) -> Option<&'v Map<String, Value>> {
    raw.get(name)?.as_object()
}

#[cfg(test)]
mod tests;
