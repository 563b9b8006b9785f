//! What a contact is compared by, and what many of them add up to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::calling::outcome::words;
use crate::domain::people::address::{Address, Kind as AddressKind};
use crate::domain::people::contact::Identity;
use crate::domain::people::engagement::Kind;
use crate::domain::people::rules::Facts;

/// What of the last year is counted, each for itself; in the order of the first features.
pub const DEEDS: [Kind; 7] = [
    Kind::Call,
    Kind::Visit,
    Kind::FormSubmitted,
    Kind::EmailOpened,
    Kind::EmailClicked,
    Kind::SmsReceived,
    Kind::Purchase,
];
/// How many features are numbers: the deeds, recency, tenure and money.
pub const NUMBERS: usize = DEEDS.len() + 3;
/// Whoever has never done anything is as far away as who did three years ago.
const NEVER_DAYS: i64 = 1_095;

/// What contacts are compared by: first the numbers, then what is one of many.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Feature {
    Calls,
    Visits,
    Forms,
    EmailsOpened,
    EmailsClicked,
    SmsReceived,
    Purchases,
    /// Days since their last own act.
    Recency,
    /// Days since they are known.
    Tenure,
    /// What they spent in a year, in the currency of the scores.
    Spent,
    /// By what their first visit or call came: GA4's channel group.
    Channel,
    /// The department of a French address, else the country of an address or a number.
    Region,
    Language,
}

words! { Feature:
    Calls = "calls",
    Visits = "visits",
    Forms = "forms",
    EmailsOpened = "emails_opened",
    EmailsClicked = "emails_clicked",
    SmsReceived = "sms_received",
    Purchases = "purchases",
    Recency = "recency",
    Tenure = "tenure",
    Spent = "spent",
    Channel = "channel",
    Region = "region",
    Language = "language",
}

/// What one contact is compared by. Days are kept as dates, so that nothing changes by time alone.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct Features {
    /// How often each of [`DEEDS`] was done in a year.
    pub deeds: [u32; DEEDS.len()],
    /// Days since 1970; `None`: they never did anything of their own.
    pub last_act: Option<i64>,
    /// Days since 1970.
    pub known_since: i64,
    /// In the smallest unit; less what was given back.
    pub spent_minor: i64,
    /// The channel, the region, the language; `None`: nobody knows.
    pub named: [Option<String>; 3],
}

/// As it is written down: a short array, since there is one for each contact.
type Row = ([u32; DEEDS.len()], Option<i64>, i64, i64, [Option<String>; 3]);

impl From<Row> for Features {
    fn from((deeds, last_act, known_since, spent_minor, named): Row) -> Self {
        Self { deeds, last_act, known_since, spent_minor, named }
    }
}

impl From<Features> for Row {
    fn from(Features { deeds, last_act, known_since, spent_minor, named }: Features) -> Self {
        (deeds, last_act, known_since, spent_minor, named)
    }
}

impl Features {
    /// The numbers as people would tell them on a day: counts, days and money in the smallest unit.
    pub fn told(&self, today: i64) -> [f64; NUMBERS] {
        let since = |day: i64| (today - day).max(0) as f64;
        let mut told = [0.0; NUMBERS];
        for (told, count) in told.iter_mut().zip(self.deeds) {
            *told = f64::from(count);
        }
        told[NUMBERS - 3] = self.last_act.map_or(NEVER_DAYS as f64, since);
        told[NUMBERS - 2] = since(self.known_since);
        told[NUMBERS - 1] = self.spent_minor.max(0) as f64;
        told
    }

    /// The same as they are compared: `ln(1 + x)`, since twice as much is as far at each height.
    pub fn numbers(&self, today: i64) -> [f64; NUMBERS] {
        self.told(today).map(f64::ln_1p)
    }
}

/// Where somebody lives: `FR-69`, `FR-20` (all of Corsica), `FR-974`, `BE`; `None`: nothing tells. A number tells
/// its country alone, for since 2023 French numbers tell no place (Arcep, décision 2022-1583).
pub fn region_of(facts: &Facts) -> Option<String> {
    let home = facts.addresses.iter().find(|address| address.kind == AddressKind::Home);
    if let Some(Address { country, postcode, .. }) = home.or(facts.addresses.first()) {
        let country = country.to_string();
        let postcode = postcode.as_deref().map(str::trim).unwrap_or_default();
        let is_whole = postcode.len() == 5 && postcode.bytes().all(|it| it.is_ascii_digit());
        if country != "FR" || !is_whole {
            return Some(country);
        }
        let digits = if postcode.starts_with("97") || postcode.starts_with("98") { 3 } else { 2 };
        return Some(format!("FR-{}", &postcode[..digits]));
    }
    facts.identities.iter().find_map(|known| match &known.identity {
        Identity::Phone(phone) => phone.country().map(|country| country.to_string()),
        Identity::Visitor(_) | Identity::Email(_) | Identity::Customer(_) => None,
    })
}

/// What many contacts add up to: enough for means and deviations, and no more the more there are.
#[derive(Clone, PartialEq, Default, Debug, Serialize, Deserialize)]
pub struct Sample {
    pub contacts: u64,
    sums: [f64; NUMBERS],
    squares: [f64; NUMBERS],
    named: [BTreeMap<String, u64>; 3],
}

impl Sample {
    /// Adds a contact, with its numbers as they are compared.
    pub fn add(&mut self, numbers: [f64; NUMBERS], named: &[Option<String>; 3]) {
        self.contacts += 1;
        for (nth, number) in numbers.into_iter().enumerate() {
            self.sums[nth] += number;
            self.squares[nth] += number * number;
        }
        for (counts, name) in self.named.iter_mut().zip(named) {
            if let Some(name) = name {
                *counts.entry(name.clone()).or_default() += 1;
            }
        }
    }

    pub(super) fn mean(&self, nth: usize) -> f64 {
        self.sums[nth] / self.contacts.max(1) as f64
    }

    /// The standard deviation; 0 where all are alike.
    pub(super) fn deviation(&self, nth: usize) -> f64 {
        let mean = self.mean(nth);
        let variance = self.squares[nth] / self.contacts.max(1) as f64 - mean * mean;
        // What is left of rounding is none.
        if variance <= 1e-12 * mean * mean { 0.0 } else { variance.sqrt() }
    }

    /// The part of all that has this channel, region or language; `None`: of whom it is not known.
    pub(super) fn share(&self, group: usize, name: Option<&String>) -> f64 {
        let counts = &self.named[group];
        let count = match name {
            Some(name) => counts.get(name).copied().unwrap_or_default(),
            None => self.contacts - counts.values().sum::<u64>(),
        };
        count as f64 / self.contacts.max(1) as f64
    }

    pub(super) fn names(&self, group: usize) -> impl Iterator<Item = &String> {
        self.named[group].keys()
    }
}
