//! What a plan says of clients: `[rfm]`, by which currency and how far back
//! they are judged, by fifths or by limits, and who is large.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::diff::{Facts, Thing};
use super::draft::differing;
use super::problem::Fault;
use crate::domain::money::{Currency, MINOR_MAX};
use crate::domain::people::rfm::{Limits, Settings};

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DraftRfm {
    pub currency: Option<String>,
    pub days: Option<u32>,
    /// The three go together; without them clients are told by fifths.
    pub recency_days: Option<[u32; 4]>,
    pub frequency: Option<[u32; 4]>,
    /// In whole units of the currency.
    pub monetary: Option<[u64; 4]>,
    pub large_percent: Option<u32>,
    pub medium_percent: Option<u32>,
}

pub(super) fn settings(desk: &mut Desk<'_>, draft: &DraftRfm) -> Settings {
    let usual = Settings::default();
    let mut entry = desk.entry("rfm", "");
    let currency = draft
        .currency
        .as_ref()
        .map_or(Ok(usual.currency), |text| text.parse().map_err(|_| Fault::BadCurrency(text.clone())));
    let currency: Currency = entry.note(currency).unwrap_or(usual.currency);
    let mut between = |key, value: Option<u32>, usual: u32, least: u64, most: u64| {
        let value = value.unwrap_or(usual);
        if !(least..=most).contains(&u64::from(value)) {
            entry.fault(Fault::OutOfBounds { key, least, most });
        }
        value
    };
    let days = between("days", draft.days, usual.days, 365, 3_652);
    let large_percent = between("large_percent", draft.large_percent, usual.large_percent, 1, 98);
    let rest = u64::from(99_u32.saturating_sub(large_percent));
    let medium_percent =
        between("medium_percent", draft.medium_percent, usual.medium_percent, 1, rest.max(1));
    let unit = 10_u64.pow(currency.decimals() as u32);
    let limits = match (draft.recency_days, draft.frequency, draft.monetary) {
        (None, None, None) => None,
        (Some(recency_days), Some(frequency), Some(monetary)) => {
            if !ascends(&recency_days) || recency_days[3] > days {
                entry.fault(Fault::BadLimits("recency_days"));
            }
            if !ascends(&frequency) {
                entry.fault(Fault::BadLimits("frequency"));
            }
            if !ascends(&monetary) || monetary[3] > MINOR_MAX / unit {
                entry.fault(Fault::BadLimits("monetary"));
            }
            let monetary = monetary.map(|amount| amount.saturating_mul(unit).min(MINOR_MAX) as i64);
            Some(Limits { recency_days, frequency, monetary })
        }
        _ => {
            entry.fault(Fault::HalfTheLimits);
            None
        }
    };
    Settings { currency, days, limits, large_percent, medium_percent }
}

fn ascends<T: PartialOrd + Default>(limits: &[T; 4]) -> bool {
    limits[0] > T::default() && limits.is_sorted_by(|one, next| one < next)
}

/// Writes only what differs from the defaults.
impl From<&Settings> for DraftRfm {
    fn from(settings: &Settings) -> Self {
        let usual = Settings::default();
        let limits = settings.limits.as_ref();
        Self {
            currency: differing(settings.currency.to_string(), usual.currency.to_string()),
            days: differing(settings.days, usual.days),
            recency_days: limits.map(|it| it.recency_days),
            frequency: limits.map(|it| it.frequency),
            monetary: limits.map(|it| whole(it, settings.currency)),
            large_percent: differing(settings.large_percent, usual.large_percent),
            medium_percent: differing(settings.medium_percent, usual.medium_percent),
        }
    }
}

fn whole(limits: &Limits, currency: Currency) -> [u64; 4] {
    limits.monetary.map(|minor| minor.unsigned_abs() / 10_u64.pow(currency.decimals() as u32))
}

pub(super) fn facts(settings: &Settings) -> (Thing, Facts) {
    let limits = |list: Option<Vec<String>>| list.map_or("fifths".to_owned(), |list| list.join(", "));
    let told = settings.limits.as_ref();
    let monetary = told.map(|it| whole(it, settings.currency).map(|it| it.to_string()).to_vec());
    let facts = vec![
        ("currency", settings.currency.to_string()),
        ("days", settings.days.to_string()),
        ("recency_days", limits(told.map(|it| it.recency_days.map(|it| it.to_string()).to_vec()))),
        ("frequency", limits(told.map(|it| it.frequency.map(|it| it.to_string()).to_vec()))),
        ("monetary", limits(monetary)),
        ("large_percent", settings.large_percent.to_string()),
        ("medium_percent", settings.medium_percent.to_string()),
    ];
    (Thing::Rfm, facts)
}
