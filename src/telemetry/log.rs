//! Log lines for people: how many, and in which form.

use std::io::{self, IsTerminal};

pub use tracing::Level;
use tracing_subscriber::EnvFilter;

/// How much is logged, and in which form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    pub level: Level,
    pub format: Format,
}

impl Default for Config {
    fn default() -> Self {
        Self { level: Level::INFO, format: Format::Text }
    }
}

/// Whom a log line is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// People.
    Text,
    /// Machines: one JSON object a line.
    Json,
}

/// Why logging cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `RUST_LOG` holds no filter.
    #[error("the environment variable RUST_LOG is not a log filter: {0}")]
    Filter(String),
    /// Somebody set up logging before; it happens once a process.
    #[error("logging was started twice")]
    Twice,
}

/// Sends log lines to standard error from now on.
///
/// The level is that of our own lines; libraries speak from `warn` up. Whoever
/// wants it finer sets `RUST_LOG`, which then counts alone.
pub fn start_logging(config: &Config) -> Result<(), LogError> {
    let wanted = std::env::var("RUST_LOG").ok().filter(|directives| !directives.is_empty());
    let filter = filter(config.level, wanted.as_deref())?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match config.format {
        Format::Text => lines.with_ansi(io::stderr().is_terminal()).with_target(false).try_init(),
        Format::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|_| LogError::Twice)
}

fn filter(level: Level, rust_log: Option<&str>) -> Result<EnvFilter, LogError> {
    match rust_log {
        Some(directives) => {
            EnvFilter::try_new(directives).map_err(|cause| LogError::Filter(cause.to_string()))
        }
        None => Ok(EnvFilter::new(format!("warn,whence={level}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_quiet_unless_rust_log_asks_for_more() {
        assert_eq!(filter(Level::DEBUG, None).unwrap().to_string(), "whence=debug,warn");
        assert_eq!(filter(Level::INFO, Some("sqlx=trace")).unwrap().to_string(), "sqlx=trace");
        assert!(matches!(filter(Level::INFO, Some("whence=loud")), Err(LogError::Filter(_))));
    }
}
