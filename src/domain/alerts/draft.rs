//! A rule as people and programs hand it in, and as it is kept: fields, of which each kind has its own.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::rule::{Band, Kind, MissedLimit, Of, PoolLimit, Rule};
use crate::domain::money::{Currency, MINOR_MAX};

/// Nothing is checked.
#[derive(Clone, PartialEq, Default, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    pub kind: String,
    pub outlet: Option<String>,
    /// E.164.
    pub number: Option<String>,
    pub pool: Option<String>,
    pub trunk: Option<String>,
    pub channel: Option<String>,
    pub campaign: Option<String>,
    pub minutes: Option<u64>,
    pub hours: Option<u64>,
    pub days: Option<u64>,
    pub share_percent: Option<f64>,
    pub calls: Option<u64>,
    pub least_calls: Option<u64>,
    pub chance_percent: Option<f64>,
    pub free: Option<u64>,
    pub visits: Option<u64>,
    pub low_minor: Option<u64>,
    pub high_minor: Option<u64>,
    pub currency: Option<String>,
    pub past_percent: Option<f64>,
    /// A name of the tz database; without it UTC.
    pub zone: Option<String>,
}

/// A field that cannot be meant so.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Fault {
    pub field: &'static str,
    pub wrong: Wrong,
}

#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("must be missed, silence, pool, trunk or cost")]
    BadKind,
    #[error("does not belong to an alert of this kind")]
    Foreign,
    #[error("is missing")]
    Missing,
    #[error("must be from {0} to {1}")]
    Outside(f64, f64),
    #[error("is one too many: of the two one is given")]
    Both,
    #[error("must be above the other one")]
    NoBand,
    #[error("is nothing that the plan knows")]
    Unknown,
    #[error("must be a channel, for instance Paid Search, Email or Offline")]
    BadChannel,
    #[error("takes a text of 1 to {0} characters")]
    BadText(usize),
    #[error("is no amount; write 12.50")]
    BadAmount,
    #[error("must be a currency of ISO 4217, for instance EUR")]
    BadCurrency,
    #[error("must be a time zone, for instance Europe/Paris")]
    BadZone,
    #[error("must be en or fr")]
    BadLanguage,
    #[error("is no e-mail address")]
    BadEmail,
    #[error("takes at most {0}")]
    TooMany(usize),
}

impl Kind {
    /// What may be said of it.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Kind::Missed => &["outlet", "number", "minutes", "share_percent", "calls", "least_calls"],
            Kind::Silence => &["outlet", "number", "hours", "chance_percent", "zone"],
            Kind::Pool => &["pool", "free", "visits", "minutes"],
            Kind::Trunk => &["trunk", "minutes"],
            Kind::Cost => &[
                "channel",
                "campaign",
                "days",
                "low_minor",
                "high_minor",
                "currency",
                "past_percent",
                "least_calls",
                "zone",
            ],
        }
    }
}

const CAMPAIGN_MAX: usize = 200;
const WEEK_MINUTES: u64 = 7 * 24 * 60;

impl Draft {
    /// What it says, or all that is wrong with it.
    pub fn read(&self) -> Result<Rule, Vec<Fault>> {
        let Ok(kind) = self.kind.parse::<Kind>() else {
            return Err(vec![Fault { field: "kind", wrong: Wrong::BadKind }]);
        };
        let mut reader = Reader { faults: vec![] };
        for (field, is_given) in self.given() {
            if is_given && !kind.fields().contains(&field) {
                reader.fault(field, Wrong::Foreign);
            }
        }
        let rule = match kind {
            Kind::Missed => self.missed(&mut reader),
            Kind::Silence => self.silence(&mut reader),
            Kind::Pool => self.pool(&mut reader),
            Kind::Trunk => Rule::Trunk {
                trunk: reader.word("trunk", self.trunk.as_deref(), Wrong::Unknown),
                down_for: minutes(reader.whole("minutes", self.minutes, 1..=24 * 60, Some(5))),
            },
            Kind::Cost => self.cost(&mut reader),
        };
        if reader.faults.is_empty() { Ok(rule) } else { Err(reader.faults) }
    }

    fn missed(&self, reader: &mut Reader) -> Rule {
        let least_calls = || Some(10);
        reader.one_of(("share_percent", self.share_percent.is_some()), ("calls", self.calls.is_some()));
        let limit = match self.calls {
            Some(_) => {
                if self.least_calls.is_some() {
                    reader.fault("least_calls", Wrong::Foreign);
                }
                MissedLimit::Number {
                    more_than: reader.whole("calls", self.calls, 0..=1_000_000, None) as u32,
                }
            }
            None => MissedLimit::Share {
                more_than: reader.part("share_percent", self.share_percent, (0.0, 99.0), 20.0) / 100.0,
                least_calls: reader.whole("least_calls", self.least_calls, 1..=1_000_000, least_calls())
                    as u32,
            },
        };
        let within = minutes(reader.whole("minutes", self.minutes, 5..=WEEK_MINUTES, Some(60)));
        Rule::Missed { of: self.of(reader), within, limit }
    }

