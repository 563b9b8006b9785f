//! How the lines of a destination are given a call, as it is written: `whisper` with
//! `whisper_campaigns` and `whisper_sources`, `accept` with `accept_s`; and what they are asked after it: `rating` with `rating_s`.

use std::collections::BTreeMap;

use super::desk::Entry;
use super::draft::DraftDestination;
use super::problem::Fault;
use super::ring_plan::transposed;
use crate::domain::calling::handover::{Accept, Handover, Names, Rating};
use crate::domain::calling::prompt;
use crate::domain::ids::PromptId;

/// How long a line may take to press its key, in seconds.
const ACCEPT_S: [u64; 2] = [1, 60];

/// How long a line may take to say what the call was, in seconds.
const RATING_S: [u64; 2] = [1, 60];

/// Checks it; what is wrong is noted.
pub(super) fn check(entry: &mut Entry<'_, '_>, draft: &DraftDestination) -> Option<Handover> {
    let whisper: Vec<Option<PromptId>> = draft.whisper.iter().map(|name| said(entry, name)).collect();
    let campaigns = names(entry, &draft.whisper_campaigns);
    let sources = names(entry, &draft.whisper_sources);
    let has_names = !draft.whisper_campaigns.is_empty() || !draft.whisper_sources.is_empty();
    if has_names && !draft.whisper.iter().any(|name| prompt::CAMPAIGN.contains(&name.as_str())) {
        entry.fault(Fault::NamesUnsaid);
    }
    let accept = match &draft.accept {
        Some(_) if draft.whisper.is_empty() => entry.note(Err(Fault::AcceptUntold)),
        Some(key) => {
            let key = entry.note(key.parse().map_err(|_| Fault::BadAcceptKey(key.clone())));
            let within = entry.seconds("accept_s", draft.accept_s.unwrap_or(10), ACCEPT_S);
            key.zip(within).map(|(key, within)| Some(Accept { key, within }))
        }
        None if draft.accept_s.is_some() => entry.note(Err(Fault::AcceptWithoutKey)),
        None => Some(None),
    };
    let rating = draft.rating.as_ref().map(|name| {
        let wait = entry.seconds("rating_s", draft.rating_s.unwrap_or(10), RATING_S);
        entry.reference("prompt", name).zip(wait).map(|(prompt, wait)| Rating { prompt, wait })
    });
    if draft.rating.is_none() && draft.rating_s.is_some() {
        entry.fault(Fault::RatingWithoutPrompt);
    }
    let is_spoken_to = !draft.whisper.is_empty() || draft.rating.is_some();
    if is_spoken_to && draft.media.as_deref() != Some("relayed") {
        entry.fault(Fault::WhisperPast);
    }
    Some(Handover {
        whisper: whisper.into_iter().collect::<Option<_>>()?,
        names: Names { campaigns: campaigns?, sources: sources? },
        accept: accept?,
        rating: transposed(rating)?,
    })
}

fn said(entry: &mut Entry<'_, '_>, name: &str) -> Option<PromptId> {
    if prompt::is_of_origin(name) {
        return name.parse().ok();
    }
    entry.reference("prompt", name)
}

/// What each campaign or source is named by; no case tells two of them apart.
fn names(entry: &mut Entry<'_, '_>, draft: &BTreeMap<String, String>) -> Option<BTreeMap<String, PromptId>> {
    let found: Vec<_> = draft
        .iter()
        .map(|(name, prompt)| Some((name.to_lowercase(), entry.reference("prompt", prompt)?)))
        .collect();
    found.into_iter().collect()
}

pub(super) fn written(handover: &Handover, of: DraftDestination) -> DraftDestination {
    DraftDestination {
        whisper: handover.whisper.iter().map(ToString::to_string).collect(),
        whisper_campaigns: named(&handover.names.campaigns),
        whisper_sources: named(&handover.names.sources),
        accept: handover.accept.map(|accept| accept.key.into()),
        accept_s: handover.accept.map(|accept| accept.within.as_secs()),
        rating: handover.rating.as_ref().map(|rating| rating.prompt.to_string()),
        rating_s: handover.rating.as_ref().map(|rating| rating.wait.as_secs()),
        ..of
    }
}

fn named(prompts: &BTreeMap<String, PromptId>) -> BTreeMap<String, String> {
    prompts.iter().map(|(name, prompt)| (name.clone(), prompt.to_string())).collect()
}
