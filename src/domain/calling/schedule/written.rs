//! Hours and days as they are written in a plan, and read from it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

pub(super) const DAY_MINUTES: u16 = 24 * 60;

/// From one minute of the day to another; one that is not later is the next day's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    from: u16,
    until: u16,
}

impl Hours {
    pub(super) fn covers(self, minute: u16) -> bool {
        let end = if self.until <= self.from { DAY_MINUTES } else { self.until };
        (self.from..end).contains(&minute)
    }

    /// The minute of the day with which it begins.
    pub fn start(self) -> u16 {
        self.from
    }

    /// The minute with which it ends; those of the next day are counted on.
    pub fn end(self) -> u16 {
        if self.until <= self.from { DAY_MINUTES + self.until } else { self.until }
    }

    /// Whether this minute of the next day belongs to it.
    pub(super) fn spills_over(self, minute: u16) -> bool {
        self.until <= self.from && minute < self.until
    }
}

/// Days of the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeekDays(u8);

const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
    (Weekday::Sunday, "sun"),
];

impl WeekDays {
    pub(super) fn has(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}

/// `mon-fri 09:00-12:30 14:00-18:00`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WeeklyHours {
    pub(super) days: WeekDays,
    pub(super) hours: Vec<Hours>,
}

/// `2026-12-24 09:00-12:00`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayHours {
    pub(super) day: Date,
    pub(super) hours: Vec<Hours>,
}

/// `2026-12-24`, or `2026-08-01..2026-08-15` with both ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayRange {
    first: Date,
    last: Date,
}

impl DayRange {
    /// The first and the last day, as they are written.
    pub fn ends(self) -> [String; 2] {
        [self.first.to_string(), self.last.to_string()]
    }

    /// From its first moment to the first one after it, in UTC.
    pub fn bounds(self) -> [Timestamp; 2] {
        let midnight = |day: Date| {
            let at = day.to_zoned(TimeZone::UTC).map(|at| at.timestamp().as_millisecond());
            Timestamp::from_ms(at.unwrap_or(i64::MAX))
        };
        [midnight(self.first), midnight(self.last) + Duration::from_secs(24 * 60 * 60)]
    }

    pub(super) fn has(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

/// An IANA time zone: `Europe/Paris`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedZone(pub(super) TimeZone);

impl NamedZone {
    pub fn time_zone(&self) -> &TimeZone {
        &self.0
    }
}

pub type Weekly = Text<WeeklyHours>;
pub type Special = Text<DayHours>;
pub type Days = Text<DayRange>;
pub type Zone = Text<NamedZone>;

/// What is kept and shown as it is written in a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Text<T>(pub T);

/// The text does not say what it should; shown with an example.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected {0}")]
pub struct Unreadable(pub &'static str);

impl FromStr for Hours {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = Unreadable("hours such as 09:00-12:30");
        let (from, until) = text.split_once('-').ok_or(unreadable)?;
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            let two = |part: &str| (part.len() == 2).then(|| part.parse::<u16>().ok()).flatten();
            let (hour, minute) = (two(hour)?, two(minute)?);
            (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(hour * 60 + minute)
        };
        let (from, until) = (minute(from).ok_or(unreadable)?, minute(until).ok_or(unreadable)?);
        if from == DAY_MINUTES { Err(unreadable) } else { Ok(Self { from, until }) }
    }
}

fn hours<'t>(words: impl Iterator<Item = &'t str>, example: Unreadable) -> Result<Vec<Hours>, Unreadable> {
    let hours: Vec<Hours> = words.map(str::parse).collect::<Result<_, _>>().map_err(|_| example)?;
    if hours.is_empty() { Err(example) } else { Ok(hours) }
}

impl FromStr for WeekDays {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = Unreadable("days such as mon-fri or sat,sun");
        let place = |word: &str| WEEK.iter().position(|(_, name)| *name == word).ok_or(unreadable);
        let mut days = 0;
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (place(first)?, place(last)?);
            let mut day = first;
            // Over the end of the week as well: fri-mon.
            loop {
                days |= 1 << day;
                if day == last {
                    break;
                }
                day = (day + 1) % WEEK.len();
            }
        }
        Ok(Self(days))
    }
}

impl FromStr for WeeklyHours {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = Unreadable("days and hours such as mon-fri 09:00-12:30 14:00-18:00");
        let mut words = text.split_whitespace();
        let days = words.next().and_then(|word| word.parse().ok()).ok_or(unreadable)?;
        Ok(Self { days, hours: hours(words, unreadable)? })
    }
}

impl FromStr for DayHours {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = Unreadable("a date and hours such as 2026-12-24 09:00-12:00");
        let mut words = text.split_whitespace();
        let day = words.next().and_then(|word| word.parse().ok()).ok_or(unreadable)?;
        Ok(Self { day, hours: hours(words, unreadable)? })
    }
}

impl FromStr for DayRange {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = Unreadable("a date such as 2026-12-24, or two with .. between them");
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let day = |text: &str| text.trim().parse::<Date>().map_err(|_| unreadable);
        let (first, last) = (day(first)?, day(last)?);
        if first > last { Err(unreadable) } else { Ok(Self { first, last }) }
    }
}

impl FromStr for NamedZone {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        TimeZone::get(text).map(Self).map_err(|_| Unreadable("a time zone such as Europe/Paris"))
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from, self.until);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

impl fmt::Display for WeekDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |day: usize| self.0 & (1 << day) != 0;
        let mut day = 0;
        let mut comma = "";
        while day < WEEK.len() {
            let run = (day..WEEK.len()).take_while(|day| has(*day)).count();
            match run {
                0 => day += 1,
                _ => {
                    let (first, last) = (WEEK[day].1, WEEK[day + run - 1].1);
                    let dash = if run > 1 { "-" } else { "" };
                    write!(f, "{comma}{first}{dash}{}", if run > 1 { last } else { "" })?;
                    comma = ",";
                    day += run;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.days)?;
        self.hours.iter().try_for_each(|hours| write!(f, " {hours}"))
    }
}

impl fmt::Display for DayHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.day)?;
        self.hours.iter().try_for_each(|hours| write!(f, " {hours}"))
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}

impl fmt::Display for NamedZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl<T: FromStr> FromStr for Text<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.parse().map(Self)
    }
}

impl<T: fmt::Display> fmt::Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}
