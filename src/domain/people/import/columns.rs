//! What the columns of a table mean: said by whoever brings it, or guessed from
//! their headings, in English and French.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Problem;
use super::consents::{self, Column};
use crate::domain::ids::{FieldId, SystemId};
use crate::domain::people::draft::Declared;
use crate::domain::people::keys::name_words;

/// What a column says of a contact. Several columns may have phones, e-mails and customer numbers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    /// The contact's own id, as an export has it.
    Contact,
    Name,
    GivenName,
    FamilyName,
    Language,
    /// One or several, `|` between.
    Phone,
    Email,
    /// With its system in front (`crm:4711`), or of this one.
    Customer(Option<SystemId>),
    /// A part of the first address.
    Address(Part),
    /// Further addresses, in JSON as the API has them.
    MoreAddresses,
    Field(FieldId),
    /// What was agreed to or refused, and when, where and how.
    Consent(Column),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    Kind,
    Complement,
    Line,
    Locality,
    Postcode,
    City,
    Country,
}

/// As it is said: `given_name`, `customer.crm`, `address.city`, `fields.loyalty`.
const WORDS: [(&str, Target); 16] = [
    ("contact", Target::Contact),
    ("name", Target::Name),
    ("given_name", Target::GivenName),
    ("family_name", Target::FamilyName),
    ("language", Target::Language),
    ("phone", Target::Phone),
    ("email", Target::Email),
    ("customer", Target::Customer(None)),
    ("address.kind", Target::Address(Part::Kind)),
    ("address.complement", Target::Address(Part::Complement)),
    ("address.line", Target::Address(Part::Line)),
    ("address.locality", Target::Address(Part::Locality)),
    ("address.postcode", Target::Address(Part::Postcode)),
    ("address.city", Target::Address(Part::City)),
    ("address.country", Target::Address(Part::Country)),
    ("more_addresses", Target::MoreAddresses),
];

/// Headings in words without accents and signs, as French and English tables have them.
const GUESSES: [(&str, &str); 64] = [
    ("prenom", "given_name"),
    ("first name", "given_name"),
    ("firstname", "given_name"),
    ("given name", "given_name"),
    ("forename", "given_name"),
    ("nom", "family_name"),
    ("nom de famille", "family_name"),
    ("last name", "family_name"),
    ("lastname", "family_name"),
    ("family name", "family_name"),
    ("surname", "family_name"),
    ("name", "name"),
    ("full name", "name"),
    ("nom complet", "name"),
    ("nom prenom", "name"),
    ("nom et prenom", "name"),
    ("contact name", "name"),
    ("langue", "language"),
    ("language", "language"),
    ("lang", "language"),
    ("telephone", "phone"),
    ("tel", "phone"),
    ("tel fixe", "phone"),
    ("telephone fixe", "phone"),
    ("fixe", "phone"),
    ("telephone portable", "phone"),
    ("telephone mobile", "phone"),
    ("tel mobile", "phone"),
    ("tel portable", "phone"),
    ("portable", "phone"),
    ("mobile", "phone"),
    ("phone", "phone"),
    ("phone number", "phone"),
    ("mobile phone", "phone"),
    ("numero de telephone", "phone"),
    ("email", "email"),
    ("e mail", "email"),
    ("mail", "email"),
    ("courriel", "email"),
    ("email address", "email"),
    ("adresse email", "email"),
    ("adresse e mail", "email"),
    ("adresse mail", "email"),
    ("customer", "customer"),
    ("adresse", "address.line"),
    ("adresse 1", "address.line"),
    ("address", "address.line"),
    ("address 1", "address.line"),
    ("rue", "address.line"),
    ("street", "address.line"),
    ("complement", "address.complement"),
    ("complement d adresse", "address.complement"),
    ("adresse 2", "address.complement"),
    ("address 2", "address.complement"),
    ("lieu dit", "address.locality"),
    ("code postal", "address.postcode"),
    ("cp", "address.postcode"),
    ("postcode", "address.postcode"),
    ("zip", "address.postcode"),
    ("zip code", "address.postcode"),
    ("ville", "address.city"),
    ("commune", "address.city"),
    ("city", "address.city"),
    ("pays", "address.country"),
];

