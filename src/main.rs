//! Arguments, configuration, logging, run; nothing else.

fn main() {}
