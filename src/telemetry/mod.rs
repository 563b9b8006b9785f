//! What the gateway tells about itself: log lines for people, numbers for a monitor.

mod levels;
mod log;
mod mails;
mod media;
mod messages;
mod metrics;
mod recordings;
mod refused;
mod requests;
mod stopwatch;
mod trunks;
mod webhooks;

pub use levels::Fill;
pub use log::{Config, Format, Level, LogError, LogLevel, start_logging};
pub use media::MediaPackets;
pub use metrics::{METRICS_CONTENT_TYPE, Metrics};
pub use refused::Refused;
pub use stopwatch::Stopwatch;