/// The text names no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no such target; there are contact, name, given_name, family_name, language, phone, email, customer, \
     customer.<system>, address.kind, address.complement, address.line, address.locality, address.postcode, \
     address.city, address.country, more_addresses, fields.<field> and consent.<channel>.<purpose>, with \
     .<controller> where there are several, and with .at, .expires_at, .basis, .method, .source, .text, \
     .text_version, .proof or .actor"
)]
pub struct BadTarget;

impl Target {
    /// How all of them are said, but those of the plan.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Customer(Some(system)) => write!(f, "customer.{system}"),
            Target::Field(field) => write!(f, "fields.{field}"),
            Target::Consent(column) => column.fmt(f),
            other => f.write_str(WORDS.iter().find(|(_, it)| it == other).map_or("", |(word, _)| *word)),
        }
    }
}

impl FromStr for Target {
    type Err = BadTarget;

    fn from_str(text: &str) -> Result<Self, BadTarget> {
        if let Some((_, target)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(target.clone());
        }
        match text.split_once('.') {
            Some(("customer", system)) => {
                system.parse().map(|system| Target::Customer(Some(system))).map_err(|_| BadTarget)
            }
            Some(("fields", field)) => field.parse().map(Target::Field).map_err(|_| BadTarget),
            Some(("consent", column)) => column.parse().map(Target::Consent),
            _ => Err(BadTarget),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input)?.parse().map_err(de::Error::custom)
    }
}

/// What each column means, in their order; `None`: nothing that is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub Vec<Option<Target>>);

impl Mapping {
    /// What the headings say by themselves; each meaning once, but for what a contact may have several of.
    pub fn suggested(columns: &[String], declared: &Declared) -> Self {
        let mut mapping = Vec::with_capacity(columns.len());
        for heading in columns {
            let target = guess(heading, declared);
            mapping
                .push(target.filter(|target| may_repeat(target) || !mapping.contains(&Some(target.clone()))));
        }
        let kept = |it: &Option<Target>| it.clone().filter(|it| answer_missing(Some(it), &mapping).is_none());
        Self(mapping.iter().map(kept).collect())
    }

    /// What somebody says, by the headings; what is wrong with it, all at once.
    pub fn read(
        columns: &[String],
        asked: &BTreeMap<String, String>,
        declared: &Declared,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut mapping: Vec<Option<Target>> = vec![None; columns.len()];
        for (heading, text) in asked {
            let mut problem = |detail: String| problems.push(Problem { column: heading.clone(), detail });
            let mut places = (0..columns.len()).filter(|n| columns[*n] == *heading);
            let (Some(place), None) = (places.next(), places.next()) else {
                problem("is not the heading of one column".to_owned());
                continue;
            };
            match text.parse::<Target>() {
                Err(bad) => problem(bad.to_string()),
                Ok(target) if !is_declared(&target, declared) => {
                    problem(format!("{target} is nothing that the plan declares"));
                }
                Ok(target) if !may_repeat(&target) && mapping.contains(&Some(target.clone())) => {
                    problem(format!("{target} is said of another column already"));
                }
                Ok(target) => mapping[place] = Some(target),
            }
        }
        let names = |target: &Target| {
            matches!(target, Target::Contact | Target::Phone | Target::Email | Target::Customer(_))
        };
        if problems.is_empty() && !mapping.iter().flatten().any(names) {
            let detail = "takes a column with phone, email, customer or contact: nothing else tells who a row is about";
            problems.push(Problem { column: String::new(), detail: detail.to_owned() });
        }
        for (heading, target) in columns.iter().zip(&mapping) {
            if let Some(answer) = answer_missing(target.as_ref(), &mapping) {
                let detail = format!("goes with an answer, and no column is {answer}");
                problems.push(Problem { column: heading.clone(), detail });
            }
        }
        if problems.is_empty() { Ok(Self(mapping)) } else { Err(problems) }
    }

    /// Whether something of it goes into the consent ledger.
    pub fn has_consents(&self) -> bool {
        self.0.iter().flatten().any(|target| matches!(target, Target::Consent(_)))
    }
}

