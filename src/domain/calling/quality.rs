//! How the media of a call went, as the relay saw it and as both ends report it.

use serde::{Deserialize, Serialize};

use crate::domain::ids::CallId;

/// The media of a call that passed by us; written once, at its end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Relayed {
    pub call: CallId,
    pub streams: Vec<StreamQuality>,
}

/// One stream of one leg.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StreamQuality {
    /// 0: the caller's; lines count from 1.
    pub leg: u8,
    /// Which `m=` line of its session description, from 0.
    pub stream: u8,
    /// `audio`, `video` …
    pub kind: String,
    /// RTP packets that came from the leg.
    pub received: u64,
    /// Of those that it sent, how many never came (RFC 3550 A.3).
    pub lost: u64,
    /// How unevenly they came, at the end (RFC 3550 A.8); `None`: their clock rate is not known.
    pub jitter_us: Option<u64>,
    /// RTP packets that were sent on to the leg.
    pub sent: u64,
    /// Packets from where nobody of this call is; dropped.
    pub strangers: u64,
    /// What the leg reported last (RTCP); `None`: it reports nothing, or in cipher.
    pub heard: Option<Heard>,
}

/// How a leg says that it hears what it is sent (RFC 3550 §6.4.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Heard {
    /// Packets that it misses.
    pub lost: u32,
    pub jitter_us: Option<u64>,
    /// From us to the leg and back; `None`: it has answered no sender report.
    pub round_trip_us: Option<u64>,
}
