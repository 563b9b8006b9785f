//! Arguments, configuration, logging, run; nothing else.

use std::process::ExitCode;

use clap::Parser;
use whence::app;
use whence::cli::Cli;

fn main() -> ExitCode {
    app::run(Cli::parse())
}
