//! `[calls]`: how many, how long, and where facts wait while the database is away.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::Section;
use super::value::{seconds, text, whole};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallsConfig {
    /// How many calls may stand at once; further ones get 503.
    pub limit: usize,
    /// More new calls than this in a second get 503; 0: any number.
    pub per_second: u32,
    /// A program that uses more of the processors than this takes no new calls; 0: it always does.
    pub cpu_percent: u32,
    /// The longest a line may ring, whatever its destination says.
    pub max_ring: Duration,
    /// A call that is still up after this is ended: a lost BYE must not cost a night.
    pub max_duration: Duration,
    /// How long current calls may go on when the gateway stops.
    pub drain: Duration,
    /// How many days what was said on the wire about a call is kept; 0: not at all.
    pub ladder_days: u32,
    /// Keeps what must be written down while the database does not answer.
    pub spool: PathBuf,
}

impl Default for CallsConfig {
    fn default() -> Self {
        Self {
            limit: 1_000,
            per_second: 0,
            cpu_percent: 90,
            // Above timer C of RFC 3261 §16.6 (3 minutes) carriers give up by themselves.
            max_ring: Duration::from_secs(180),
            max_duration: Duration::from_secs(4 * 60 * 60),
            drain: Duration::from_secs(30),
            ladder_days: 7,
            spool: PathBuf::from("data/spool"),
        }
    }
}

impl CallsConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        let limit = section.get("limit", default.limit as u64, whole(1..=1_000_000));
        let days = section.get("ladder_days", u64::from(default.ladder_days), whole(0..=3_650));
        Self {
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            per_second: section.get("per_second", u64::from(default.per_second), whole(0..=100_000)) as u32,
            cpu_percent: section.get("cpu_percent", u64::from(default.cpu_percent), whole(0..=100)) as u32,
            max_ring: section.get("max_ring_s", default.max_ring, seconds(1..=3_600)),
            max_duration: section.get("max_duration_s", default.max_duration, seconds(1..=7 * 24 * 60 * 60)),
            drain: section.get("drain_s", default.drain, seconds(0..=3_600)),
            ladder_days: u32::try_from(days).unwrap_or(u32::MAX),
            spool: section.get("spool", default.spool, |value| text(value).map(PathBuf::from)),
        }
    }
}
