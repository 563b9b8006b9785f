//! `whence serve`: runs until it is told to stop.

use axum::Router;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::info;

use super::run::{Failed, settings};
use super::{Gateway, Source};
use crate::cli::Settings;
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry::start_logging;

pub(super) async fn serve(from: &Settings) -> Result<(), Failed> {
    let signals = Signals::listen()?;
    let config = settings(from)?;
    let log = start_logging(&config.log).map_err(Failed::start)?;
    let file = from.config.clone();
    let source: Source = Box::new(move || Config::load(file.as_deref(), std::env::vars_os()));
    let gateway = Gateway::start_from(Some(source), Some(log), &config, Clock::system(), Router::new());
    signals.steer(async { gateway.await.map_err(Failed::start) }).await
}

/// What a service manager and a terminal say to a gateway. Listened for before
/// it starts: from then on a signal never ends the process unasked.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    pub(super) fn listen() -> Result<Self, Failed> {
        let listen = |kind| signal(kind).map_err(Failed::tried);
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// SIGHUP reads the settings again; the first signal to stop lets the calls
    /// end, the second ends them. While it starts there are none.
    pub(super) async fn steer(
        mut self,
        start: impl Future<Output = Result<Gateway, Failed>>,
    ) -> Result<(), Failed> {
        let gateway = tokio::select! {
            started = start => started?,
            () = self.stops() => return Ok(()),
        };
        loop {
            tokio::select! {
                _ = self.terminate.recv() => break,
                _ = self.interrupt.recv() => break,
                // What became of it stands in the log, where whoever sent the signal looks.
                _ = self.hang_up.recv() => drop(gateway.reload().await),
            }
        }
        info!("stopping: no new calls; a second signal ends the current ones");
        gateway.stop(self.stops()).await;
        Ok(())
    }

    async fn stops(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
