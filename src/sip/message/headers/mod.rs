//! What single header values say, decoded when somebody asks.
//!
//! Each type borrows the received bytes and keeps what it does not understand,
//! so that a value can be passed on as it came.

mod auth;
mod cseq;
mod name_addr;
pub(in crate::sip::message) mod params;
mod values;
mod via;

pub use auth::Auth;
pub use cseq::CSeq;
pub use name_addr::NameAddr;
pub use params::Params;
pub(in crate::sip::message) use values::Split;
pub use via::{Rport, Transport, Via};

use super::name::Name;

/// A header's value that cannot be read; it names the header, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed {} header", .0.as_str())]
pub struct Malformed(pub Name);
