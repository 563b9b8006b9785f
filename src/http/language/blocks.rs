//! The words of the block and allow lists.

use super::Lang;
use crate::domain::calling::screening::rules::Action;
use crate::domain::plan::problem::Fault;

impl Lang {
    /// Whom an entry means; `kind` is a word of the database.
    pub fn block_kind(self, kind: &str) -> &'static str {
        let t = self.texts();
        match kind {
            "prefix" => t.block_prefix,
            "country" => t.block_country,
            "withheld" => t.block_withheld,
            _ => t.block_number,
        }
    }

    pub const fn block_action(self, then: Action) -> &'static str {
        let t = self.texts();
        match then {
            Action::Allow => t.block_allow,
            Action::Mark => t.block_mark,
            Action::Busy => t.block_busy,
            Action::Refuse | Action::Off => t.block_refuse,
        }
    }

    /// What is wrong with an entry that somebody wrote.
    pub const fn block_fault(self, fault: &Fault) -> &'static str {
        let t = self.texts();
        match fault {
            Fault::BadPhone(_) => t.block_bad_number,
            Fault::BadPrefix(_) => t.block_bad_prefix,
            Fault::BadCountry(_) => t.block_bad_country,
            Fault::BadTime(_) => t.block_bad_day,
            Fault::TooLong { .. } => t.block_long_note,
            _ => t.block_unclear,
        }
    }
}
