//! One test binary that mirrors the source tree.

mod api;
mod architecture;
mod commands;
mod console;
mod flows;
mod notify;
mod privacy;
mod sip;
mod store;
mod stories;
mod support;
mod webhooks;
