//! Which visit did this call come from: sources, leases and attribution.

pub mod attribution;
pub mod channels;
pub mod lease;
pub mod number;
pub mod site;
pub mod source;
pub mod swap;
pub mod visit;
