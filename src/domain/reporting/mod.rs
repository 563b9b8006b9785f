//! Figures for whoever reads what calls came from, how sure they are, and how many people may be reached.
//!
//! ```text
//!   rows of an hour ──► facts ──► book ──► count ◄── question: period, filter, by what
//!                                           │
//!                         sums, course, week, rows with their intervals ──► money ◄── costs of the same days
//! ```

pub mod association;
pub mod at_once;
pub mod book;
mod cells;
mod chances;
pub mod contactability;
pub mod correlation;
pub mod cost_lines;
pub mod costs;
pub mod count;
pub mod cross;
pub mod dimension;
pub mod expected;
pub mod facts;
pub mod finding;
pub mod funnel;
pub mod journeys;
mod labels;
pub mod money;
pub mod next_euro;
pub mod openings;
pub mod period;
pub mod region;
pub mod rhythm;
pub mod rota;
mod rows;
pub mod schedule;
pub mod share;
mod sieve;
pub mod significance;
pub mod staffing;
pub mod stake;
pub mod sums;
mod tally;
mod texts;
mod unique;
pub mod view;
pub mod ways;
pub mod worth;
