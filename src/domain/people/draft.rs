//! What a program or an employee writes of a contact, read, or told what is
//! wrong with it: everything at once, by field.
//!
//! The names of these fields are those of the API.

use std::collections::BTreeMap;

use super::address::{ADDRESSES_MAX, Address, Kind as AddressKind, PART_MAX};
use super::contact::Identity;
use super::customer::Customer;
use super::field::{BadValue, Field, is_text};
use super::profile::Patch;
use super::purpose::{Controller, Purpose};
use crate::domain::calling::prompt::is_language;
use crate::domain::ids::{SystemId, VisitorId};
use crate::domain::phone::{Country, Phone};

/// As much of a name as a list can show.
pub const NAME_MAX: usize = 100;
/// As many identities may be written at once.
pub const IDENTITIES_MAX: usize = 50;

/// What the plan declares, and where numbers without a country are at home.
#[derive(Clone, Debug)]
pub struct Declared {
    pub fields: Vec<Field>,
    /// Systems and sites.
    pub systems: Vec<SystemId>,
    /// What consent is for, and who answers for it.
    pub purposes: Vec<Purpose>,
    pub controllers: Vec<Controller>,
    pub home: Country,
}

/// What shall be known of a contact; what is absent stays as it is, `Some(None)` goes.
#[derive(Clone, Default, Debug)]
pub struct DraftProfile {
    pub name: Option<Option<String>>,
    pub given_name: Option<Option<String>>,
    pub family_name: Option<Option<String>>,
    pub language: Option<Option<String>>,
    pub addresses: Option<Vec<DraftAddress>>,
    pub fields: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Default, Debug)]
pub struct DraftAddress {
    pub kind: Option<String>,
    pub complement: Option<String>,
    pub line: Option<String>,
    pub locality: Option<String>,
    pub postcode: Option<String>,
    pub city: Option<String>,
    pub country: Option<String>,
}

#[derive(Clone, Default, Debug)]
pub struct DraftIdentity {
    pub kind: String,
    pub value: String,
    pub verified: Option<bool>,
}

/// An identity that somebody wrote, who is trusted to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenIdentity {
    pub identity: Identity,
    /// Whether it is known to be theirs; `None`: nothing is said of it.
    pub verified: Option<bool>,
}

/// One field that cannot be meant so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unfit {
    /// `addresses[0].country`
    pub field: String,
    pub fault: Fault,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    #[error("takes a text of 1 to {0} characters, or null")]
    Text(usize),
    #[error("takes the tag of a language (BCP 47), for instance fr or pt-BR")]
    Language,
    #[error("takes {0} at the most")]
    TooMany(usize),
    #[error("takes {0}")]
    Word(&'static str),
    #[error("takes a country of ISO 3166-1, for instance FR")]
    Country,
    #[error("has neither line, nor locality, nor postcode, nor city")]
    Nowhere,
    #[error("is no field that the plan declares{0}")]
    NoField(Known),
    #[error("{0}")]
    Value(BadValue),
    #[error("{0}")]
    Identity(String),
    #[error("is no system or site that the plan declares{0}")]
    NoSystem(Known),
    #[error("is given twice")]
    Twice,
}

/// What there is instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known(pub Vec<String>);

impl std::fmt::Display for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            f.write_str("; there is none")
        } else {
            write!(f, "; there are {}", self.0.join(", "))
        }
    }
}

/// Reads, and gathers what is wrong.
pub struct Reader<'d> {
    declared: &'d Declared,
    pub faults: Vec<Unfit>,
}

impl<'d> Reader<'d> {
    pub fn new(declared: &'d Declared) -> Self {
        Self { declared, faults: Vec::new() }
    }

    fn bad(&mut self, field: impl Into<String>, fault: Fault) {
        self.faults.push(Unfit { field: field.into(), fault });
    }