/// The answer that a column goes with, where none is in the table.
fn answer_missing(target: Option<&Target>, mapping: &[Option<Target>]) -> Option<Target> {
    let Some(Target::Consent(Column { about, .. })) = target else { return None };
    let answer = Target::Consent(Column { about: about.clone(), part: consents::Part::Status });
    (!mapping.contains(&Some(answer.clone()))).then_some(answer)
}

fn may_repeat(target: &Target) -> bool {
    matches!(target, Target::Phone | Target::Email | Target::Customer(_))
}

fn is_declared(target: &Target, declared: &Declared) -> bool {
    match target {
        Target::Field(id) => declared.fields.iter().any(|field| field.id == *id),
        Target::Customer(Some(system)) => declared.systems.contains(system),
        Target::Consent(Column { about, .. }) => about.is_declared(declared),
        _ => true,
    }
}

fn guess(heading: &str, declared: &Declared) -> Option<Target> {
    if let Ok(target) = heading.parse::<Target>() {
        return Some(target).filter(|target| is_declared(target, declared));
    }
    let said = folded(heading);
    let field = declared.fields.iter().find(|it| folded(&it.name) == said || it.id.as_str() == heading);
    if let Some(field) = field {
        return Some(Target::Field(field.id.clone()));
    }
    let numbered = said.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let known =
        |text: &str| GUESSES.iter().find(|(words, _)| *words == text).and_then(|(_, it)| it.parse().ok());
    // `Téléphone 2` is a phone, too.
    let known = known(&said).or_else(|| known(numbered).filter(may_repeat));
    known.or_else(|| consents::guess(&said, declared).map(Target::Consent))
}

/// `N° de Téléphone` as `n de telephone`: in the order of its words.
pub(super) fn folded(heading: &str) -> String {
    let words = heading.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.flat_map(|word| name_words(word).into_iter()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::field::{Field, Kind};

    fn declared() -> Declared {
        let field = Field {
            id: "shoe".parse().unwrap(),
            name: "Pointure".into(),
            kind: Kind::Number,
            choices: vec![],
        };
        Declared {
            fields: vec![field],
            systems: vec!["crm".parse().unwrap()],
            home: "FR".parse().unwrap(),
            purposes: vec![],
            controllers: vec![],
        }
    }

    fn headings(line: &str) -> Vec<String> {
        line.split(';').map(str::to_owned).collect()
    }

    #[test]
    fn headings_say_by_themselves_what_they_mean() {
        let columns = headings(
            "Nom;Prénom;E-mail;Téléphone;Tél. 2;Adresse;CP;Ville;Pointure;Remarque;customer.crm;customer.erp;Nom",
        );

        let suggested = Mapping::suggested(&columns, &declared());

        let told: Vec<_> =
            suggested.0.iter().map(|it| it.as_ref().map_or("-".to_owned(), Target::to_string)).collect();
        assert_eq!(
            told.join(" "),
            "family_name given_name email phone phone address.line address.postcode address.city fields.shoe - \
             customer.crm - -"
        );
    }

    #[test]
    fn every_target_reads_as_it_is_said() {
        for (word, target) in &WORDS {
            assert_eq!((word.parse().as_ref(), target.to_string().as_str()), (Ok(target), *word));
        }
        for text in ["customer.crm", "fields.shoe"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        for (words, target) in &GUESSES {
            assert!(target.parse::<Target>().is_ok() && folded(words) == *words, "{words}");
        }
    }

    #[test]
    fn what_cannot_be_meant_so_is_told_by_its_column() {
        let read = |pairs: &[(&str, &str)]| {
            let asked = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            Mapping::read(&headings("a;b;c;c"), &asked, &declared())
        };

        let well = read(&[("a", "phone"), ("b", "phone")]).unwrap();
        assert_eq!(well.0, [Some(Target::Phone), Some(Target::Phone), None, None]);
        let columns = |pairs: &[(&str, &str)]| -> Vec<String> {
            read(pairs).unwrap_err().into_iter().map(|problem| problem.column).collect()
        };
        assert_eq!(columns(&[("a", "phone"), ("b", "fax"), ("c", "name"), ("d", "name")]), ["b", "c", "d"]);
        assert_eq!(columns(&[("a", "name"), ("b", "name")]), ["b"]);
        assert_eq!(columns(&[("a", "fields.hat")]), ["a"]);
        assert_eq!(columns(&[("a", "name")]), [""]);
    }
}
