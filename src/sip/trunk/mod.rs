//! The SIP peers that calls come from.

pub mod accept;
pub mod digest;
