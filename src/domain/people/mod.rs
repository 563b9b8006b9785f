//! The person behind the calls and visits.

pub mod address;
pub mod audit;
pub mod casing;
pub mod claims;
pub mod consent;
pub mod contact;
pub mod customer;
pub mod draft;
pub mod email;
pub mod engagement;
pub mod erasure;
pub mod field;
pub mod keys;
pub mod likeness;
pub mod linking;
pub mod merge;
pub mod message;
pub mod opposition;
pub mod pressure;
pub mod profile;
pub mod purpose;
pub mod quality;
pub mod reservation;
pub mod rules;
pub mod search;
pub mod segment;
