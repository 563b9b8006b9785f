//! The visitor's browser: the script on the page, and what it reports.

pub mod beacon;
pub mod script;
