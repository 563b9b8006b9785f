//! A request and its responses: the four machines of RFC 3261 §17, with the
//! Accepted states of RFC 6026.
//!
//! They repeat what may be lost, absorb what comes twice, and give up in
//! time; what a message says is not their concern. They take the class of a
//! status and finished bytes, and the time as an argument. The layer above
//! parses, builds, finds the machine by its [`key`] and does what comes out.
//!
//! ```text
//!   invite_client                              invite_server
//!     Calling ──2xx──────┐                       Proceeding ──2xx──────┐
//!      │ │1xx            │ A again, B gives up    │ │ ↺ 1xx           │
//!      │ └► Proceeding ──┤ ↺ 1xx                  │ 300–699           │
//!      │     │           ▼                        ▼                   ▼
//!      300–699        Accepted ↺ 2xx up          Completed          Accepted ↺ ACK up
//!      ▼  ▼              │ M                      │ G again │ACK      │ L
//!     Completed ↺ ACK    │                        │ H       ▼         │
//!      │ D               │                        │      Confirmed    │
//!      ▼                 ▼                        ▼         ▼ I       ▼
//!     Terminated ◄───────┘                       Terminated ◄─────────┘
//!
//!   client (all other methods)                 server (all other methods)
//!     Trying ──1xx──► Proceeding                 Trying ──1xx──► Proceeding ↺ 1xx
//!      │ E again       │ E at T2                  │               │
//!      200–699         200–699   F gives up       200–699         200–699
//!      ▼               ▼                          ▼               ▼
//!     Completed ───────┘                         Completed ↺ repeats the final
//!      │ K                                        │ J
//!      ▼                                          ▼
//!     Terminated                                 Terminated
//! ```

pub mod cancel;
pub mod client;
pub mod invite_client;
pub mod invite_server;
pub mod key;
pub mod server;
pub mod timers;

use std::fmt;

use bytes::Bytes;

pub use cancel::{Withdrawal, judge_cancel};
pub use client::Client;
pub use invite_client::InviteClient;
pub use invite_server::InviteServer;
pub use key::{ClientKey, RequestFacts, ServerKey};
pub use server::Server;
pub use timers::Wire;

/// What a status means to a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// 1xx: something will follow.
    Provisional,
    /// 2xx.
    Success,
    /// 3xx to 6xx.
    Failure,
}

impl Class {
    /// A status of seven hundred or more counts as a failure (§8.1.3.2).
    pub const fn of(code: u16) -> Self {
        match code {
            0..200 => Class::Provisional,
            200..300 => Class::Success,
            300.. => Class::Failure,
        }
    }
}

/// What a machine wants done, in this order.
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// Put these bytes on the wire, where the transaction's messages go.
    Send(Bytes),
    /// The message that was just handed in goes to the user: on the client
    /// side a response, on the server side the ACK to a 2xx. Without it the
    /// message was a copy, or came too late.
    Deliver,
    /// Start the CANCEL of this INVITE, as a [`Client`] of its own (§9.1).
    SendCancel,
    /// Client: no final response came. Server: no ACK came to a refusal.
    TimedOut,
    /// A message could not be sent. On the client side it stands in place of
    /// a final response; a server goes on absorbing copies.
    TransportFailed,
    /// The machine is spent: forget it. Always last, and said once.
    Terminated,
}

/// Where the outputs go: one buffer of the layer above, drained after each
/// input, so that a busy machine allocates nothing.
pub type Outputs = Vec<Output>;

/// Without the bytes: they hold what must not be in a log.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Send(bytes) => write!(f, "Send({} bytes)", bytes.len()),
            Output::Deliver => f.write_str("Deliver"),
            Output::SendCancel => f.write_str("SendCancel"),
            Output::TimedOut => f.write_str("TimedOut"),
            Output::TransportFailed => f.write_str("TransportFailed"),
            Output::Terminated => f.write_str("Terminated"),
        }
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
pub(in crate::sip) mod testing;
