//! Reads the settings again while calls are up: what can change does, the rest
//! is named, and a mistake changes nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use super::run::with_causes;
use super::{outward, sip_config, switchboard_config, webhooks};
use crate::config::{Config, ConfigError};
use crate::domain::calling::ladder::Ladder;
use crate::domain::ids::WebhookId;
use crate::http::{Reloaded, TrunkSettings};
use crate::jobs::send_webhooks::Secrets;
use crate::sip::SipHandle;
use crate::sip::transport::tls::Tls;
use crate::switchboard::Switchboard;
use crate::telemetry::LogLevel;

/// Where settings come from, asked anew each time.
pub type Source = Box<dyn Fn() -> Result<Config, ConfigError> + Send + Sync>;

/// The parts that take new settings.
pub(super) struct Parts {
    pub sip: SipHandle,
    pub tls: Tls,
    pub switchboard: Switchboard,
    pub ladders: mpsc::Sender<Ladder>,
    pub ladder_days: watch::Sender<u32>,
    pub webhook_secrets: Arc<ArcSwap<Secrets>>,
    pub log: Option<LogLevel>,
}

pub struct Reloader {
    source: Option<Source>,
    /// What needs a restart is still as it was then.
    started: Config,
    now: Mutex<Arc<Config>>,
    /// One at a time, so that what ran last is what was read last.
    turn: tokio::sync::Mutex<()>,
    parts: Parts,
}

