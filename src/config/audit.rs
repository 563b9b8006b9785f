//! `[audit]`: how long it is known who has asked for what of people.

use super::reader::Section;
use super::value::whole;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditConfig {
    /// How many days an entry of the audit log stays.
    pub days: u32,
}

impl Default for AuditConfig {
    fn default() -> Self {
        // CNIL, délibération 2021-122 of 14 October 2021 on logging: six months to a year.
        Self { days: 365 }
    }
}

impl AuditConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let days = section.get("days", u64::from(Self::default().days), whole(1..=3_650));
        Self { days: u32::try_from(days).unwrap_or(u32::MAX) }
    }
}
