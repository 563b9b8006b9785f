//! Whence: which visit did this call come from?

pub mod call;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod sip;
pub mod store;
pub mod telemetry;
