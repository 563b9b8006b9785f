//! `[consent]`: how people are asked.

use std::time::Duration;

use super::reader::Section;
use super::value::whole;
use crate::domain::people::opt_in::Policy;

const HOUR_S: u64 = 60 * 60;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConsentConfig {
    pub opt_in: Policy,
    /// How long a link to somebody's preferences holds.
    pub preference_link: Duration,
}

impl Default for ConsentConfig {
    fn default() -> Self {
        Self { opt_in: Policy::default(), preference_link: Duration::from_secs(90 * 24 * HOUR_S) }
    }
}

impl ConsentConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let Self { opt_in: default, preference_link } = Self::default();
        let hours = default.confirm_within.as_secs() / HOUR_S;
        let hours = section.get("confirm_within_h", hours, whole(1..=720));
        let mails = section.get("mails_per_day", u64::from(default.mails_per_day), whole(1..=20));
        let days = preference_link.as_secs() / (24 * HOUR_S);
        let days = section.get("link_days", days, whole(1..=3_650));
        Self {
            preference_link: Duration::from_secs(days * 24 * HOUR_S),
            opt_in: Policy {
                confirm_within: Duration::from_secs(hours * HOUR_S),
                mails_per_day: u32::try_from(mails).unwrap_or(u32::MAX),
            },
        }
    }
}
