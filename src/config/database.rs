//! `[database]`: what remembers.

use std::fmt;

use url::Url;

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

/// For people: the file, or the server and its database; neither who signs in
/// nor the options, either of which may hold a password.
impl fmt::Display for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.url.starts_with("sqlite:") {
            return f.write_str(&self.url);
        }
        let Ok(url) = Url::parse(&self.url) else { return f.write_str("postgres://…") };
        let port = url.port().unwrap_or(5432);
        write!(f, "{}://…@{}:{port}{}", url.scheme(), url.host_str().unwrap_or("localhost"), url.path())
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig").field("url", &self.to_string()).finish()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_shown_the_place_and_never_the_password() {
        for (url, shown) in [
            ("sqlite:data/whence.db", "sqlite:data/whence.db"),
            ("postgres://whence:swordfish@db.example.org/calls", "postgres://…@db.example.org:5432/calls"),
            ("postgres://db:5433/calls?password=sword@fish", "postgres://…@db:5433/calls"),
            ("postgres://whence:sword?fish@db/calls", "postgres://…"),
        ] {
            let config = DatabaseConfig { url: url.into() };

            assert_eq!(config.to_string(), shown);
            assert!(!format!("{config:?}").contains("fish"), "{config:?}");
        }
    }
}
