//! What a row says of a contact, and a contact as a row: what is written by an
//! export means the same to an import.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::Problem;
use super::columns::{Mapping, Part, Target};
use super::consents::{self, About, Said};
use crate::domain::ids::ContactId;
use crate::domain::people::address::Address;
use crate::domain::people::consent::{Consent, Matter};
use crate::domain::people::contact::{Contact, Identity};
use crate::domain::people::draft::{
    Declared, DraftAddress, DraftIdentity, DraftProfile, Fault, Reader, Unfit, WrittenIdentity,
};
use crate::domain::people::field::{Field, Kind, Value};
use crate::domain::people::profile::Patch;
use crate::domain::people::{consent, purpose};
use crate::domain::time::Timestamp;

/// Between several phones of one cell.
const BETWEEN: char = '|';

/// A row that can be meant so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub whom: Option<ContactId>,
    pub patch: Patch,
    pub identities: Vec<WrittenIdentity>,
    /// For the ledger, which may find more that is wrong with them.
    pub consents: Vec<Said>,
}

/// By what the rows of a table are read.
#[derive(Clone, Copy)]
pub struct Table<'t> {
    pub columns: &'t [String],
    pub mapping: &'t Mapping,
    pub declared: &'t Declared,
    /// What holds for every answer whose row does not say it itself.
    pub consents: &'t consent::Draft,
    pub now: Timestamp,
}

/// An address as the API has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonAddress {
    kind: Option<String>,
    complement: Option<String>,
    line: Option<String>,
    locality: Option<String>,
    postcode: Option<String>,
    city: Option<String>,
    country: Option<String>,
    /// Letters to it came back: a fact that no import writes, and an export may have.
    #[allow(dead_code)]
    returned_at: Option<serde::de::IgnoredAny>,
}

/// What the cells are read into, and from which column each part of it came.
#[derive(Default)]
struct Draft {
    contact: Option<ContactId>,
    profile: DraftProfile,
    first: DraftAddress,
    more: Vec<DraftAddress>,
    identities: Vec<DraftIdentity>,
    consents: BTreeMap<About, Said>,
    columns: Vec<(String, usize)>,
    problems: Vec<(usize, String)>,
}

/// Reads the cells of a row. An empty cell says nothing: what is known stays.
pub fn read(cells: &[String], table: Table<'_>) -> Result<Row, Vec<Problem>> {
    let Table { columns, mapping, declared, consents: of_all, now } = table;
    let heading = |n: usize| columns.get(n).cloned().unwrap_or_default();
    let mut draft = Draft::default();
    for (n, target) in mapping.0.iter().enumerate() {
        let cell = cells.get(n).map_or("", |cell| cell.trim());
        match target.as_ref().filter(|_| !cell.is_empty()) {
            Some(Target::Consent(consents::Column { about, part })) => {
                draft.consents.entry(about.clone()).or_default().take(*part, heading(n), cell);
            }
            Some(target) => draft.take(n, target, cell, declared),
            None => {}
        }
    }
    let Draft { contact: whom, mut profile, first, more, identities, consents, columns: came, problems } =
        draft;
    let mut problems: Vec<Problem> =
        problems.into_iter().map(|(n, detail)| Problem { column: heading(n), detail }).collect();
    let has_first = came.iter().any(|(field, _)| field.starts_with("addresses[0]"));
    if has_first || !more.is_empty() {
        profile.addresses = Some(has_first.then_some(first).into_iter().chain(more).collect());
    }
    let mut reader = Reader::new(declared);
    let patch = reader.profile(&profile);
    let mut identities = reader.identities(&identities);
    // A number in two columns, or in two spellings, is no mistake of whoever brings it.
    let mut seen = HashSet::new();
    identities.retain(|it| seen.insert(it.identity.clone()));
    let faults = reader.faults.into_iter().filter(|unfit| unfit.fault != Fault::Twice);
    problems.extend(faults.map(|Unfit { field, fault }| {
        let whole = came.iter().find(|(part, _)| *part == field);
        let from = whole.or_else(|| came.iter().find(|(part, _)| field.starts_with(part.as_str())));
        Problem { column: from.map_or(String::new(), |(_, n)| heading(*n)), detail: fault.to_string() }
    }));
    let said = consents.into_iter().filter_map(|(about, said)| said.finish(&about, of_all, now));
    let said: Vec<Said> =
        said.filter_map(|said| said.map_err(|problem| problems.push(problem)).ok()).collect();
    if problems.is_empty() && whom.is_none() && identities.is_empty() {
        let detail =
            "has neither a phone, nor an e-mail, nor a customer number: nothing tells who it is about";
        problems.push(Problem { column: String::new(), detail: detail.to_owned() });
    }
    if problems.is_empty() { Ok(Row { whom, patch, identities, consents: said }) } else { Err(problems) }
}

