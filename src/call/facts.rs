//! What is known of a call so far; only ever added to.

use super::output::Output;
use crate::domain::calling::outcome::{EndReason, HungUpBy, Outcome};
use crate::domain::calling::record::{Answered, Ended};
use crate::domain::calling::transfer::{TransferKind, TransferOutcome, Transferred};
use crate::domain::ids::{CallId, DestinationId};
use crate::domain::time::Timestamp;

#[derive(Debug)]
pub(super) struct Facts {
    pub call: CallId,
    ringing_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    reason: Option<EndReason>,
}

impl Facts {
    pub fn new(call: CallId) -> Self {
        Self { call, ringing_at: None, answered_at: None, reason: None }
    }

    /// The line rings; only the first time counts.
    pub fn rings(&mut self, now: Timestamp) {
        self.ringing_at.get_or_insert(now);
    }

    pub fn is_answered(&mut self, by: DestinationId, now: Timestamp) -> Output {
        self.answered_at = Some(now);
        Output::RecordAnswered(Answered {
            call: self.call,
            destination: Some(by),
            ringing_at: self.ringing_at,
            at: now,
        })
    }

    /// It is the gateway that will end the call, and why.
    pub fn because(&mut self, reason: EndReason) {
        self.reason = Some(reason);
    }

    /// The caller was taken over by another call, which goes on.
    pub fn is_taken(&self, by: CallId, now: Timestamp) -> Output {
        Output::RecordTransferred(Transferred {
            call: self.call,
            asked_at: now,
            settled_at: now,
            by: HungUpBy::Line,
            to: format!("call {by}"),
            kind: TransferKind::Attended,
            destination: None,
            outcome: TransferOutcome::Done,
            sip_status: 200,
        })
    }

    pub fn ends(&self, outcome: Outcome, sip_status: u16, hung_up_by: HungUpBy, now: Timestamp) -> Output {
        Output::RecordEnded(Ended {
            call: self.call,
            outcome,
            sip_status,
            hung_up_by,
            reason: self.reason,
            ringing_at: self.ringing_at,
            answered_at: self.answered_at,
            at: now,
        })
    }
}
