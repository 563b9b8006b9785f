//! Typed keys, so that a visit's id cannot be handed in where a call's is due.
//!
//! What the gateway creates (calls, visits, contacts …) has a UUID of version 7
//! (RFC 9562 §5.7): it sorts by time, so a key is also a cursor. What an admin
//! names in the plan (sites, pools …) has the *slug* that stands there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time::Timestamp;

/// Builds a UUID of version 7 from the time and ten bytes of chance.
pub fn uuid_v7(now: Timestamp, chance: &[u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now.as_ms().max(0) as u64, chance).into_uuid()
}

/// When a UUID of version 7 was made; `None`: it is of another.
pub fn made_at(id: &Uuid) -> Option<Timestamp> {
    let (seconds, nanos) = id.get_timestamp().filter(|_| id.get_version_num() == 7)?.to_unix();
    Some(Timestamp::from_ms(seconds as i64 * 1_000 + i64::from(nanos) / 1_000_000))
}

macro_rules! created_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

created_ids! {
    /// One caller's attempt.
    CallId
    /// What somebody wrote down of a call.
    NoteId
    /// A list that somebody wants to see again.
    ViewId
    /// The sound of a call, or of a part of it, that was kept.
    RecordingId
    /// One browser that consented to be known.
    VisitorId
    /// One session of a visitor on a site.
    VisitId
    /// One number lent to one visit.
    LeaseId
    /// One page of a visit.
    PageViewId
    /// One thing that happened on a page.
    EventId
    /// One person.
    ContactId
    /// One line of the consent ledger.
    ConsentId
    /// One mail to somebody.
    MailId
    /// That two contacts became one.
    MergeId
    /// Something that a person asks for of their rights.
    RequestId
    /// How often somebody wants to be reached by a channel.
    WishId
    /// That somebody's data is kept and not used.
    RestrictionId
    /// One entry of the audit log.
    AuditId
    /// One table of contacts that somebody brought.
    ImportId
    /// One thing a contact did or received.
    EngagementId
    /// That a policy of retention was carried out.
    RetentionRunId
    /// One solicitation that somebody has asked leave for.
    ReservationId
    /// That a contact came into a segment, or left it.
    SegmentMoveId
    /// Something that somebody is to do for a contact.
    TaskId
    /// Something that happened, as webhooks are told: the same for each of them.
    DeliveryId
    /// What some days of a channel cost.
    CostId
    /// A report that goes out by itself.
    ScheduleId
    /// A link to a report.
    ShareId
    /// A rule that somebody is told by.
    AlertId
    /// That an alert was raised.
    IncidentId
    /// One key to the API.
    ApiKeyId
    /// One person who signs in to the console.
    UserId
}

/// Why a text cannot name something in the plan.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 of a–z, 0–9 and hyphen, and neither starts nor ends with the hyphen")]
pub struct BadSlug;

/// Tells whether `text` may name an outlet, a site, a pool or a destination.
pub fn check_slug(text: &str) -> Result<(), BadSlug> {
    let shape = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if shape && (1..=64).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-') {
        Ok(())
    } else {
        Err(BadSlug)
    }
}

macro_rules! named_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadSlug;

            fn from_str(text: &str) -> Result<Self, BadSlug> {
                check_slug(text).map(|()| Self(text.to_owned()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                String::deserialize(input)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

named_ids! {
    /// A node of the tree head office → region → point of sale.
    OutletId
    /// A website that carries the snippet.
    SiteId
    /// Numbers that are lent to visits of a site, for one swap target.
    PoolId
    /// Where a call is carried.
    DestinationId
    /// What data of people is used for.
    PurposeId
    /// Who answers for data of people.
    ControllerId
    /// A cap on what contacts are sent.
    CapId
    /// A list of those who object to being reached.
    ListId
    /// A custom field of contacts.
    FieldId
    /// A system, or a site, with customer numbers of its own.
    SystemId
    /// Contacts who fit a filter.
    SegmentId
    /// What gives somebody a task when it happens.
    ScenarioId
    /// A program of others that is told what happens.
    WebhookId
    /// Something that the gateway can say.
    PromptId
    /// A SIP peer that calls come from.
    TrunkId
    /// An entry of the block and allow lists: the plan's have a slug that somebody chose, those
    /// that the API made have a UUID, which is a slug too.
    BlockId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_id_sorts_after_an_earlier_one() {
        let earlier = uuid_v7(Timestamp::from_ms(1_000), &[0xff; 10]);
        let later = uuid_v7(Timestamp::from_ms(1_001), &[0; 10]);

        assert!(earlier < later);
        assert!(earlier.to_string() < later.to_string());
        assert_eq!(made_at(&later), Some(Timestamp::from_ms(1_001)));
        assert_eq!(made_at(&Uuid::from_u128(7)), None);
    }

    #[test]
    fn a_slug_is_short_lower_case_and_plain() {
        for good in ["a", "lyon-2", "07"] {
            assert_eq!(check_slug(good), Ok(()), "{good}");
        }
        for bad in ["", "-a", "a-", "Lyon", "a b", "é", &"a".repeat(65)] {
            assert_eq!(check_slug(bad), Err(BadSlug), "{bad}");
        }
    }
}
