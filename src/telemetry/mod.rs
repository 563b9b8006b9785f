//! What the gateway tells about itself: log lines for people, numbers for a monitor.

mod log;
mod metrics;

pub use log::{Config, Format, Level, LogError, LogLevel, start_logging};
pub use metrics::{METRICS_CONTENT_TYPE, Metrics};
