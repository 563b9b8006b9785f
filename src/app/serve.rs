//! `whence serve`: runs until it is told to stop.

use axum::Router;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use super::Gateway;
use super::run::{Failed, settings};
use crate::cli::Settings;
use crate::clock::Clock;
use crate::telemetry::start_logging;

pub(super) async fn serve(from: &Settings) -> Result<(), Failed> {
    let config = settings(from)?;
    start_logging(&config.log).map_err(Failed::start)?;
    let gateway = Gateway::start(&config, Clock::system(), Router::new()).await.map_err(Failed::start)?;
    until_stopped(gateway).await
}

/// The first signal lets the calls end, the second ends them.
pub(super) async fn until_stopped(gateway: Gateway) -> Result<(), Failed> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failed::tried)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::tried)?;
    let mut told = async || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    told().await;
    info!("stopping: no new calls; a second signal ends the current ones");
    gateway.stop(told()).await;
    Ok(())
}
