//! The visitor's browser: the script on the page, and what it reports.

pub mod answer;
pub mod beacon;
pub mod gate;
pub mod script;
pub mod told;
