//! What a plan says of people's data: what it is used for, and who answers for it.

use serde::{Deserialize, Serialize};
use url::Url;

use super::desk::Desk;
use super::diff::{Facts, Thing};
use super::draft::differing;
use super::problem::Fault;
use crate::domain::people::consent::Channel;
use crate::domain::people::email::Email;
use crate::domain::people::purpose::{Controller, Kind, Purpose};
use crate::domain::people::rules::REACHING;

/// What a purpose may be pursued by, in words.
const CHANNELS: &str = "phone, sms, email, post, push, web_tracking or call_recording";

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftPurpose {
    pub id: String,
    /// `prospecting` or `service`; without it `prospecting`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// As people read it, in English and in French.
    pub name_en: String,
    pub name_fr: String,
    /// By what it is pursued; without it all channels by which people are reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftController {
    pub id: String,
    pub name: String,
    pub address: String,
    pub email: String,
    pub policy_url: Option<String>,
}

pub(super) fn purpose<'d>(desk: &mut Desk<'d>, draft: &'d DraftPurpose) -> Option<Purpose> {
    let mut entry = desk.entry("purposes", &draft.id);
    let id = entry.id();
    let (name_en, name_fr) = (entry.text("name_en", &draft.name_en), entry.text("name_fr", &draft.name_fr));
    let kind = entry.note(draft.kind.as_deref().map_or(Ok(Kind::default()), |word| {
        word.parse().map_err(|_| Fault::BadAction { key: "kind", word: word.to_owned(), known: Kind::WORDS })
    }));
    let mut channels: Vec<Channel> = Vec::new();
    for word in &draft.channels {
        let unknown = Fault::BadAction { key: "channels", word: word.clone(), known: CHANNELS };
        channels.extend(entry.note(word.parse::<Channel>().map_err(|_| unknown)));
    }
    channels.sort_unstable();
    channels.dedup();
    if draft.channels.is_empty() {
        channels = REACHING.to_vec();
    }
    Some(Purpose { id: id?, kind: kind?, name_en: name_en?, name_fr: name_fr?, channels })
}

pub(super) fn controller<'d>(desk: &mut Desk<'d>, draft: &'d DraftController) -> Option<Controller> {
    let mut entry = desk.entry("controllers", &draft.id);
    let id = entry.id();
    let (name, address) = (entry.text("name", &draft.name), entry.text("address", &draft.address));
    let email = draft.email.parse::<Email>().map_err(|_| Fault::BadEmail(draft.email.clone()));
    let email = entry.note(email);
    let policy_url = draft.policy_url.clone();
    if let Some(url) = policy_url.as_ref().filter(|url| !is_page(url)) {
        entry.fault(Fault::BadPolicyUrl(url.clone()));
    }
    let email = email?.reveal().to_owned();
    Some(Controller { id: id?, name: name?, address: address?, email, policy_url })
}

fn is_page(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

impl From<&Purpose> for DraftPurpose {
    fn from(purpose: &Purpose) -> Self {
        let Purpose { id, kind, name_en, name_fr, channels } = purpose.clone();
        let kind = differing(kind, Kind::default()).map(|kind| kind.to_string());
        let channels = differing(channels, REACHING.to_vec()).unwrap_or_default();
        let channels = channels.iter().map(Channel::to_string).collect();
        Self { id: id.to_string(), kind, name_en, name_fr, channels }
    }
}

impl From<&Controller> for DraftController {
    fn from(controller: &Controller) -> Self {
        let Controller { id, name, address, email, policy_url } = controller.clone();
        Self { id: id.to_string(), name, address, email, policy_url }
    }
}

pub(super) fn purpose_facts(purpose: &Purpose) -> (Thing, Facts) {
    let Purpose { id, kind, name_en, name_fr, channels } = purpose.clone();
    let channels: Vec<&str> = channels.into_iter().map(Channel::as_str).collect();
    let facts = vec![
        ("kind", kind.to_string()),
        ("name_en", name_en),
        ("name_fr", name_fr),
        ("channels", channels.join(", ")),
    ];
    (Thing::Purpose(id), facts)
}

pub(super) fn controller_facts(controller: &Controller) -> (Thing, Facts) {
    let Controller { id, name, address, email, policy_url } = controller.clone();
    let facts = vec![
        ("name", name),
        ("address", address),
        ("email", email),
        ("policy_url", policy_url.unwrap_or_default()),
    ];
    (Thing::Controller(id), facts)
}
