//! What two sides keep between requests: RFC 3261 §12, and the part of §13
//! that makes a 2xx to INVITE and its ACK reliable from end to end.
//!
//! ```text
//!   our INVITE ─► Forks ─┬─ tag a ─► Dialog early ─2xx─► confirmed ─ACK─► kept, sent again
//!                        └─ tag b ─► Dialog early ─2xx─► confirmed, too late: ACK and BYE
//!
//!   their INVITE ──────────────────► Dialog early ─2xx─► confirmed
//!                                                  └───► RepeatedOk until the ACK, or BYE
//! ```
//!
//! What keeps a session from standing for ever is [`session_timer`]; what keeps
//! a 18x from being lost is [`reliable`].
//!
//! Nothing here reads a whole message: the layer above hands in the fields. What
//! is kept is copied, so that a dialog does not hold on to packets.

// The folder is the layer, the file the thing it is named after.
#[expect(clippy::module_inception)]
mod dialog;
mod forks;
mod id;
mod kept_ack;
pub mod reliable;
mod repeated_ok;
mod route_set;
pub mod session_timer;

pub use dialog::{Dialog, Heading, InviteFacts, OutOfOrder, ResponseFacts, Stage};
pub use forks::{FORKS_MAX, Forks, Heard};
pub use id::DialogId;
pub use kept_ack::OkHeard;
pub use repeated_ok::RepeatedOk;
pub use route_set::{RouteSet, Routed};

/// The inputs and outputs of [`RepeatedOk`].
pub mod ok {
    pub use super::repeated_ok::{Input, Output};
}

#[cfg(test)]
mod simulation;
