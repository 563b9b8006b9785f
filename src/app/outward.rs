//! From the settings of a trunk to what leaves over it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::{Config, TrunkConfig};
use crate::domain::calling::tolls::Exit;
use crate::domain::ids::TrunkId;
use crate::http::TrunkSettings;
use crate::media::exchange::Profile;
use crate::sip::message::{Scheme, Uri};
use crate::sip::trunk::out::{Out, Outward};
use crate::switchboard::is_ipv6;

pub(super) fn outward(config: &Config) -> Outward {
    Outward { trunks: config.trunks.iter().map(out).collect(), hop_timeout: config.sip.hop_timeout }
}

fn out(trunk: &TrunkConfig) -> Out {
    let outbound = &trunk.outbound;
    Out {
        id: trunk.name.clone(),
        to: outbound.to.iter().map(|hop| Arc::from(hop.as_str())).collect(),
        proxy: outbound.proxy.as_deref().map(Arc::from),
        login: outbound.login.clone(),
        register: outbound.register,
        caller_id: outbound.caller_id.clone(),
        asserts: outbound.asserts,
        ping: outbound.ping,
        spelling: outbound.dial_format,
        country: trunk.country,
    }
}

/// What each trunk lets out.
pub(super) fn exits(config: &Config) -> Vec<Exit> {
    let exit = |trunk: &TrunkConfig| Exit {
        trunk: trunk.name.clone(),
        leads_out: !trunk.outbound.to.is_empty(),
        prefixes: trunk.outbound.prefixes.clone(),
        calls_per_day: trunk.outbound.calls_per_day,
    };
    config.trunks.iter().map(exit).collect()
}

/// What is told of each trunk: all but its passwords.
pub(super) fn trunk_settings(config: &Config) -> Vec<TrunkSettings> {
    let told = |trunk: &TrunkConfig| TrunkSettings {
        id: trunk.name.clone(),
        country: trunk.country,
        calls_at_once: trunk.calls_at_once,
        from: trunk.inbound.from.iter().map(ToString::to_string).collect(),
        has_their_password: trunk.inbound.their_login.is_some(),
        their_certificate: trunk.inbound.their_certificate.clone(),
        to: trunk.outbound.to.clone(),
        user: trunk.outbound.login.as_ref().map(|login| login.user.clone()),
        registers: trunk.outbound.register.is_some(),
        prefixes: trunk.outbound.prefixes.clone(),
        calls_per_day: trunk.outbound.calls_per_day,
        is_sealed: trunk.outbound.sdes || trunk.outbound.dtls,
    };
    config.trunks.iter().map(told).collect()
}

/// Of those that calls leave to by address: whether that is of IPv6.
pub(super) fn ipv6_trunks(config: &Config) -> HashMap<TrunkId, bool> {
    let first = |trunk: &TrunkConfig| {
        let hop = trunk.outbound.proxy.as_deref().or(trunk.outbound.to.first().map(AsRef::as_ref))?;
        Some((trunk.name.clone(), is_ipv6(hop)?))
    };
    config.trunks.iter().filter_map(first).collect()
}

/// Those to which media are encrypted, and how.
pub(super) fn sealed_trunks(config: &Config) -> HashMap<TrunkId, Profile> {
    let profile = |trunk: &TrunkConfig| match (trunk.outbound.sdes, trunk.outbound.dtls) {
        (true, _) => Some((trunk.name.clone(), Profile::Sdes)),
        (_, true) => Some((trunk.name.clone(), Profile::Dtls)),
        _ => None,
    };
    config.trunks.iter().filter_map(profile).collect()
}

/// Hops to which the keys of media are told in the clear.
pub(super) fn open_keys(trunks: &[TrunkConfig]) -> Vec<String> {
    let is_open = |hop: &&String| {
        let uri = Uri::parse(hop.as_bytes()).ok();
        !uri.is_some_and(|uri| {
            let is_tls = |word: &[u8]| word.eq_ignore_ascii_case(b"tls") || word.eq_ignore_ascii_case(b"wss");
            uri.scheme == Scheme::Sips || uri.params.get("transport").is_some_and(is_tls)
        })
    };
    let told = |trunk: &TrunkConfig| {
        let outbound = &trunk.outbound;
        let hop = outbound.proxy.iter().chain(&outbound.to).take(match outbound.proxy {
            Some(_) => 1,
            None => outbound.to.len(),
        });
        let hop = hop.filter(|_| outbound.sdes).find(is_open)?;
        Some(format!(
            "{} is told the keys of media (sdes) by {hop}, where all who read the signalling read them; \
             give that transport=tls",
            trunk.name
        ))
    };
    trunks.iter().filter_map(told).collect()
}

/// A line about where calls leave over a trunk, for `check-config`.
pub(super) fn told(trunk: &TrunkConfig) -> Option<String> {
    let outbound = &trunk.outbound;
    if outbound.to.is_empty() {
        return None;
    }
    let mut told = format!("{} to {}", trunk.name, outbound.to.join(", "));
    if let Some(proxy) = &outbound.proxy {
        told += &format!(" through {proxy}");
    }
    if outbound.register.is_some() {
        told += ", registers";
    }
    if !outbound.prefixes.is_empty() {
        told += &format!(", only numbers that begin with {}", outbound.prefixes.join(", "));
    }
    if outbound.sdes || outbound.dtls {
        told += ", media encrypted";
    }
    if let Some(most) = outbound.calls_per_day {
        told += &format!(", {most} calls a day");
    }
    Some(told)
}
