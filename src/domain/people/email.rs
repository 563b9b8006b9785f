//! An e-mail address, as people type it into a form.
//!
//! Only its syntax is asked, by the rule that finds typing errors and refuses no
//! address in use: quoted local parts and addresses of bare numbers (RFC 5321)
//! are allowed to nobody. Whether it is read by anyone, a mail will tell.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An address in lower case: `Ada@Example.org` reaches the same person.
///
/// `Display` and `Debug` mask it (`a…@…org`); JSON carries it whole, because
/// what leaves as JSON goes to somebody who was allowed to ask.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// The text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct BadEmail;

/// RFC 5321 §4.5.3.1: the whole, and what stands before the `@`.
const LEN_MAX: usize = 254;
const LOCAL_MAX: usize = 64;

impl Email {
    /// The whole address, for the wire and the database; never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').unwrap_or_default().0
    }

    /// What stands behind it.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').unwrap_or_default().1
    }
}

impl FromStr for Email {
    type Err = BadEmail;

    fn from_str(text: &str) -> Result<Self, BadEmail> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(BadEmail)?;
        if text.len() <= LEN_MAX && is_local(local) && is_domain(domain) {
            Ok(Self(text))
        } else {
            Err(BadEmail)
        }
    }
}

/// Atoms with dots between them (RFC 5322 §3.2.3), letters of any script among them (RFC 6531).
fn is_local(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    text.len() <= LOCAL_MAX && text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(fits))
}

/// At least two labels, the last of which is no number.
fn is_domain(text: &str) -> bool {
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.contains('.') && text.split('.').all(fits) && !last.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.chars().next().unwrap_or_default();
        let last = self.0.rsplit('.').next().unwrap_or_default();
        write!(f, "{first}…@…{last}")
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_type_it() {
        for (typed, kept) in [
            ("ada@example.org", "ada@example.org"),
            (" Ada.Lovelace+news@Mail.Example.ORG ", "ada.lovelace+news@mail.example.org"),
            ("o'neil_1@ex-ample.co", "o'neil_1@ex-ample.co"),
            ("rené@été.fr", "rené@été.fr"),
        ] {
            assert_eq!(typed.parse::<Email>().unwrap().reveal(), kept, "{typed}");
        }
    }

    #[test]
    fn a_typing_error_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "ada@example",
            "ada@@example.org",
            "a b@example.org",
            "ada.@example.org",
            "ada..l@example.org",
            "ada@-example.org",
            "ada@example..org",
            "ada@1.2.3.4",
            "\"ada\"@example.org",
            "ada@exa_mple.org",
            "ada,bob@example.org",
            &long,
        ] {
            assert_eq!(bad.parse::<Email>(), Err(BadEmail), "{bad}");
        }
    }

    #[test]
    fn an_address_prints_masked() {
        let email: Email = "ada@example.org".parse().unwrap();

        assert_eq!(format!("{email} {email:?}"), "a…@…org a…@…org");
    }
}
