//! Arguments, configuration, logging, run; nothing else.

use std::process::ExitCode;

use clap::Parser;
use whence::app;
use whence::cli::Cli;

fn main() -> ExitCode {
    share_heaps();
    app::run(Cli::parse())
}

/// Has all threads share two heaps, where glibc would give each of a dozen its own: what one frees another could not
/// use, and memory grew with the calls although none was kept.
fn share_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it sets a number of the allocator's, and there is no other thread yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 2);
    }
}
