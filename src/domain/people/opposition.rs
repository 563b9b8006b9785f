//! Lists of those who object to being reached: the business's own, and those
//! that it is bound to ask.
//!
//! Of a number or an address on such a list only its SHA-256 is kept. That is
//! enough to find it again and no list to call or write to; it tells nothing
//! to whoever reads it by chance. It is no secret to whoever has the database
//! and hashes every number there is.

use sha2::{Digest, Sha256};

use super::consent::Channel;
use super::contact::Identity;
use super::email::Email;
use crate::domain::ids::ListId;
use crate::domain::phone::{Country, Phone};
use crate::domain::time::Timestamp;

/// A line longer than this is none of such a list.
pub const LINE_MAX: usize = 1_000;

/// A list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List {
    pub id: ListId,
    pub name: String,
    /// What those on it do not want to be reached by.
    pub channels: Vec<Channel>,
    pub entries: u64,
    /// When something was last taken into it, and from whom (`key:…`).
    pub changed_at: Timestamp,
    pub changed_by: String,
}

/// A list that an identity stands on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    pub list: ListId,
    pub channels: Vec<Channel>,
}

/// What stands for an identity on a list; `None`: no list has such.
pub fn mark(identity: &Identity) -> Option<String> {
    match identity {
        Identity::Phone(_) | Identity::Email(_) => {}
        Identity::Visitor(_) | Identity::Customer(_) => return None,
    }
    let text = format!("{} {}", identity.kind(), identity.reveal());
    Some(base16ct::lower::encode_string(&Sha256::digest(text.as_bytes())))
}

/// What a line of a file says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// Every number and address in it: one at least.
    Of(Vec<Identity>),
    /// Nothing stands in it.
    Empty,
    /// No field of it is a number or an address.
    Unreadable,
}

/// Reads a line of a list: a number or an address by itself, or among the fields of a CSV file (`;`, `,` or tab
/// between them), of which each that is one counts. Numbers without a country are those of `home`. Beside other fields
/// a number must be written out, as it is dialled at home or from abroad: a row has other numbers in it.
pub fn read_line(line: &str, home: Country) -> Line {
    let fields = line.split([';', ',', '\t']).map(|field| field.trim().trim_matches('"').trim());
    let fields: Vec<&str> = fields.filter(|field| !field.is_empty()).collect();
    if fields.is_empty() {
        return Line::Empty;
    }
    let found = fields.iter().filter_map(|field| {
        if field.contains('@') {
            return field.parse::<Email>().map(Identity::Email).ok();
        }
        let phone = Phone::parse(field, Some(home)).ok()?;
        (fields.len() == 1 || is_written_out(field, &phone)).then_some(Identity::Phone(phone))
    });
    let found: Vec<Identity> = found.collect();
    if found.is_empty() { Line::Unreadable } else { Line::Of(found) }
}

fn is_written_out(field: &str, phone: &Phone) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let written = digits(field);
    // A table takes the plus away from a number.
    field.starts_with('+')
        || written.starts_with("00")
        || [phone.national(), phone.international()].map(|it| digits(&it)).contains(&written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_lists_write_it() {
        let home: Country = "FR".parse().unwrap();
        for (line, values) in [
            ("0199001234", &["+33199001234"][..]),
            ("  +33 1 99 00 12 34\r", &["+33199001234"]),
            ("\"01.99.00.12.34\";\"2026-01-31\"", &["+33199001234"]),
            ("Martin,0033199001234,Lyon", &["+33199001234"]),
            // Beside other fields a number is written out: the first is a company's.
            ("552100554;0199001234", &["+33199001234"]),
            ("552100554;33199001234", &["+33199001234"]),
            ("199001234", &["+33199001234"]),
            ("Ada@Example.org", &["ada@example.org"]),
            ("4711\tada@example.org\t2026", &["ada@example.org"]),
            ("0199001234;;0199005678;ada@example.org", &["+33199001234", "+33199005678", "ada@example.org"]),
        ] {
            let Line::Of(identities) = read_line(line, home) else { panic!("{line}") };
            assert_eq!(identities.iter().map(Identity::reveal).collect::<Vec<_>>(), values, "{line}");
        }
        for line in ["", "  ", ";;", "\"\""] {
            assert_eq!(read_line(line, home), Line::Empty, "{line}");
        }
        for line in ["telephone;date", "ada@", "12", "n/a", "552100554;n/a"] {
            assert_eq!(read_line(line, home), Line::Unreadable, "{line}");
        }
    }

    #[test]
    fn what_stands_for_an_identity_is_the_same_each_time_and_does_not_tell_it() {
        let phone = Identity::Phone("+33199001234".parse().unwrap());

        let kept = mark(&phone).unwrap();

        assert_eq!(kept.len(), 64);
        assert_eq!(Some(&kept), mark(&phone).as_ref());
        assert!(!kept.contains("199001234"));
        assert_eq!(mark(&Identity::Customer("crm:1".parse().unwrap())), None);
    }
}
