//! What Segment calls traits, as what is known of a contact: the names that its
//! specification reserves, and the fields that the plan declares.

use serde_json::{Map, Value};

use super::{Says, text};
use crate::domain::people::contact::Identity;
use crate::domain::people::draft::{
    Declared, DraftAddress, DraftIdentity, DraftProfile, Fault, Reader, Unfit,
};
use crate::domain::people::profile::Patch;
use crate::domain::people::unread::Unread;

/// The field of the plan that holds to which group somebody belongs.
const GROUP_FIELD: &str = "group";

/// What was understood so far, and the names of what was not.
pub(super) struct Traits<'t> {
    declared: &'t Declared,
    patch: Patch,
    identities: Vec<Identity>,
    left_out: &'t mut Vec<String>,
    /// What is kept as it was given.
    unreadable: &'t mut Vec<String>,
}

impl<'t> Traits<'t> {
    pub fn read(
        traits: Option<&Map<String, Value>>,
        declared: &'t Declared,
        left_out: &'t mut Vec<String>,
        unreadable: &'t mut Vec<String>,
    ) -> Says {
        let mut read = Traits { declared, patch: Patch::default(), identities: vec![], left_out, unreadable };
        for (name, value) in traits.into_iter().flatten() {
            read.take(name, value);
        }
        Says::Person { patch: read.patch, identities: read.identities }
    }

    pub fn of_group(
        group: Option<&Value>,
        declared: &'t Declared,
        left_out: &'t mut Vec<String>,
        unreadable: &'t mut Vec<String>,
    ) -> Says {
        let mut read = Traits { declared, patch: Patch::default(), identities: vec![], left_out, unreadable };
        let draft = DraftProfile {
            fields: group.map(|group| (GROUP_FIELD.to_owned(), group.clone())).into_iter().collect(),
            ..DraftProfile::default()
        };
        read.know("groupId", group.unwrap_or(&Value::Null), draft);
        Says::Person { patch: read.patch, identities: read.identities }
    }

    fn take(&mut self, name: &str, value: &Value) {
        let said = match value {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text.clone())),
            _ => None,
        };
        let none = DraftProfile::default();
        let draft = match name {
            "email" => return self.points("email", value),
            "phone" => return self.points("phone", value),
            "name" => DraftProfile { name: said, ..none },
            "firstName" | "first_name" => DraftProfile { given_name: said, ..none },
            "lastName" | "last_name" => DraftProfile { family_name: said, ..none },
            "language" | "locale" => DraftProfile { language: said, ..none },
            "address" => {
                let addresses = value.as_object().map(|address| vec![home(address)]);
                DraftProfile { addresses, ..none }
            }
            _ => DraftProfile { fields: [(slug(name), value.clone())].into(), ..none },
        };
        self.know(name, value, draft);
    }

    /// Takes what is said, if all of it can be meant so.
    fn know(&mut self, name: &str, value: &Value, draft: DraftProfile) {
        let mut reader = Reader::new(self.declared);
        let mut patch = reader.profile(&draft);
        patch.address = patch.addresses.take().and_then(|mut all| all.pop());
        match &reader.faults[..] {
            [] if patch != Patch::default() => self.patch.extend(patch),
            [] | [Unfit { fault: Fault::NoField(_), .. }, ..] => self.left_out.push(name.to_owned()),
            [Unfit { field, .. }, ..] => {
                // An address is kept as a whole.
                let parts = match draft.addresses.as_deref() {
                    Some([address, ..]) => parts(address),
                    _ => given(value).map(|text| (field.as_str(), text)).into_iter().collect(),
                };
                self.keep(name, parts);
            }
        }
    }

    fn points(&mut self, kind: &'static str, value: &Value) {
        let text = given(value);
        let draft =
            DraftIdentity { kind: kind.to_owned(), value: text.clone().unwrap_or_default(), verified: None };
        match Reader::new(self.declared).identity("", &draft) {
            Some(identity) => self.identities.push(identity),
            None => self.keep(kind, text.map(|text| (kind, text)).into_iter().collect()),
        }
    }

    /// Keeps what was given for these parts as it was; all of them, or none.
    fn keep(&mut self, name: &str, given: Vec<(&str, String)>) {
        let unread: Option<Vec<Unread>> =
            given.iter().map(|(part, value)| Unread::new(part, value)).collect();
        match unread.filter(|unread| !unread.is_empty()) {
            Some(unread) => {
                self.patch.unread.extend(unread);
                self.unreadable.push(name.to_owned());
            }
            None => self.left_out.push(name.to_owned()),
        }
    }
}

/// A value that somebody can have written on one line.
fn given(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The parts that an address has, as columns of a table are called.
fn parts(address: &DraftAddress) -> Vec<(&'static str, String)> {
    let DraftAddress { line, postcode, city, country, .. } = address;
    let named = [
        ("address.line", line),
        ("address.postcode", postcode),
        ("address.city", city),
        ("address.country", country),
    ];
    named.into_iter().filter_map(|(part, text)| Some((part, text.clone()?))).collect()
}

/// A country that is not in two letters makes the address unfit, rather than one at home.
fn home(address: &Map<String, Value>) -> DraftAddress {
    DraftAddress {
        line: text(address, "street"),
        postcode: text(address, "postalCode").or_else(|| text(address, "postal_code")),
        city: text(address, "city"),
        country: text(address, "country"),
        ..DraftAddress::default()
    }
}

/// `shoeSize`, `shoe_size` and `Shoe size` are the field `shoe-size`.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    let mut was_small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && was_small {
            slug.push('-');
        }
        was_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        slug.push(if c == '_' || c == ' ' { '-' } else { c.to_ascii_lowercase() });
    }
    slug
}
