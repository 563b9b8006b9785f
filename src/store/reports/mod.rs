//! Questions over many calls and contacts at once.

pub mod contactability;
pub mod hours;
pub mod journeys;
pub mod missed;
pub mod quality;
