//! What a static number stands on off the web, as a plan writes it: `kind`,
//! `cost_minor` and `currency`, `runs`, `landing_page`.

use url::Url;

use super::desk::Entry;
use super::draft::DraftNumber;
use super::problem::Fault;
use crate::domain::money::{MINOR_MAX, Money};
use crate::domain::tracking::number::Medium;
use crate::domain::tracking::offline::{Kind, Offline};

/// A QR code of a longer address is too fine to print small.
const PAGE_MAX: usize = 1000;

/// `None` when nothing is said of it.
pub(super) fn check(entry: &mut Entry<'_, '_>, draft: &DraftNumber) -> Option<Offline> {
    let DraftNumber { kind, cost_minor, currency, runs, landing_page, .. } = draft;
    if kind.is_none()
        && cost_minor.is_none()
        && currency.is_none()
        && runs.is_none()
        && landing_page.is_none()
    {
        return None;
    }
    let kind = kind.as_deref().map_or(Ok(Kind::Other), |word| {
        word.parse().map_err(|_| Fault::BadMediumKind { word: word.to_owned(), known: Kind::WORDS })
    });
    let kind = entry.note(kind);
    let cost = match (cost_minor, currency) {
        (None, None) => None,
        (Some(minor), Some(currency)) => {
            let currency = entry.note(currency.parse().map_err(|_| Fault::BadCurrency(currency.clone())));
            if *minor > MINOR_MAX {
                entry.fault(Fault::OutOfBounds { key: "cost_minor", least: 0, most: MINOR_MAX });
            }
            currency.map(|currency| Money { minor: *minor, currency })
        }
        (Some(_), None) | (None, Some(_)) => {
            entry.fault(Fault::HalfACost);
            None
        }
    };
    let runs = runs.as_ref().and_then(|text| {
        let read = text.parse();
        entry.note(read.map_err(|bad: crate::domain::calling::schedule::Unreadable| Fault::BadHours {
            text: text.clone(),
            example: bad.0,
        }))
    });
    let landing_page = landing_page.as_ref().and_then(|page| {
        let good = page.len() <= PAGE_MAX
            && Url::parse(page).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        entry.note(if good { Ok(page.clone()) } else { Err(Fault::BadLandingPage(page.clone())) })
    });
    Some(Offline { kind: kind?, cost, runs, landing_page })
}

/// Adds what a medium says to the draft of its number.
pub(super) fn written(medium: &Medium, draft: DraftNumber) -> DraftNumber {
    let Some(offline) = &medium.offline else { return draft };
    DraftNumber {
        kind: Some(offline.kind.to_string()),
        cost_minor: offline.cost.map(|cost| cost.minor),
        currency: offline.cost.map(|cost| cost.currency.to_string()),
        runs: offline.runs.map(|days| days.to_string()),
        landing_page: offline.landing_page.clone(),
        ..draft
    }
}

/// A medium laid out for a comparison; empty for a number of a pool.
pub(super) fn facts(medium: Option<&Medium>) -> [(&'static str, String); 4] {
    let offline = medium.and_then(|medium| medium.offline.as_ref());
    let told = |text: Option<String>| text.unwrap_or_default();
    [
        ("kind", told(offline.map(|it| it.kind.to_string()))),
        (
            "cost",
            told(offline.and_then(|it| it.cost).map(|cost| format!("{} {}", cost.minor, cost.currency))),
        ),
        ("runs", told(offline.and_then(|it| it.runs).map(|days| days.to_string()))),
        ("landing_page", told(offline.and_then(|it| it.landing_page.clone()))),
    ]
}
