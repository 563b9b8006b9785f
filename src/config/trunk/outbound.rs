//! The keys of a trunk that calls go to.

use crate::config::reader::Section;

/// How calls leave over a trunk.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outbound {}

impl Outbound {
    pub(super) fn read(_section: &mut Section) -> Self {
        Self {}
    }
}
