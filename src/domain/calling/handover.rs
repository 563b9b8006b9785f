//! How a line that answers is given the call: what it hears before the caller, whether it must
//! say by a key that somebody is there, and what it is asked once the caller is gone.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::destination::seconds;
use super::key::Key;
use super::prompt;
use crate::domain::ids::PromptId;
use crate::domain::tracking::origin::Origin;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Handover {
    /// What the line hears alone, one after the other, while the caller still hears it ring.
    pub whisper: Vec<PromptId>,
    /// The prompts that name campaigns and sources in it.
    #[serde(flatten)]
    pub names: Names,
    /// `None`: whoever answers has the call.
    pub accept: Option<Accept>,
    /// What it is asked once the caller has hung up; `None`: nothing.
    pub rating: Option<Rating>,
}

/// Prompts by the campaign or the source that they name, which is in lower case.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    #[serde(rename = "whisper_campaigns", skip_serializing_if = "BTreeMap::is_empty")]
    pub campaigns: BTreeMap<String, PromptId>,
    #[serde(rename = "whisper_sources", skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, PromptId>,
}

impl Names {
    /// That of the campaign, or else of the source.
    pub fn find(&self, origin: &Origin) -> Option<&PromptId> {
        let both = [(&self.campaigns, &origin.campaign), (&self.sources, &origin.source)];
        both.into_iter().find_map(|(prompts, name)| prompts.get(&name.as_ref()?.to_lowercase()))
    }

    pub fn prompts(&self) -> impl Iterator<Item = &PromptId> {
        self.campaigns.values().chain(self.sources.values())
    }
}

/// The key by which a line takes the call: a voicemail presses none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accept {
    pub key: Key,
    /// How long it is waited for once the whisper has been said.
    #[serde(rename = "within_s", with = "seconds")]
    pub within: Duration,
}

/// The line says by key what the call was ([`Qualification`](super::qualification::Qualification)).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rating {
    /// Tells the keys.
    pub prompt: PromptId,
    /// How long one is waited for once that has been said.
    #[serde(rename = "wait_s", with = "seconds")]
    pub wait: Duration,
}

impl Handover {
    /// Whether the line hears something before it has the call.
    pub fn whispers(&self) -> bool {
        !self.whisper.is_empty()
    }

    /// Whether it hears what the call comes from.
    pub fn names_origin(&self) -> bool {
        self.whisper.iter().any(|prompt| prompt::is_of_origin(prompt.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_is_named_before_its_source_in_whatever_case() {
        let names = Names {
            campaigns: [("spring-sale".to_owned(), "spring".parse().unwrap())].into(),
            sources: [("google".to_owned(), "of-google".parse().unwrap())].into(),
        };
        for (campaign, source, expected) in [
            (Some("Spring-Sale"), Some("google"), Some("spring")),
            (Some("other"), Some("google"), Some("of-google")),
            (None, Some("google"), Some("of-google")),
            (Some("spring-sale"), None, Some("spring")),
            (Some("other"), Some("bing"), None),
            (None, None, None),
        ] {
            let [campaign, source] = [campaign, source].map(|name| name.map(str::to_owned));
            let origin = Origin { channel: None, source, campaign };
            assert_eq!(names.find(&origin).map(PromptId::as_str), expected, "{origin:?}");
        }
    }
}
