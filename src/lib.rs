//! Whence: which visit did this call come from?

pub mod app;
pub mod call;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod flows;
pub mod http;
pub mod jobs;
pub mod sip;
pub mod store;
pub mod switchboard;
pub mod telemetry;
