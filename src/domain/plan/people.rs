//! What a plan declares of people: the custom `contact_fields` with their
//! types, and the `systems` that give them customer numbers.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::diff::{Facts, Thing};
use super::problem::Fault;
use crate::domain::ids::SystemId;
use crate::domain::people::field::{Field, Kind};

/// How many choices a field may have.
const CHOICES_MAX: usize = 200;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftField {
    pub id: String,
    pub name: String,
    /// `text`, `number`, `flag`, `date` or `choice`.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftSystem {
    pub id: String,
    pub name: String,
}

/// A system, besides the sites, that has customer numbers of its own: `crm:4711`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct System {
    pub id: SystemId,
    pub name: String,
}

pub(super) fn field<'d>(desk: &mut Desk<'d>, draft: &'d DraftField) -> Option<Field> {
    let mut entry = desk.entry("contact_fields", &draft.id);
    let (id, name) = (entry.id(), entry.text("name", &draft.name));
    let kind = draft.kind.parse().map_err(|_| Fault::BadAction {
        key: "kind",
        word: draft.kind.clone(),
        known: Kind::WORDS,
    });
    let kind = entry.note(kind);
    let choices: Vec<String> = draft.choices.iter().filter_map(|text| entry.text("choices", text)).collect();
    match kind {
        Some(Kind::Choice) if choices.is_empty() => entry.fault(Fault::Empty("choices")),
        Some(Kind::Choice) if choices.len() > CHOICES_MAX => {
            entry.fault(Fault::TooMany { key: "choices", most: CHOICES_MAX });
        }
        Some(Kind::Text | Kind::Number | Kind::Flag | Kind::Date) if !draft.choices.is_empty() => {
            entry.fault(Fault::ChoicesWithoutChoice);
        }
        Some(_) | None => {}
    }
    Some(Field { id: id?, name: name?, kind: kind?, choices })
}

pub(super) fn system<'d>(desk: &mut Desk<'d>, draft: &'d DraftSystem, sites: &[&str]) -> Option<System> {
    let mut entry = desk.entry("systems", &draft.id);
    if sites.contains(&draft.id.as_str()) {
        entry.fault(Fault::SystemIsSite);
    }
    let (id, name) = (entry.id(), entry.text("name", &draft.name));
    Some(System { id: id?, name: name? })
}

impl From<&Field> for DraftField {
    fn from(field: &Field) -> Self {
        Self {
            id: field.id.to_string(),
            name: field.name.clone(),
            kind: field.kind.to_string(),
            choices: field.choices.clone(),
        }
    }
}

impl From<&System> for DraftSystem {
    fn from(system: &System) -> Self {
        Self { id: system.id.to_string(), name: system.name.clone() }
    }
}

/// A field laid out for a comparison.
pub(super) fn field_facts(field: &Field) -> (Thing, Facts) {
    let facts = vec![
        ("name", field.name.clone()),
        ("kind", field.kind.to_string()),
        ("choices", field.choices.join(", ")),
    ];
    (Thing::Field(field.id.clone()), facts)
}

/// A system laid out for a comparison.
pub(super) fn system_facts(system: &System) -> (Thing, Facts) {
    (Thing::System(system.id.clone()), vec![("name", system.name.clone())])
}
