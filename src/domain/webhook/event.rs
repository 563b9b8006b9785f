//! What is told of what happened: which kind, about what, and what changed by name.
//!
//! Nothing tells who somebody is. Whoever is told asks the API, which answers to who may know; and who is erased
//! is erased from what was told, since it was never there.

use serde::Serialize;

use crate::domain::alerts::measured::Measured;
use crate::domain::calling::outcome::{EndReason, HungUpBy, Outcome, words};
use crate::domain::ids::{
    AlertId, CallId, ConsentId, ContactId, ControllerId, DestinationId, EngagementId, IncidentId, MergeId,
    OutletId, PurposeId, ScenarioId, SegmentId, TaskId, WebhookId,
};
use crate::domain::people::profile::Profile;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// The `type` of CloudEvents.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    CallEnded,
    ContactCreated,
    ContactChanged,
    ContactMerged,
    ContactUnmerged,
    ContactErased,
    ConsentChanged,
    EngagementAdded,
    SegmentEntered,
    SegmentLeft,
    TaskOpened,
    TaskSettled,
    AlertRaised,
    AlertOver,
    /// Somebody tries whether a webhook is there.
    Test,
}

words! { Kind:
    CallEnded = "call.ended",
    ContactCreated = "contact.created",
    ContactChanged = "contact.changed",
    ContactMerged = "contact.merged",
    ContactUnmerged = "contact.unmerged",
    ContactErased = "contact.erased",
    ConsentChanged = "consent.changed",
    EngagementAdded = "engagement.added",
    SegmentEntered = "segment.entered",
    SegmentLeft = "segment.left",
    TaskOpened = "task.opened",
    TaskSettled = "task.settled",
    AlertRaised = "alert.raised",
    AlertOver = "alert.over",
    Test = "webhook.test",
}

#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    pub kind: Kind,
    pub at: Timestamp,
    pub data: Data,
}

/// What stands in `data`.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Data {
    Call(Box<CallEnded>),
    Contact {
        contact: ContactId,
    },
    /// The names of what is different now.
    Changed {
        contact: ContactId,
        changed: Vec<&'static str>,
    },
    Merge {
        /// The one that stays.
        contact: ContactId,
        gone: ContactId,
        merge: MergeId,
    },
    Consent {
        contact: ContactId,
        consent: ConsentId,
        channel: &'static str,
        purpose: PurposeId,
        controller: ControllerId,
    },
    Engagement {
        contact: ContactId,
        engagement: EngagementId,
        kind: &'static str,
    },
    Segment {
        contact: ContactId,
        segment: SegmentId,
    },
    Task {
        contact: ContactId,
        task: TaskId,
        scenario: ScenarioId,
    },
    Alert {
        alert: AlertId,
        /// The same when it is over.
        incident: IncidentId,
        kind: &'static str,
        raised_at: Timestamp,
        measured: Measured,
    },
    Webhook {
        webhook: WebhookId,
    },
}

/// A call as the API shows it, without its caller.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CallEnded {
    pub call: CallId,
    pub contact: Option<ContactId>,
    pub number: Phone,
    pub destination: Option<DestinationId>,
    pub outlet: Option<OutletId>,
    pub outcome: Outcome,
    pub hung_up_by: HungUpBy,
    pub end_reason: Option<EndReason>,
    pub interrupted: bool,
    pub arrived_at: Timestamp,
    pub ringing_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Timestamp,
}

impl Event {
    pub fn contact(kind: Kind, contact: ContactId, at: Timestamp) -> Self {
        Self { kind, at, data: Data::Contact { contact } }
    }

    pub fn changed(contact: ContactId, changed: Vec<&'static str>, at: Timestamp) -> Self {
        Self { kind: Kind::ContactChanged, at, data: Data::Changed { contact, changed } }
    }

    /// What it is about, and within which events stand in order: the path of the thing in the API.
    pub fn subject(&self) -> String {
        match &self.data {
            Data::Call(it) => format!("calls/{}", it.call),
            Data::Webhook { webhook } => format!("webhooks/{webhook}"),
            Data::Alert { alert, .. } => format!("alerts/{alert}"),
            Data::Contact { contact }
            | Data::Changed { contact, .. }
            | Data::Merge { contact, .. }
            | Data::Consent { contact, .. }
            | Data::Engagement { contact, .. }
            | Data::Segment { contact, .. }
            | Data::Task { contact, .. } => format!("contacts/{contact}"),
        }
    }
}

/// What of a contact is called `identities`: phones, e-mails, customer numbers.
pub const IDENTITIES: &str = "identities";

/// The names of what differs, as the API calls it.
pub fn differing(before: &Profile, after: &Profile) -> Vec<&'static str> {
    let parts = [
        ("name", before.name != after.name),
        ("given_name", before.given_name != after.given_name),
        ("family_name", before.family_name != after.family_name),
        ("language", before.language != after.language),
        ("addresses", before.addresses != after.addresses),
        ("fields", before.fields != after.fields),
        ("unread", before.unread != after.unread),
    ];
    parts.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
