//! Figures for whoever reads what calls came from, how sure they are, and how many people may be reached.
//!
//! ```text
//!   rows of an hour ──► facts ──► book ──► count ◄── question: period, filter, by what
//!                                           │
//!                         sums, course, week, rows with their intervals
//! ```

pub mod at_once;
pub mod book;
mod chances;
pub mod contactability;
pub mod count;
pub mod dimension;
pub mod expected;
pub mod facts;
pub mod journeys;
mod labels;
pub mod openings;
pub mod period;
pub mod region;
mod sieve;
pub mod staffing;
pub mod stake;
pub mod sums;
mod unique;
