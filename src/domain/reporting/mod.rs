//! Figures for whoever reads what calls came from, and how sure they are.

pub mod dimension;
pub mod expected;
pub mod journeys;
