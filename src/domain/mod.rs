//! What Whence decides, without knowing how it is asked or where it is kept.
//!
//! Nothing here reads a clock, draws a random number, opens a socket or runs
//! a query: time and chance come in as arguments, decisions go out as values.

pub mod alerts;
pub mod calling;
pub mod dice;
pub mod ids;
pub mod internet;
pub mod lines;
pub mod money;
pub mod outlet;
pub mod people;
pub mod phone;
pub mod plan;
pub mod reporting;
pub mod staff;
pub mod time;
pub mod tracking;
pub mod webhook;
