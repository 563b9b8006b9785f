//! What is known of a contact besides its identities: names, language, postal
//! addresses and the custom fields that the plan declares.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::field::Value;
use super::unread::{UNREAD_OF_ONE, Unread};
use crate::domain::ids::FieldId;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Profile {
    /// As it was said: by the visitor, or in one piece by another system.
    pub name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// BCP 47, for instance `fr` or `pt-BR`.
    pub language: Option<String>,
    pub addresses: Vec<Address>,
    pub fields: BTreeMap<FieldId, Value>,
    /// What was given and cannot be read.
    #[serde(default)]
    pub unread: BTreeSet<Unread>,
}

/// What shall be different: `None` leaves a part as it is, `Some(None)` takes it away.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Patch {
    pub name: Option<Option<String>>,
    pub given_name: Option<Option<String>>,
    pub family_name: Option<Option<String>>,
    pub language: Option<Option<String>>,
    /// All of them, in the place of those that were there.
    pub addresses: Option<Vec<Address>>,
    /// One of them, in the place of those of its kind.
    pub address: Option<Address>,
    /// Each field by itself; `None` empties it.
    pub fields: BTreeMap<FieldId, Option<Value>>,
    /// What comes along and cannot be read.
    pub unread: BTreeSet<Unread>,
    /// What could not be read, and somebody has put right.
    pub mended: BTreeSet<Unread>,
}

impl Patch {
    /// Says what `later` says, and for the rest what it said.
    pub fn extend(&mut self, later: Patch) {
        let Patch { name, given_name, family_name, language, addresses, address, fields, unread, mended } =
            later;
        self.name = name.or(self.name.take());
        self.given_name = given_name.or(self.given_name.take());
        self.family_name = family_name.or(self.family_name.take());
        self.language = language.or(self.language.take());
        self.addresses = addresses.or(self.addresses.take());
        self.address = address.or(self.address.take());
        self.fields.extend(fields);
        self.unread.extend(unread);
        self.mended.extend(mended);
    }

    /// Whether it says of this part what can be read: what could not be is put right by that. Of several numbers and
    /// addresses nobody knows which was meant.
    fn puts_right(&self, part: &str) -> bool {
        match part.split_once('.') {
            None if part == "name" => self.name.is_some(),
            None if part == "given_name" => self.given_name.is_some(),
            None if part == "family_name" => self.family_name.is_some(),
            None if part == "language" => self.language.is_some(),
            None if part == "more_addresses" => self.addresses.is_some(),
            Some(("address", _)) => self.addresses.is_some() || self.address.is_some(),
            Some(("fields", field)) => self.fields.keys().any(|it| it.as_str() == field),
            _ => false,
        }
    }

    /// Whether it says what somebody is called.
    pub fn names(&self) -> bool {
        [&self.name, &self.given_name, &self.family_name].iter().any(|it| matches!(it, Some(Some(_))))
    }
}

impl Profile {
    pub fn apply(&mut self, patch: Patch) {
        self.unread.retain(|it| !patch.mended.contains(it) && !patch.puts_right(&it.part));
        for unread in &patch.unread {
            if self.unread.len() < UNREAD_OF_ONE {
                self.unread.insert(unread.clone());
            }
        }
        let parts = [
            (&mut self.name, patch.name),
            (&mut self.given_name, patch.given_name),
            (&mut self.family_name, patch.family_name),
            (&mut self.language, patch.language),
        ];
        for (part, new) in parts {
            if let Some(new) = new {
                *part = new;
            }
        }
        let one = patch.address.map(|address| {
            let others = self.addresses.iter().filter(|known| known.kind != address.kind);
            others.cloned().chain([address.clone()]).collect()
        });
        if let Some(mut addresses) = patch.addresses.or(one) {
            // Letters come back from the same place however often it is written.
            for address in &mut addresses {
                let known = self.addresses.iter().find(|known| known.is_same(address));
                address.returned_at = known.and_then(|known| known.returned_at);
            }
            self.addresses = addresses;
        }
        for (field, value) in patch.fields {
            match value {
                Some(value) => self.fields.insert(field, value),
                None => self.fields.remove(&field),
            };
        }
    }

    /// What they are called: by their names where both or one are known, else as it was said.
    pub fn full_name(&self) -> Option<String> {
        let names: Vec<&str> =
            [&self.given_name, &self.family_name].into_iter().filter_map(|name| name.as_deref()).collect();
        if names.is_empty() { self.name.clone() } else { Some(names.join(" ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_changes_what_it_names_and_leaves_the_rest() {
        let [shoe, note]: [FieldId; 2] = ["shoe", "note"].map(|id| id.parse().unwrap());
        let text = |text: &str| Value::Text(text.into());
        let mut profile = Profile {
            name: Some("Ada".into()),
            language: Some("fr".into()),
            fields: [(shoe.clone(), text("38")), (note.clone(), text("kind"))].into(),
            ..Profile::default()
        };

        profile.apply(Patch {
            family_name: Some(Some("Lovelace".into())),
            language: Some(None),
            fields: [(shoe, None)].into(),
            ..Patch::default()
        });

        let expected = Profile {
            name: Some("Ada".into()),
            family_name: Some("Lovelace".into()),
            fields: [(note, text("kind"))].into(),
            ..Profile::default()
        };
        assert_eq!(profile, expected);
        assert_eq!(profile.full_name().as_deref(), Some("Lovelace"));
    }

    #[test]
    fn what_cannot_be_read_stays_until_it_is_put_right() {
        let unread = |part: &str, value: &str| Unread::new(part, value).unwrap();
        let mut profile = Profile::default();

        let given = [unread("phone", "12"), unread("language", "french"), unread("fields.shoe", "big")];
        profile.apply(Patch { unread: given.clone().into(), ..Patch::default() });
        assert_eq!(profile.unread, given.into());
        let shoe = [("shoe".parse().unwrap(), Some(Value::Number(38.into())))];
        profile.apply(Patch { language: Some(Some("fr".into())), fields: shoe.into(), ..Patch::default() });
        assert_eq!(profile.unread, [unread("phone", "12")].into());

        profile.apply(Patch { mended: [unread("phone", "12")].into(), ..Patch::default() });
        assert_eq!(profile.unread, BTreeSet::new());

        let many = (0..2 * UNREAD_OF_ONE).map(|n| unread("phone", &n.to_string()));
        profile.apply(Patch { unread: many.collect(), ..Patch::default() });
        assert_eq!(profile.unread.len(), UNREAD_OF_ONE);
    }
}
