//! A leg that is asked, within its dialog, to agree to another session: it may
//! decline, and then all is as it was before.

use bytes::Bytes;

use super::{Change, Description, Exchange, line_of};
use crate::call::leg::LegId;

/// What was so before somebody was asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub leg: LegId,
    /// What the leg had been given.
    given: Option<Bytes>,
    pub asker: LegId,
    description: Option<Description>,
    pub heard: Option<LegId>,
    /// Whether the line's media went past us.
    was_past: bool,
}

impl Exchange {
    /// A leg is asked by another, of which this held before.
    pub(super) fn asks(&mut self, leg: LegId, asker: LegId, description: Option<Description>) {
        let (heard, was_past) = (self.heard, self.leg(line_of(leg, asker)).is_past);
        self.asked.retain(|asked| asked.leg != leg);
        let given = self.leg(leg).given.clone();
        self.asked.push(Asked { leg, given, asker, description, heard, was_past });
    }

    /// A leg has replied to what it was asked; if it declined, all is as it was before.
    pub fn replies(&mut self, leg: LegId, accepts: bool) -> Vec<Change> {
        let Some(at) = self.asked.iter().position(|asked| asked.leg == leg) else { return vec![] };
        let Asked { asker, given, description, heard, was_past, .. } = self.asked.swap_remove(at);
        let mut changes = vec![];
        if accepts {
            changes = self.describes(asker);
            changes.retain(|change| matches!(change, Change::Seal(..)));
            return changes;
        }
        self.leg(leg).given = given;
        self.leg(line_of(leg, asker)).is_past = was_past;
        if let Some(mut description) = description {
            // Its roles are those of before, whatever it has asked for.
            self.leg(asker).description = None;
            self.learns(asker, &mut description, false);
            self.leg(asker).description = Some(description);
            changes.extend(self.describes(asker));
        }
        if let Some(line) = heard.filter(|_| self.heard != heard) {
            self.heard = heard;
            changes.push(Change::Join(LegId::CALLER, line));
        }
        changes
    }
}
