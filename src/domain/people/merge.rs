//! Two contacts are one person: which of them stays, what it takes over, and
//! how both come back.
//!
//! Who stays does not depend on the order in which things come to light: it is
//! the one that was there first. What it does not know it takes over; where
//! both say something else, it keeps its own, and what the other said is kept
//! beside the merge. The contact that goes stays in the database as it was.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::contact::{Contact, Identity};
use super::field::Value;
use super::keys::name_words;
use super::profile::Profile;
use crate::domain::calling::outcome::words;
use crate::domain::ids::{ContactId, MergeId};
use crate::domain::time::Timestamp;

/// That two contacts became one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merge {
    pub id: MergeId,
    pub at: Timestamp,
    /// As [`Accessor`](crate::domain::calling::recording::Accessor) prints.
    pub by: String,
    /// The one that stayed.
    pub into: ContactId,
    pub gone: ContactId,
    pub why: Why,
    /// The identity that pointed at both, or at one and was given to the other.
    pub identity: Option<Identity>,
    /// What the one that stayed knew before …
    pub before: Profile,
    /// … and after it.
    pub after: Profile,
    pub conflicts: Vec<Conflict>,
    pub undone: Option<Undone>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undone {
    pub at: Timestamp,
    pub by: String,
}

/// Why two contacts became one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// A program wrote an identity of one and one of the other in one breath.
    Identity,
    /// Somebody said so.
    Hand,
}

words! { Why:
    Identity = "identity",
    Hand = "hand",
}

/// Something that both said, and differently.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Conflict {
    /// `family_name`, `fields.loyalty`
    pub part: String,
    pub kept: Value,
    pub other: Value,
}

/// The contact that stays, and those that go, the oldest first. Of two from the
/// same moment the one with the lesser id is the older.
pub fn decide_survivor(mut contacts: Vec<Contact>) -> Option<(Contact, Vec<Contact>)> {
    contacts.sort_by_key(|contact| (contact.created_at, contact.id));
    let mut contacts = contacts.into_iter();
    Some((contacts.next()?, contacts.collect()))
}

/// What is known of both, and where they contradict each other.
pub fn join(stays: &Profile, goes: &Profile) -> (Profile, Vec<Conflict>) {
    let mut joined = stays.clone();
    joined.name = stays.name.clone().or_else(|| goes.name.clone());
    joined.language = stays.language.clone().or_else(|| goes.language.clone());
    // Half a name of one person and half of another make a third.
    if agree(&stays.given_name, &goes.given_name) && agree(&stays.family_name, &goes.family_name) {
        joined.given_name = stays.given_name.clone().or_else(|| goes.given_name.clone());
        joined.family_name = stays.family_name.clone().or_else(|| goes.family_name.clone());
    }
    for address in &goes.addresses {
        if !joined.addresses.iter().any(|known| known.is_same(address)) {
            joined.addresses.push(address.clone());
        }
    }
    for (field, value) in &goes.fields {
        joined.fields.entry(field.clone()).or_insert_with(|| value.clone());
    }
    joined.unread.extend(goes.unread.iter().cloned());
    let conflicts = conflicts(&joined, goes);
    (joined, conflicts)
}

/// Whether two names may be one: nobody says one, or both say the same words.
fn agree(one: &Option<String>, other: &Option<String>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => name_words(one) == name_words(other),
        (None, _) | (_, None) => true,
    }
}

/// What `goes` said and `joined` says otherwise, or not at all.
fn conflicts(joined: &Profile, goes: &Profile) -> Vec<Conflict> {
    let texts = [
        ("name", &joined.name, &goes.name),
        ("given_name", &joined.given_name, &goes.given_name),
        ("family_name", &joined.family_name, &goes.family_name),
        ("language", &joined.language, &goes.language),
    ];
    let text = |text: &Option<String>| Value::Text(text.clone().unwrap_or_default());
    let differ = texts.into_iter().filter(|(_, kept, other)| other.is_some() && kept != other);
    let texts = differ.map(|(part, kept, other)| Conflict {
        part: part.into(),
        kept: text(kept),
        other: text(other),
    });
    let fields = goes.fields.iter().filter_map(|(field, other)| {
        let kept = joined.fields.get(field).filter(|kept| *kept != other)?;
        Some(Conflict { part: format!("fields.{field}"), kept: kept.clone(), other: other.clone() })
    });
    texts.chain(fields).collect()
}

