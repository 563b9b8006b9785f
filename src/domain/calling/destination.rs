//! A destination: where a call is carried, and what rings there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::handover::Handover;
use super::outcome::words;
use super::prompt::{Menu, Voicemail};
use super::routing::Target;
use super::schedule::Schedule;
use crate::domain::ids::{DestinationId, OutletId, PromptId};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Destination {
    pub id: DestinationId,
    pub outlet: OutletId,
    pub name: String,
    pub ring_plan: RingPlan,
    pub media: MediaPath,
}

/// Which way the media of calls take that may ring here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaPath {
    /// From one side to the other, past us.
    #[default]
    Past,
    /// Through the gateway.
    Relayed,
}

words! { MediaPath:
    Past = "past",
    Relayed = "relayed",
}

/// Who rings when, and what happens instead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RingPlan {
    pub strategy: Strategy,
    pub steps: Vec<RingStep>,
    /// `None`: always open.
    #[serde(default)]
    pub hours: Option<Schedule>,
    /// Where calls go outside the hours; `None`: they are refused.
    #[serde(default)]
    pub outside: Option<DestinationId>,
    /// A call above this many goes to the fallback, or hears busy.
    #[serde(default)]
    pub calls_at_once: Option<u32>,
    /// Where a call goes when all are busy or nobody answers.
    #[serde(default)]
    pub fallback: Option<DestinationId>,
    /// What callers hear while lines ring, again and again, in the place of a tone; also where this
    /// leads, unless something else is said there. They are answered for it.
    #[serde(default)]
    pub music: Option<PromptId>,
    /// How its own lines are given a call.
    #[serde(default)]
    pub handover: Handover,
}

/// In which order the steps ring.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// One after the other, as they are written.
    Order,
    /// All at once.
    All,
    /// One after the other; each call begins one further.
    RoundRobin,
    /// One after the other; each begins as often as its weight says.
    Weighted,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RingStep {
    #[serde(flatten)]
    pub to: StepTo,
    #[serde(rename = "ring_s", with = "seconds")]
    pub ring: Duration,
    #[serde(default = "one")]
    pub weight: u32,
    /// As that of the plan, for this step.
    #[serde(default)]
    pub music: Option<PromptId>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepTo {
    Target(Target),
    /// All of another destination: its hours, its steps, its fallback.
    Destination(DestinationId),
    /// The caller is told something; then the plan goes on.
    Say(PromptId),
    /// The caller chooses by a key; who does not goes on in the plan.
    Menu(Menu),
    /// Whom nobody takes may leave a message; nothing comes after it.
    Voicemail(Voicemail),
}

impl RingPlan {
    /// One line, rung once.
    pub fn of_line(uri: String, ring: Duration) -> Self {
        let step = RingStep { to: StepTo::Target(Target::Uri(uri)), ring, weight: one(), music: None };
        Self {
            strategy: Strategy::Order,
            steps: vec![step],
            hours: None,
            outside: None,
            calls_at_once: None,
            fallback: None,
            music: None,
            handover: Handover::default(),
        }
    }

    /// Whether consoles ring here, in one of its own steps.
    pub fn rings_consoles(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.to, StepTo::Target(Target::Console)))
    }

    /// The destinations that a call may go on to.
    pub fn leads_to(&self) -> impl Iterator<Item = &DestinationId> {
        let steps = self.steps.iter().flat_map(|step| match &step.to {
            StepTo::Destination(id) => vec![id],
            StepTo::Menu(menu) => menu.keys.values().collect(),
            StepTo::Target(_) | StepTo::Say(_) | StepTo::Voicemail(_) => vec![],
        });
        steps.chain(&self.outside).chain(&self.fallback)
    }

    /// The prompts that a call or a line may hear.
    pub fn prompts(&self) -> impl Iterator<Item = &PromptId> {
        let said = self.steps.iter().flat_map(|step| match &step.to {
            StepTo::Target(_) | StepTo::Destination(_) => vec![],
            StepTo::Say(prompt) => vec![prompt],
            StepTo::Menu(menu) => [&menu.prompt].into_iter().chain(&menu.again).collect(),
            StepTo::Voicemail(voicemail) => vec![&voicemail.prompt],
        });
        let music = self.steps.iter().filter_map(|step| step.music.as_ref()).chain(&self.music);
        let asked = self.handover.rating.iter().map(|rating| &rating.prompt);
        said.chain(music).chain(&self.handover.whisper).chain(self.handover.names.prompts()).chain(asked)
    }
}

const fn one() -> u32 {
    1
}

pub(super) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(span.as_secs())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}
