//! Where a caller's number is at home: its country, and in France the fifth of
//! the country that its first digits name.
//!
//! Since 2023 a French geographic number may be used anywhere in metropolitan
//! France (ARCEP, decision 2022-1583), and a mobile never had a place: this says
//! where a number was handed out, not where its owner is.

use crate::domain::phone::{Line, Phone};

/// The country of a number (ISO 3166-1), with the zone of a French geographic number behind it: `DE`, `FR`, `FR-4`.
pub fn region_of(number: &Phone) -> Option<String> {
    let country = number.country()?.to_string();
    let zone = number.reveal().strip_prefix("+33").and_then(|rest| rest.chars().next());
    match zone {
        Some(zone @ '1'..='5') if country == "FR" && number.line() == Line::Fixed => {
            Some(format!("{country}-{zone}"))
        }
        _ => Some(country),
    }
}

#[cfg(test)]
mod tests {
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
            assert_eq!(region_of(&number).as_deref(), Some(region), "{}", number.reveal());
        }
    }
}