/// What the contact that stayed knows when it stands for itself again: what it
/// had taken over goes, unless somebody has written it anew since.
pub fn separate(current: &Profile, before: &Profile, after: &Profile) -> Profile {
    let part = |current: &Option<String>, before: &Option<String>, after: &Option<String>| {
        if current == after { before.clone() } else { current.clone() }
    };
    let mut fields = current.fields.clone();
    let taken: BTreeSet<_> =
        after.fields.keys().filter(|field| !before.fields.contains_key(*field)).collect();
    fields.retain(|field, value| !taken.contains(field) || after.fields.get(field) != Some(&*value));
    let addresses = current.addresses.iter();
    let unread = current.unread.iter();
    let has = |profile: &Profile, it: &Address| profile.addresses.iter().any(|known| known.is_same(it));
    Profile {
        name: part(&current.name, &before.name, &after.name),
        given_name: part(&current.given_name, &before.given_name, &after.given_name),
        family_name: part(&current.family_name, &before.family_name, &after.family_name),
        language: part(&current.language, &before.language, &after.language),
        addresses: addresses.filter(|it| has(before, it) || !has(after, it)).cloned().collect(),
        fields,
        unread: unread
            .filter(|it| before.unread.contains(*it) || !after.unread.contains(*it))
            .cloned()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::people::address::Kind;
    use crate::domain::people::unread::Unread;

    fn contact(n: u128, at: i64) -> Contact {
        let created_at = Timestamp::from_ms(at);
        Contact {
            id: ContactId(Uuid::from_u128(n)),
            created_at,
            merged_into: None,
            erased_at: None,
            profile: Profile::default(),
        }
    }

    #[test]
    fn who_was_there_first_stays_whatever_the_order() {
        let all = [contact(1, 30), contact(2, 10), contact(3, 10)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]] {
            let (stays, go) = decide_survivor(order.map(|n| all[n].clone()).to_vec()).unwrap();

            assert_eq!((stays.id, go[0].id, go[1].id), (all[1].id, all[2].id, all[0].id), "{order:?}");
        }
        assert_eq!(decide_survivor(vec![]), None);
    }

    fn named(given: &str, family: &str) -> Profile {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Profile { given_name: some(given), family_name: some(family), ..Profile::default() }
    }

    #[test]
    fn names_are_completed_by_those_of_the_same_person_alone() {
        for (stays, goes, joined, conflicts) in [
            (named("Ada", ""), named("ADA", "Lovelace"), named("Ada", "Lovelace"), 1),
            (named("", ""), named("Ada", "Lovelace"), named("Ada", "Lovelace"), 0),
            (named("Ada", ""), named("Bob", "Martin"), named("Ada", ""), 2),
            (named("Ada", "Byron"), named("", "Lovelace"), named("Ada", "Byron"), 1),
        ] {
            let (it, said) = join(&stays, &goes);

            assert_eq!((it, said.len()), (joined, conflicts), "{stays:?} {goes:?}");
        }
    }

    #[test]
    fn what_contradicts_is_kept_as_it_was_said() {
        let field = "shoe".parse::<crate::domain::ids::FieldId>().unwrap();
        let with = |size: i64| Profile {
            fields: [(field.clone(), Value::Number(size.into()))].into(),
            ..Profile::default()
        };

        let (joined, conflicts) = join(&with(38), &with(39));

        assert_eq!(joined, with(38));
        let expected = Conflict {
            part: "fields.shoe".into(),
            kept: Value::Number(38.into()),
            other: Value::Number(39.into()),
        };
        assert_eq!(conflicts, [expected]);
    }

    fn profile() -> impl Strategy<Value = Profile> {
        let text = || proptest::option::of(prop_oneof![Just("Ada".to_owned()), Just("Bob".to_owned())]);
        let city = prop_oneof![Just("Lyon"), Just("Paris"), Just("Nice")];
        let addresses = proptest::collection::vec(city, 0..3);
        let fields = proptest::collection::btree_map(prop_oneof![Just("a"), Just("b")], 0..3_i64, 0..3);
        let numbers = proptest::collection::btree_set(prop_oneof![Just("1"), Just("2")], 0..3);
        (text(), text(), text(), text(), addresses, fields, numbers).prop_map(
            |(name, given_name, family_name, language, cities, fields, numbers)| Profile {
                name,
                given_name,
                family_name,
                language,
                addresses: cities
                    .into_iter()
                    .map(|city| Address {
                        kind: Kind::Home,
                        complement: None,
                        line: None,
                        locality: None,
                        postcode: None,
                        city: Some(city.into()),
                        country: "FR".parse().expect("a country"),
                        returned_at: None,
                    })
                    .collect(),
                fields: fields
                    .into_iter()
                    .map(|(id, n)| (id.parse().expect("a slug"), Value::Number(n.into())))
                    .collect(),
                unread: numbers.into_iter().filter_map(|number| Unread::new("phone", number)).collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn whoever_is_separated_again_is_as_before(stays in profile(), goes in profile()) {
            let (joined, _) = join(&stays, &goes);

            prop_assert_eq!(separate(&joined, &stays, &joined), stays);
        }

        #[test]
        fn nothing_that_was_said_is_lost(stays in profile(), goes in profile()) {
            let (joined, conflicts) = join(&stays, &goes);

            let told = |part: &str| conflicts.iter().any(|it| it.part == part);
            prop_assert!(goes.name.is_none() || joined.name == goes.name || told("name"));
            prop_assert!(goes.family_name.is_none() || joined.family_name == goes.family_name || told("family_name"));
            prop_assert!(goes.addresses.iter().all(|address| joined.addresses.contains(address)));
            prop_assert!(goes.unread.is_subset(&joined.unread));
            for (field, value) in &goes.fields {
                let part = format!("fields.{field}");
                prop_assert!(joined.fields.get(field) == Some(value) || told(&part));
            }
        }

        #[test]
        fn what_somebody_has_written_since_stays(stays in profile(), goes in profile(), since in profile()) {
            let (joined, _) = join(&stays, &goes);

            let apart = separate(&since, &stays, &joined);

            prop_assert!(since.name == joined.name || apart.name == since.name);
            for (field, value) in &since.fields {
                prop_assert!(joined.fields.get(field) == Some(value) || apart.fields.get(field) == Some(value));
            }
        }
    }
}
