//! Screening as a plan writes it: `[screening]`, what each rule does, and
//! `[[blocks]]`, the entries of the block and allow lists.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::diff::{Facts, Thing};
use super::problem::Fault;
use super::range;
use crate::domain::calling::screening::block::{Block, Scope, Who};
use crate::domain::calling::screening::callers::COUNT_MAX;
use crate::domain::calling::screening::rules::{Action, Limit, Rule, Settings};
use crate::domain::ids::BlockId;

/// How long a note may be.
const NOTE_MAX: usize = 200;
const WEEK_S: u64 = 7 * 24 * 60 * 60;

/// What each rule does, and what it counts.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DraftScreening {
    pub identity_failed: Option<String>,
    pub identity_absent: Option<String>,
    pub attestation_b: Option<String>,
    pub attestation_c: Option<String>,
    pub no_number: Option<String>,
    pub unassigned_number: Option<String>,
    pub own_number: Option<String>,
    pub platform_number: Option<String>,
    pub unsigned_mobile: Option<String>,
    pub rate: Option<String>,
    pub rate_calls: Option<u32>,
    pub rate_within_s: Option<u64>,
    pub silent_calls: Option<String>,
    pub silent_calls_count: Option<u32>,
    pub silent_calls_within_s: Option<u64>,
    pub silent_answered_under_s: Option<u64>,
    pub silent_abandoned_under_s: Option<u64>,
}

/// One of `number`, `prefix`, `country` and `withheld`; for one `outlet`, one
/// `called` number, or all calls.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftBlock {
    pub id: String,
    pub number: Option<String>,
    pub prefix: Option<String>,
    pub country: Option<String>,
    pub withheld: Option<bool>,
    pub outlet: Option<String>,
    pub called: Option<String>,
    /// `allow`, `mark`, `refuse` or `busy`; without it `refuse`.
    pub then: Option<String>,
    pub until: Option<String>,
    pub note: Option<String>,
}

impl DraftScreening {
    fn actions(&self) -> [(Rule, &Option<String>); 11] {
        [
            (Rule::IdentityFailed, &self.identity_failed),
            (Rule::IdentityAbsent, &self.identity_absent),
            (Rule::AttestationB, &self.attestation_b),
            (Rule::AttestationC, &self.attestation_c),
            (Rule::NoNumber, &self.no_number),
            (Rule::UnassignedNumber, &self.unassigned_number),
            (Rule::OwnNumber, &self.own_number),
            (Rule::PlatformNumber, &self.platform_number),
            (Rule::UnsignedMobile, &self.unsigned_mobile),
            (Rule::Rate, &self.rate),
            (Rule::SilentCalls, &self.silent_calls),
        ]
    }
}

/// Checks the rules; each that is wrong stays off.
pub(super) fn settings(desk: &mut Desk<'_>, draft: &DraftScreening) -> Settings {
    let mut settings = Settings::default();
    let mut entry = desk.entry("screening", "");
    for (rule, word) in draft.actions() {
        let Some(word) = word else { continue };
        match word.parse() {
            Ok(Action::Off) => {}
            Ok(action @ (Action::Mark | Action::Refuse | Action::Busy)) => {
                settings.then.insert(rule, action);
            }
            Ok(Action::Allow) | Err(_) => entry.fault(Fault::BadAction {
                key: rule.as_str(),
                word: word.clone(),
                known: "off, mark, refuse or busy",
            }),
        }
    }
    let counts = [
        ("rate_calls", draft.rate_calls, &mut settings.rate),
        ("silent_calls_count", draft.silent_calls_count, &mut settings.silent),
    ];
    for (key, calls, Limit { calls: kept, .. }) in counts {
        match calls {
            Some(calls) if (1..=COUNT_MAX).contains(&calls) => *kept = calls,
            Some(_) => entry.fault(Fault::OutOfBounds { key, least: 1, most: COUNT_MAX.into() }),
            None => {}
        }
    }
    let spans = [
        ("rate_within_s", draft.rate_within_s, WEEK_S, &mut settings.rate.within),
        ("silent_calls_within_s", draft.silent_calls_within_s, WEEK_S, &mut settings.silent.within),
        ("silent_answered_under_s", draft.silent_answered_under_s, 60, &mut settings.answered_under),
        ("silent_abandoned_under_s", draft.silent_abandoned_under_s, 60, &mut settings.abandoned_under),
    ];
    for (key, span, most, kept) in spans {
        if let Some(span) = span.and_then(|span| entry.seconds(key, span, [1, most])) {
            *kept = span;
        }
    }
    settings
}

/// Checks an entry, its name and what it points at.
pub(super) fn block<'d>(desk: &mut Desk<'d>, draft: &'d DraftBlock) -> Option<Block> {
    let mut entry = desk.entry("blocks", &draft.id);
    let id = entry.id();
    if let Some(outlet) = &draft.outlet {
        entry.reference::<crate::domain::ids::OutletId>("outlet", outlet);
    }
    match read(id?, draft) {
        Ok(block) => {
            if let Scope::Number(number) = &block.scope {
                entry.known_number(number);
            }
            Some(block)
        }
        Err(faults) => {
            faults.into_iter().for_each(|fault| entry.fault(fault));
            None
        }
    }
}

/// Reads an entry as far as it can be read by itself.
pub fn read(id: BlockId, draft: &DraftBlock) -> Result<Block, Vec<Fault>> {
    let mut faults = Vec::new();
    let who = note(who(draft), &mut faults);
    let scope = note(scope(draft), &mut faults);
    let then = note(then(draft), &mut faults);
    let until = match &draft.until {
        None => Some(None),
        Some(text) => note(text.parse().map(Some).map_err(|_| Fault::BadTime(text.clone())), &mut faults),
    };
    let text = draft.note.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > NOTE_MAX) {
        faults.push(Fault::TooLong { key: "note", most: NOTE_MAX });
    }
    match (who, scope, then, until) {
        (Some(who), Some(scope), Some(then), Some(until)) if faults.is_empty() => {
            Ok(Block { id, who, scope, then, until, note: text.map(str::to_owned) })
        }
        _ => Err(faults),
    }
}

