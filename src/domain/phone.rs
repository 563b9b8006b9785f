//! Telephone numbers: E.164 in the machine, the country's habit on the page.
//!
//! A number is personal data, so it prints masked unless somebody says
//! [`Phone::reveal`], a word that can be searched for.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A country whose dialling habits tell how a number without `+` is meant:
/// two letters of ISO 3166-1, for instance `FR`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Country(Region);

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input)?.parse().map_err(de::Error::custom)
    }
}

impl FromStr for Country {
    type Err = BadPhone;

    fn from_str(letters: &str) -> Result<Self, BadPhone> {
        let region = letters.to_ascii_uppercase().parse().map_err(|_| BadPhone)?;
        // Any two letters are a region to the library; only a real one can be dialled.
        PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| Country(region)).ok_or(BadPhone)
    }
}

impl Country {
    /// Whether a number is one of this country that is written at home with a
    /// prefix it does not have abroad: the `0` of `01 99 00 12 34`. Not so in
    /// Italy or North America, where nothing stands before it.
    pub fn writes_prefix_before(self, phone: &Phone) -> bool {
        let code = PHONE_NUMBER_UTIL.get_country_code_for_region(self.0).map(|code| code.to_string());
        let significant = code.and_then(|code| phone.0[1..].strip_prefix(&code));
        let national: String = phone.national().chars().filter(char::is_ascii_digit).collect();
        significant.is_some_and(|significant| significant != national)
    }
}

/// The text is no telephone number that could be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number that can be dialled")]
pub struct BadPhone;

/// What kind of line answers at a number, as far as its range tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    Fixed,
    Mobile,
    /// The country does not tell them apart by their numbers.
    FixedOrMobile,
    TollFree,
    /// Calling it costs more than a call, for the service behind it.
    Premium,
    /// The caller pays a part.
    SharedCost,
    /// Over the internet, at no place.
    Voip,
    /// Follows a person, serves a whole company, or is a pager or a mailbox.
    Other,
    /// No range that has been handed out, as far as the tables know.
    Unknown,
}

impl Line {
    /// Whether a text message may arrive there, as far as the range tells.
    pub fn takes_sms(self) -> bool {
        !matches!(self, Line::Fixed | Line::TollFree | Line::Premium | Line::SharedCost)
    }
}

/// After these a number has no prefix too many, or is none.
const READINGS_MAX: usize = 4;

/// In E.164, if it is possible there.
fn read(text: &str, home: Option<Country>) -> Result<String, BadPhone> {
    let number = PhoneNumber::parse(text, home.map(|c| c.0)).map_err(|_| BadPhone)?;
    number.is_possible_with_reason().map_err(|_| BadPhone)?;
    Ok(number.format_as(PhoneNumberFormat::E164).into_owned())
}

/// A telephone number in E.164 with its `+`.
///
/// `Display` and `Debug` mask it (`+3319…34`); JSON carries it whole, because
/// what leaves as JSON goes to somebody who was allowed to ask.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(Box<str>);

impl Phone {
    /// Reads a number as people and carriers write it: `+33 1 99 00 12 34`,
    /// `0033199001234`, `33199001234`, `01.99.00.12.34`, `tel:+33-1-…`.
    ///
    /// Without a country only the forms with `+` are understood. A number
    /// must be *possible* (its length fits its country); whether its range has
    /// been handed out is not asked, since new ranges come before new tables.
    pub fn parse(text: &str, home: Option<Country>) -> Result<Self, BadPhone> {
        let text = text.trim();
        let text = text.strip_prefix("tel:").unwrap_or(text);
        // RFC 3966 parameters (`;phone-context=…`, `;ext=…`) are not part of the number.
        let text = text.split(';').next().unwrap_or_default();
        if text.len() > 40 || text.bytes().any(|b| b.is_ascii_alphabetic()) {
            return Err(BadPhone);
        }
        let mut number = read(text, home)?;
        // A prefix too many (`+31 0…`) is taken off with each reading, and what is
        // kept in a database has to read as itself.
        for _ in 0..READINGS_MAX {
            let again = read(&number, None)?;
            if again == number {
                return Ok(Self(number.into()));
            }
            number = again;
        }
        Err(BadPhone)
    }

    /// Whether its range has been handed out, by tables that are older than
    /// the newest ranges: good for choosing between two readings, no reason to
    /// refuse one.
    pub fn is_valid(&self) -> bool {
        PhoneNumber::parse(&*self.0, None).is_ok_and(|number| number.is_valid())
    }

    /// The whole number, for the wire and the database; never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The country it belongs to, where its first digits tell.
    pub fn country(&self) -> Option<Country> {
        PhoneNumber::parse(&*self.0, None).ok()?.get_region_code().map(Country)
    }

    /// Whether its range has been handed out, as far as the tables know: nobody
    /// can be called back at a number for which this is false.
    pub fn is_assigned(&self) -> bool {
        PhoneNumber::parse(&*self.0, None).is_ok_and(|number| number.is_valid())
    }

