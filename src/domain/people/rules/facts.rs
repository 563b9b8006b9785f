//! What is known of a contact that a decision may stand on.

use std::collections::BTreeMap;

use crate::domain::calling::outcome::Outcome;
use crate::domain::ids::{CallId, ContactId, EngagementId, SegmentId};
use crate::domain::people::address::Address;
use crate::domain::people::consent::{Channel, Consent};
use crate::domain::people::contact::KnownIdentity;
use crate::domain::people::engagement::Kind;
use crate::domain::people::opposition::Listed;
use crate::domain::people::pressure::Solicitation;
use crate::domain::people::quality::{Code, Place};
use crate::domain::people::restriction::Span;
use crate::domain::people::wish::Frequency;
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    pub contact: ContactId,
    pub created_at: Timestamp,
    pub identities: Vec<KnownIdentity>,
    pub addresses: Vec<Address>,
    /// What is wrong with an identity so that nobody is reached by it.
    pub spoilt: BTreeMap<Place, Code>,
    /// When their data was only to be kept.
    pub restrictions: Vec<Span>,
    /// The lines of the ledger.
    pub lines: Vec<Consent>,
    /// The lists of those who object that an identity of theirs stands on.
    pub lists: Vec<Listed>,
    /// The latest engagement of each kind.
    pub latest: Vec<Latest>,
    /// Past ones and planned ones.
    pub solicitations: Vec<Solicitation>,
    /// Those that they are in now, of the segments that have a cap.
    pub segments: Vec<SegmentId>,
    /// How often they want to be prospected, by which channel.
    pub wishes: Vec<(Channel, Frequency)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Latest {
    pub id: EngagementId,
    pub act: Kind,
    pub at: Timestamp,
    /// Of a call: which one, and how it ended; `None`: it goes on.
    pub call: Option<(CallId, Option<Outcome>)>,
}

impl Facts {
    pub fn latest(&self, act: Kind) -> Option<&Latest> {
        self.latest.iter().filter(|latest| latest.act == act).max_by_key(|latest| latest.at)
    }

    /// The last thing that they did of their own accord.
    pub fn last_act(&self) -> Option<&Latest> {
        let own = self.latest.iter().filter(|latest| latest.act.is_own_act());
        own.max_by_key(|latest| latest.at)
    }

    /// Their last call, if nobody took it.
    pub fn unanswered(&self) -> Option<(&Latest, CallId)> {
        let call = self.latest(Kind::Call)?;
        let (id, outcome) = call.call?;
        let is_open = matches!(
            outcome,
            Some(Outcome::Missed | Outcome::Busy | Outcome::Abandoned | Outcome::Voicemail | Outcome::Failed)
        );
        is_open.then_some((call, id))
    }

    /// The lists that object to a channel.
    pub fn lists_against(&self, channel: Channel) -> impl Iterator<Item = &Listed> {
        self.lists.iter().filter(move |list| list.channels.contains(&channel))
    }
}