    pub fn profile(&mut self, draft: &DraftProfile) -> Patch {
        let language = draft.language.clone().map(|tag| {
            let tag = tag.map(|tag| tag.trim().to_owned());
            if tag.as_deref().is_some_and(|tag| !is_language(tag)) {
                self.bad("language", Fault::Language);
            }
            tag
        });
        let patch = Patch {
            name: self.name("name", &draft.name),
            given_name: self.name("given_name", &draft.given_name),
            family_name: self.name("family_name", &draft.family_name),
            language,
            addresses: draft.addresses.as_ref().map(|addresses| self.addresses(addresses)),
            ..Patch::default()
        };
        let mut fields = BTreeMap::new();
        for (name, value) in &draft.fields {
            let at = format!("fields.{name}");
            let Some(field) = self.declared.fields.iter().find(|field| field.id.as_str() == name) else {
                let known = self.declared.fields.iter().map(|field| field.id.to_string()).collect();
                self.bad(at, Fault::NoField(Known(known)));
                continue;
            };
            if value.is_null() {
                fields.insert(field.id.clone(), None);
                continue;
            }
            match field.read(value) {
                Ok(value) => _ = fields.insert(field.id.clone(), Some(value)),
                Err(bad) => self.bad(at, Fault::Value(bad)),
            }
        }
        Patch { fields, ..patch }
    }

    fn name(&mut self, field: &str, text: &Option<Option<String>>) -> Option<Option<String>> {
        let text = text.as_ref()?.as_deref();
        Some(text.and_then(|text| self.text(field, text, NAME_MAX)))
    }

    fn text(&mut self, field: &str, text: &str, longest: usize) -> Option<String> {
        let fits = is_text(text, longest);
        if !fits {
            self.bad(field, Fault::Text(longest));
        }
        fits.then(|| text.trim().to_owned())
    }

    fn addresses(&mut self, drafts: &[DraftAddress]) -> Vec<Address> {
        if drafts.len() > ADDRESSES_MAX {
            self.bad("addresses", Fault::TooMany(ADDRESSES_MAX));
        }
        let numbered = drafts.iter().take(ADDRESSES_MAX).enumerate();
        numbered.filter_map(|(n, draft)| self.address(&format!("addresses[{n}]"), draft)).collect()
    }

    fn address(&mut self, at: &str, draft: &DraftAddress) -> Option<Address> {
        let kind = draft.kind.as_deref().unwrap_or(AddressKind::Home.as_str()).parse();
        if kind.is_err() {
            self.bad(format!("{at}.kind"), Fault::Word(AddressKind::WORDS));
        }
        let country = match &draft.country {
            Some(letters) => letters.trim().parse(),
            None => Ok(self.declared.home),
        };
        if country.is_err() {
            self.bad(format!("{at}.country"), Fault::Country);
        }
        let mut part = |name: &str, text: &Option<String>| {
            text.as_deref().and_then(|text| self.text(&format!("{at}.{name}"), text, PART_MAX))
        };
        let address = Address {
            kind: kind.unwrap_or(AddressKind::Other),
            complement: part("complement", &draft.complement),
            line: part("line", &draft.line),
            locality: part("locality", &draft.locality),
            postcode: part("postcode", &draft.postcode),
            city: part("city", &draft.city),
            country: country.unwrap_or(self.declared.home),
            returned_at: None,
        };
        if [&draft.line, &draft.locality, &draft.postcode, &draft.city].iter().all(|part| part.is_none()) {
            self.bad(at, Fault::Nowhere);
            return None;
        }
        Some(address)
    }

    /// Identities of one body, which name none twice.
    pub fn identities(&mut self, drafts: &[DraftIdentity]) -> Vec<WrittenIdentity> {
        if drafts.len() > IDENTITIES_MAX {
            self.bad("identities", Fault::TooMany(IDENTITIES_MAX));
        }
        let mut written: Vec<WrittenIdentity> = Vec::new();
        for (n, draft) in drafts.iter().take(IDENTITIES_MAX).enumerate() {
            let at = format!("identities[{n}].");
            let Some(identity) = self.identity(&at, draft) else { continue };
            if written.iter().any(|other| other.identity == identity) {
                self.bad(format!("{at}value"), Fault::Twice);
            }
            written.push(WrittenIdentity { identity, verified: draft.verified });
        }
        written
    }

    /// One identity; `at` goes before the names of its fields.
    pub fn identity(&mut self, at: &str, draft: &DraftIdentity) -> Option<Identity> {
        let value = draft.value.trim();
        let read = match draft.kind.as_str() {
            "phone" => Phone::parse(value, Some(self.declared.home))
                .map(Identity::Phone)
                .map_err(|bad| bad.to_string()),
            "email" => {
                value.parse().map(Identity::Email).map_err(|bad: super::email::BadEmail| bad.to_string())
            }
            "visitor" => {
                let visitor = value.parse::<VisitorId>().map(Identity::Visitor);
                visitor.map_err(|_| "not a visitor's id".to_owned())
            }
            "customer" => return self.customer(at, value),
            _ => {
                self.bad(format!("{at}kind"), Fault::Word("phone, email, visitor or customer"));
                return None;
            }
        };
        read.map_err(|told| self.bad(format!("{at}value"), Fault::Identity(told))).ok()
    }

