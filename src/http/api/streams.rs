//! How the media of a call went that were relayed, as its resource shows them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::calling::quality::{Heard, StreamQuality};

/// One stream of one leg.
#[derive(Serialize, ToSchema)]
pub struct Stream {
    /// 0: the caller's; lines count from 1.
    pub leg: u8,
    /// Which `m=` line of its session description, from 0.
    pub stream: u8,
    /// `audio`, `video` …
    #[schema(example = "audio")]
    pub kind: String,
    /// RTP packets that came from the leg.
    pub received: u64,
    /// Of those that it sent, how many never came.
    pub lost: u64,
    /// How unevenly they came (RFC 3550), in microseconds; `null`: their clock rate is not known.
    pub jitter_us: Option<u64>,
    /// RTP packets that were sent on to the leg.
    pub sent: u64,
    /// Packets from where nobody of the call is; they were dropped.
    pub strangers: u64,
    /// What the leg reported last (RTCP); `null`: nothing, or in cipher.
    pub heard: Option<HeardReport>,
}

/// How a leg says that it hears what it is sent.
#[derive(Serialize, ToSchema)]
pub struct HeardReport {
    /// Packets that it misses.
    pub lost: u32,
    pub jitter_us: Option<u64>,
    /// From the gateway to the leg and back; `null`: it has answered no sender report.
    pub round_trip_us: Option<u64>,
}

impl From<StreamQuality> for Stream {
    fn from(it: StreamQuality) -> Self {
        let StreamQuality { leg, stream, kind, received, lost, jitter_us, sent, strangers, heard } = it;
        let heard = heard.map(|Heard { lost, jitter_us, round_trip_us }| HeardReport {
            lost,
            jitter_us,
            round_trip_us,
        });
        Self { leg, stream, kind, received, lost, jitter_us, sent, strangers, heard }
    }
}
