//! Which visit did this call come from: sources, leases, attribution and credit.

pub mod advise;
pub mod attribution;
pub mod channels;
pub mod credit;
pub mod device;
pub mod event;
pub mod guard;
pub mod lease;
pub mod number;
pub mod offer;
pub mod offline;
pub mod origin;
pub mod pool_use;
pub mod sharing;
pub mod simulation;
pub mod site;
pub mod source;
pub mod spelling;
pub mod swap;
pub mod visit;
