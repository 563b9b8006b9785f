//! Who is not to be profiled.
//!
//! Whoever objects to direct marketing objects to the profiling that goes with
//! it, and is not asked for reasons (RGPD art. 21(2) and (3)); profiling that
//! rests on an interest may be objected to as well (art. 21(1)). A person says
//! so in many ways, and nobody should have to find the right word: each no to
//! prospecting by whatever channel counts, one to being followed on the web, a
//! list of those who object, and a request in the register to object or to
//! restrict (art. 18), from the day it came unless it was refused.

use crate::domain::ids::PurposeId;
use crate::domain::people::consent::{Channel, Standing, Status, by_matter, standing};
use crate::domain::people::purpose::{Kind, Purpose};
use crate::domain::people::rules::Facts;
use crate::domain::time::Timestamp;

/// Whether somebody is not to be profiled; `has_asked`: the register holds a request of theirs to object or restrict
/// that was not refused. A purpose that the plan has no more counts as prospecting.
pub fn objects(facts: &Facts, has_asked: bool, purposes: &[Purpose], at: Timestamp) -> bool {
    let is_service = |id: &PurposeId| purposes.iter().any(|it| it.id == *id && it.kind == Kind::Service);
    let says_no = by_matter(&facts.lines).into_iter().any(|(matter, lines)| {
        let counts = matter.channel == Channel::WebTracking || !is_service(&matter.purpose);
        // An open question takes no objection away.
        let said = lines.into_iter().filter(|line| line.status != Status::Pending);
        counts && matches!(standing(said, at), Some((Standing::Refused | Standing::Withdrawn, _)))
    });
    has_asked || says_no || !facts.lists.is_empty()
}