    fn silence(&self, reader: &mut Reader) -> Rule {
        Rule::Silence {
            of: self.of(reader),
            least: Duration::from_secs(3_600 * reader.whole("hours", self.hours, 1..=14 * 24, Some(2))),
            chance: reader.part("chance_percent", self.chance_percent, (0.001, 20.0), 1.0) / 100.0,
            zone: self.zone(reader),
        }
    }

    fn pool(&self, reader: &mut Reader) -> Rule {
        reader.one_of(("free", self.free.is_some()), ("visits", self.visits.is_some()));
        let limit = match self.visits {
            Some(_) => PoolLimit::Visits {
                more_than: reader.whole("visits", self.visits, 0..=1_000_000, None) as u32,
                within: minutes(reader.whole("minutes", self.minutes, 5..=WEEK_MINUTES, Some(60))),
            },
            None => {
                if self.minutes.is_some() {
                    reader.fault("minutes", Wrong::Foreign);
                }
                PoolLimit::Free { fewer_than: reader.whole("free", self.free, 1..=1_000_000, Some(1)) as u32 }
            }
        };
        Rule::Pool { pool: reader.word("pool", self.pool.as_deref(), Wrong::Unknown), limit }
    }

    fn cost(&self, reader: &mut Reader) -> Rule {
        let has_band = self.low_minor.is_some() || self.high_minor.is_some();
        reader.one_of(("past_percent", self.past_percent.is_some()), ("high_minor", has_band));
        let band = if has_band {
            let mut amount = |field, said: Option<u64>| {
                said.is_some().then(|| reader.whole(field, said, 0..=MINOR_MAX, None))
            };
            let (low, high) = (amount("low_minor", self.low_minor), amount("high_minor", self.high_minor));
            if low.zip(high).is_some_and(|(low, high)| low >= high) {
                reader.fault("high_minor", Wrong::NoBand);
            }
            if self.currency.is_none() {
                reader.fault("currency", Wrong::Missing);
            }
            let currency = reader.word("currency", self.currency.as_deref(), Wrong::BadCurrency);
            Band::Between { low, high, currency: currency.unwrap_or(Currency::EUR) }
        } else {
            if self.currency.is_some() {
                reader.fault("currency", Wrong::Foreign);
            }
            Band::Past { off: reader.part("past_percent", self.past_percent, (5.0, 1_000.0), 50.0) / 100.0 }
        };
        let is_bad = |text: &String| text.trim().is_empty() || text.chars().count() > CAMPAIGN_MAX;
        if self.campaign.as_ref().is_some_and(is_bad) {
            reader.fault("campaign", Wrong::BadText(CAMPAIGN_MAX));
        }
        Rule::Cost {
            channel: reader.word("channel", self.channel.as_deref(), Wrong::BadChannel),
            campaign: self.campaign.clone(),
            days: reader.whole("days", self.days, 1..=90, Some(7)) as u16,
            band,
            least_calls: reader.whole("least_calls", self.least_calls, 1..=1_000_000, Some(10)) as u32,
            zone: self.zone(reader),
        }
    }

    fn of(&self, reader: &mut Reader) -> Of {
        match (&self.outlet, &self.number) {
            (None, None) => Of::Network,
            (Some(_), Some(_)) => {
                reader.fault("number", Wrong::Both);
                Of::Network
            }
            (outlet, number) => {
                let outlet = reader.word("outlet", outlet.as_deref(), Wrong::Unknown).map(Of::Outlet);
                let number = reader.word("number", number.as_deref(), Wrong::Unknown).map(Of::Number);
                outlet.or(number).unwrap_or(Of::Network)
            }
        }
    }

    fn zone(&self, reader: &mut Reader) -> TimeZone {
        let zone = TimeZone::get(self.zone.as_deref().unwrap_or("UTC"));
        zone.unwrap_or_else(|_| {
            reader.fault("zone", Wrong::BadZone);
            TimeZone::UTC
        })
    }

