//! Walks the parsed file and the environment, and collects what is wrong.
//!
//! A section asks for its keys one by one; the reader notes what was asked.
//! Whatever stands in the file or the environment and was never asked for is
//! unknown, and the keys that were asked for are the ones to suggest.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::Environment;
use super::error::{ConfigError, Place, Problem, nearest};
use super::value::{Bad, Checked, Value};

pub(super) struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    root: &'a DeTable<'a>,
    environment: Environment,
    problems: Vec<Problem>,
    asked: Vec<Asked<'a>>,
}

/// A table of the file and the keys that were asked of it.
struct Asked<'a> {
    section: &'static str,
    /// `None`: the file does not have it.
    table: Option<&'a DeTable<'a>>,
    keys: Vec<&'static str>,
    /// What the environment calls it; `None`: a table of a list that has no name (yet).
    address: Option<String>,
}

impl<'a> Reader<'a> {
    /// Parses `text` and has `read` ask for everything there is.
    pub fn run<T>(
        path: &Path,
        text: &str,
        environment: Environment,
        read: impl FnOnce(&mut Reader) -> T,
    ) -> Result<T, ConfigError> {
        let (root, malformed) = DeTable::parse_recoverable(text);
        let mut reader =
            Reader { path, text, root: root.get_ref(), environment, problems: Vec::new(), asked: Vec::new() };
        for error in malformed {
            let span = error.span().unwrap_or(0..0);
            reader.complain_at(&span, error.message().replace('\n', ", "));
        }
        let value = read(&mut reader);
        reader.complain_of_unknown_keys();
        reader.complain_of_unknown_variables();
        ConfigError::of(reader.problems).map_or(Ok(value), Err)
    }

    /// Reads `[name]`; the empty name is the top of the file.
    pub fn section<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Section<'_, 'a>) -> T) -> T {
        let table = if name.is_empty() {
            Some(self.root)
        } else {
            match self.root.get(name) {
                None => None,
                Some(entry) => match entry.get_ref() {
                    DeValue::Table(table) => Some(table),
                    _ => {
                        self.complain_at(&entry.span(), format!("{name:?} is a section: write [{name}]"));
                        None
                    }
                },
            }
        };
        let address = Some(name.to_owned());
        self.read_table(Asked { section: name, table, keys: Vec::new(), address }, None, read)
    }

    /// Reads each `[[name]]`.
    pub fn sections<T>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(&mut Section<'_, 'a>) -> Option<T>,
    ) -> Vec<T> {
        let root = self.root;
        let entries: &[Spanned<DeValue>] = match root.get(name).map(|entry| (entry.span(), entry.get_ref())) {
            Some((_, DeValue::Array(entries))) => entries,
            Some((span, _)) => {
                self.complain_at(&span, format!("there may be several: write [[{name}]]"));
                &[]
            }
            None => &[],
        };
        // Asked of nothing, so that the keys are known even when the file has no such table.
        let nothing = Asked { section: name, table: None, keys: Vec::new(), address: None };
        self.read_table(nothing, None, &mut read);

        let mut values = Vec::new();
        for entry in entries {
            let DeValue::Table(table) = entry.get_ref() else {
                self.complain_at(&entry.span(), format!("expected a table: write [[{name}]]"));
                continue;
            };
            let asked = Asked { section: name, table: Some(table), keys: Vec::new(), address: None };
            values.extend(self.read_table(asked, Some(entry), &mut read));
        }
        values
    }

    fn read_table<T>(
        &mut self,
        asked: Asked<'a>,
        entry: Option<&'a Spanned<DeValue<'a>>>,
        read: impl FnOnce(&mut Section<'_, 'a>) -> T,
    ) -> T {
        let mut section = Section { reader: self, asked, entry, places: Vec::new() };
        let value = read(&mut section);
        let asked = section.asked;
        self.asked.push(asked);
        value
    }

    fn complain_at(&mut self, span: &Range<usize>, what: String) {
        self.problems.push(Problem { place: self.place(span), what });
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::in_text(self.path, self.text, span)
    }

    /// Every key there is, with its section: what a hint can point at.
    pub fn known(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.asked.iter().flat_map(|asked| asked.keys.iter().map(|key| (asked.section, *key)))
    }

    fn complain_of_unknown_keys(&mut self) {
        let mut unknown = Vec::new();
        for asked in &self.asked {
            let Some(table) = asked.table else { continue };
            let mut valid = asked.keys.clone();
            if asked.section.is_empty() {
                valid.extend(self.asked.iter().map(|other| other.section).filter(|name| !name.is_empty()));
            }
            valid.sort_unstable();
            valid.dedup();
            for key in table.keys().filter(|key| !valid.contains(&key.get_ref().as_ref())) {
                let name = key.get_ref();
                let hint = self.hint(asked.section, name, &valid);
                unknown.push((key.span(), format!("unknown key `{name}`{}; {hint}", within(asked.section))));
            }
        }
        for (span, what) in unknown {
            self.complain_at(&span, what);
        }
    }

    fn hint(&self, section: &str, wrong: &str, valid: &[&str]) -> String {
        if let Some(word) = nearest(wrong, valid.iter().copied()) {
            return format!("did you mean `{word}`?");
        }
        match self.known().find(|(other, key)| *other != section && *key == wrong) {
            Some(("", _)) => "it belongs above all sections".to_owned(),
            Some((other, _)) => format!("it belongs in [{other}]"),
            None => format!("known here: {}", valid.join(", ")),
        }
    }

    fn complain_of_unknown_variables(&mut self) {
        let addressable =
            self.asked.iter().filter_map(|asked| Some((asked.address.as_deref()?, &asked.keys)));
        let valid: Vec<String> = addressable
            .flat_map(|(address, keys)| keys.iter().map(|key| Environment::variable(address, key)))
            .collect();
        let unknown: Vec<Problem> = self
            .environment
            .left()
            .map(|variable| {
                let hint = match nearest(variable, valid.iter().map(String::as_str)) {
                    Some(word) => format!("did you mean {word}?"),
                    None => "two underscores stand between section and key".to_owned(),
                };
                Problem::in_environment(variable, format!("no such setting; {hint}"))
            })
            .collect();
        self.problems.extend(unknown);
    }
}

