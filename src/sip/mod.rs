//! The signalling wire: pure machines below, sockets on top.

pub mod dialog;
pub mod endpoint;
pub mod message;
pub mod status;
pub mod transaction;
pub mod translate;
pub mod transport;
pub mod trunk;
