//! The signalling wire: pure machines below, sockets on top.

pub mod dialog;
pub mod transaction;
