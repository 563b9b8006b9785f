//! What the web faces ask and tell: may calls come, and how much was done.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::reload::Reloader;
use crate::domain::calling::stranger::Stranger;
use crate::domain::ids::{PromptId, WebhookId};
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::swap::Rule;
use crate::http::{PageCalled, Reloaded, TrunkSettings, Watch};
use crate::media::Media;
use crate::switchboard::page::PageCall;
use crate::switchboard::{Switchboard, TrunkView};
use crate::telemetry::Metrics;

pub struct Watcher {
    pub switchboard: Switchboard,
    pub media: Media,
    pub metrics: Metrics,
    pub reloader: Arc<Reloader>,
}

impl Watch for Watcher {
    fn not_ready(&self) -> Vec<&'static str> {
        self.switchboard.obstacles()
    }

    fn metrics(&self) -> String {
        self.metrics.render()
    }

    fn answered(&self, status: u16, took: Duration) {
        self.metrics.http_answered(status, took);
    }

    fn reload(&self) -> Pin<Box<dyn Future<Output = Result<Reloaded, String>> + Send + '_>> {
        Box::pin(self.reloader.reload())
    }

    fn strangers(&self) -> Pin<Box<dyn Future<Output = Vec<Stranger>> + Send + '_>> {
        Box::pin(self.switchboard.strangers())
    }

    fn trunks(&self) -> Pin<Box<dyn Future<Output = Vec<TrunkView>> + Send + '_>> {
        Box::pin(self.switchboard.trunks())
    }

    fn call_from_page(&self, call: PageCall) -> PageCalled<'_> {
        Box::pin(async { self.switchboard.call_from_page(call).await.ok() })
    }

    fn prompt(&self, id: &PromptId) -> Option<Vec<i16>> {
        self.media.prompts().find(id).map(|clip| clip.samples().to_vec())
    }

    fn signs(&self, webhook: &WebhookId) -> bool {
        self.reloader.signs(webhook)
    }

    fn trunk_settings(&self) -> Vec<TrunkSettings> {
        self.reloader.trunk_settings()
    }

    fn number_shown(&self, rule: Rule) {
        self.metrics.number_shown(rule.as_str());
    }

    fn number_refused(&self, why: Refusal) {
        self.metrics.number_refused(why.as_str());
    }
}
