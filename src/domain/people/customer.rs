//! Who somebody is in the books of a site or of another system.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::field::is_text;
use crate::domain::ids::{SiteId, SystemId};

/// A customer's number together with the system that gave it (`shop:4711`): a
/// site, or one that the plan declares. What is 4711 in one is somebody else in
/// another.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Customer(String);

/// The text is no customer's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a customer's number has 1 to 128 characters")]
pub struct BadCustomer;

const LEN_MAX: usize = 128;

impl Customer {
    pub fn of(system: &SystemId, number: &str) -> Result<Self, BadCustomer> {
        if is_text(number, LEN_MAX) {
            Ok(Self(format!("{system}:{}", number.trim())))
        } else {
            Err(BadCustomer)
        }
    }

    /// A site's own number of somebody.
    pub fn of_site(site: &SiteId, number: &str) -> Result<Self, BadCustomer> {
        Self::of(&site.as_str().parse().map_err(|_| BadCustomer)?, number)
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
        let (system, number) = text.split_once(':').ok_or(BadCustomer)?;
        Self::of(&system.parse().map_err(|_| BadCustomer)?, number)
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
    fn a_number_is_a_customer_of_its_system() {
        let system = "shop".parse().unwrap();

        let customer = Customer::of(&system, " a:4711 ").unwrap();

        assert_eq!(customer.reveal(), "shop:a:4711");
        assert_eq!(customer.reveal().parse(), Ok(customer));
        for bad in ["", " ", "a\u{0}", &"1".repeat(129)] {
            assert_eq!(Customer::of(&system, bad), Err(BadCustomer), "{bad}");
        }
    }
}
