//! One test binary that mirrors the source tree.

mod flows;
mod store;
mod support;
