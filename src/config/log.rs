//! `[log]`: how much is told, and in which form.

use super::reader::Section;
use super::value::word;
use crate::telemetry::{Format, Level};

pub use crate::telemetry::Config as LogConfig;

const LEVELS: &[(&str, Level)] = &[
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];
const FORMATS: &[(&str, Format)] = &[("text", Format::Text), ("json", Format::Json)];

impl LogConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        Self {
            level: section.get("level", default.level, word(LEVELS)),
            format: section.get("format", default.format, word(FORMATS)),
        }
    }
}
