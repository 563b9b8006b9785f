//! What is suspicious in what is known of a contact: marks, not refusals, so
//! that nothing is lost at the door. A mistake can be put right later; what was
//! sent away never comes again. What cannot be read at all is kept as it was given, and marked.
//!
//! Marks are made anew when these rules change ([`VERSION`]).

mod email;
pub mod label;
mod name;
mod phone;
mod streets;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::address::Address;
use super::contact::Identity;
use super::profile::Profile;
use super::unread::Unread;
use crate::domain::calling::outcome::{UnknownWord, words};
use crate::domain::time::Timestamp;

/// Rises when these rules or their lists change; contacts marked by an earlier one are marked anew.
pub const VERSION: i64 = 1;

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Code {
    /// What was given for one is no telephone number.
    PhoneUnreadable,
    /// What was given for one is no address.
    EmailUnreadable,
    /// Any other part that cannot be read: a language, a date.
    Unreadable,
    /// Its range is handed out to nobody.
    PhoneUnassigned,
    /// Films and books have it.
    PhoneFiction,
    /// A call centre shows it; nobody answers there.
    PhonePlatform,
    PhonePremium,
    PhoneSharedCost,
    /// One letter from a domain that many have.
    EmailTypo,
    /// Its mailbox is thrown away after use.
    EmailDisposable,
    /// Its domain takes no mail, as name servers tell.
    EmailNoMail,
    /// Read by whoever has the task: `info@`.
    EmailRole,
    NameDigits,
    /// One letter, again and again.
    NameRepeated,
    NameTest,
    NameEmail,
    /// The family name stands in the place of the given name.
    NamesSwapped,
    AddressNoStreet,
    AddressNoPostcode,
    /// Not five digits.
    AddressPostcode,
    /// Begins as no department does.
    AddressDepartment,
    AddressNoCity,
    /// A line has more than 38 characters, abbreviated as far as the norm goes.
    AddressLong,
}

words! { Code:
    PhoneUnreadable = "phone_unreadable",
    EmailUnreadable = "email_unreadable",
    Unreadable = "unreadable",
    PhoneUnassigned = "phone_unassigned",
    PhoneFiction = "phone_fiction",
    PhonePlatform = "phone_platform",
    PhonePremium = "phone_premium",
    PhoneSharedCost = "phone_shared_cost",
    EmailTypo = "email_typo",
    EmailDisposable = "email_disposable",
    EmailNoMail = "email_no_mail",
    EmailRole = "email_role",
    NameDigits = "name_digits",
    NameRepeated = "name_repeated",
    NameTest = "name_test",
    NameEmail = "name_email",
    NamesSwapped = "names_swapped",
    AddressNoStreet = "address_no_street",
    AddressNoPostcode = "address_no_postcode",
    AddressPostcode = "address_postcode",
    AddressDepartment = "address_department",
    AddressNoCity = "address_no_city",
    AddressLong = "address_long",
}

impl Code {
    /// Whether nobody is reached by what has this mark: it does not count as valid.
    pub const fn spoils(self) -> bool {
        use Code as C;
        match self {
            C::PhoneSharedCost | C::EmailRole => false,
            C::NameDigits | C::NameRepeated | C::NameTest | C::NameEmail | C::NamesSwapped => false,
            C::PhoneUnassigned | C::PhoneFiction | C::PhonePlatform | C::PhonePremium => true,
            C::EmailTypo | C::EmailDisposable | C::EmailNoMail => true,
            C::PhoneUnreadable | C::EmailUnreadable | C::Unreadable => true,
            C::AddressNoStreet | C::AddressNoPostcode | C::AddressPostcode => true,
            C::AddressDepartment | C::AddressNoCity | C::AddressLong => true,
        }
    }
}

/// Where it is wrong.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    Name,
    GivenName,
    FamilyName,
    /// Counted from 0.
    Address(usize),
    /// As [`Identity::kind`] and [`Identity::reveal`] give them.
    Identity {
        kind: String,
        value: String,
    },
    /// What was given.
    Unread(Unread),
}

impl Place {
    pub fn of(identity: &Identity) -> Self {
        Place::Identity { kind: identity.kind().to_owned(), value: identity.reveal() }
    }

    /// As it stands in the database: `given_name`, `addresses[0]`, `phone +33639980001`, `unread phone 12`.
    pub fn reveal(&self) -> String {
        match self {
            Place::Name => "name".to_owned(),
            Place::GivenName => "given_name".to_owned(),
            Place::FamilyName => "family_name".to_owned(),
            Place::Address(n) => format!("addresses[{n}]"),
            Place::Identity { kind, value } => format!("{kind} {value}"),
            Place::Unread(Unread { part, value }) => format!("unread {part} {value}"),
        }
    }
}

/// Without the identity itself.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Identity { kind, .. } => f.write_str(kind),
            Place::Unread(unread) => write!(f, "unread {unread:?}"),
            other => f.write_str(&other.reveal()),
        }
    }
}

