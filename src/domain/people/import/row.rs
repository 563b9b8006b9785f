//! What a row says of a contact, and a contact as a row: what is written by an
//! export means the same to an import.
//!
//! A cell that cannot be read does not keep the others out: it is kept as it was
//! given, and marked, so that somebody can put it right.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Problem;
use super::columns::{Mapping, Part, Target};
use super::consents::{self, About, Said};
use crate::domain::ids::ContactId;
use crate::domain::people::address::Address;
use crate::domain::people::consent::{Consent, Matter};
use crate::domain::people::contact::{Contact, Identity};
use crate::domain::people::draft::{
    Declared, DraftAddress, DraftIdentity, DraftProfile, Fault, IDENTITIES_MAX, Reader, WrittenIdentity,
};
use crate::domain::people::field::{Field, Kind, Value};
use crate::domain::people::profile::Patch;
use crate::domain::people::unread::{UNREAD_OF_ONE, Unread};
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
    /// What of it cannot be read, and is kept as it was given.
    pub warnings: Vec<Problem>,
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

impl Table<'_> {
    fn heading(&self, n: usize) -> String {
        self.columns.get(n).cloned().unwrap_or_default()
    }
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
    identities: Vec<WrittenIdentity>,
    consents: BTreeMap<About, Said>,
    columns: Vec<(String, usize)>,
    unfit: Vec<Unfit>,
    /// What is wrong with the row as a whole.
    problems: Vec<Problem>,
}

/// A cell, or one of several values of it, that cannot be read.
struct Unfit {
    column: usize,
    value: String,
    /// Why; `None`: it goes with another that cannot be read.
    detail: Option<String>,
}

/// Reads the cells of a row. An empty cell says nothing: what is known stays. What cannot be read is kept as it was given
/// beside the rest, if that tells who the row is about, or what they are called.
pub fn read(cells: &[String], table: Table<'_>) -> Result<Row, Vec<Problem>> {
    let draft = Draft::of(cells, table, &[]);
    let unfit = draft.unfit_cells(cells, table);
    let draft = if unfit.is_empty() { draft } else { Draft::of(cells, table, &unfit) };
    draft.finish(unfit, table)
}

impl Draft {
    /// What all cells say but these.
    fn of(cells: &[String], table: Table<'_>, but: &[Unfit]) -> Self {
        let mut draft = Draft::default();
        for (n, target) in table.mapping.0.iter().enumerate() {
            let cell = cells.get(n).map_or("", |cell| cell.trim());
            if cell.is_empty() || but.iter().any(|unfit| unfit.column == n) {
                continue;
            }
            match target {
                Some(Target::Consent(consents::Column { about, part })) => {
                    draft.consents.entry(about.clone()).or_default().take(*part, table.heading(n), cell);
                }
                Some(target) => draft.take(n, target, cell, table),
                None => {}
            }
        }
        let has_first = draft.columns.iter().any(|(field, _)| field.starts_with("addresses[0]"));
        if has_first || !draft.more.is_empty() {
            let first = has_first.then(|| draft.first.clone());
            draft.profile.addresses = Some(first.into_iter().chain(draft.more.iter().cloned()).collect());
        }
        draft
    }

    /// The cells that are no names, languages, addresses and fields, though they should be. Addresses are written as a
    /// whole: where a part of one cannot be read, none is.
    fn unfit_cells(&self, cells: &[String], table: Table<'_>) -> Vec<Unfit> {
        let mut reader = Reader::new(table.declared);
        reader.profile(&self.profile);
        let mut details = BTreeMap::new();
        for fault in reader.faults {
            let came = |part: &str| fault.field == part || fault.field.starts_with(part);
            let exact = self.columns.iter().find(|(part, _)| *part == fault.field);
            let from = exact.or_else(|| self.columns.iter().find(|(part, _)| came(part)));
            if fault.field.starts_with("addresses") {
                let all = self.columns.iter().filter(|(part, _)| part.starts_with("addresses["));
                all.for_each(|(_, n)| _ = details.entry(*n).or_insert(None));
            }
            let first = || details.keys().next().copied();
            if let Some(n) = from.map(|(_, n)| *n).or_else(first) {
                details.insert(n, Some(fault.fault.to_string()));
            }
        }
        let given = |n: usize| cells.get(n).map_or("", |cell| cell.trim()).to_owned();
        details.into_iter().map(|(column, detail)| Unfit { column, value: given(column), detail }).collect()
    }

