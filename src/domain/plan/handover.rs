//! How the lines of a destination are given a call, as it is written: `whisper`, `accept` with
//! `accept_s`; and what they are asked after it: `rating` with `rating_s`.

use super::desk::Entry;
use super::draft::DraftDestination;
use super::problem::Fault;
use super::ring_plan::transposed;
use crate::domain::calling::handover::{Accept, Handover, Rating};
use crate::domain::calling::prompt;
use crate::domain::ids::PromptId;

/// How long a line may take to press its key, in seconds.
const ACCEPT_S: [u64; 2] = [1, 60];

/// How long a line may take to say what the call was, in seconds.
const RATING_S: [u64; 2] = [1, 60];

/// Checks it; what is wrong is noted.
pub(super) fn check(entry: &mut Entry<'_, '_>, draft: &DraftDestination) -> Option<Handover> {
    let whisper: Vec<Option<PromptId>> = draft.whisper.iter().map(|name| said(entry, name)).collect();
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
        accept: accept?,
        rating: transposed(rating)?,
    })
}

fn said(entry: &mut Entry<'_, '_>, name: &str) -> Option<PromptId> {
    if prompt::CHANNEL.contains(&name) {
        return name.parse().ok();
    }
    entry.reference("prompt", name)
}

pub(super) fn written(handover: &Handover, of: DraftDestination) -> DraftDestination {
    DraftDestination {
        whisper: handover.whisper.iter().map(ToString::to_string).collect(),
        accept: handover.accept.map(|accept| accept.key.into()),
        accept_s: handover.accept.map(|accept| accept.within.as_secs()),
        rating: handover.rating.as_ref().map(|rating| rating.prompt.to_string()),
        rating_s: handover.rating.as_ref().map(|rating| rating.wait.as_secs()),
        ..of
    }
}
