//! Somebody who knocks and has no business here, as an admin sees them.

use std::net::IpAddr;

use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;

/// An address that was counted. The address is personal data and stands only
/// where somebody asked for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Stranger {
    /// Of IPv6 the network: whoever has one address of a /64 has all of them.
    pub address: IpAddr,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// Requests that got no answer.
    pub ignored: u64,
    /// Times that it was asked for a login and brought none.
    pub unanswered: u32,
    /// Times that it brought a wrong one.
    pub wrong_logins: u32,
    /// Different numbers that it dialled and that are not ours.
    pub numbers: u32,
    /// The trunk that it last proved to be.
    pub trunk: Option<TrunkId>,
    /// Until then it is not answered.
    pub silent_until: Option<Timestamp>,
}
