//! Scenarios: what happens to a contact gives somebody a task.
//!
//! ```text
//!   event ──after so long──▶ does the contact fit? ──▶ may they be reached? ──▶ open ──▶ done or dropped
//!                              no: no task              not yet: it waits          by a person, or by itself:
//!                                                       never: it is dropped       called, or fits no more
//! ```
//!
//! A contact has at most one task of a scenario that is not settled, and what
//! happened before that was settled gives no other: three missed calls are one
//! call back.

use std::time::Duration;

use crate::domain::calling::outcome::words;
use crate::domain::ids::{ContactId, ControllerId, PurposeId, ScenarioId, SegmentId, TaskId};
use crate::domain::people::consent::Channel;
use crate::domain::time::Timestamp;

/// What happened longer ago gives no task any more.
pub const HORIZON: Duration = Duration::from_hours(14 * 24);
/// A task waits so long at most before it is dropped.
pub const WAIT_MAX: Duration = Duration::from_hours(90 * 24);

/// As the plan says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenario {
    pub id: ScenarioId,
    pub when: When,
    /// How long after the event it is looked whether there is something to do.
    pub after_minutes: u32,
    /// In the language of filters; `None`: whoever.
    pub filter: Option<String>,
    /// What must be allowed. `None`: nothing is asked, since nobody is solicited by it.
    pub may: Option<May>,
    /// What is to be done, in words.
    pub title: String,
    /// The work list that it stands on.
    pub list: String,
    pub due_hours: u32,
}

/// By what, what for and for whom the contact would be reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct May {
    pub channel: Channel,
    pub purpose: PurposeId,
    pub controller: ControllerId,
}

/// What happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    Call(CallEvent),
    /// A mail came back for good.
    EmailBounced,
    SegmentEntered(SegmentId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallEvent {
    /// Nobody took it, or they left a message. Settled when somebody has called them since, or they were answered.
    Missed,
    Answered,
}

impl When {
    /// As the plan and the database have it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            When::Call(CallEvent::Missed) => "call_missed",
            When::Call(CallEvent::Answered) => "call_answered",
            When::EmailBounced => "email_bounced",
            When::SegmentEntered(_) => "segment_entered",
        }
    }

    /// What a word and, where it takes one, a segment mean; `None`: they do not go together.
    pub fn read(event: &str, segment: Option<SegmentId>) -> Option<Self> {
        match (event, segment) {
            ("call_missed", None) => Some(When::Call(CallEvent::Missed)),
            ("call_answered", None) => Some(When::Call(CallEvent::Answered)),
            ("email_bounced", None) => Some(When::EmailBounced),
            ("segment_entered", Some(segment)) => Some(When::SegmentEntered(segment)),
            _ => None,
        }
    }

    pub fn segment(&self) -> Option<&SegmentId> {
        if let When::SegmentEntered(segment) = self { Some(segment) } else { None }
    }
}

/// Something that somebody is to do for a contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    pub id: TaskId,
    pub scenario: ScenarioId,
    pub contact: ContactId,
    /// The id of the call, the engagement or the move into a segment.
    pub cause: String,
    pub cause_at: Timestamp,
    pub state: State,
    pub title: String,
    pub list: String,
    pub due_at: Timestamp,
    /// While it waits.
    pub wait_until: Option<Timestamp>,
    /// Where it was settled by itself.
    pub why: Option<Why>,
    pub assignee: Option<String>,
    pub created_at: Timestamp,
    pub settled_at: Option<Timestamp>,
    /// As an [`Accessor`](crate::domain::calling::recording::Accessor) prints; `None`: by itself.
    pub settled_by: Option<String>,
    /// Somebody has opened it again: it settles no more by itself.
    pub reopened: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The contact may not be reached yet.
    Waiting,
    Open,
    Done,
    Dropped,
}

words! { State:
    Waiting = "waiting",
    Open = "open",
    Done = "done",
    Dropped = "dropped",
}

/// Why a task was settled by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// They were called, or called again and were answered.
    Called,
    /// What was to be done is done: the contact fits the scenario no more.
    FitsNoMore,
    /// They may not be reached, and time alone changes nothing.
    NotAllowed,
    /// Its scenario has left the plan.
    ScenarioGone,
    /// Its contact and another turned out to be one, who has such a task.
    Merged,
}

words! { Why:
    Called = "called",
    FitsNoMore = "fits_no_more",
    NotAllowed = "not_allowed",
    ScenarioGone = "scenario_gone",
    Merged = "merged",
}

/// Where a task stands, once it was asked whether the contact may be reached: `next_at` is when they may, if ever.
pub fn standing(
    allowed: bool,
    next_at: Option<Timestamp>,
    cause_at: Timestamp,
) -> (State, Option<Timestamp>, Option<Why>) {
    match next_at {
        _ if allowed => (State::Open, None, None),
        Some(next) if next.since(cause_at) <= WAIT_MAX => (State::Waiting, Some(next), None),
        Some(_) | None => (State::Dropped, None, Some(Why::NotAllowed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_be_reached_yet_waits_and_who_never_may_is_dropped() {
        let at = Timestamp::from_ms(0);
        let soon = at + Duration::from_hours(1);

        assert_eq!(standing(true, None, at), (State::Open, None, None));
        assert_eq!(standing(false, Some(soon), at), (State::Waiting, Some(soon), None));
        let never = (State::Dropped, None, Some(Why::NotAllowed));
        assert_eq!(standing(false, None, at), never);
        assert_eq!(standing(false, Some(at + WAIT_MAX + WAIT_MAX), at), never);
    }

    #[test]
    fn an_event_reads_as_it_is_written_and_only_one_takes_a_segment() {
        let vip: SegmentId = "vip".parse().unwrap();
        for event in ["call_missed", "call_answered", "email_bounced"] {
            assert_eq!(When::read(event, None).unwrap().as_str(), event);
            assert_eq!(When::read(event, Some(vip.clone())), None);
        }
        let entered = When::read("segment_entered", Some(vip.clone())).unwrap();
        assert_eq!((entered.as_str(), entered.segment()), ("segment_entered", Some(&vip)));
        assert_eq!(When::read("segment_entered", None), None);
    }
}
