//! Who somebody is in a site's own books.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::ids::SiteId;

/// A customer's number together with the site it is used on (`shop:4711`):
/// what is 4711 in one shop is somebody else in another.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Customer(String);

/// The text is no customer's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a customer's number has 1 to 128 characters")]
pub struct BadCustomer;

const LEN_MAX: usize = 128;

impl Customer {
    pub fn of(site: &SiteId, number: &str) -> Result<Self, BadCustomer> {
        let number = number.trim();
        let fits = (1..=LEN_MAX).contains(&number.chars().count()) && !number.contains(char::is_control);
        if fits { Ok(Self(format!("{site}:{number}"))) } else { Err(BadCustomer) }
    }

    /// Whole, for the database; never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// As [`Customer::reveal`] writes it.
impl FromStr for Customer {
    type Err = BadCustomer;

    fn from_str(text: &str) -> Result<Self, BadCustomer> {
        let (site, number) = text.split_once(':').ok_or(BadCustomer)?;
        Self::of(&site.parse().map_err(|_| BadCustomer)?, number)
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a customer")
    }
}

impl Serialize for Customer {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_customer_of_its_site() {
        let site = "shop".parse().unwrap();

        let customer = Customer::of(&site, " a:4711 ").unwrap();

        assert_eq!(customer.reveal(), "shop:a:4711");
        assert_eq!(customer.reveal().parse(), Ok(customer));
        for bad in ["", " ", "a\u{0}", &"1".repeat(129)] {
            assert_eq!(Customer::of(&site, bad), Err(BadCustomer), "{bad}");
        }
    }
}
