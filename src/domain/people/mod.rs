//! The person behind the calls and visits.

pub mod address;
pub mod casing;
pub mod claims;
pub mod consent;
pub mod contact;
pub mod customer;
pub mod draft;
pub mod email;
pub mod engagement;
pub mod field;
pub mod import;
pub mod keys;
pub mod likeness;
pub mod linking;
pub mod merge;
pub mod profile;
pub mod purpose;
pub mod quality;
pub mod search;
