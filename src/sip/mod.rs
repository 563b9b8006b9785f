//! The signalling wire: pure machines below, sockets on top.

pub mod message;
pub mod status;
