//! Whence: which visit did this call come from?
//!
//! The map of the house, from the street to the cellar; who may import whom is
//! held by `tests/it/architecture.rs`.
//!
//! ```text
//!   cli ─▶ app ◀─ config         starts, wires, stops; one file a command
//!   ────────────────────────────────────────────────────────────────────
//!   http           jobs          faces: people and programs, the clock
//!   switchboard                  live calls, a task each
//!   flows          sip  media    stories │ the wires: signalling, media
//!   store          call   vault  remembers │ one call as a machine │ sealed files
//!   notify                       tells others: mail, webhooks
//!   domain         clock  wav    decides; knows nothing else │ the time │ files as sound
//!                  inbox         files that were brought and are not worked off
//!                  name_servers  who is asked where a name leads
//! ```
//!
//! A web visit goes `http → flows::visit_arrives → domain::tracking → store`,
//! a call `sip → switchboard → call → sip`, and what happened to it
//! `switchboard → flows → store`; its media, where they are relayed, pass
//! through `media` alone. [`demo`] stands outside: a caller, a business
//! line and a website that meet the gateway on the wire.

pub mod app;
pub mod call;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod flows;
pub mod http;
pub mod inbox;
pub mod jobs;
pub mod media;
pub mod name_servers;
pub mod notify;
pub mod oidc;
pub mod public_names;
pub mod sip;
pub mod store;
pub mod switchboard;
pub mod telemetry;
pub mod vault;
pub mod wav;