impl Draft {
    fn take(&mut self, n: usize, target: &Target, cell: &str, declared: &Declared) {
        let text = Some(Some(cell.to_owned()));
        match target {
            Target::Contact => match cell.parse() {
                Ok(id) => self.contact = Some(id),
                Err(_) => self.problems.push((n, "is no id of a contact".to_owned())),
            },
            Target::Name => self.profile.name = text,
            Target::GivenName => self.profile.given_name = text,
            Target::FamilyName => self.profile.family_name = text,
            Target::Language => self.profile.language = text,
            Target::Phone => self.identify(n, "phone", cell, ""),
            Target::Email => self.identify(n, "email", cell, ""),
            Target::Customer(None) => self.identify(n, "customer", cell, ""),
            Target::Customer(Some(system)) => self.identify(n, "customer", cell, &format!("{system}:")),
            Target::Address(part) => self.locate(n, *part, cell),
            Target::MoreAddresses => match serde_json::from_str::<Vec<JsonAddress>>(cell) {
                Ok(more) => self.more = more.into_iter().map(Into::into).collect(),
                Err(_) => self.problems.push((n, "takes a JSON list of addresses".to_owned())),
            },
            Target::Field(id) => {
                let field = declared.fields.iter().find(|field| field.id == *id);
                let value = field.map_or(serde_json::Value::Null, |field| of_text(field, cell));
                self.profile.fields.insert(id.to_string(), value);
            }
            // The ledger's, not the contact's.
            Target::Consent(_) => return,
        }
        let part = match target {
            Target::Address(_) => "addresses[0]".to_owned(),
            Target::MoreAddresses => "addresses[".to_owned(),
            Target::Phone | Target::Email | Target::Customer(_) => return,
            other => other.to_string(),
        };
        self.columns.push((part, n));
    }

    fn identify(&mut self, n: usize, kind: &str, cell: &str, before: &str) {
        for value in cell.split(BETWEEN).map(str::trim).filter(|value| !value.is_empty()) {
            let value = format!("{before}{value}");
            self.columns.push((format!("identities[{}]", self.identities.len()), n));
            self.identities.push(DraftIdentity { kind: kind.to_owned(), value, verified: None });
        }
    }

    fn locate(&mut self, n: usize, part: Part, cell: &str) {
        let (name, place) = match part {
            Part::Kind => ("kind", &mut self.first.kind),
            Part::Complement => ("complement", &mut self.first.complement),
            Part::Line => ("line", &mut self.first.line),
            Part::Locality => ("locality", &mut self.first.locality),
            Part::Postcode => ("postcode", &mut self.first.postcode),
            Part::City => ("city", &mut self.first.city),
            Part::Country => ("country", &mut self.first.country),
        };
        *place = Some(cell.to_owned());
        self.columns.push((format!("addresses[0].{name}"), n));
    }
}

