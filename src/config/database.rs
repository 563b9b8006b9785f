//! `[database]`: what remembers.

use std::fmt;

use super::reader::Section;
use super::value::{Checked, Value};

/// `Debug` hides the password of the URL.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// `sqlite:data/whence.db` or `postgres://user:password@host/name`.
    pub url: String,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: "sqlite:data/whence.db".to_owned() }
    }
}

impl DatabaseConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        Self { url: section.get("url", Self::default().url, url) }
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match (self.url.split_once("://"), self.url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => format!("{scheme}://…@{place}"),
            _ => self.url.clone(),
        };
        f.debug_struct("DatabaseConfig").field("url", &shown).finish()
    }
}

/// The complaint names no part of the text, which may hold a password.
fn url(value: Value) -> Checked<String> {
    match value.text()? {
        text if ["sqlite:", "postgres://", "postgresql://"].iter().any(|kind| text.starts_with(kind)) => {
            Ok(text.to_owned())
        }
        _ => value.bad("expected a URL that starts with sqlite: or postgres://"),
    }
}
