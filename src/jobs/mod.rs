//! Work by the clock.

pub mod forget_ladders;
pub mod refresh_routes;
