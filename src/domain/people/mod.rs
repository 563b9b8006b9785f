//! The person behind the calls and visits.

pub mod claims;
pub mod consent;
pub mod contact;
pub mod customer;
pub mod email;
pub mod engagement;
pub mod linking;
pub mod purpose;
