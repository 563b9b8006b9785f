//! What tells webhooks, as the settings say.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::config::{Config, WebhookConfig};
use crate::jobs::send_webhooks::{Courier, Secrets};
use crate::notify::webhook::{PATIENCE, Sender};
use crate::store::Store;
use crate::telemetry::Metrics;

pub(super) fn courier(config: &Config, store: &Store, clock: &Clock, metrics: &Metrics) -> Courier {
    Courier {
        store: store.clone(),
        clock: clock.clone(),
        sender: Sender::new(PATIENCE),
        metrics: metrics.clone(),
        source: config.http.public_url.as_str().into(),
        secrets: Arc::new(ArcSwap::from_pointee(secrets(config))),
    }
}

pub(super) fn secrets(config: &Config) -> Secrets {
    let secrets = |webhook: &WebhookConfig| [Some(webhook.secret.clone()), webhook.previous_secret.clone()];
    config.webhooks.iter().map(|it| (it.name.clone(), secrets(it).into_iter().flatten().collect())).collect()
}
