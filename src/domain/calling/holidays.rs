//! The public holidays of France, movable feasts included.
//!
//! Sources: Code du travail L. 3133-1 (the eleven of everywhere), L. 3134-13
//! (Alsace and Moselle), décret 83-1003 with loi 83-550 (the days on which the
//! overseas departments remember the abolition of slavery).

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Whose holidays count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Calendar {
    France,
    AlsaceMoselle,
    Guadeloupe,
    Guyane,
    Martinique,
    Mayotte,
    Reunion,
}

const NAMES: [(Calendar, &str); 7] = [
    (Calendar::France, "FR"),
    (Calendar::AlsaceMoselle, "FR-alsace-moselle"),
    (Calendar::Guadeloupe, "FR-guadeloupe"),
    (Calendar::Guyane, "FR-guyane"),
    (Calendar::Martinique, "FR-martinique"),
    (Calendar::Mayotte, "FR-mayotte"),
    (Calendar::Reunion, "FR-reunion"),
];

impl Calendar {
    /// As they are written in a plan.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().map(|(_, name)| name)
    }

    /// Whether nobody works on this day.
    pub fn is_holiday(self, day: Date) -> bool {
        const EVERYWHERE: [(i8, i8); 8] =
            [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
        let easter = easter(day.year());
        let after_easter = |days: i32| easter.checked_add(days.days()).is_ok_and(|then| then == day);
        let of_the_year = (day.month(), day.day());
        // Easter Monday, Ascension Day, Whit Monday.
        if EVERYWHERE.contains(&of_the_year) || [1, 39, 50].into_iter().any(after_easter) {
            return true;
        }
        match self {
            Calendar::France => false,
            // Good Friday (where there is a Protestant church; hardly a shop opens elsewhere) and St Stephen's.
            Calendar::AlsaceMoselle => after_easter(-2) || of_the_year == (12, 26),
            Calendar::Guadeloupe => of_the_year == (5, 27),
            Calendar::Guyane => of_the_year == (6, 10),
            Calendar::Martinique => of_the_year == (5, 22),
            Calendar::Mayotte => of_the_year == (4, 27),
            Calendar::Reunion => of_the_year == (12, 20),
        }
    }
}

/// Easter Sunday by the Gregorian computus (Meeus, Jones and Butcher).
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (golden, century, of_century) = (y.rem_euclid(19), y.div_euclid(100), y.rem_euclid(100));
    let moon_shift =
        century - century.div_euclid(4) - (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + moon_shift + 15).rem_euclid(30);
    let weekday =
        (32 + 2 * century.rem_euclid(4) + 2 * of_century.div_euclid(4) - epact - of_century.rem_euclid(4))
            .rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday).div_euclid(451);
    let days = epact + weekday - 7 * late + 114;
    let month = if days.div_euclid(31) == 3 { 3 } else { 4 };
    date(year, month, (days.rem_euclid(31) + 1) as i8)
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(calendar, _)| calendar == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

/// No calendar has this name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no calendar of holidays has this name")]
pub struct UnknownCalendar;

impl FromStr for Calendar {
    type Err = UnknownCalendar;

    fn from_str(text: &str) -> Result<Self, UnknownCalendar> {
        NAMES.iter().find(|(_, name)| *name == text).map(|(calendar, _)| *calendar).ok_or(UnknownCalendar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_the_church_says() {
        let known = [
            (1954, 4, 18),
            (2000, 4, 23),
            (2008, 3, 23),
            (2011, 4, 24),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2028, 4, 16),
            (2029, 4, 1),
            (2030, 4, 21),
            (2038, 4, 25),
            (2049, 4, 18),
        ];

        for (year, month, day) in known {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    #[test]
    fn france_has_eleven_holidays_a_year() {
        let days_of = |year: i16| date(year, 1, 1).series(1.day()).take_while(move |day| day.year() == year);
        let holidays: Vec<Date> = days_of(2026).filter(|day| Calendar::France.is_holiday(*day)).collect();

        let expected =
            [(1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
        assert_eq!(holidays, expected.map(|(month, day)| date(2026, month, day)));
    }

    #[test]
    fn regions_have_days_of_their_own() {
        let own = [
            (Calendar::AlsaceMoselle, date(2026, 4, 3)),
            (Calendar::AlsaceMoselle, date(2026, 12, 26)),
            (Calendar::Guadeloupe, date(2026, 5, 27)),
            (Calendar::Guyane, date(2026, 6, 10)),
            (Calendar::Martinique, date(2026, 5, 22)),
            (Calendar::Mayotte, date(2026, 4, 27)),
            (Calendar::Reunion, date(2026, 12, 20)),
        ];

        for (calendar, day) in own {
            assert!(calendar.is_holiday(day), "{calendar} {day}");
            assert!(!Calendar::France.is_holiday(day), "{day}");
            assert!(calendar.is_holiday(date(2026, 7, 14)), "{calendar}");
        }
    }
}