    /// Each field but the kind, and whether something stands in it.
    fn given(&self) -> [(&'static str, bool); 20] {
        [
            ("outlet", self.outlet.is_some()),
            ("number", self.number.is_some()),
            ("pool", self.pool.is_some()),
            ("trunk", self.trunk.is_some()),
            ("channel", self.channel.is_some()),
            ("campaign", self.campaign.is_some()),
            ("minutes", self.minutes.is_some()),
            ("hours", self.hours.is_some()),
            ("days", self.days.is_some()),
            ("share_percent", self.share_percent.is_some()),
            ("calls", self.calls.is_some()),
            ("least_calls", self.least_calls.is_some()),
            ("chance_percent", self.chance_percent.is_some()),
            ("free", self.free.is_some()),
            ("visits", self.visits.is_some()),
            ("low_minor", self.low_minor.is_some()),
            ("high_minor", self.high_minor.is_some()),
            ("currency", self.currency.is_some()),
            ("past_percent", self.past_percent.is_some()),
            ("zone", self.zone.is_some()),
        ]
    }
}

/// As it is handed in again: what was left out then is said now.
impl From<&Rule> for Draft {
    fn from(rule: &Rule) -> Self {
        let mut draft = Self { kind: rule.kind().to_string(), ..Self::default() };
        let of = |draft: &mut Self, of: &Of| match of {
            Of::Network => {}
            Of::Outlet(outlet) => draft.outlet = Some(outlet.to_string()),
            Of::Number(number) => draft.number = Some(number.reveal().to_owned()),
        };
        let in_minutes = |span: &Duration| Some(span.as_secs() / 60);
        let name = |zone: &TimeZone| Some(zone.iana_name().unwrap_or("UTC").to_owned());
        match rule {
            Rule::Missed { of: whose, within, limit } => {
                of(&mut draft, whose);
                draft.minutes = in_minutes(within);
                match *limit {
                    MissedLimit::Share { more_than, least_calls } => {
                        draft.share_percent = Some(percent(more_than));
                        draft.least_calls = Some(least_calls.into());
                    }
                    MissedLimit::Number { more_than } => draft.calls = Some(more_than.into()),
                }
            }
            Rule::Silence { of: whose, least, chance, zone } => {
                of(&mut draft, whose);
                draft.hours = Some(least.as_secs() / 3_600);
                (draft.chance_percent, draft.zone) = (Some(percent(*chance)), name(zone));
            }
            Rule::Pool { pool, limit } => {
                draft.pool = pool.as_ref().map(ToString::to_string);
                match limit {
                    PoolLimit::Free { fewer_than } => draft.free = Some((*fewer_than).into()),
                    PoolLimit::Visits { more_than, within } => {
                        (draft.visits, draft.minutes) = (Some((*more_than).into()), in_minutes(within));
                    }
                }
            }
            Rule::Trunk { trunk, down_for } => {
                draft.trunk = trunk.as_ref().map(ToString::to_string);
                draft.minutes = in_minutes(down_for);
            }
            Rule::Cost { channel, campaign, days, band, least_calls, zone } => {
                draft.channel = channel.map(|it| it.as_str().to_owned());
                draft.campaign.clone_from(campaign);
                (draft.days, draft.least_calls) = (Some((*days).into()), Some((*least_calls).into()));
                draft.zone = name(zone);
                match band {
                    Band::Between { low, high, currency } => {
                        (draft.low_minor, draft.high_minor) = (*low, *high);
                        draft.currency = Some(currency.to_string());
                    }
                    Band::Past { off } => draft.past_percent = Some(percent(*off)),
                }
            }
        }
        draft
    }
}

/// To a thousandth of one: 0.07 · 100 is not quite 7.
fn percent(part: f64) -> f64 {
    (part * 100_000.0).round() / 1_000.0
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, field: &'static str, wrong: Wrong) {
        self.faults.push(Fault { field, wrong });
    }

    fn whole(
        &mut self,
        field: &'static str,
        said: Option<u64>,
        range: std::ops::RangeInclusive<u64>,
        usual: Option<u64>,
    ) -> u64 {
        let value = said.or(usual).unwrap_or(*range.start());
        if !range.contains(&value) {
            self.fault(field, Wrong::Outside(*range.start() as f64, *range.end() as f64));
        }
        value
    }

    fn part(&mut self, field: &'static str, said: Option<f64>, (least, most): (f64, f64), usual: f64) -> f64 {
        let value = said.unwrap_or(usual);
        if !(least..=most).contains(&value) {
            self.fault(field, Wrong::Outside(least, most));
        }
        value
    }

    fn word<T: std::str::FromStr>(
        &mut self,
        field: &'static str,
        said: Option<&str>,
        wrong: Wrong,
    ) -> Option<T> {
        let read = said?.parse().ok();
        if read.is_none() {
            self.fault(field, wrong);
        }
        read
    }

    fn one_of(
        &mut self,
        (first, has_first): (&'static str, bool),
        (second, has_second): (&'static str, bool),
    ) {
        match (has_first, has_second) {
            (true, true) => self.fault(second, Wrong::Both),
            (false, false) => self.fault(first, Wrong::Missing),
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "draft/tests.rs"]
mod tests;
