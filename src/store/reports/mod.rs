//! Questions over many calls and contacts at once.

pub mod channels;
pub mod contactability;
pub mod journeys;
pub mod quality;
