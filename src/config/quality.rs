//! `[quality]`: what is asked of others about what is known of people.

use super::reader::Section;
use super::value::flag;

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct QualityConfig {
    /// Whether name servers are asked if the domains of people's addresses take mail.
    pub mx: bool,
}

impl QualityConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        Self { mx: section.get("mx", Self::default().mx, flag) }
    }
}
