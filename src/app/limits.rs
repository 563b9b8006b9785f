//! What somebody outside can make us keep, and how much of each that is at most.
//!
//! The limits stand where they hold; here they are gathered for `/metrics`.
//! Queues tell their own, beside how full they are.

use crate::domain::calling::screening::callers::CALLERS_MAX;
use crate::domain::people::claims::CLAIMS_MAX;
use crate::domain::tracking::event::EVENTS_MAX;
use crate::http::console::PAIRS_MAX;
use crate::media::sdp::STREAMS_MAX;
use crate::sip::dialog::FORKS_MAX;
use crate::sip::identity::{CERTIFICATES_MAX, FETCHES_MAX, WAITING_MAX};
use crate::sip::ladder::LADDER_MAX;
use crate::sip::message::{BODY_MAX, HEAD_MAX};
use crate::sip::transport::accept::{OTHER_CONNECTIONS, TRUNK_CONNECTIONS};
use crate::sip::transport::links::OUTWARD_CONNECTIONS;
use crate::sip::trunk::health::HOPS_MAX;
use crate::sip::trunk::nonce::USED_MAX;
use crate::sip::trunk::strangers::ADDRESSES_MAX;
use crate::switchboard::live::WATCHERS_MAX;
use crate::telemetry::Metrics;

const LIMITS: &[(&str, usize)] = &[
    // Of the wire.
    ("trunk_connections", TRUNK_CONNECTIONS),
    ("other_connections", OTHER_CONNECTIONS),
    ("outward_connections", OUTWARD_CONNECTIONS),
    ("message_bytes", HEAD_MAX + BODY_MAX),
    ("forks_of_a_leg", FORKS_MAX),
    ("ladder_bytes_of_a_call", LADDER_MAX),
    ("streams_of_a_description", STREAMS_MAX),
    // What is remembered of others.
    ("strangers", ADDRESSES_MAX),
    ("used_nonces", USED_MAX),
    ("suspect_hops", HOPS_MAX),
    ("callers", CALLERS_MAX),
    ("certificates", CERTIFICATES_MAX),
    ("console_sign_in_failures", PAIRS_MAX),
    ("events_of_a_visit", EVENTS_MAX as usize),
    ("claims_of_a_visit", CLAIMS_MAX as usize),
    // What waits.
    ("certificate_fetches", FETCHES_MAX),
    ("calls_awaiting_certificates", WAITING_MAX),
    ("live_call_watchers", WATCHERS_MAX),
];

pub fn tell(metrics: &Metrics) {
    LIMITS.iter().for_each(|(of, max)| metrics.limit(of, *max));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_stands_on_the_page_once() {
        let metrics = Metrics::new();

        tell(&metrics);

        let page = metrics.render();
        for (of, max) in LIMITS {
            let line = format!("whence_limit{{of=\"{of}\"}} {max}");
            assert_eq!(page.lines().filter(|found| *found == line).count(), 1, "{line}\n{page}");
        }
    }
}
