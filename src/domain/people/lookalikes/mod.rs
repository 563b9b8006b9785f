//! Look-alikes: contacts outside a segment who are nearest to its profile, and
//! what makes them so.
//!
//! ```text
//!   base ────┐ means and deviations of all contacts
//!   segment ─┼─► Model ─► distance of a contact, and what brings it near
//!   contact ─┘
//! ```
//!
//! Each feature is standardised over all contacts, so that units do not count.
//! The profile is the mean of the segment's members; of what has a name (a
//! channel, a region, a language) a contact is measured by the share of the
//! segment that has the same. A feature weighs the square of what it tells the
//! segment apart by (Cohen's d, of names Cohen's w), less one standard error:
//! the shrinkage of nearest shrunken centroids (Tibshirani, Hastie, Narasimhan
//! and Chu, PNAS 99(10), 2002), by which features that differ by chance count
//! little or nothing. The formulae stand in `docs/lookalikes.md`.
//!
//! Whoever [objects] is neither profiled nor found.

mod features;
mod model;
mod objection;

pub use features::{DEEDS, Feature, Features, NUMBERS, Sample, region_of};
pub use model::{Likeness, Model, Trait, Typical};
pub use objection::objects;

/// A segment with fewer members tells little, and whoever asks is told so.
pub const MEMBERS_MIN: u64 = 20;
