//! `whence check-config`: says whether the settings are well, and what follows.

use super::outward;
use super::run::{Failed, settings};
use crate::cli::Settings;
use crate::config::{Inbound, TrunkConfig};
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
    for (address, told) in config.media.faces(&config.sip) {
        let told = if told == address { String::new() } else { format!(", told as {told}") };
        let ports = &config.media.ports;
        println!("  media     {address}, ports {} to {}{told}", ports.start(), ports.end());
    }
    for certificate in &config.sip.tls.certificates {
        println!("  tls       {}", certificate.chain.display());
    }
    for trunk in &config.trunks {
        println!("  trunk     {} {}", trunk.name, told_by(&trunk.inbound));
        if let Some(told) = outward::told(trunk) {
            println!("            {told}");
        }
    }
    if config.trunks.is_empty() {
        println!("  trunk     none: every call is a stranger's and gets no answer; add a [[trunk]]");
    }
    let trunks = &config.trunks;
    for note in [overlaps(trunks), open_doors(trunks), outward::open_keys(trunks)].into_iter().flatten() {
        println!("  note      {note}");
    }
    println!("  spool     {}", config.calls.spool.display());
    let bucket = config.vault.bucket.as_ref().map(|bucket| format!(", then the bucket {}", bucket.name));
    println!("  vault     {}{}", config.vault.folder.display(), bucket.unwrap_or_default());
    println!("  database  {}", config.database);
    let format = match config.log.format {
        Format::Text => "text",
        Format::Json => "json",
    };
    println!("  log       {}, as {format}", config.log.level.as_str().to_lowercase());
    Ok(())
}

/// What a call must show to be a trunk's; no password.
fn told_by(inbound: &Inbound) -> String {
    let ranges: Vec<String> = inbound.from.iter().map(ToString::to_string).collect();
    let from = if ranges.is_empty() { "anywhere".to_owned() } else { ranges.join(", ") };
    let login = inbound.their_login.as_ref().map(|login| format!(", with the login {}", login.user));
    let certificate = inbound.their_certificate.as_ref().map(|name| format!(", with the certificate {name}"));
    format!("from {from}{}{}", login.unwrap_or_default(), certificate.unwrap_or_default())
}

/// Trunks that make the gateway answer anybody's INVITE.
fn open_doors(trunks: &[TrunkConfig]) -> Vec<String> {
    let is_open = |trunk: &&TrunkConfig| {
        let inbound = &trunk.inbound;
        inbound.from.is_empty() && inbound.their_login.is_some() && inbound.their_certificate.is_none()
    };
    let open = trunks.iter().filter(is_open);
    open.map(|trunk| {
        format!("{} may call from anywhere, so anybody's INVITE is asked for a login", trunk.name)
    })
    .collect()
}

/// Where two trunks claim the same addresses: it may be meant, so it is no
/// error, but only the first of them gets the calls.
fn overlaps(trunks: &[TrunkConfig]) -> Vec<String> {
    let only_range = |trunk: &&TrunkConfig| {
        trunk.inbound.their_login.is_none() && trunk.inbound.their_certificate.is_none()
    };
    let trunks: Vec<&TrunkConfig> = trunks.iter().filter(only_range).collect();
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
    use crate::sip::trunk::digest::Login;

    fn trunk(name: &str, from: &[&str]) -> TrunkConfig {
        let from = from.iter().map(|range| range.parse().unwrap()).collect();
        TrunkConfig::known_by_address(name.parse().unwrap(), from, "FR".parse().unwrap())
    }

    #[test]
    fn a_trunk_is_shown_with_what_it_must_prove_and_no_password() {
        let mut pbx = trunk("pbx", &["203.0.113.0/24"]);
        pbx.inbound.their_login = Some(Login { user: "pbx".into(), password: "swordfish".into() });
        let mut roaming = pbx.clone();
        roaming.inbound.from.clear();
        let mut tls = trunk("tls", &[]);
        tls.inbound.their_certificate = Some("sip.example.org".into());

        assert_eq!(told_by(&pbx.inbound), "from 203.0.113.0/24, with the login pbx");
        assert_eq!(told_by(&tls.inbound), "from anywhere, with the certificate sip.example.org");
        assert_eq!(open_doors(&[pbx.clone(), tls]), [""; 0]);
        assert_eq!(open_doors(&[roaming]).len(), 1);
        assert_eq!(
            overlaps(&[trunk("range", &["203.0.113.0/24"]), pbx]),
            [""; 0],
            "the login tells them apart"
        );
    }

    #[test]
    fn keys_that_are_told_in_the_clear_are_noted() {
        for (sdes, to, proxy, is_noted) in [
            (false, "sip:a.example", None, false),
            (true, "sip:a.example", None, true),
            (true, "sip:a.example;transport=tcp", None, true),
            (true, "sip:a.example;transport=TLS", None, false),
            (true, "sips:a.example", None, false),
            (true, "sips:a.example", Some("sip:b.example"), true),
            (true, "sip:a.example", Some("sip:b.example;transport=tls"), false),
        ] {
            let mut carrier = trunk("carrier", &["203.0.113.0/24"]);
            let outbound = &mut carrier.outbound;
            (outbound.sdes, outbound.to) = (sdes, vec!["sips:first.example".into(), to.into()]);
            outbound.proxy = proxy.map(Into::into);

            let notes = outward::open_keys(&[carrier]);

            let hop = proxy.unwrap_or(to);
            let told = format!("carrier is told the keys of media (sdes) by {hop}");
            assert_eq!(notes.iter().any(|note| note.starts_with(&told)), is_noted, "{notes:?}");
            assert_eq!(notes.len(), usize::from(is_noted));
        }
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
