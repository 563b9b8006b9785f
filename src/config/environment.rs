//! `WHENCE_…` variables: a setting each, stronger than the file.
//!
//! Two underscores stand between section and key, since keys have single ones:
//! `WHENCE_CALLS__MAX_RING_S` is `max_ring_s` of `[calls]`. A table of a list is
//! addressed by its name: `WHENCE_TRUNK__MY_CARRIER__PASSWORD` is `password` of the
//! `[[trunk]]` named `my-carrier`. With `_FILE` at its end the variable names a file
//! that holds the value: how container platforms hand over secrets.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;

use super::error::Problem;

const PREFIX: &str = "WHENCE_";
/// Belongs to the test suite, which starts this program too.
const RESERVED: &str = "WHENCE_TEST_";
/// The API key of whoever asks a running gateway; no setting.
const KEY: &str = "WHENCE_KEY";
const FROM_FILE: &str = "_FILE";

/// What the environment says, until somebody asks for it.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// Variable → value; `None` when it is not text.
    variables: BTreeMap<String, Option<String>>,
}

/// A value found for a key, and the variable that it came from.
pub(super) struct Override {
    pub variable: String,
    pub text: String,
}

impl Environment {
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let variables = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok())))
            .filter(|(name, _)| name.starts_with(PREFIX) && !name.starts_with(RESERVED) && name != KEY)
            .collect();
        Self { variables }
    }

    /// The variable of a key; `section` is empty for the keys above all sections.
    pub fn variable(section: &str, key: &str) -> String {
        let path = if section.is_empty() { key.to_owned() } else { format!("{section}__{key}") };
        format!("{PREFIX}{}", path.to_ascii_uppercase())
    }

    /// What stands for the section of a table that has a name. Names are slugs, so
    /// no two of them become one here.
    pub fn named(section: &str, name: &str) -> String {
        format!("{section}__{}", name.replace('-', "_"))
    }

    /// Takes the value of a key out, if it is set.
    pub fn take(&mut self, section: &str, key: &str) -> Option<Result<Override, Problem>> {
        let variable = Self::variable(section, key);
        let from_file = format!("{variable}{FROM_FILE}");
        let direct = self.variables.remove(&variable);
        let file = self.variables.remove(&from_file);

        let found = match (direct, file) {
            (None, None) => return None,
            (Some(_), Some(_)) => Err(Problem::in_environment(
                &variable,
                format!("is set beside {from_file}; keep one of them"),
            )),
            (Some(Some(text)), None) => Ok(Override { variable, text }),
            (None, Some(Some(path))) => match fs::read_to_string(&path) {
                Ok(text) => Ok(Override { variable: from_file, text: text.trim_end().to_owned() }),
                Err(cause) => {
                    Err(Problem::in_environment(&from_file, format!("{path:?} cannot be read: {cause}")))
                }
            },
            (Some(None), None) => Err(Problem::in_environment(&variable, "is not UTF-8".to_owned())),
            (None, Some(None)) => Err(Problem::in_environment(&from_file, "is not UTF-8".to_owned())),
        };
        Some(found)
    }

    /// Variables that nobody asked for.
    pub fn left(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}
