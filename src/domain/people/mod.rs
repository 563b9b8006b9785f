//! The person behind the calls and visits.

pub mod contact;
pub mod engagement;
pub mod linking;
