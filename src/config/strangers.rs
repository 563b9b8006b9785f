//! `[strangers]`: what is borne of those who knock in vain.

use super::reader::Section;
use super::value::{seconds, whole};

pub use crate::sip::trunk::strangers::Patience as StrangersConfig;

impl StrangersConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        let misses = section.get("misses", u64::from(default.misses), whole(0..=1_000));
        Self {
            misses: u32::try_from(misses).unwrap_or(u32::MAX),
            silence: section.get("silence_s", default.silence, seconds(1..=86_400)),
        }
    }
}
