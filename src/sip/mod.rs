//! The signalling wire: pure machines below, sockets on top.

pub mod dialog;
pub mod message;
pub mod status;
pub mod transaction;
