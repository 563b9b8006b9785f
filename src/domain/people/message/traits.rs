//! What Segment calls traits, as what is known of a contact: the names that its
//! specification reserves, and the fields that the plan declares.

use serde_json::{Map, Value};

use super::{Says, text};
use crate::domain::people::contact::Identity;
use crate::domain::people::draft::{Declared, DraftAddress, DraftIdentity, DraftProfile, Reader};
use crate::domain::people::profile::Patch;

/// The field of the plan that holds to which group somebody belongs.
const GROUP_FIELD: &str = "group";

/// What was understood so far, and the names of what was not.
pub(super) struct Traits<'t> {
    declared: &'t Declared,
    patch: Patch,
    identities: Vec<Identity>,
    left_out: &'t mut Vec<String>,
}

impl<'t> Traits<'t> {
    pub fn read(
        traits: Option<&Map<String, Value>>,
        declared: &'t Declared,
        left_out: &'t mut Vec<String>,
    ) -> Says {
        let mut read = Traits { declared, patch: Patch::default(), identities: vec![], left_out };
        for (name, value) in traits.into_iter().flatten() {
            read.take(name, value);
        }
        Says::Person { patch: read.patch, identities: read.identities }
    }

    pub fn of_group(group: Option<&Value>, declared: &'t Declared, left_out: &'t mut Vec<String>) -> Says {
        let mut read = Traits { declared, patch: Patch::default(), identities: vec![], left_out };
        let draft = DraftProfile {
            fields: group.map(|group| (GROUP_FIELD.to_owned(), group.clone())).into_iter().collect(),
            ..DraftProfile::default()
        };
        read.know("groupId", draft);
        Says::Person { patch: read.patch, identities: read.identities }
    }

    fn take(&mut self, name: &str, value: &Value) {
        let said = match value {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text.clone())),
            _ => None,
        };
        match name {
            "email" | "phone" => self.points(name, value),
            "name" => self.know(name, DraftProfile { name: said, ..DraftProfile::default() }),
            "firstName" | "first_name" => {
                self.know(name, DraftProfile { given_name: said, ..DraftProfile::default() });
            }
            "lastName" | "last_name" => {
                self.know(name, DraftProfile { family_name: said, ..DraftProfile::default() });
            }
            "language" | "locale" => {
                self.know(name, DraftProfile { language: said, ..DraftProfile::default() });
            }
            "address" => {
                let addresses = value.as_object().map(|address| vec![home(address)]);
                self.know(name, DraftProfile { addresses, ..DraftProfile::default() });
            }
            _ => {
                let fields = [(slug(name), value.clone())].into();
                self.know(name, DraftProfile { fields, ..DraftProfile::default() });
            }
        }
    }

    /// Takes what is said, if all of it can be meant so.
    fn know(&mut self, name: &str, draft: DraftProfile) {
        let mut reader = Reader::new(self.declared);
        let mut patch = reader.profile(&draft);
        patch.address = patch.addresses.take().and_then(|mut all| all.pop());
        if reader.faults.is_empty() && patch != Patch::default() {
            self.patch.extend(patch);
        } else {
            self.left_out.push(name.to_owned());
        }
    }

    fn points(&mut self, kind: &str, value: &Value) {
        let draft = DraftIdentity {
            kind: kind.to_owned(),
            value: value.as_str().unwrap_or_default().to_owned(),
            verified: None,
        };
        match Reader::new(self.declared).identity("", &draft) {
            Some(identity) => self.identities.push(identity),
            None => self.left_out.push(kind.to_owned()),
        }
    }
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