fn note<T>(read: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
}

fn who(draft: &DraftBlock) -> Result<Who, Fault> {
    match (&draft.number, &draft.prefix, &draft.country, draft.withheld.unwrap_or(false)) {
        (Some(number), None, None, false) => range::phone(number).map(Who::Number),
        (None, Some(prefix), None, false) => prefix.trim().parse().map(Who::Prefix).map_err(Fault::BadPrefix),
        (None, None, Some(country), false) => {
            country.trim().parse().map(Who::Country).map_err(|_| Fault::BadCountry(country.clone()))
        }
        (None, None, None, true) => Ok(Who::Withheld),
        _ => Err(Fault::UnclearBlock),
    }
}

fn scope(draft: &DraftBlock) -> Result<Scope, Fault> {
    match (&draft.outlet, &draft.called) {
        (None, None) => Ok(Scope::All),
        (Some(outlet), None) => outlet.parse().map(Scope::Outlet).map_err(|_| Fault::BadName(outlet.clone())),
        (None, Some(called)) => range::phone(called).map(Scope::Number),
        (Some(_), Some(_)) => Err(Fault::TwoScopes),
    }
}

fn then(draft: &DraftBlock) -> Result<Action, Fault> {
    let word = draft.then.as_deref().unwrap_or(Action::Refuse.as_str());
    match word.parse() {
        Ok(Action::Off) | Err(_) => {
            Err(Fault::BadAction { key: "then", word: word.to_owned(), known: "allow, mark, refuse or busy" })
        }
        Ok(action) => Ok(action),
    }
}

/// Writes only what differs from the defaults.
impl From<&Settings> for DraftScreening {
    fn from(settings: &Settings) -> Self {
        let default = Settings::default();
        let of = |rule| settings.then.get(&rule).map(ToString::to_string);
        let calls = |own: Limit, usual: Limit| (own.calls != usual.calls).then_some(own.calls);
        let seconds = |own: std::time::Duration, usual| (own != usual).then_some(own.as_secs());
        Self {
            identity_failed: of(Rule::IdentityFailed),
            identity_absent: of(Rule::IdentityAbsent),
            attestation_b: of(Rule::AttestationB),
            attestation_c: of(Rule::AttestationC),
            no_number: of(Rule::NoNumber),
            unassigned_number: of(Rule::UnassignedNumber),
            own_number: of(Rule::OwnNumber),
            platform_number: of(Rule::PlatformNumber),
            unsigned_mobile: of(Rule::UnsignedMobile),
            rate: of(Rule::Rate),
            rate_calls: calls(settings.rate, default.rate),
            rate_within_s: seconds(settings.rate.within, default.rate.within),
            silent_calls: of(Rule::SilentCalls),
            silent_calls_count: calls(settings.silent, default.silent),
            silent_calls_within_s: seconds(settings.silent.within, default.silent.within),
            silent_answered_under_s: seconds(settings.answered_under, default.answered_under),
            silent_abandoned_under_s: seconds(settings.abandoned_under, default.abandoned_under),
        }
    }
}

impl From<&Block> for DraftBlock {
    fn from(block: &Block) -> Self {
        let who = Some(block.who.reveal());
        let mut draft = Self {
            id: block.id.to_string(),
            then: (block.then != Action::Refuse).then(|| block.then.to_string()),
            until: block.until.map(|at| at.to_string()),
            note: block.note.clone(),
            ..Self::default()
        };
        match &block.who {
            Who::Number(_) => draft.number = who,
            Who::Prefix(_) => draft.prefix = who,
            Who::Country(_) => draft.country = who,
            Who::Withheld => draft.withheld = Some(true),
        }
        match &block.scope {
            Scope::All => {}
            Scope::Outlet(outlet) => draft.outlet = Some(outlet.to_string()),
            Scope::Number(number) => draft.called = Some(number.reveal().to_owned()),
        }
        draft
    }
}

/// An entry laid out for a comparison.
pub(super) fn block_facts(block: &Block) -> (Thing, Facts) {
    let scope = match &block.scope {
        Scope::All => String::new(),
        Scope::Outlet(outlet) => outlet.to_string(),
        Scope::Number(number) => number.reveal().to_owned(),
    };
    let facts = vec![
        ("who", format!("{} {}", block.who.kind(), block.who.reveal()).trim_end().to_owned()),
        ("scope", scope),
        ("then", block.then.to_string()),
        ("until", block.until.map(|at| at.to_string()).unwrap_or_default()),
        ("note", block.note.clone().unwrap_or_default()),
    ];
    (Thing::Block(block.id.clone()), facts)
}

/// The rules laid out for a comparison.
pub(super) fn rule_facts(settings: &Settings) -> (Thing, Facts) {
    let actions = Rule::of_settings().map(|rule| (rule.as_str(), settings.of(rule).to_string()));
    let counts = [
        ("rate_calls", u64::from(settings.rate.calls)),
        ("rate_within_s", settings.rate.within.as_secs()),
        ("silent_calls_count", u64::from(settings.silent.calls)),
        ("silent_calls_within_s", settings.silent.within.as_secs()),
        ("silent_answered_under_s", settings.answered_under.as_secs()),
        ("silent_abandoned_under_s", settings.abandoned_under.as_secs()),
    ];
    let counts = counts.into_iter().map(|(key, count)| (key, count.to_string()));
    (Thing::Screening, actions.chain(counts).collect())
}
