//! A side asks for a transfer: may it, and where does the talk go on.
//!
//! Only the line may ask. To a caller who asks, 603: who telephones to a
//! business has no say in where it telephones to.

use super::facts::Facts;
use super::input::{MidCall, Payload, Referral, Replaces, Status};
use super::leg::LegId;
use super::output::Output;
use super::talking::Talking;
use crate::domain::calling::handover::Handover;
use crate::domain::calling::outcome::HungUpBy;
use crate::domain::calling::routing::Target;
use crate::domain::calling::transfer::{TransferKind, TransferOutcome, Transferred, shortened};
use crate::domain::ids::{CallId, DestinationId};
use crate::domain::time::Timestamp;

/// A call is not passed round more often.
pub(super) const TRANSFERS_MAX: u8 = 16;

/// Whom the caller is to talk to.
pub(super) enum Onward {
    Line {
        target: Target,
        /// Where it stands in the plan; `None`: a trunk's prefixes allow it.
        destination: Option<DestinationId>,
        /// What it hears before it has a call.
        whispered: Option<Handover>,
    },
    /// The caller of another call, which the line talks to on that leg.
    Caller { call: CallId, leg: LegId },
}

/// Where the talk may go on, if it may, and what is written down if nothing comes of it.
pub(super) fn judge(
    talk: &Talking,
    asked_by: LegId,
    to: &Referral,
    facts: &Facts,
    now: Timestamp,
) -> (Transferred, Option<Onward>) {
    let onward = match to.replaces {
        Some(Replaces::Here { call, leg }) => (call != facts.call).then_some(Onward::Caller { call, leg }),
        Some(Replaces::There) | None => {
            let found = talk.onward.as_ref().and_then(|all| all.find(&to.uri, to.number.as_ref()));
            found.map(|(target, destination)| {
                // Whom the line has talked to already knows what comes.
                let blind = talk.onward.as_ref().filter(|_| to.replaces.is_none());
                let its = blind.zip(destination.as_ref());
                let whispered = its.and_then(|(all, its)| all.plan.handover(&target, its)).cloned();
                Onward::Line { target, destination, whispered }
            })
        }
    };
    let onward = onward.filter(|_| asked_by == talk.line && talk.transfers < TRANSFERS_MAX);
    let fact = Transferred {
        call: facts.call,
        asked_at: now,
        settled_at: now,
        by: if asked_by == LegId::CALLER { HungUpBy::Caller } else { HungUpBy::Line },
        to: shortened(&to.uri),
        kind: if to.replaces.is_some() { TransferKind::Attended } else { TransferKind::Blind },
        destination: match &onward {
            Some(Onward::Line { destination, .. }) => destination.clone(),
            Some(Onward::Caller { .. }) | None => None,
        },
        outcome: TransferOutcome::Refused,
        sip_status: 603,
    };
    (fact, onward)
}

/// 603 to a side that asks for what it may not.
pub(super) fn decline(leg: LegId) -> Output {
    refer_reply(leg, Status::new(603, "Decline"))
}

pub(super) fn refer_reply(leg: LegId, status: Status) -> Output {
    Output::Reply { leg, what: MidCall::Refer, status, payload: Payload::default() }
}

/// To who asks what cannot be settled just now.
pub(super) fn pending(leg: LegId, what: MidCall) -> Output {
    let status = Status::new(491, "Request Pending");
    Output::Reply { leg, what, status, payload: Payload::default() }
}