impl FromStr for Place {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        if let Some(("unread", rest)) = text.split_once(' ') {
            let (part, value) = rest.split_once(' ').ok_or(UnknownWord)?;
            return Ok(Place::Unread(Unread { part: part.to_owned(), value: value.to_owned() }));
        }
        if let Some((kind, value)) = text.split_once(' ') {
            return Ok(Place::Identity { kind: kind.to_owned(), value: value.to_owned() });
        }
        match text {
            "name" => Ok(Place::Name),
            "given_name" => Ok(Place::GivenName),
            "family_name" => Ok(Place::FamilyName),
            _ => {
                let n = text.strip_prefix("addresses[").and_then(|rest| rest.strip_suffix(']'));
                n.and_then(|n| n.parse().ok()).map(Place::Address).ok_or(UnknownWord)
            }
        }
    }
}

/// One thing that is suspicious.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark {
    pub place: Place,
    pub code: Code,
    /// What was probably meant: the domain of an address.
    pub suggestion: Option<String>,
}

/// A mark as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    pub mark: Mark,
    /// Since when it is known.
    pub since: Timestamp,
    /// Who wrote what is marked, as [`Source`] prints.
    pub source: String,
}

/// Who wrote what is marked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// As an accessor prints: `key:<id>`, `user:<id>`.
    Accessor(String),
    /// A visitor of this site, of themselves.
    Site(String),
    /// A file, by the id of its import.
    Import(String),
    /// A caller's own number.
    Call,
    /// Written before there were rules, or these ones.
    Earlier,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Accessor(who) => f.write_str(who),
            Source::Site(site) => write!(f, "site:{site}"),
            Source::Import(id) => write!(f, "import:{id}"),
            Source::Call => f.write_str("call"),
            Source::Earlier => f.write_str("earlier"),
        }
    }
}

/// Everything that is suspicious of a contact; `without_mail`: domains that are known to take no mail.
pub fn marks<'i>(
    profile: &Profile,
    identities: impl IntoIterator<Item = &'i Identity>,
    without_mail: &BTreeSet<String>,
) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    for (place, code) in name::problems(profile) {
        marks.insert(Mark { place, code, suggestion: None });
    }
    for unread in &profile.unread {
        marks.insert(Mark { place: Place::Unread(unread.clone()), code: unread.code(), suggestion: None });
    }
    for (n, address) in profile.addresses.iter().enumerate() {
        marks.extend(of_address(n, profile.full_name().as_deref().unwrap_or_default(), address));
    }
    for identity in identities {
        let place = Place::of(identity);
        let found = match identity {
            Identity::Phone(phone) => {
                phone::problem(phone).map(|code| vec![(code, None)]).unwrap_or_default()
            }
            Identity::Email(email) => email::problems(email, without_mail.contains(email.domain())),
            Identity::Visitor(_) | Identity::Customer(_) => vec![],
        };
        let mark = |(code, suggestion)| Mark { place: place.clone(), code, suggestion };
        marks.extend(found.into_iter().map(mark));
    }
    marks
}

fn of_address(n: usize, recipient: &str, address: &Address) -> Vec<Mark> {
    // How another country lays its addresses out is not known here.
    if !label::is_french(address) {
        return vec![];
    }
    let mark = |code| Mark { place: Place::Address(n), code, suggestion: None };
    label::label(recipient, address).problems.into_iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::address::Kind;

    #[test]
    fn a_place_reads_as_it_is_kept() {
        let phone = Place::Identity { kind: "phone".into(), value: "+33639980001".into() };
        let unread = Place::Unread(Unread::new("fields.shoe", "très grand").unwrap());
        for place in [Place::Name, Place::GivenName, Place::FamilyName, Place::Address(3), phone, unread] {
            assert_eq!(place.reveal().parse(), Ok(place));
        }
        assert_eq!("addresses[x]".parse::<Place>(), Err(UnknownWord));
    }

    #[test]
    fn whatever_is_suspicious_is_marked_where_it_stands() {
        let without_mail = BTreeSet::from(["hotmial.fr".to_owned()]);
        let profile = Profile {
            given_name: Some("xxxx".into()),
            addresses: vec![Address {
                kind: Kind::Home,
                complement: None,
                line: Some("1 rue du Four".into()),
                locality: None,
                postcode: Some("6900".into()),
                city: Some("Lyon".into()),
                country: "FR".parse().unwrap(),
                returned_at: None,
            }],
            unread: [Unread::new("phone", "12 34").unwrap()].into(),
            ..Profile::default()
        };
        let phone = Identity::Phone("+33937123456".parse().unwrap());
        let email = Identity::Email("ada@hotmial.fr".parse().unwrap());

        let marks: Vec<_> = marks(&profile, [&phone, &email], &without_mail)
            .into_iter()
            .map(|mark| (mark.place.reveal(), mark.code, mark.suggestion))
            .collect();

        let expected = [
            ("given_name".to_owned(), Code::NameRepeated, None),
            ("addresses[0]".to_owned(), Code::AddressPostcode, None),
            ("email ada@hotmial.fr".to_owned(), Code::EmailTypo, Some("hotmail.fr".to_owned())),
            ("email ada@hotmial.fr".to_owned(), Code::EmailNoMail, None),
            ("phone +33937123456".to_owned(), Code::PhonePlatform, None),
            ("unread phone 12 34".to_owned(), Code::PhoneUnreadable, None),
        ];
        assert_eq!(marks, expected);
    }
}
