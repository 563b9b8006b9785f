//! Figures for whoever reads what calls came from, how sure they are, and how many people may be reached.

pub mod contactability;
pub mod dimension;
pub mod expected;
pub mod journeys;
