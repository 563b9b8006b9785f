//! What is written down about a call: at its arrival, at its answer, at its end.
//!
//! Three facts instead of one row rewritten: each is durable once written, and
//! a gateway that goes down between two of them has lost neither.

use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::outcome::{EndReason, HungUpBy, Outcome};
use super::qualification::Qualified;
use super::quality::Relayed;
use super::recording::{RecordingBegan, RecordingEnded, RecordingRefused};
use super::screening::Decision;
use super::transfer::Transferred;
use crate::domain::ids::{CallId, DestinationId, OutletId, TrunkId, VisitId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::source::Source;

/// A call stands at the door.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Arrived {
    pub call: CallId,
    pub node: String,
    pub trunk: TrunkId,
    /// Call-ID of the inbound leg, to find the call in a trace.
    pub sip_call_id: String,
    pub number: Phone,
    /// `None`: withheld, or no telephone number.
    pub caller: Option<Phone>,
    /// `None`: the number is not known here.
    pub destination: Option<DestinationId>,
    pub outlet: Option<OutletId>,
    /// What screening said; `None`: nothing.
    #[serde(default)]
    pub screening: Option<Box<Decision>>,
    /// What its signature says of the caller; `None`: nobody looked.
    #[serde(default)]
    pub identity: Option<Box<Identity>>,
    /// Set when somebody calls from a page of a website, without a telephone.
    #[serde(default)]
    pub page: Option<Box<FromPage>>,
    pub at: Timestamp,
}

/// From which visit a call comes that is made on a page: nothing is to be guessed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FromPage {
    /// `None`: the visitor did not agree to be known.
    pub visit: Option<VisitId>,
    pub source: Source,
}

/// An attempt to reach somebody has left over a trunk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Departed {
    pub call: CallId,
    /// Which attempt of the call.
    pub leg: u8,
    pub trunk: TrunkId,
    pub at: Timestamp,
}

/// The business line took the call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answered {
    pub call: CallId,
    /// The destination that took it; it may be another than the number's own.
    #[serde(default)]
    pub destination: Option<DestinationId>,
    pub ringing_at: Option<Timestamp>,
    pub at: Timestamp,
}

/// The call is over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ended {
    pub call: CallId,
    pub outcome: Outcome,
    /// The final status the caller was given.
    pub sip_status: u16,
    pub hung_up_by: HungUpBy,
    /// Why the gateway hung up, where it did.
    #[serde(default)]
    pub reason: Option<EndReason>,
    pub ringing_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub at: Timestamp,
}

/// One thing to write down; what is kept on disk while the database is away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "lowercase")]
pub enum Fact {
    Arrived(Arrived),
    Departed(Departed),
    Answered(Answered),
    Transferred(Transferred),
    Relayed(Relayed),
    Qualified(Qualified),
    #[serde(rename = "recording_began")]
    RecordingBegan(RecordingBegan),
    #[serde(rename = "recording_ended")]
    RecordingEnded(RecordingEnded),
    #[serde(rename = "recording_refused")]
    RecordingRefused(RecordingRefused),
    Ended(Ended),
}

impl Fact {
    pub fn call(&self) -> CallId {
        match self {
            Fact::Arrived(fact) => fact.call,
            Fact::Departed(fact) => fact.call,
            Fact::Answered(fact) => fact.call,
            Fact::Transferred(fact) => fact.call,
            Fact::Relayed(fact) => fact.call,
            Fact::Qualified(fact) => fact.call,
            Fact::RecordingBegan(fact) => fact.call,
            Fact::RecordingEnded(fact) => fact.call,
            Fact::RecordingRefused(fact) => fact.call,
            Fact::Ended(fact) => fact.call,
        }
    }
}

/// A call as it stands in the database.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CallRecord {
    pub id: CallId,
    pub trunk: TrunkId,
    pub sip_call_id: String,
    pub number: Phone,
    pub caller: Option<Phone>,
    pub destination: Option<DestinationId>,
    pub outlet: Option<OutletId>,
    /// The destination that took the call.
    pub answered_by: Option<DestinationId>,
    /// `None` while the call goes on.
    pub outcome: Option<Outcome>,
    pub sip_status: Option<u16>,
    pub hung_up_by: Option<HungUpBy>,
    /// Why the gateway hung up, where it did.
    pub end_reason: Option<EndReason>,
    /// The gateway went down in the middle of the call.
    pub interrupted: bool,
    pub arrived_at: Timestamp,
    pub ringing_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub contact: Option<crate::domain::ids::ContactId>,
    pub screening: Option<Decision>,
    pub identity: Option<Identity>,
    /// What somebody said it was, the latest to say so.
    pub qualification: Option<Qualified>,
}
