//! Costs as people and programs hand them in: words, read and checked; one by one, or the lines of a CSV table.
//!
//! Of a table either all lines are read or none: whoever sends it again after a correction counts nothing twice.

use std::collections::HashMap;

use jiff::civil::Date;

use super::costs::{Cost, Days, Of};
use crate::domain::lines::{Misshapen, Shape, read};
use crate::domain::money::{BadAmount, BadCurrency, Currency, MINOR_MAX, Money};

/// How long a source, a campaign or a key may be, in characters.
pub const NAME_MAX: usize = 200;
pub const NOTE_MAX: usize = 500;
/// Ten years.
const DAYS_MAX: u64 = 3_653;
/// How many lines a table may have.
pub const LINES_MAX: usize = 20_000;
/// So many faults of a table are told.
pub const FAULTS_MAX: usize = 100;
/// The columns of a table.
pub const COLUMNS: [&str; 10] =
    ["first_day", "last_day", "channel", "source", "campaign", "outlet", "amount", "currency", "note", "key"];
const SHAPE: Shape = Shape {
    columns: &COLUMNS,
    needed: &["first_day", "channel", "amount", "currency"],
    lines_max: LINES_MAX,
};

/// A cost as it is handed in; nothing is checked.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Draft {
    pub first_day: String,
    /// Without it the first.
    pub last_day: String,
    pub channel: String,
    pub source: String,
    pub campaign: String,
    pub outlet: String,
    pub amount: Amount,
    pub currency: String,
    pub note: String,
    pub key: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Amount {
    /// In the smallest unit of the currency.
    Minor(u64),
    /// As people write it: `1250.50`.
    Written(String),
}

impl Default for Amount {
    fn default() -> Self {
        Self::Written(String::new())
    }
}

/// A cost that was read, with what is said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub cost: Cost,
    pub note: Option<String>,
    /// What its sender calls it: the same sent again takes its place.
    pub key: Option<String>,
}

/// A field that cannot be meant so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    pub field: &'static str,
    pub wrong: Wrong,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("is missing")]
    Missing,
    #[error("must be a day from 2000 to 2199, for instance 2026-11-01")]
    BadDay,
    #[error("comes before the first day")]
    EndsFirst,
    #[error("is more than ten years after the first day")]
    TooLong,
    #[error("must be a channel, for instance Paid Search, Email or Offline")]
    BadChannel,
    #[error("must be an outlet of the plan")]
    BadOutlet,
    #[error("{BadAmount}")]
    BadAmount,
    #[error("must be at most {MINOR_MAX}")]
    TooMuch,
    #[error("{BadCurrency}")]
    BadCurrency,
    #[error("takes a text of up to {0} characters")]
    BadText(usize),
}

impl Draft {
    /// What it says, or all that is wrong with it.
    pub fn read(&self) -> Result<Line, Vec<Fault>> {
        let mut faults = Vec::new();
        let days = self.days(&mut faults);
        let channel = word(&self.channel, "channel", Wrong::BadChannel, &mut faults);
        let outlet = match self.outlet.trim() {
            "" => None,
            outlet => word(outlet, "outlet", Wrong::BadOutlet, &mut faults),
        };
        let money = self.money(&mut faults);
        let mut text = |text: &str, field, most| {
            // A cell of a table may have lines of its own.
            let text = text.trim().replace(['\r', '\n', '\t'], " ");
            if text.chars().count() > most || text.contains(char::is_control) {
                faults.push(Fault { field, wrong: Wrong::BadText(most) });
            }
            Some(text).filter(|text| !text.is_empty())
        };
        let source = text(&self.source, "source", NAME_MAX);
        let campaign = text(&self.campaign, "campaign", NAME_MAX);
        let (note, key) = (text(&self.note, "note", NOTE_MAX), text(&self.key, "key", NAME_MAX));
        match (days, channel, money) {
            (Some(days), Some(channel), Some(money)) if faults.is_empty() => {
                let of = Of { channel, source, campaign, outlet };
                Ok(Line { cost: Cost { days, of, money }, note, key })
            }
            _ => Err(faults),
        }
    }

