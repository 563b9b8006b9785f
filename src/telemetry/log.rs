//! Log lines for people: how many, and in which form.

use std::io::{self, IsTerminal};
use std::sync::Arc;

pub use tracing::Level;
use tracing_subscriber::{EnvFilter, reload};

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
pub fn start_logging(config: &Config) -> Result<LogLevel, LogError> {
    let wanted = std::env::var("RUST_LOG").ok().filter(|directives| !directives.is_empty());
    let filter = filter(config.level, wanted.as_deref())?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let (started, follow) = match config.format {
        Format::Text => {
            let lines =
                lines.with_ansi(io::stderr().is_terminal()).with_target(false).with_filter_reloading();
            let handle = lines.reload_handle();
            (lines.try_init(), follower(handle))
        }
        Format::Json => {
            let lines = lines.json().flatten_event(true).with_filter_reloading();
            let handle = lines.reload_handle();
            (lines.try_init(), follower(handle))
        }
    };
    started.map_err(|_| LogError::Twice)?;
    // `RUST_LOG` counts alone, also later.
    Ok(LogLevel(if wanted.is_none() { follow } else { Arc::new(|_| {}) }))
}

type Follow = Arc<dyn Fn(Level) + Send + Sync>;

fn follower<S: 'static>(handle: reload::Handle<EnvFilter, S>) -> Follow {
    Arc::new(move |level| {
        // It fails when the log is gone, and then nobody reads it.
        let _ = handle.reload(EnvFilter::new(directives(level)));
    })
}

/// Changes how much is logged; cheap to clone.
#[derive(Clone)]
pub struct LogLevel(Follow);

impl LogLevel {
    pub fn set(&self, level: Level) {
        (self.0)(level);
    }
}

fn directives(level: Level) -> String {
    format!("warn,whence={level}")
}

fn filter(level: Level, rust_log: Option<&str>) -> Result<EnvFilter, LogError> {
    match rust_log {
        Some(directives) => {
            EnvFilter::try_new(directives).map_err(|cause| LogError::Filter(cause.to_string()))
        }
        None => Ok(EnvFilter::new(directives(level))),
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
