//! How the text of a setting becomes a value, and what is said when it cannot.
//!
//! A setting is a TOML value in the file and plain text in the environment;
//! the checks below read either. A check reports every bad item of a list.

use std::ops::{Range, RangeInclusive};
use std::str::FromStr;
use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::error::nearest;
use crate::domain::ids::check_slug;

/// One setting, as it was written.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    File(&'a Spanned<DeValue<'a>>),
    Environment(&'a str),
}

/// Why a value will not do, and where in the file when that is narrower than the whole value.
pub(super) struct Bad {
    pub at: Option<Range<usize>>,
    pub why: String,
}

pub(super) type Checked<T> = Result<T, Vec<Bad>>;

impl<'a> Value<'a> {
    pub fn bad<T>(self, why: impl Into<String>) -> Checked<T> {
        let at = match self {
            Value::File(value) => Some(value.span()),
            Value::Environment(_) => None,
        };
        Err(vec![Bad { at, why: why.into() }])
    }

    /// The text of a string.
    pub fn text(self) -> Checked<&'a str> {
        match self {
            Value::Environment(text) => Ok(text),
            Value::File(value) => match value.get_ref() {
                DeValue::String(text) => Ok(text),
                other => self.bad(format!("expected a string, found {}", kind(other))),
            },
        }
    }

    /// A whole number; hexadecimal and underscores as TOML allows them.
    fn number(self) -> Checked<u64> {
        let read = match self {
            Value::Environment(text) => text.trim().parse().ok(),
            Value::File(value) => match value.get_ref() {
                DeValue::Integer(digits) => u64::from_str_radix(digits.as_str(), digits.radix()).ok(),
                other => return self.bad(format!("expected a whole number, found {}", kind(other))),
            },
        };
        read.map_or_else(|| self.bad("expected a whole number from 0 up"), Ok)
    }
}

fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Any text but none.
pub(super) fn text(value: Value) -> Checked<String> {
    match value.text()? {
        "" => value.bad("must not be empty"),
        text => Ok(text.to_owned()),
    }
}

/// What stands between quotes in a header as it is: neither quotes nor backslashes.
pub(super) fn quotable(value: Value) -> Checked<String> {
    match value.text()? {
        text if (1..=128).contains(&text.len())
            && text.bytes().all(|b| (b' '..=b'~').contains(&b) && !matches!(b, b'"' | b'\\')) =>
        {
            Ok(text.to_owned())
        }
        _ => value.bad("expected 1 to 128 printable ASCII characters, no quotes or backslashes"),
    }
}

/// A name as the plan writes them, too.
pub(super) fn slug(value: Value) -> Checked<String> {
    let text = value.text()?;
    match check_slug(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(why) => value.bad(format!("{text:?} cannot be a name: {why}")),
    }
}

/// What `FromStr` reads; `expected` goes on after "expected ".
pub(super) fn parsed<T: FromStr>(expected: &'static str) -> impl Fn(Value) -> Checked<T> {
    move |value| {
        let text = value.text()?;
        text.parse().or_else(|_| value.bad(format!("expected {expected}, found {text:?}")))
    }
}

/// Yes or no.
pub(super) fn flag(value: Value) -> Checked<bool> {
    match value {
        Value::Environment("true") => Ok(true),
        Value::Environment("false") => Ok(false),
        Value::File(written) if let DeValue::Boolean(flag) = written.get_ref() => Ok(*flag),
        _ => value.bad("expected true or false"),
    }
}

/// A whole number within `range`.
pub(super) fn whole(range: RangeInclusive<u64>) -> impl Fn(Value) -> Checked<u64> {
    move |value| match value.number()? {
        number if range.contains(&number) => Ok(number),
        number => value.bad(format!("{number} is not within {} to {}", range.start(), range.end())),
    }
}

/// A span in whole seconds within `range`.
pub(super) fn seconds(range: RangeInclusive<u64>) -> impl Fn(Value) -> Checked<Duration> {
    let number = whole(range);
    move |value| number(value).map(Duration::from_secs)
}

/// A span in whole milliseconds within `range`.
pub(super) fn milliseconds(range: RangeInclusive<u64>) -> impl Fn(Value) -> Checked<Duration> {
    let number = whole(range);
    move |value| number(value).map(Duration::from_millis)
}

/// One of a few words.
pub(super) fn word<T: Copy>(words: &'static [(&'static str, T)]) -> impl Fn(Value) -> Checked<T> {
    move |value| {
        let text = value.text()?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(*meaning);
        }
        let known = words.iter().map(|(word, _)| *word);
        let hint = match nearest(text, known.clone()) {
            Some(word) => format!("did you mean {word:?}?"),
            None => format!("one of {} is expected", known.collect::<Vec<_>>().join(", ")),
        };
        value.bad(format!("{text:?} is not known here; {hint}"))
    }
}

/// As `item`, or nothing when the text is empty.
pub(super) fn optional<T>(item: impl Fn(Value) -> Checked<T>) -> impl Fn(Value) -> Checked<Option<T>> {
    move |value| match value.text()? {
        "" => Ok(None),
        _ => item(value).map(Some),
    }
}

/// A TOML list, or in the environment items with commas between them.
pub(super) fn list<T>(item: impl Fn(Value) -> Checked<T>) -> impl Fn(Value) -> Checked<Vec<T>> {
    move |value| match value {
        Value::Environment(text) => {
            let items = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            all(items.map(|part| item(Value::Environment(part))))
        }
        Value::File(list) => match list.get_ref() {
            DeValue::Array(items) => all(items.iter().map(|part| item(Value::File(part)))),
            other => value.bad(format!("expected a list, found {}", kind(other))),
        },
    }
}

/// As [`list`], with one item at least.
pub(super) fn some<T>(item: impl Fn(Value) -> Checked<T>) -> impl Fn(Value) -> Checked<Vec<T>> {
    let list = list(item);
    move |value| match list(value)? {
        items if items.is_empty() => value.bad("needs at least one item"),
        items => Ok(items),
    }
}

/// Every value, or every complaint.
fn all<T>(checked: impl Iterator<Item = Checked<T>>) -> Checked<Vec<T>> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for item in checked {
        match item {
            Ok(value) => good.push(value),
            Err(complaints) => bad.extend(complaints),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}