    /// `crm:4711`, where the plan declares `crm`.
    fn customer(&mut self, at: &str, value: &str) -> Option<Identity> {
        let at = format!("{at}value");
        let system = value.split_once(':').map_or("", |(system, _)| system);
        if !self.declared.systems.iter().any(|known| known.as_str() == system) {
            let known = self.declared.systems.iter().map(SystemId::to_string).collect();
            self.bad(at, Fault::NoSystem(Known(known)));
            return None;
        }
        let customer = value.parse::<Customer>();
        customer.map(Identity::Customer).map_err(|bad| self.bad(at, Fault::Identity(bad.to_string()))).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::people::field::{Kind, Value};

    fn declared() -> Declared {
        let field =
            Field { id: "shoe".parse().unwrap(), name: "Shoe".into(), kind: Kind::Number, choices: vec![] };
        Declared {
            fields: vec![field],
            systems: vec!["crm".parse().unwrap()],
            home: "FR".parse().unwrap(),
            purposes: vec![],
            controllers: vec![],
        }
    }

    fn identity(kind: &str, value: &str) -> DraftIdentity {
        DraftIdentity { kind: kind.into(), value: value.into(), verified: None }
    }

    #[test]
    fn what_is_written_is_read_as_people_write_it() {
        let declared = declared();
        let mut reader = Reader::new(&declared);

        let patch = reader.profile(&DraftProfile {
            given_name: Some(Some(" Ada ".into())),
            language: Some(None),
            addresses: Some(vec![DraftAddress { city: Some("Lyon".into()), ..DraftAddress::default() }]),
            fields: [("shoe".into(), json!(38))].into(),
            ..DraftProfile::default()
        });
        let identities = reader.identities(&[
            identity("phone", "06 39 98 00 01"),
            identity("email", "Ada@Example.org"),
            identity("customer", "crm: 47:11"),
        ]);

        assert_eq!(reader.faults, []);
        assert_eq!(
            (patch.name, patch.given_name, patch.language),
            (None, Some(Some("Ada".into())), Some(None))
        );
        assert_eq!(patch.addresses.unwrap()[0].country, "FR".parse().unwrap());
        assert_eq!(patch.fields.into_values().collect::<Vec<_>>(), [Some(Value::Number(38.into()))]);
        let kept: Vec<_> = identities.iter().map(|it| it.identity.reveal()).collect();
        assert_eq!(kept, ["+33639980001", "ada@example.org", "crm:47:11"]);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_by_its_field() {
        let declared = declared();
        let mut reader = Reader::new(&declared);

        reader.profile(&DraftProfile {
            name: Some(Some("a".repeat(101))),
            family_name: Some(Some("  ".into())),
            language: Some(Some("french".into())),
            addresses: Some(vec![
                DraftAddress {
                    country: Some("FRA".into()),
                    city: Some("Lyon".into()),
                    ..DraftAddress::default()
                },
                DraftAddress { kind: Some("castle".into()), ..DraftAddress::default() },
            ]),
            fields: [("shoe".into(), json!("38")), ("hat".into(), json!(57))].into(),
            ..DraftProfile::default()
        });
        reader.identities(&[
            identity("phone", "12"),
            identity("email", "ada"),
            identity("visitor", "ada"),
            identity("customer", "erp:1"),
            identity("customer", "crm:"),
            identity("fax", "1"),
            identity("email", "ada@example.org"),
            identity("email", "ADA@example.org"),
        ]);

        let fields: Vec<_> = reader.faults.iter().map(|unfit| unfit.field.as_str()).collect();
        let identities = [0, 1, 2, 3, 4].map(|n| format!("identities[{n}].value"));
        let mut expected = vec![
            "language",
            "name",
            "family_name",
            "addresses[0].country",
            "addresses[1].kind",
            "addresses[1]",
            "fields.hat",
            "fields.shoe",
        ];
        expected.extend(identities.iter().map(String::as_str));
        expected.extend(["identities[5].kind", "identities[7].value"]);
        assert_eq!(fields, expected);
        let told = reader.faults[6].fault.to_string();
        assert_eq!(told, "is no field that the plan declares; there are shoe");
    }
}
