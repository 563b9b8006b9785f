//! The only file that names the databases: whatever differs between them.
//!
//! The driver rewrites nothing, so a query that both understand is written
//! once; the few that need two texts hand both to [`Dialect::pick`].

use std::path::PathBuf;

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

use super::error::OpenError;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// A database URL, understood.
#[derive(Debug)]
pub struct Location {
    pub dialect: Dialect,
    /// What the driver is given; it may hold a password.
    pub url: String,
    /// What people are told: the file, or the host and database.
    pub place: String,
    /// The folder of the file, to be made when missing.
    pub folder: Option<PathBuf>,
}

impl Location {
    pub fn parse(url: &str) -> Result<Self, OpenError> {
        if let Some(rest) = url.strip_prefix("sqlite:") {
            return Self::file(rest.strip_prefix("//").unwrap_or(rest));
        }
        let parsed = url::Url::parse(url).map_err(|_| OpenError::BadUrl)?;
        if !matches!(parsed.scheme(), "postgres" | "postgresql") {
            return Err(OpenError::BadUrl);
        }
        let host = parsed.host_str().filter(|host| !host.is_empty()).unwrap_or("localhost");
        let place = format!("{host}:{}{}", parsed.port().unwrap_or(5432), parsed.path());
        Ok(Self { dialect: Dialect::Postgres, url: url.to_owned(), place, folder: None })
    }

    fn file(path: &str) -> Result<Self, OpenError> {
        let path = path.split('?').next().unwrap_or_default();
        if path.is_empty() || path.contains(":memory:") {
            return Err(OpenError::InMemory);
        }
        let folder = PathBuf::from(path).parent().filter(|f| !f.as_os_str().is_empty()).map(PathBuf::from);
        // The driver decodes percent signs, and cuts at a hash.
        let escaped = path.replace('%', "%25").replace('#', "%23");
        let url = format!("sqlite:{escaped}?mode=rwc");
        Ok(Self { dialect: Dialect::Sqlite, url, place: path.to_owned(), folder })
    }
}

/// What a database says of content that it will never take; `None` when the
/// failure is its own. No value is named, since it may be personal.
pub(super) fn refusal(cause: &dyn DatabaseError) -> Option<String> {
    let code = cause.code()?;
    if cause.try_downcast_ref::<SqliteError>().is_some() {
        // https://sqlite.org/rescode.html: too big, constraint, mismatch; the rest of a code is detail.
        let is_refusal = code.parse().is_ok_and(|code: u32| matches!(code & 0xff, 18..=20));
        return is_refusal.then(|| format!("{} ({code})", cause.message()));
    }
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    match code.get(..2)? {
        // Constraints; the value would stand in the detail.
        "23" => Some(format!("{} ({code})", cause.message())),
        // Cardinality, data, limits of the program: these name the value.
        "21" | "22" | "54" => Some(format!("SQLSTATE {code}")),
        _ => None,
    }
}

impl Dialect {
    /// The text that this database is given, where one text cannot serve both.
    pub const fn pick(self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        }
    }

    /// How a writing transaction begins.
    ///
    /// SQLite must ask for the write lock at once: a reader that becomes a
    /// writer later is refused without waiting when another process wrote
    /// in between.
    pub const fn begin(self) -> &'static str {
        self.pick("begin immediate", "begin")
    }

    /// A question that only a database can answer: on SQLite one that reads
    /// the file, which merely connecting does not.
    pub const fn first_question(self) -> &'static str {
        self.pick("pragma schema_version", "select 1")
    }

    /// What every connection is told first.
    ///
    /// `synchronous = full` makes a commit durable against power loss also in
    /// WAL mode; the wait is for other processes on the same file. A commit
    /// that finds 10,000 pages (40 MB) in the log carries over what is left of
    /// them; most of it [`Checkpoint`](super::checkpoint) has done by then.
    /// The file is not mapped into memory: a disk that fails would end the process, and with it the calls.
    ///
    /// PostgreSQL is told, unless its administrator has said something else, not to compile what takes a tenth of a second
    /// anyway, and that any page is nearly as close as the next: by its own defaults, made for disks that turn, it reads
    /// whole tables where an index leads to a few rows.
    pub const fn on_connect(self) -> &'static str {
        match self {
            Dialect::Sqlite => {
                "pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = full; \
                 pragma foreign_keys = on; pragma temp_store = memory; \
                 pragma cache_size = -16000; pragma wal_autocheckpoint = 10000"
            }
            Dialect::Postgres => {
                "select set_config(name, case name when 'jit' then 'off' else '1.1' end, false) from pg_settings \
                 where name in ('jit', 'random_page_cost') and source = 'default'"
            }
        }
    }

    /// Tells whether a connection may be gone when it is taken up again, so
    /// that it is worth a question first. A file does not hang up.
    pub const fn may_lose_connections(self) -> bool {
        match self {
            Dialect::Sqlite => false,
            Dialect::Postgres => true,
        }
    }

    /// How many connections serve reads.
    pub const fn read_connections(self) -> u32 {
        match self {
            Dialect::Sqlite => 4,
            Dialect::Postgres => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_the_file_or_the_host_and_never_the_password() {
        let file = Location::parse("sqlite:data/50%#1.db").unwrap();
        let host = Location::parse("postgres://whence:secret@db.example.org:5433/calls").unwrap();

        assert_eq!((file.place.as_str(), file.folder), ("data/50%#1.db", Some("data".into())));
        assert_eq!(file.url, "sqlite:data/50%25%231.db?mode=rwc");
        assert_eq!((host.place.as_str(), host.folder), ("db.example.org:5433/calls", None));
    }

    #[test]
    fn a_url_of_another_kind_is_refused() {
        for url in ["mysql://localhost/x", "data/whence.db", ""] {
            assert!(matches!(Location::parse(url), Err(OpenError::BadUrl)), "{url}");
        }
        for url in ["sqlite::memory:", "sqlite:", "sqlite://"] {
            assert!(matches!(Location::parse(url), Err(OpenError::InMemory)), "{url}");
        }
    }
}
