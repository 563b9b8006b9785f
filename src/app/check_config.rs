//! `whence check-config`: says whether the settings are well, and what follows.

use super::run::{Failed, settings};
use crate::cli::Settings;

pub(super) fn check_config(from: &Settings) -> Result<(), Failed> {
    let config = settings(from)?;
    println!("The settings are well.");
    println!("  node      {}", config.node);
    println!("  http      {} (browsers: {})", config.http.listen, config.http.public_url);
    for listener in &config.sip.listen {
        println!("  sip       {listener}");
    }
    for trunk in &config.trunks {
        let from: Vec<String> = trunk.from.iter().map(ToString::to_string).collect();
        println!("  trunk     {} from {}", trunk.name, from.join(", "));
    }
    if config.trunks.is_empty() {
        println!("  trunk     none: every call is a stranger's and gets no answer; add a [[trunk]]");
    }
    println!("  spool     {}", config.calls.spool.display());
    Ok(())
}
