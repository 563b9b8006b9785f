//! The visitor's browser: the script on the page, and what it reports.

pub mod amp;
pub mod answer;
pub mod asker;
pub mod beacon;
pub mod gate;
pub mod page_call;
pub mod script;
pub mod told;
