//! `whence check-config`: says whether the settings are well, and what follows.

use super::outward;
use super::run::{Failed, settings};
use crate::cli::Settings;
use crate::config::TrunkConfig;
use crate::sip::transport::tls::Tls;
use crate::telemetry::Format;

pub(super) fn check_config(from: &Settings) -> Result<(), Failed> {
    let config = settings(from)?;
    Tls::new(config.sip.tls.clone()).map_err(Failed::start)?;
    println!("The settings are well.");
    println!("  node      {}", config.node);
    println!("  http      {} (browsers: {})", config.http.listen, config.http.public_url);
    for listener in &config.sip.listen {
        println!("  sip       {listener}");
    }
    for certificate in &config.sip.tls.certificates {
        println!("  tls       {}", certificate.chain.display());
    }
    for trunk in &config.trunks {
        let from: Vec<String> = trunk.inbound.from.iter().map(ToString::to_string).collect();
        println!("  trunk     {} from {}", trunk.name, from.join(", "));
        if let Some(told) = outward::told(trunk) {
            println!("            {told}");
        }
    }
    if config.trunks.is_empty() {
        println!("  trunk     none: every call is a stranger's and gets no answer; add a [[trunk]]");
    }
    for note in overlaps(&config.trunks) {
        println!("  note      {note}");
    }
    println!("  spool     {}", config.calls.spool.display());
    println!("  database  {}", config.database);
    let format = match config.log.format {
        Format::Text => "text",
        Format::Json => "json",
    };
    println!("  log       {}, as {format}", config.log.level.as_str().to_lowercase());
    Ok(())
}

/// Where two trunks claim the same addresses: it may be meant, so it is no
/// error, but only the first of them gets the calls.
fn overlaps(trunks: &[TrunkConfig]) -> Vec<String> {
    let mut notes = Vec::new();
    for (nth, second) in trunks.iter().enumerate() {
        for first in &trunks[..nth] {
            let (ones, others) = (&first.inbound.from, &second.inbound.from);
            for (one, other) in ones.iter().flat_map(|one| others.iter().map(move |o| (one, o))) {
                if one.contains(other) || other.contains(one) {
                    let (first, second) = (&first.name, &second.name);
                    notes.push(format!(
                        "{one} of {first} overlaps {other} of {second}; calls from both are {first}'s"
                    ));
                }
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trunk(name: &str, from: &[&str]) -> TrunkConfig {
        let from = from.iter().map(|range| range.parse().unwrap()).collect();
        TrunkConfig::known_by_address(name.parse().unwrap(), from, "FR".parse().unwrap())
    }

    #[test]
    fn overlapping_trunks_are_told_with_the_one_that_gets_the_calls() {
        let north = trunk("north", &["203.0.113.0/24", "198.51.100.1/32"]);
        let south = trunk("south", &["192.0.2.0/24", "203.0.113.5/32"]);

        let notes = overlaps(&[north, south]);

        assert_eq!(
            notes,
            ["203.0.113.0/24 of north overlaps 203.0.113.5/32 of south; calls from both are north's"]
        );
    }
}
