//! In which time zone somebody lives, and when they may be called there.
//!
//! An address tells before a number does, since numbers move along; the home
//! before other addresses. Who tells nothing is taken to live in the zone that
//! the plan states. A country with one time tells it; of who lives in another the
//! time is not known, and that is said.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::facts::Facts;
use crate::domain::calling::holidays::Calendar;
use crate::domain::calling::schedule::{Schedule, Text, Zone};
use crate::domain::people::address::{Address, Kind};
use crate::domain::people::contact::Identity;
use crate::domain::time::Timestamp;

/// Postcodes by their first digits, regions by the country of a number, and their zones.
const OVERSEAS: [(&str, &str, &str); 11] = [
    ("971", "GP", "America/Guadeloupe"),
    ("972", "MQ", "America/Martinique"),
    ("973", "GF", "America/Cayenne"),
    ("974", "RE", "Indian/Reunion"),
    ("975", "PM", "America/Miquelon"),
    ("976", "YT", "Indian/Mayotte"),
    ("97133", "BL", "America/St_Barthelemy"),
    ("97150", "MF", "America/Marigot"),
    ("986", "WF", "Pacific/Wallis"),
    ("987", "PF", "Pacific/Tahiti"),
    ("988", "NC", "Pacific/Noumea"),
];
const MAINLAND: &str = "Europe/Paris";
/// Countries that have one time, and their zones.
static ONE_TIME: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("one_time.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).collect()
});

/// Where somebody lives, `default` where nothing tells; `false`: they live in a country that has several times.
pub fn zone_of(facts: &Facts, default: &Zone) -> (Zone, bool) {
    let home = facts.addresses.iter().filter(|address| address.kind == Kind::Home);
    let mut addresses = home.chain(&facts.addresses);
    let countries = || {
        facts.identities.iter().filter_map(|known| match &known.identity {
            Identity::Phone(phone) => phone.country().map(|country| country.to_string()),
            Identity::Visitor(_) | Identity::Email(_) | Identity::Customer(_) => None,
        })
    };
    let by_number = || countries().find_map(|country| of_country(&country));
    // An address tells before a number does.
    let (name, is_theirs) = match addresses.next() {
        Some(first) => match of_address(first) {
            Some(name) => (Some(name), true),
            None => (addresses.find_map(of_address).or_else(by_number), false),
        },
        None => {
            let name = by_number();
            (name, name.is_some() || countries().next().is_none())
        }
    };
    (name.map_or_else(|| default.clone(), |name| name.parse().unwrap_or_else(|_| default.clone())), is_theirs)
}

fn of_address(address: &Address) -> Option<&'static str> {
    let country = address.country.to_string();
    let postcode = address.postcode.as_deref().map(str::trim).filter(|_| country == "FR");
    // The longest beginning that fits.
    let overseas = OVERSEAS.iter().filter(|(digits, ..)| postcode.is_some_and(|it| it.starts_with(digits)));
    overseas.max_by_key(|(digits, ..)| digits.len()).map(|(.., zone)| *zone).or_else(|| of_country(&country))
}

fn of_country(country: &str) -> Option<&'static str> {
    if country == "FR" {
        return Some(MAINLAND);
    }
    let overseas = OVERSEAS.iter().find(|(_, letters, _)| *letters == country).map(|(.., zone)| *zone);
    overseas.or_else(|| ONE_TIME.get(country).copied())
}

/// When consumers may be called: décret 2022-1313. The holidays are those of the Code du travail, art. L. 3133-1,
/// which that decree names, and not those of a region.
pub fn calling_hours(zone: Zone) -> Schedule {
    static WEEK: LazyLock<Schedule> = LazyLock::new(|| Schedule {
        zone: MAINLAND.parse().expect("a zone of the tables that are built in"),
        week: vec!["mon-fri 10:00-13:00 14:00-20:00".parse().expect("days and hours")],
        holidays: Some(Text(Calendar::France)),
        closed: vec![],
        special: vec![],
    });
    Schedule { zone, ..WEEK.clone() }
}

/// Whether it is one of the holidays of these hours then.
pub fn is_holiday(hours: &Schedule, at: Timestamp) -> bool {
    let day = at.to_calendar().to_zoned(hours.zone.0.time_zone().clone()).date();
    hours.holidays.as_ref().is_some_and(|Text(calendar)| calendar.is_holiday(day))
}

/// The day that it is there, counted from 1970-01-01.
pub fn day_in(zone: &TimeZone, at: Timestamp) -> i64 {
    let day = at.to_calendar().to_zoned(zone.clone()).date();
    i64::from(day.since(EPOCH).map_or(0, |span| span.get_days()))
}

/// The first moment of a day there.
pub fn midnight(zone: &TimeZone, day: i64) -> Timestamp {
    let date = EPOCH.checked_add(day.days()).unwrap_or(Date::MAX);
    let start = date.to_zoned(zone.clone()).map(|start| start.timestamp().as_millisecond());
    Timestamp::from_ms(start.unwrap_or(i64::MAX))
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_with_one_time_has_a_zone_that_is_known() {
        for (country, zone) in ONE_TIME.iter() {
            assert!(zone.parse::<Zone>().is_ok(), "{country} {zone}");
            assert!(OVERSEAS.iter().all(|(_, other, _)| other != country), "{country} stands in both tables");
        }
        assert_eq!(of_country("DE"), Some("Europe/Berlin"));
        // The Azores, the Canaries, and coasts that are hours apart.
        for several in ["CA", "ES", "PT", "US"] {
            assert_eq!(of_country(several), None, "{several}");
        }
    }
}
