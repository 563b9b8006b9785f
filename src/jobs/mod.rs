//! Work by the clock.

pub mod forget_ladders;
pub mod learn_priors;
pub mod refresh_routes;
pub mod refresh_screening;
