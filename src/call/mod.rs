//! One call as a state machine without I/O.

pub mod input;
pub mod leg;
pub mod output;
