//! What the relay carries, for a monitor.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::{Labelled, Metrics, as_gauge, counter, gauge, labelled};

#[derive(Clone)]
pub(super) struct Media {
    relayed: Counter,
    dropped: Labelled,
    past: Labelled,
    handshakes: Labelled,
    converted: Labelled,
    sessions: Gauge,
    ports: Gauge,
    ports_max: Gauge,
}

impl Media {
    pub fn new(all: &mut Registry) -> Self {
        Self {
            relayed: counter(all, "media_packets_relayed", "Packets of media sent on"),
            dropped: labelled(all, "media_packets_dropped", "Packets of media that were not, and why"),
            past: labelled(
                all,
                "media_past",
                "Session descriptions that were not relayed as planned, and why",
            ),
            handshakes: labelled(
                all,
                "media_handshakes",
                "Handshakes (DTLS) with browsers that have ended, and how",
            ),
            converted: labelled(
                all,
                "media_converted",
                "Streams of calls that were turned into another codec, and into which",
            ),
            sessions: gauge(all, "media_sessions", "Calls whose media are relayed now"),
            ports: gauge(all, "media_ports", "Ports of the relay in use now"),
            ports_max: gauge(all, "media_ports_max", "Ports that the relay has"),
        }
    }
}

impl Metrics {
    /// What counts packets, for the one thread that carries them.
    pub fn media_packets(&self) -> MediaPackets {
        let media = &self.media;
        let dropped = |why| media.dropped.get_or_create(&[("why", why)]).clone();
        MediaPackets {
            relayed: 0,
            strangers: 0,
            unheard: 0,
            nowhere: 0,
            unsendable: 0,
            unauthentic: 0,
            unsealed: 0,
            unconverted: 0,
            counters: [
                media.relayed.clone(),
                dropped("stranger"),
                dropped("unheard"),
                dropped("nowhere"),
                dropped("unsendable"),
                dropped("unauthentic"),
                dropped("unsealed"),
                dropped("unconverted"),
            ],
            handshakes: media.handshakes.clone(),
            converted: media.converted.clone(),
            sessions: media.sessions.clone(),
        }
    }

    /// A session description that was to be relayed goes past us.
    pub fn media_past(&self, why: &'static str) {
        self.media.past.get_or_create(&[("why", why)]).inc();
    }

    pub fn media_ports(&self, count: usize) {
        self.media.ports.set(as_gauge(count));
    }

    pub fn media_ports_max(&self, count: usize) {
        self.media.ports_max.set(as_gauge(count));
    }
}

/// Counts of one round; plain numbers until [`MediaPackets::flush`].
pub struct MediaPackets {
    pub relayed: u64,
    pub strangers: u64,
    pub unheard: u64,
    pub nowhere: u64,
    pub unsendable: u64,
    /// Sealed, and not by who has the key; or seen before.
    pub unauthentic: u64,
    /// For a side that has no key yet.
    pub unsealed: u64,
    /// To be turned into another codec, and late, broken or nothing that is.
    pub unconverted: u64,
    counters: [Counter; 8],
    handshakes: Labelled,
    converted: Labelled,
    sessions: Gauge,
}

impl MediaPackets {
    pub fn flush(&mut self) {
        let counts = [
            &mut self.relayed,
            &mut self.strangers,
            &mut self.unheard,
            &mut self.nowhere,
            &mut self.unsendable,
            &mut self.unauthentic,
            &mut self.unsealed,
            &mut self.unconverted,
        ];
        for (counter, count) in self.counters.iter().zip(counts) {
            counter.inc_by(std::mem::take(count));
        }
    }

    /// A handshake has ended so.
    pub fn handshake(&self, how: &'static str) {
        self.handshakes.get_or_create(&[("how", how)]).inc();
    }

    /// A stream is turned into this codec from now on.
    pub fn converts(&self, codec: &'static str) {
        self.converted.get_or_create(&[("codec", codec)]).inc();
    }

    pub fn sessions(&self, count: usize) {
        self.sessions.set(as_gauge(count));
    }
}
