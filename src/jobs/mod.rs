//! Work by the clock.

pub mod forget_ladders;
pub mod refresh_routes;
pub mod refresh_screening;
