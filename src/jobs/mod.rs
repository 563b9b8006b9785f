//! Work by the clock.

pub mod refresh_routes;