    pub fn line(&self) -> Line {
        use PhoneNumberType as T;
        let Ok(number) = PhoneNumber::parse(&*self.0, None) else { return Line::Unknown };
        match number.get_type() {
            T::FixedLine => Line::Fixed,
            T::Mobile => Line::Mobile,
            T::FixedLineOrMobile => Line::FixedOrMobile,
            T::TollFree => Line::TollFree,
            T::PremiumRate => Line::Premium,
            T::SharedCost => Line::SharedCost,
            T::VoIP => Line::Voip,
            T::PersonalNumber | T::Pager | T::UAN | T::VoiceMail => Line::Other,
            T::Unknown => Line::Unknown,
        }
    }

    /// As its own country writes it at home: `01 99 00 12 34`.
    pub fn national(&self) -> String {
        self.formatted(PhoneNumberFormat::National)
    }

    /// As other countries dial it: `+33 1 99 00 12 34`.
    pub fn international(&self) -> String {
        self.formatted(PhoneNumberFormat::International)
    }

    /// As a reader in `home` writes it: the short form for a number of their
    /// own country, the international one for all others.
    pub fn for_reader_in(&self, home: Country) -> String {
        let short = self.national();
        // The short form may stand only where it would be dialled as this number.
        if Phone::parse(&short, Some(home)).as_ref() == Ok(self) { short } else { self.international() }
    }

    fn formatted(&self, format: PhoneNumberFormat) -> String {
        match PhoneNumber::parse(&*self.0, None) {
            Ok(number) => number.format_as(format).into_owned(),
            Err(_) => self.0.to_string(),
        }
    }
}

/// Reads E.164 with its `+`, as the databases and the API write it.
impl FromStr for Phone {
    type Err = BadPhone;

    fn from_str(text: &str) -> Result<Self, BadPhone> {
        Phone::parse(text, None)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = &self.0;
        if digits.len() < 9 {
            return f.write_str("+…");
        }
        write!(f, "{}…{}", &digits[..5], &digits[digits.len() - 2..])
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_a_carrier_writes_a_french_number_is_the_same_number() {
        let france: Country = "FR".parse().unwrap();

        for text in [
            "+33199001234",
            "0199001234",
            "33199001234",
            "0033199001234",
            "01 99 00 12 34",
            "01.99.00.12.34",
            "+33 (0)1 99 00 12 34",
            "tel:+33-1-99-00-12-34",
            "+33199001234;phone-context=example.org",
        ] {
            assert_eq!(Phone::parse(text, Some(france)).unwrap().reveal(), "+33199001234", "{text}");
        }
    }

    /// As a database gives it back.
    #[test]
    fn a_number_reads_as_itself_once_it_is_in_e164() {
        for (text, expected) in [("+310--05--05-00", "+3150500"), ("+33 (0)1 99 00 12 34", "+33199001234")] {
            let number = Phone::parse(text, None).unwrap();

            assert_eq!(number.reveal(), expected);
            assert_eq!(number.reveal().parse(), Ok(number), "{text}");
        }
    }

    #[test]
    fn a_number_tells_its_country() {
        let country = |text: &str| text.parse::<Phone>().unwrap().country();

        assert_eq!(country("+33199001234"), "FR".parse().ok());
        assert_eq!(country("+32251234523"), "BE".parse().ok());
        assert_eq!(country("+12125550123"), "US".parse().ok());
        assert_eq!(country("+14165550123"), "CA".parse().ok());
    }

    #[test]
    fn a_number_tells_what_kind_of_line_it_is() {
        for (text, line) in [
            ("+33199001234", Line::Fixed),
            ("+33612345678", Line::Mobile),
            ("+33939012345", Line::Voip),
            ("+33800123456", Line::TollFree),
            ("+33897123456", Line::Premium),
            ("+33810123456", Line::SharedCost),
            ("+12125550123", Line::FixedOrMobile),
            ("+33012345678", Line::Unknown),
        ] {
            assert_eq!(text.parse::<Phone>().map(|number| number.line()), Ok(line), "{text}");
        }
    }

    #[test]
    fn a_country_is_one_that_can_be_dialled() {
        assert_eq!("fr".parse::<Country>(), "FR".parse());
        for letters in ["ZZ", "XX", "FRA", "33", ""] {
            assert_eq!(letters.parse::<Country>(), Err(BadPhone), "{letters}");
        }
    }

    #[test]
    fn what_cannot_be_dialled_is_refused() {
        for text in ["", "anonymous", "+", "12", "+3319900123456789012", "0199001234", "+33 VANITY"] {
            assert_eq!(Phone::parse(text, None), Err(BadPhone), "{text}");
        }
    }

    #[test]
    fn a_number_prints_masked_and_shows_only_when_told() {
        let phone: Phone = "+32251234523".parse().unwrap();

        assert_eq!(format!("{phone} {phone:?}"), "+3225…23 +3225…23");
        assert_eq!(phone.reveal(), "+32251234523");
    }

    #[test]
    fn a_page_shows_the_habit_of_the_country() {
        let phone: Phone = "+33199001234".parse().unwrap();

        assert_eq!(phone.for_reader_in("FR".parse().unwrap()), "01 99 00 12 34");
        assert_eq!(phone.for_reader_in("BE".parse().unwrap()), "+33 1 99 00 12 34");
        assert_eq!(phone.national(), "01 99 00 12 34");
        assert_eq!(phone.international(), "+33 1 99 00 12 34");
    }
}
