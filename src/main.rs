//! Arguments, configuration, logging, run; nothing else.

use std::process::ExitCode;

use clap::Parser;
use whence::app;
use whence::cli::Cli;

/// glibc's asks the kernel three times a call for memory that it gave back just before.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    app::run(Cli::parse())
}
