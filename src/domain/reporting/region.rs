//! Where a call came from: its country, and in France the fifth of the country that the first digit of a geographic
//! number names.
//!
//! A fixed line is at home where its number was handed out. A mobile never had a place, and a caller who withholds their
//! number tells none: there the visit that made the call tells, as the proxy in front of it saw. Since 2023 a French
//! geographic number may be used anywhere in metropolitan France (ARCEP, decision 2022-1583), so this says where most
//! of them are, not where each is.

use crate::domain::phone::{Country, Line, Phone};

/// How likely a visit made the call, at least, for its place to be that of the call.
pub const LIKELY: f64 = 0.5;

/// The fifths of metropolitan France: the regions and departments (ISO 3166-2:FR) in which fixed lines begin with 01 to
/// 05. Occitanie lies in two, so it takes its department to tell.
const ZONES: [&[&str]; 5] = [
    &["IDF", "75", "75C", "77", "78", "91", "92", "93", "94", "95"],
    &[
        "BRE", "CVL", "NOR", "PDL", "14", "18", "22", "27", "28", "29", "35", "36", "37", "41", "44", "45",
        "49", "50", "53", "56", "61", "72", "76", "85",
    ],
    &[
        "6AE", "BFC", "GES", "HDF", "02", "08", "10", "21", "25", "39", "51", "52", "54", "55", "57", "58",
        "59", "60", "62", "67", "68", "70", "71", "80", "88", "89", "90",
    ],
    &[
        "ARA", "COR", "20R", "PAC", "01", "03", "04", "05", "06", "07", "11", "13", "15", "26", "2A", "2B",
        "30", "34", "38", "42", "43", "48", "63", "66", "69", "69M", "73", "74", "83", "84",
    ],
    &[
        "NAQ", "09", "12", "16", "17", "19", "23", "24", "31", "32", "33", "40", "46", "47", "64", "65",
        "79", "81", "82", "86", "87",
    ],
];

/// The country of a call (ISO 3166-1), with its zone where it is in France and that is known: `DE`, `FR`, `FR-4`.
///
/// `visit` is the [`region_at`] of the visit that made it.
pub fn region_of(caller: Option<&Phone>, visit: Option<&str>) -> Option<String> {
    let at_home = |caller: &Phone| caller.line() == Line::Fixed;
    match (caller, visit) {
        (Some(caller), Some(visit)) if !at_home(caller) => Some(visit.to_owned()),
        (Some(caller), _) => of_number(caller),
        (None, visit) => visit.map(str::to_owned),
    }
}

fn of_number(number: &Phone) -> Option<String> {
    let country = number.country()?.to_string();
    let zone = number.reveal().strip_prefix("+33").and_then(|rest| rest.chars().next());
    match zone {
        Some(zone @ '1'..='5') if country == "FR" && number.line() == Line::Fixed => {
            Some(format!("{country}-{zone}"))
        }
        _ => Some(country),
    }
}

/// The zone of a visit in France, of which a proxy tells the region or the department, with the country before it
/// (`FR-IDF`) or without (`75`); `None`: it has none, or none that is known.
pub fn region_at(country: Country, subdivision: &str) -> Option<String> {
    let country = country.to_string();
    let code = subdivision.trim().to_ascii_uppercase();
    let code = code.strip_prefix("FR-").unwrap_or(&code);
    let zone = (1..).zip(ZONES).find(|(_, codes)| codes.contains(&code))?.0;
    (country == "FR").then(|| format!("{country}-{zone}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_french_fixed_line_has_its_zone_and_every_other_number_its_country() {
        for (number, region) in [
            ("+33140506070", "FR-1"),
            ("+33472000001", "FR-4"),
            ("+33612345678", "FR"),
            ("+33970123456", "FR"),
            ("+33800123456", "FR"),
            ("+262262123456", "RE"),
            ("+4930123456", "DE"),
            ("+442079460000", "GB"),
        ] {
            let number: Phone = number.parse().unwrap();
            assert_eq!(region_of(Some(&number), None).as_deref(), Some(region), "{}", number.reveal());
        }
    }

    #[test]
    fn where_the_number_has_no_place_the_visit_tells() {
        for (number, visit, region) in [
            (Some("+33612345678"), Some("FR-4"), Some("FR-4")),
            (Some("+4915112345678"), Some("FR-2"), Some("FR-2")),
            (Some("+33970123456"), Some("FR"), Some("FR")),
            (Some("+33140506070"), Some("FR-4"), Some("FR-1")),
            (Some("+4930123456"), Some("FR-2"), Some("DE")),
            (None, Some("BE"), Some("BE")),
            (None, None, None),
        ] {
            let number: Option<Phone> = number.map(|it| it.parse().unwrap());
            assert_eq!(region_of(number.as_ref(), visit).as_deref(), region, "{number:?} {visit:?}");
        }
    }

    #[test]
    fn a_region_or_a_department_lies_in_a_zone() {
        let at = |country: &str, code| region_at(country.parse().unwrap(), code);
        for (code, zone) in [
            ("IDF", Some("FR-1")),
            ("FR-BRE", Some("FR-2")),
            (" fr-67 ", Some("FR-3")),
            ("2a", Some("FR-4")),
            ("31", Some("FR-5")),
            ("34", Some("FR-4")),
            ("OCC", None),
            ("974", None),
            ("", None),
        ] {
            assert_eq!(at("FR", code).as_deref(), zone, "{code}");
        }
        assert_eq!(at("DE", "02"), None);
    }

    #[test]
    fn each_department_of_metropolitan_france_lies_in_one_zone() {
        let departments = ZONES.concat().into_iter().filter(|code| code.len() == 2);
        let once: BTreeSet<&str> = departments.clone().collect();
        let all = (1..=95).filter(|nth| *nth != 20).map(|nth| format!("{nth:02}"));
        let all: BTreeSet<String> = all.chain(["2A".into(), "2B".into()]).collect();

        assert_eq!(once, all.iter().map(String::as_str).collect());
        assert_eq!(departments.count(), once.len());
    }
}
