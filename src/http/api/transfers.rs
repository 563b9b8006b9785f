//! The transfers of a call, as its resource shows them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::calling::outcome::HungUpBy;
use crate::domain::calling::transfer::{TransferKind, TransferOutcome, Transferred};
use crate::domain::ids::DestinationId;
use crate::domain::time::Timestamp;

/// A talk that was carried on elsewhere, or should have been.
#[derive(Serialize, ToSchema)]
pub struct Transfer {
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub settled_at: Timestamp,
    /// `caller` or `line`.
    #[schema(value_type = String, example = "line")]
    pub by: HungUpBy,
    /// As it was asked for: a SIP URI, or the call that was taken over.
    #[schema(example = "sip:204@pbx.example")]
    pub to: String,
    /// `blind` or `attended`.
    #[schema(value_type = String, example = "blind")]
    pub kind: TransferKind,
    /// The destination that the target stands in.
    #[schema(value_type = Option<String>)]
    pub destination: Option<DestinationId>,
    /// `done`, `refused` (no call may go there) or `failed` (the talk went on as it was).
    #[schema(value_type = String, example = "done")]
    pub outcome: TransferOutcome,
    /// What the side that asked was told.
    #[schema(example = 200)]
    pub sip_status: u16,
}

impl From<Transferred> for Transfer {
    fn from(fact: Transferred) -> Self {
        let Transferred { asked_at, settled_at, by, to, kind, destination, outcome, sip_status, .. } = fact;
        Self { asked_at, settled_at, by, to, kind, destination, outcome, sip_status }
    }
}
