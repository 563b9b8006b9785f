//! A regular expression of an own rule: checked when it is written, compiled
//! when it is first asked for, and kept.
//!
//! A visit must not pay for compiling; and rules live in the database, read
//! anew for each visit. So what was compiled is kept by its text, for the
//! whole process, within bounds. The engine takes linear time whatever the
//! text, so that no visitor can make it slow.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{LazyLock, RwLock};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

const TEXT_MAX: usize = 200;
/// Bytes of one compiled expression.
const COMPILED_MAX: usize = 256 * 1024;
/// How many are kept; a plan that changes often leaves old ones behind.
const KEPT_MAX: usize = 500;

static KEPT: LazyLock<RwLock<HashMap<String, Regex>>> = LazyLock::new(RwLock::default);

/// Finds its text anywhere, in upper or lower case; `^` and `$` tie it down.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(String);

/// The text is no regular expression that we take.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadPattern {
    #[error("is longer than {TEXT_MAX} characters")]
    TooLong,
    #[error("takes too much memory; repeat less in it")]
    TooLarge,
    #[error("is no regular expression: {0}")]
    Syntax(String),
}

impl Pattern {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_found_in(&self, text: &str) -> bool {
        // Whoever panicked while holding the lock left nothing half done.
        if let Some(regex) = KEPT.read().unwrap_or_else(|e| e.into_inner()).get(&self.0) {
            return regex.is_match(text);
        }
        // It was checked when it was written.
        let Ok(regex) = compile(&self.0) else { return false };
        let found = regex.is_match(text);
        let mut kept = KEPT.write().unwrap_or_else(|e| e.into_inner());
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(self.0.clone(), regex);
        found
    }
}

impl FromStr for Pattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        if text.chars().count() > TEXT_MAX {
            return Err(BadPattern::TooLong);
        }
        compile(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn compile(text: &str) -> Result<Regex, BadPattern> {
    let built = RegexBuilder::new(text).case_insensitive(true).size_limit(COMPILED_MAX).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => BadPattern::TooLarge,
        // The last line of several names what is wrong; those before draw where.
        other => BadPattern::Syntax(
            other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_its_text_anywhere_unless_it_is_tied_down() {
        let found = |pattern: &str, text| pattern.parse::<Pattern>().unwrap().is_found_in(text);

        assert!(found("fair", "Spring-FAIR-2026"));
        assert!(found("^spring", "Spring-fair"));
        assert!(!found("^fair$", "Spring-fair"));
        assert!(found("^$", ""));
    }

    #[test]
    fn what_is_no_pattern_is_told_in_a_sentence() {
        let told = |text: &str| text.parse::<Pattern>().unwrap_err().to_string();

        assert_eq!(told("fair("), "is no regular expression: unclosed group");
        assert_eq!(told(&"a".repeat(201)), "is longer than 200 characters");
        assert_eq!(told("(a{500}){500}"), "takes too much memory; repeat less in it");
    }
}
