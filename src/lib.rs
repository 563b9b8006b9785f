//! Whence: which visit did this call come from?

pub mod call;
pub mod clock;
pub mod domain;
pub mod sip;
pub mod store;
