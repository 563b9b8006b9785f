//! What is wrong with a configuration, and where it stands.
//!
//! An operator mends a file once, not once for each mistake: all problems are
//! collected and shown together, in the order of the file.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;

/// The configuration cannot be used; `Display` is the whole message, one line
/// for each problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<Problem>);

impl ConfigError {
    pub(super) fn one(problem: Problem) -> Self {
        Self(vec![problem])
    }

    /// `None` when nothing is wrong.
    pub(super) fn of(mut problems: Vec<Problem>) -> Option<Self> {
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        problems.dedup();
        if problems.is_empty() { None } else { Some(Self(problems)) }
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration cannot be used:")?,
            n => write!(f, "the configuration cannot be used, {n} problems:")?,
        }
        for problem in &self.0 {
            write!(f, "\n  {}: {}", problem.place, problem.what)?;
        }
        Ok(())
    }
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub place: Place,
    pub what: String,
}

impl Problem {
    pub fn unreadable(path: &Path, cause: &io::Error) -> Self {
        Self { place: Place::Whole(path.display().to_string()), what: format!("cannot be read: {cause}") }
    }

    pub fn in_environment(variable: &str, what: String) -> Self {
        Self { place: Place::Environment(variable.to_owned()), what }
    }
}

/// Where a mistake stands; sorts as an operator reads: down the file, then the environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Whole(String),
    Line { line: usize, column: usize, file: String },
    Environment(String),
}

impl Place {
    /// The line and column, both from 1, of the byte where `span` begins.
    pub fn in_text(file: &Path, text: &str, span: &Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self::Line {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            file: file.display().to_string(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole(file) => f.write_str(file),
            Place::Line { line, column, file } => write!(f, "{file}:{line}:{column}"),
            Place::Environment(variable) => write!(f, "environment variable {variable}"),
        }
    }
}

/// The word among `words` that was probably meant, if one is near enough.
pub(super) fn nearest<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let allowed = (wrong.chars().count() / 3).max(2);
    words
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(wrong, word), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}
