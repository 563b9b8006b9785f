//! What a plan says of how long data is kept: `[[retention]]`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::diff::{Facts, Thing};
use super::problem::Fault;
use crate::domain::people::retention::{Kind, MONTHS_MAX, Policy};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRetention {
    /// `prospects`, `customers`, `visits`, `calls`, `engagements`, `mails` or `imports`.
    pub kind: String,
    pub months: u32,
    /// Why so long.
    pub because: String,
}

pub(super) fn check<'d>(desk: &mut Desk<'d>, drafts: &'d [DraftRetention]) -> Vec<Policy> {
    let mut seen = HashSet::new();
    let policies: Vec<Policy> = drafts.iter().filter_map(|draft| policy(desk, draft, &mut seen)).collect();
    // Whoever is judged by what they did must not lose it before.
    let months = |kind| policies.iter().find(|policy| policy.kind == kind).map(|policy| policy.months);
    for people in [Kind::Prospects, Kind::Customers] {
        if let (Some(acts), Some(least)) = (months(Kind::Engagements), months(people))
            && acts < least
        {
            let name = Kind::Engagements.as_str();
            desk.entry("retention", name).fault(Fault::ShorterThan { months: least, kind: people.as_str() });
        }
    }
    policies
}

fn policy<'d>(desk: &mut Desk<'d>, draft: &'d DraftRetention, seen: &mut HashSet<&'d str>) -> Option<Policy> {
    let mut entry = desk.entry("retention", &draft.kind);
    if !seen.insert(&draft.kind) {
        entry.fault(Fault::Twice);
    }
    let kind: Result<Kind, _> = draft.kind.parse();
    let known = Kind::WORDS;
    let kind =
        entry.note(kind.map_err(|_| Fault::BadAction { key: "kind", word: draft.kind.clone(), known }));
    let because = entry.text("because", &draft.because);
    let kind = kind?;
    if !(kind.least()..=MONTHS_MAX).contains(&draft.months) {
        let (least, most) = (kind.least().into(), MONTHS_MAX.into());
        entry.fault(Fault::OutOfBounds { key: "months", least, most });
    }
    Some(Policy { kind, months: draft.months, because: because? })
}

impl From<&Policy> for DraftRetention {
    fn from(policy: &Policy) -> Self {
        Self { kind: policy.kind.to_string(), months: policy.months, because: policy.because.clone() }
    }
}

pub(super) fn facts(policy: &Policy) -> (Thing, Facts) {
    let facts = vec![("months", policy.months.to_string()), ("because", policy.because.clone())];
    (Thing::Retention(policy.kind), facts)
}
