//! `whence serve`: runs until it is told to stop.

use axum::Router;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use super::run::{Failed, settings};
use super::{Gateway, Source};
use crate::cli::Settings;
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry::start_logging;

pub(super) async fn serve(from: &Settings) -> Result<(), Failed> {
    let config = settings(from)?;
    let log = start_logging(&config.log).map_err(Failed::start)?;
    let file = from.config.clone();
    let source: Source = Box::new(move || Config::load(file.as_deref(), std::env::vars_os()));
    let gateway = Gateway::start_from(Some(source), Some(log), &config, Clock::system(), Router::new());
    let gateway = gateway.await.map_err(Failed::start)?;
    until_stopped(gateway).await
}

/// SIGHUP reads the settings again; the first signal to stop lets the calls
/// end, the second ends them.
pub(super) async fn until_stopped(gateway: Gateway) -> Result<(), Failed> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failed::tried)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::tried)?;
    let mut told = async || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let mut hang_up = signal(SignalKind::hangup()).map_err(Failed::tried)?;
    loop {
        tokio::select! {
            () = told() => break,
            // What became of it stands in the log, where whoever sent the signal looks.
            _ = hang_up.recv() => drop(gateway.reload().await),
        }
    }
    info!("stopping: no new calls; a second signal ends the current ones");
    gateway.stop(told()).await;
    Ok(())
}
