//! One test binary that mirrors the source tree.

mod architecture;
mod flows;
mod store;
mod support;