    fn days(&self, faults: &mut Vec<Fault>) -> Option<Days> {
        let first = day(&self.first_day, "first_day", faults);
        let last =
            if self.last_day.trim().is_empty() { first } else { day(&self.last_day, "last_day", faults) };
        let days = Days::new(first?, last?);
        let wrong = match days {
            None => Wrong::EndsFirst,
            Some(days) if days.many() > DAYS_MAX => Wrong::TooLong,
            Some(days) => return Some(days),
        };
        faults.push(Fault { field: "last_day", wrong });
        None
    }

    fn money(&self, faults: &mut Vec<Fault>) -> Option<Money> {
        let currency: Option<Currency> =
            word(&self.currency.to_uppercase(), "currency", Wrong::BadCurrency, faults);
        let field = "amount";
        match &self.amount {
            Amount::Minor(minor) if *minor > MINOR_MAX => {
                faults.push(Fault { field: "amount_minor", wrong: Wrong::TooMuch });
                None
            }
            Amount::Minor(minor) => Some(Money { minor: *minor, currency: currency? }),
            Amount::Written(text) if text.trim().is_empty() => {
                faults.push(Fault { field, wrong: Wrong::Missing });
                None
            }
            Amount::Written(text) => {
                let money = Money::read(text, currency?);
                faults.extend(money.is_err().then_some(Fault { field, wrong: Wrong::BadAmount }));
                money.ok()
            }
        }
    }
}

fn day(text: &str, field: &'static str, faults: &mut Vec<Fault>) -> Option<Date> {
    let text = text.trim();
    let known = |day: &Date| (2000..=2199).contains(&day.year());
    // Of a text with a time, jiff would take the day.
    let day = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok()).filter(known);
    if day.is_none() {
        let wrong = if text.is_empty() { Wrong::Missing } else { Wrong::BadDay };
        faults.push(Fault { field, wrong });
    }
    day
}

fn word<T: std::str::FromStr>(
    text: &str,
    field: &'static str,
    wrong: Wrong,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    let text = text.trim();
    let read = text.parse().ok();
    if read.is_none() {
        faults.push(Fault { field, wrong: if text.is_empty() { Wrong::Missing } else { wrong } });
    }
    read
}

/// What is wrong in a table, and where; the line of its headings is 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableFault {
    pub line: u64,
    pub what: TableWrong,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TableWrong {
    #[error("{}: {}", .0.field, .0.wrong)]
    Field(Fault),
    #[error(transparent)]
    Misshapen(Misshapen),
    #[error("has the key of line {0}")]
    SameKey(u64),
}

/// The lines of a table, each with its number; or what is wrong, the first [`FAULTS_MAX`].
pub fn read_table(text: &str) -> Result<Vec<(u64, Line)>, Vec<TableFault>> {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    let mut keys: HashMap<String, u64> = HashMap::new();
    let misshapen = |(line, what)| TableFault { line, what: TableWrong::Misshapen(what) };
    for row in read(text, SHAPE).map_err(|all| all.into_iter().map(misshapen).collect::<Vec<_>>())? {
        if faults.len() >= FAULTS_MAX {
            break;
        }
        let cells = match row {
            Ok(cells) => cells,
            Err(wrong) => {
                faults.push(misshapen(wrong));
                continue;
            }
        };
        let line = cells.line;
        let draft = Draft {
            first_day: cells.text("first_day"),
            last_day: cells.text("last_day"),
            channel: cells.text("channel"),
            source: cells.text("source"),
            campaign: cells.text("campaign"),
            outlet: cells.text("outlet"),
            amount: Amount::Written(cells.text("amount")),
            currency: cells.text("currency"),
            note: cells.text("note"),
            key: cells.text("key"),
        };
        match draft.read() {
            Ok(read) => {
                if let Some(first) = read.key.clone().and_then(|key| keys.insert(key, line)) {
                    faults.push(TableFault { line, what: TableWrong::SameKey(first) });
                }
                lines.push((line, read));
            }
            Err(wrong) => {
                let told = wrong.into_iter().map(|fault| TableFault { line, what: TableWrong::Field(fault) });
                faults.extend(told);
            }
        }
    }
    faults.truncate(FAULTS_MAX);
    if faults.is_empty() { Ok(lines) } else { Err(faults) }
}

#[cfg(test)]
#[path = "cost_lines/tests.rs"]
mod tests;
