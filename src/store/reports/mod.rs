//! Questions over many calls at once, which only read.

pub mod channels;
pub mod journeys;
pub mod quality;
