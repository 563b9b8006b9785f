//! An amount of money, in the smallest unit of its currency.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// More than any medium costs, and far from what an `i64` or a browser holds.
pub const MINOR_MAX: u64 = 1_000_000_000_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Money {
    /// Cents, where the currency has them.
    pub minor: u64,
    pub currency: Currency,
}

impl Money {
    /// An amount as people write it: `1250`, `1 250.50` or `1250,50`.
    ///
    /// One point or comma, and as many digits behind it as the currency has at the most: `1.250` may be meant in
    /// two ways, and is refused.
    pub fn read(text: &str, currency: Currency) -> Result<Money, BadAmount> {
        let text: String =
            text.trim().chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).collect();
        let (whole, part) = text.split_once(['.', ',']).unwrap_or((&text, ""));
        let decimals = currency.decimals();
        let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let ends_open = text.ends_with(['.', ',']);
        if whole.is_empty() || ends_open || part.len() > decimals || !are_digits(whole) || !are_digits(part) {
            return Err(BadAmount);
        }
        let minor = format!("{whole}{part:0<decimals$}").parse().ok();
        let minor = minor.filter(|minor| *minor <= MINOR_MAX).ok_or(BadAmount)?;
        Ok(Money { minor, currency })
    }

    /// What each of so many costs, rounded to the smallest unit.
    pub fn shared_by(self, many: u64) -> Money {
        let many = many.max(1);
        Money { minor: (self.minor + many / 2) / many, ..self }
    }
}

/// Three letters of ISO 4217: `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const EUR: Currency = Currency(*b"EUR");

    /// How many digits of the amount in its smallest unit stand behind the
    /// point: ISO 4217, where they are not two.
    pub const fn decimals(self) -> usize {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

/// The text is no amount of the currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an amount; write 1250 or 1250.50, without a sign and without a comma between thousands")]
pub struct BadAmount;

/// The text names no currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a currency of ISO 4217, for instance \"EUR\"")]
pub struct BadCurrency;

impl FromStr for Currency {
    type Err = BadCurrency;

    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| BadCurrency)?;
        if letters.iter().all(u8::is_ascii_uppercase) { Ok(Self(letters)) } else { Err(BadCurrency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_to_the_smallest_unit() {
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };

        assert_eq!(euros(100).shared_by(3), euros(33));
        assert_eq!(euros(101).shared_by(2), euros(51));
        assert_eq!(euros(100).shared_by(0), euros(100));
    }

    #[test]
    fn an_amount_is_read_as_people_write_it_and_never_in_two_ways() {
        let read = |text: &str, currency: &str| {
            Money::read(text, currency.parse().unwrap()).map(|money| money.minor).ok()
        };

        for text in ["1250.5", "1250,50", " 1 250.50", "1\u{202f}250,50"] {
            assert_eq!(read(text, "EUR"), Some(125_050), "{text}");
        }
        assert_eq!(
            (read("0", "EUR"), read("1250", "JPY"), read("1.250", "TND")),
            (Some(0), Some(1_250), Some(1_250))
        );
        for text in ["", "1.250", "1,250.50", "-5", "+5", "1e3", "12.", ".5", "5.5 EUR", "10000000000.01"] {
            assert_eq!(read(text, "EUR"), None, "{text}");
        }
        assert_eq!(read("12.5", "JPY"), None);
    }

    #[test]
    fn a_currency_has_three_capital_letters() {
        assert_eq!("EUR".parse::<Currency>().map(|it| it.to_string()).as_deref(), Ok("EUR"));
        for text in ["eur", "EU", "EURO", "€", "E1R", ""] {
            assert_eq!(text.parse::<Currency>(), Err(BadCurrency), "{text}");
        }
    }
}