/// What people write into a cell of a table, as a value of this type; what cannot be meant so stays a text.
fn of_text(field: &Field, cell: &str) -> serde_json::Value {
    let small = cell.to_lowercase();
    match field.kind {
        Kind::Number => serde_json::from_str::<serde_json::Number>(&cell.replace(',', "."))
            .map_or(cell.into(), Into::into),
        Kind::Flag if ["true", "yes", "oui", "vrai", "1", "x"].contains(&small.as_str()) => true.into(),
        Kind::Flag if ["false", "no", "non", "faux", "0"].contains(&small.as_str()) => false.into(),
        Kind::Date => match cell.split('/').collect::<Vec<_>>()[..] {
            [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}").into(),
            _ => cell.into(),
        },
        Kind::Flag | Kind::Text | Kind::Choice => cell.into(),
    }
}

impl From<JsonAddress> for DraftAddress {
    fn from(it: JsonAddress) -> Self {
        let JsonAddress { kind, complement, line, locality, postcode, city, country, returned_at: _ } = it;
        Self { kind, complement, line, locality, postcode, city, country }
    }
}

/// The headings of an export: what an import understands by itself.
pub fn headings(fields: &[Field], ledger: &Ledger) -> Vec<String> {
    let parts = ["kind", "complement", "line", "locality", "postcode", "city", "country"];
    let own = ["contact", "name", "given_name", "family_name", "language", "phone", "email", "customer"];
    let own = own.into_iter().map(str::to_owned);
    let address = parts.into_iter().map(|part| format!("address.{part}"));
    let fields = fields.iter().map(|field| format!("fields.{}", field.id));
    own.chain(address).chain(["more_addresses".to_owned()]).chain(fields).chain(ledger.headings()).collect()
}

/// A contact under these [`headings`]. Browsers that are theirs are left out: nobody else knows them.
pub fn write<'i>(
    contact: &Contact,
    identities: impl Iterator<Item = &'i Identity>,
    fields: &[Field],
    (ledger, lines): (&Ledger, &[Consent]),
) -> Vec<String> {
    let mut of_kind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for identity in identities {
        of_kind.entry(identity.kind()).or_default().push(identity.reveal());
    }
    let mut joined = |kind| of_kind.remove(kind).unwrap_or_default().join(" | ");
    let profile = &contact.profile;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut cells = vec![
        contact.id.to_string(),
        text(&profile.name),
        text(&profile.given_name),
        text(&profile.family_name),
        text(&profile.language),
        joined("phone"),
        joined("email"),
        joined("customer"),
    ];
    match profile.addresses.first() {
        None => cells.extend(vec![String::new(); 7]),
        Some(Address { kind, complement, line, locality, postcode, city, country, returned_at: _ }) => {
            cells.push(kind.to_string());
            cells.extend([complement, line, locality, postcode, city].map(text));
            cells.push(country.to_string());
        }
    }
    let more = profile.addresses.get(1..).unwrap_or_default();
    cells.push(if more.is_empty() { String::new() } else { serde_json::to_string(more).unwrap_or_default() });
    cells.extend(fields.iter().map(|field| match profile.fields.get(&field.id) {
        None => String::new(),
        Some(Value::Flag(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Text(text)) => text.clone(),
    }));
    for matter in &ledger.matters {
        cells.extend(consents::write(lines.iter().filter(|line| line.matter == *matter), ledger.now));
    }
    cells
}

/// What an export tells of the consent ledger: of each of these matters how it stands.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub matters: Vec<Matter>,
    /// Those in service: the only one is not named.
    pub controllers: Vec<purpose::Controller>,
    pub now: Timestamp,
}

impl Ledger {
    fn headings(&self) -> impl Iterator<Item = String> {
        self.matters.iter().flat_map(move |Matter { channel, purpose, controller }| {
            let only = matches!(&self.controllers[..], [only] if only.id == *controller);
            let controller = (!only).then(|| controller.clone());
            let about = About { channel: *channel, purpose: purpose.clone(), controller };
            consents::Part::ALL.iter().map(move |part| {
                Target::Consent(consents::Column { about: about.clone(), part: *part }).to_string()
            })
        })
    }
}

#[cfg(test)]
mod tests;
