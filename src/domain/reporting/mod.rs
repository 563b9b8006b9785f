//! Figures for whoever reads what calls came from, how sure they are, and how many people may be reached.
//!
//! ```text
//!   rows of an hour ──► facts ──► book ──► count ◄── question: period, filter, by what
//!                                           │
//!                         sums, course, week, rows with their intervals
//! ```

pub mod book;
mod chances;
pub mod contactability;
pub mod count;
pub mod dimension;
pub mod expected;
pub mod facts;
pub mod finding;
pub mod journeys;
mod labels;
pub mod period;
pub mod region;
mod rows;
mod sieve;
pub mod sums;
mod tally;
mod unique;
pub mod view;