    /// The row, with what cannot be read of it beside the rest.
    fn finish(self, mut unfit: Vec<Unfit>, table: Table<'_>) -> Result<Row, Vec<Problem>> {
        let mut reader = Reader::new(table.declared);
        let mut patch = reader.profile(&self.profile);
        let (mut problems, mut warnings) = (self.problems, Vec::new());
        if self.identities.len() > IDENTITIES_MAX {
            let detail = Fault::TooMany(IDENTITIES_MAX).to_string();
            problems.push(Problem { column: String::new(), detail });
        }
        unfit.extend(self.unfit);
        for Unfit { column, value, detail } in unfit {
            let target = table.mapping.0.get(column).cloned().flatten();
            let unread = target.and_then(|target| Unread::new(&target.to_string(), &value));
            let problem = |detail| Problem { column: table.heading(column), detail };
            match unread {
                Some(unread) => {
                    patch.unread.insert(unread);
                    warnings.extend(detail.map(problem));
                }
                None => {
                    problems.push(problem(detail.unwrap_or_else(|| "cannot be kept as it is".to_owned())))
                }
            }
        }
        if patch.unread.len() > UNREAD_OF_ONE {
            let detail = format!("has more than {UNREAD_OF_ONE} values that cannot be read");
            problems.push(Problem { column: String::new(), detail });
        }
        let said = self.consents.into_iter();
        let said = said.filter_map(|(about, said)| said.finish(&about, table.consents, table.now));
        let said: Vec<Said> =
            said.filter_map(|said| said.map_err(|problem| problems.push(problem)).ok()).collect();
        // Brought again, somebody of whom nothing points at them is found by what should.
        let is_somebody = self.contact.is_some() || !self.identities.is_empty();
        if problems.is_empty() && !is_somebody && !(patch.names() && patch.unread.iter().any(Unread::points))
        {
            let detail =
                "has neither a phone, nor an e-mail, nor a customer number: nothing tells who it is about";
            if warnings.is_empty() {
                problems.push(Problem { column: String::new(), detail: detail.to_owned() });
            }
            problems.append(&mut warnings);
        }
        if !problems.is_empty() {
            warnings.extend(problems);
            return Err(warnings);
        }
        Ok(Row { whom: self.contact, patch, identities: self.identities, consents: said, warnings })
    }

    fn take(&mut self, n: usize, target: &Target, cell: &str, table: Table<'_>) {
        let text = Some(Some(cell.to_owned()));
        match target {
            Target::Contact => match cell.parse() {
                Ok(id) => self.contact = Some(id),
                Err(_) => {
                    let detail = "is no id of a contact".to_owned();
                    self.problems.push(Problem { column: table.heading(n), detail });
                }
            },
            Target::Name => self.profile.name = text,
            Target::GivenName => self.profile.given_name = text,
            Target::FamilyName => self.profile.family_name = text,
            Target::Language => self.profile.language = text,
            Target::Phone => self.identify(n, "phone", cell, table, ""),
            Target::Email => self.identify(n, "email", cell, table, ""),
            Target::Customer(None) => self.identify(n, "customer", cell, table, ""),
            Target::Customer(Some(system)) => {
                self.identify(n, "customer", cell, table, &format!("{system}:"))
            }
            Target::Address(part) => self.locate(n, *part, cell),
            Target::MoreAddresses => match serde_json::from_str::<Vec<JsonAddress>>(cell) {
                Ok(more) => self.more = more.into_iter().map(Into::into).collect(),
                Err(_) => {
                    let detail = Some("takes a JSON list of addresses".to_owned());
                    self.unfit.push(Unfit { column: n, value: cell.to_owned(), detail });
                }
            },
            Target::Field(id) => {
                let field = table.declared.fields.iter().find(|field| field.id == *id);
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

    /// A number in two columns, or in two spellings, is no mistake of whoever brings it.
    fn identify(&mut self, n: usize, kind: &str, cell: &str, table: Table<'_>, before: &str) {
        for value in cell.split(BETWEEN).map(str::trim).filter(|value| !value.is_empty()) {
            let mut reader = Reader::new(table.declared);
            let draft =
                DraftIdentity { kind: kind.to_owned(), value: format!("{before}{value}"), verified: None };
            match reader.identity("", &draft) {
                Some(identity) if self.identities.iter().any(|known| known.identity == identity) => {}
                Some(identity) => self.identities.push(WrittenIdentity { identity, verified: None }),
                None => {
                    let detail = reader.faults.pop().map(|unfit| unfit.fault.to_string());
                    self.unfit.push(Unfit { column: n, value: value.to_owned(), detail });
                }
            }
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