fn within(section: &str) -> String {
    if section.is_empty() { String::new() } else { format!(" in [{section}]") }
}

/// One table of the file while its keys are asked for.
pub(super) struct Section<'r, 'a> {
    reader: &'r mut Reader<'a>,
    asked: Asked<'a>,
    entry: Option<&'a Spanned<DeValue<'a>>>,
    /// Where the values that count were found.
    places: Vec<(&'static str, Place)>,
}

impl Section<'_, '_> {
    /// The value of `key`: the environment's, else the file's, else the default.
    ///
    /// A bad value is noted and stands in as the default, so that reading goes on.
    pub fn get<T>(&mut self, key: &'static str, default: T, check: impl Fn(Value) -> Checked<T>) -> T {
        self.find(key, check).unwrap_or(default)
    }

    /// The value of a key that has no default; its lack is noted.
    pub fn require<T>(&mut self, key: &'static str, check: impl Fn(Value) -> Checked<T>) -> Option<T> {
        let value = self.find(key, check);
        self.lacks(key, "");
        value
    }

    /// From here on the environment can address this table of a list, by its name.
    pub fn is_named(&mut self, name: &str) {
        self.asked.address = Some(Environment::named(self.asked.section, name));
    }

    /// Notes that a key is missing from this table of a list, if it is; `why`
    /// goes on after its name.
    pub fn lacks(&mut self, key: &str, why: &str) {
        let in_file = self.asked.table.is_some_and(|table| table.contains_key(key));
        let is_there = in_file || self.places.iter().any(|(found, _)| *found == key);
        if let (false, Some(entry)) = (is_there, self.entry) {
            let what = format!("[[{}]] lacks `{key}`{why}", self.asked.section);
            self.reader.complain_at(&entry.span(), what);
        }
    }

    /// Notes what is wrong with a value only in the light of another; a default is never wrong.
    pub fn complain(&mut self, key: &'static str, what: &str) {
        let found = self.places.iter().rfind(|(found, _)| *found == key);
        if let Some((_, place)) = found {
            self.reader.problems.push(Problem { place: place.clone(), what: format!("{key}: {what}") });
        }
    }

    fn find<T>(&mut self, key: &'static str, check: impl Fn(Value) -> Checked<T>) -> Option<T> {
        self.asked.keys.push(key);

        // The file is checked even when the environment overrides it: a mistake does not wait for its day.
        let in_file = self.asked.table.and_then(|table| table.get(key));
        self.places.extend(in_file.map(|value| (key, self.reader.place(&value.span()))));
        let from_file = in_file.and_then(|value| match check(Value::File(value)) {
            Ok(checked) => Some(checked),
            Err(complaints) => {
                for bad in complaints {
                    self.reader
                        .complain_at(&bad.at.unwrap_or_else(|| value.span()), format!("{key}: {}", bad.why));
                }
                None
            }
        });
        let Some(address) = &self.asked.address else { return from_file };
        let set = match self.reader.environment.take(address, key) {
            None => return from_file,
            Some(Ok(set)) => set,
            Some(Err(problem)) => {
                self.reader.problems.push(problem);
                return None;
            }
        };
        self.places.push((key, Place::Environment(set.variable.clone())));
        match check(Value::Environment(&set.text)) {
            Ok(checked) => Some(checked),
            Err(complaints) => {
                let complain = |bad: Bad| Problem::in_environment(&set.variable, bad.why);
                self.reader.problems.extend(complaints.into_iter().map(complain));
                None
            }
        }
    }
}
