//! What a plan says of webhooks: `[[webhooks]]`, whom what happens is told.
//!
//! What they are signed with stands in the settings: a plan is handed about.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::desk::Desk;
use super::diff::{Facts, Thing};
use super::draft::differing;
use super::problem::Fault;
use crate::domain::internet::is_public;
use crate::domain::webhook::event::Kind;
use crate::domain::webhook::{Pattern, Webhook};

const URL_MAX: usize = 2_048;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftWebhook {
    pub id: String,
    pub url: String,
    /// `call.ended`, `contact.*` …
    pub events: Vec<String>,
    /// Without it yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Without it no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
}

pub(super) fn webhook<'d>(desk: &mut Desk<'d>, draft: &'d DraftWebhook) -> Option<Webhook> {
    let mut entry = desk.entry("webhooks", &draft.id);
    let id = entry.id();
    let private = draft.private.unwrap_or_default();
    let url = entry.note(address(&draft.url, private).ok_or_else(|| Fault::BadWebhook(draft.url.clone())));
    if draft.events.is_empty() {
        entry.fault(Fault::Empty("events"));
    }
    let mut events: Vec<Pattern> = Vec::new();
    for text in &draft.events {
        let unknown = || Fault::NoEvent { name: text.clone(), known: known() };
        events.extend(entry.note(text.parse().map_err(|_| unknown())));
    }
    Some(Webhook { id: id?, url: url?, events, enabled: draft.enabled.unwrap_or(true), private })
}

/// As it is sent to: on the internet and encrypted, unless it is `private`.
fn address(text: &str, private: bool) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| url.as_str().len() <= URL_MAX)?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let is_safe = url.scheme() == "https" || (private && url.scheme() == "http");
    let leads_out = match url.host()? {
        Host::Domain(_) => true,
        Host::Ipv4(v4) => is_public(IpAddr::V4(v4)),
        Host::Ipv6(v6) => is_public(IpAddr::V6(v6)),
    };
    (is_plain && is_safe && (leads_out || private)).then(|| url.into())
}

fn known() -> String {
    let kinds = Kind::ALL.iter().filter(|kind| **kind != Kind::Test);
    kinds.map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

impl From<&Webhook> for DraftWebhook {
    fn from(it: &Webhook) -> Self {
        Self {
            id: it.id.to_string(),
            url: it.url.clone(),
            events: it.events.iter().map(ToString::to_string).collect(),
            enabled: differing(it.enabled, true),
            private: differing(it.private, false),
        }
    }
}

pub(super) fn facts(it: &Webhook) -> (Thing, Facts) {
    let draft = DraftWebhook::from(it);
    let facts = vec![
        ("url", draft.url),
        ("events", draft.events.join(" ")),
        ("enabled", it.enabled.to_string()),
        ("private", it.private.to_string()),
    ];
    (Thing::Webhook(it.id.clone()), facts)
}
