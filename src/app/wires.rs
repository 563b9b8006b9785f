//! What each wire and the switchboard are told of the settings.

use tokio::sync::mpsc;

use super::outward;
use crate::config::Config;
use crate::domain::calling::ladder::Ladder;
use crate::sip::trunk::accept::Trunk;
use crate::sip::trunk::numbers::Numbers;
use crate::switchboard::OverloadLimits;
use crate::{media, sip, switchboard};

pub(super) fn sip_config(config: &Config, ladders: mpsc::Sender<Ladder>) -> sip::Config {
    let trunks = config.trunks.iter().map(|trunk| Trunk {
        id: trunk.name.clone(),
        from: trunk.inbound.from.clone(),
        their_login: trunk.inbound.their_login.clone(),
        their_digests: trunk.inbound.their_digests.clone(),
        their_certificate: trunk.inbound.their_certificate.clone(),
        numbers: Numbers {
            home: Some(trunk.country),
            format: trunk.inbound.format,
            dialled: trunk.inbound.dialled,
        },
    });
    sip::Config {
        listen: config.sip.listen.clone(),
        advertised: config.sip.advertised.clone(),
        tls: config.sip.tls.clone(),
        web_origins: config.sip.web_origins.clone(),
        dns: config.sip.dns.clone(),
        user_agent: config.sip.user_agent.clone(),
        trunks: trunks.collect(),
        realm: config.sip.realm.clone(),
        strangers: config.strangers,
        session: config.sip.session,
        ladders: (config.calls.ladder_days > 0).then_some(ladders),
        outward: outward::outward(config),
    }
}

pub(super) fn media_config(config: &Config) -> media::Config {
    media::Config {
        faces: config.media.faces(&config.sip),
        ports: config.media.ports.clone(),
        idle: config.media.idle,
    }
}

pub(super) fn switchboard_config(config: &Config) -> switchboard::Config {
    switchboard::Config {
        node: config.node.clone(),
        capacity: config.calls.limit,
        ring_limit: config.calls.max_ring,
        talk_limit: config.calls.max_duration,
        overload: OverloadLimits {
            cpu: f64::from(config.calls.cpu_percent) / 100.0,
            per_second: config.calls.per_second,
        },
        exits: outward::exits(config).into(),
        ipv6_trunks: outward::ipv6_trunks(config),
        sealed_trunks: outward::sealed_trunks(config),
        trunk_limits: config
            .trunks
            .iter()
            .filter_map(|trunk| Some((trunk.name.clone(), trunk.calls_at_once?)))
            .collect(),
    }
}
