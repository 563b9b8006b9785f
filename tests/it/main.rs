//! One test binary that mirrors the source tree.

mod api;
mod console;
mod flows;
mod store;
mod support;