/// A setting, how to see that it differs, and whether it can change while calls are up.
type Setting = (&'static str, fn(&Config, &Config) -> bool, bool);

const LIVE: bool = true;
const AT_START: bool = false;

/// Every setting there is.
const SETTINGS: &[Setting] = &[
    ("trunks", |a, b| a.trunks != b.trunks, LIVE),
    ("[sip] user_agent", |a, b| a.sip.user_agent != b.sip.user_agent, LIVE),
    ("[sip] tls_…", |a, b| a.sip.tls != b.sip.tls, LIVE),
    ("[sip] realm", |a, b| a.sip.realm != b.sip.realm, LIVE),
    ("[strangers]", |a, b| a.strangers != b.strangers, LIVE),
    ("[sip] hop_timeout_ms", |a, b| a.sip.hop_timeout != b.sip.hop_timeout, LIVE),
    ("[sip] session_s", |a, b| a.sip.session != b.sip.session, LIVE),
    ("[calls] limit", |a, b| a.calls.limit != b.calls.limit, LIVE),
    ("[calls] per_second", |a, b| a.calls.per_second != b.calls.per_second, LIVE),
    ("[calls] cpu_percent", |a, b| a.calls.cpu_percent != b.calls.cpu_percent, LIVE),
    ("[calls] max_ring_s", |a, b| a.calls.max_ring != b.calls.max_ring, LIVE),
    ("[calls] max_duration_s", |a, b| a.calls.max_duration != b.calls.max_duration, LIVE),
    ("[calls] drain_s", |a, b| a.calls.drain != b.calls.drain, LIVE),
    ("[calls] ladder_days", |a, b| a.calls.ladder_days != b.calls.ladder_days, LIVE),
    ("[imports]", |a, b| a.imports != b.imports, AT_START),
    ("[audit] days", |a, b| a.audit.days != b.audit.days, AT_START),
    ("[log] level", |a, b| a.log.level != b.log.level, LIVE),
    ("node", |a, b| a.node != b.node, AT_START),
    ("[http]", |a, b| a.http != b.http, AT_START),
    ("[sip] listen", |a, b| a.sip.listen != b.sip.listen, AT_START),
    ("[identity]", |a, b| a.identity != b.identity, AT_START),
    ("[sip] advertised", |a, b| a.sip.advertised != b.sip.advertised, AT_START),
    ("[media]", |a, b| a.media != b.media, AT_START),
    ("[vault]", |a, b| a.vault != b.vault, AT_START),
    ("[mail]", |a, b| a.mail != b.mail, AT_START),
    ("[oidc]", |a, b| a.oidc != b.oidc, AT_START),
    ("[consent]", |a, b| a.consent != b.consent, AT_START),
    ("[quality]", |a, b| a.quality != b.quality, AT_START),
    ("[webhook]", |a, b| a.webhooks != b.webhooks, LIVE),
    ("[sip] web_origins", |a, b| a.sip.web_origins != b.sip.web_origins, AT_START),
    ("[sip] dns", |a, b| a.sip.dns != b.sip.dns, AT_START),
    ("[calls] spool", |a, b| a.calls.spool != b.calls.spool, AT_START),
    ("[database] url", |a, b| a.database != b.database, AT_START),
    ("[log] format", |a, b| a.log.format != b.log.format, AT_START),
];

impl Reloader {
    pub(super) fn new(source: Option<Source>, now: Config, parts: Parts) -> Self {
        let started = now.clone();
        Self { source, started, now: Mutex::new(Arc::new(now)), turn: tokio::sync::Mutex::default(), parts }
    }

    /// How long calls may go on when the gateway stops.
    pub fn drain(&self) -> Duration {
        self.now().calls.drain
    }

    /// Whether the settings have a secret for a webhook.
    pub fn signs(&self, webhook: &WebhookId) -> bool {
        self.parts.webhook_secrets.load().contains_key(webhook)
    }

    /// The trunks, without what is secret.
    pub fn trunk_settings(&self) -> Vec<TrunkSettings> {
        outward::trunk_settings(&self.now())
    }

    /// Says in a sentence why nothing has changed, if nothing has.
    pub async fn reload(&self) -> Result<Reloaded, String> {
        let Some(source) = &self.source else {
            return Err("this gateway was started without settings that could be read again".to_owned());
        };
        let _turn = self.turn.lock().await;
        let new = match source() {
            Ok(new) => new,
            Err(mistake) => {
                warn!("the settings are not taken over: {mistake}");
                return Err(mistake.to_string());
            }
        };
        // Its files may hold a mistake of their own; unchanged names are read again, too.
        if let Err(mistake) = self.parts.tls.change(new.sip.tls.clone()) {
            let mistake = with_causes(&mistake);
            warn!("the settings are not taken over: {mistake}");
            return Err(mistake);
        }
        let reloaded = compared(&self.started, &self.now(), &new);
        self.apply(&new).await;
        info!("settings read again; {}", reloaded.summary);
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(reloaded)
    }

    async fn apply(&self, new: &Config) {
        let Parts { sip, switchboard, ladders, ladder_days, webhook_secrets, log, .. } = &self.parts;
        webhook_secrets.store(Arc::new(webhooks::secrets(new)));
        switchboard.change(switchboard_config(&Config { node: self.started.node.clone(), ..new.clone() }));
        sip.change(sip_config(new, ladders.clone()).changeable()).await;
        ladder_days.send_if_modified(|days| {
            let is_new = *days != new.calls.ladder_days;
            *days = new.calls.ladder_days;
            is_new
        });
        if let Some(log) = log {
            log.set(new.log.level);
        }
    }

    fn now(&self) -> Arc<Config> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What differs, and what becomes of it. What waits for a restart is named
/// each time until then.
fn compared(started: &Config, now: &Config, new: &Config) -> Reloaded {
    let differing = |live: bool, old: &Config| {
        let differs = |setting: &&Setting| setting.2 == live && setting.1(old, new);
        SETTINGS.iter().filter(differs).map(|setting| setting.0).collect::<Vec<_>>()
    };
    let (changed, needs_restart) = (differing(LIVE, now), differing(AT_START, started));
    let mut summary = match changed.as_slice() {
        [] => "nothing has changed".to_owned(),
        changed => format!("changed: {}", changed.join(", ")),
    };
    if !needs_restart.is_empty() {
        summary = format!("{summary}; after a restart: {}", needs_restart.join(", "));
    }
    Reloaded { changed, needs_restart, summary }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever adds a key says here whether it can change while calls are up.
    #[test]
    fn no_key_of_the_settings_is_forgotten() {
        let mut section = String::new();
        for line in include_str!("../../config/whence.toml").lines() {
            let line = line.trim_start_matches('#');
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_matches(['[', ']']).to_owned();
            }
            let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.contains(' ')) else {
                continue;
            };
            let place = if section.is_empty() { key.to_owned() } else { format!("[{section}] {key}") };
            let is_it = |name: &str| match name.strip_suffix('…') {
                Some(beginning) => place.starts_with(beginning),
                None => {
                    name == place
                        || name == format!("[{section}]")
                        || (name == "trunks" && section == "trunk")
                }
            };
            assert!(SETTINGS.iter().any(|setting| is_it(setting.0)), "{place} has no row in SETTINGS");
        }
    }

    #[test]
    fn what_can_change_is_told_apart_from_what_needs_a_restart() {
        let old = Config::default();
        let mut new = old.clone();
        assert_eq!(compared(&old, &old, &new).summary, "nothing has changed");

        new.calls.limit = 7;
        new.log.level = crate::telemetry::Level::DEBUG;
        new.database.url = "sqlite:elsewhere.db".into();

        let told = compared(&old, &old, &new);
        assert_eq!(told.changed, ["[calls] limit", "[log] level"]);
        assert_eq!(told.needs_restart, ["[database] url"]);
        assert_eq!(told.summary, "changed: [calls] limit, [log] level; after a restart: [database] url");
        let again = compared(&old, &new, &new);
        assert_eq!(again.summary, "nothing has changed; after a restart: [database] url");
    }
}
