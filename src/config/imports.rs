//! `[imports]`: where tables of contacts wait until they are worked off.

use std::path::PathBuf;

use super::reader::Section;
use super::value::{text, whole};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportsConfig {
    /// Of this node alone.
    pub folder: PathBuf,
    /// The longest file that is taken, in MiB.
    pub max_mb: u64,
}

impl Default for ImportsConfig {
    fn default() -> Self {
        Self { folder: PathBuf::from("data/imports"), max_mb: 1_024 }
    }
}

impl ImportsConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        Self {
            folder: section.get("folder", default.folder, |value| text(value).map(PathBuf::from)),
            max_mb: section.get("max_mb", default.max_mb, whole(1..=100_000)),
        }
    }
}
