//! What the gateway says to a leg of a call: to a caller on the way, to a line before it has the
//! call; and when that has been said.

use std::sync::{Arc, OnceLock};

use tracing::warn;

use super::Sound;
use super::passing::goes_past;
use crate::call::input::Input;
use crate::call::leg::LegId;
use crate::domain::calling::handover::Names;
use crate::domain::calling::prompt;
use crate::domain::calling::record::Arrived;
use crate::domain::ids::{CallId, PromptId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::origin::Origin;
use crate::media::prompts::Clip;
use crate::switchboard::Switchboard;

/// Where the call comes from, once it is known.
pub(in crate::switchboard) type KnownOrigin = Arc<OnceLock<Origin>>;

/// Asks where a call comes from while it rings; who answers sooner hears nothing of it.
pub(in crate::switchboard) fn learn_origin(board: &Switchboard, arrived: &Arrived) -> KnownOrigin {
    let known = KnownOrigin::default();
    let (found, arrived, ledger) = (Arc::clone(&known), arrived.clone(), board.inner.recorder.ledger());
    tokio::spawn(async move {
        match ledger.find_origin(&arrived).await {
            Ok(origin) => found.set(origin).unwrap_or_default(),
            Err(failure) => warn!(call.id = %arrived.call, error = &failure as &dyn std::error::Error,
                                  "no line hears where a call comes from"),
        }
    });
    known
}

impl Sound {
    /// Says a prompt to a caller who was answered for it; heard of when it has been said.
    pub(super) async fn says(&mut self, board: &Switchboard, prompt: &PromptId) -> Option<Input> {
        let leg = LegId::CALLER;
        // Who was not answered has been heard of as mute.
        self.relay.as_ref().filter(|relay| relay.is_spoken_to(leg))?;
        let Some(clip) = find(board, self.call, prompt) else { return Some(Input::Unsaid { leg }) };
        self.speaks(board, leg, &[clip]).await;
        None
    }

    /// Says these to a line that talks to nobody; heard of when they have been said.
    pub(super) async fn whispers(
        &mut self,
        board: &Switchboard,
        leg: LegId,
        said: &[PromptId],
        names: &Names,
    ) -> Option<Input> {
        let turned = match &mut self.relay {
            Some(relay) => relay.turns_to(leg).await,
            None => return Some(Input::Mute { leg }),
        };
        if let Err(why) = turned {
            goes_past(board, self.call, why);
            return Some(Input::Mute { leg });
        }
        let clips = said.iter().filter_map(|prompt| self.whispered(board, prompt, names));
        let clips: Vec<Arc<Clip>> = clips.collect();
        self.speaks(board, leg, &clips).await;
        None
    }

    /// What a whisper says in these words; a campaign without a name is its source or its channel, and
    /// a channel that is not known is left out.
    fn whispered(&self, board: &Switchboard, prompt: &PromptId, names: &Names) -> Option<Arc<Clip>> {
        if !prompt::is_of_origin(prompt.as_str()) {
            return find(board, self.call, prompt);
        }
        let origin = self.origin.get()?;
        let named = names.find(origin).filter(|_| prompt::CAMPAIGN.contains(&prompt.as_str()));
        let named = named.and_then(|named| find(board, self.call, named));
        named.or_else(|| find(board, self.call, &prompt::of_channel(prompt, origin.channel?)?))
    }

    async fn speaks(&mut self, board: &Switchboard, leg: LegId, clips: &[Arc<Clip>]) {
        if let Some(relay) = &self.relay {
            relay.speaks(leg, clips, false).await;
        }
        let said_at = board.inner.clock.now() + clips.iter().map(|clip| clip.length()).sum();
        self.is_not_told(leg);
        self.saying.push((leg, said_at));
    }

    /// Whatever this leg is being told is not waited for any more.
    pub(super) fn is_not_told(&mut self, leg: LegId) {
        self.saying.retain(|(told, _)| *told != leg);
    }

    /// Whoever has been told by now what they were to be told.
    pub(super) fn said(&mut self, now: Timestamp) -> Option<Input> {
        let at = self.saying.iter().position(|(_, said_at)| *said_at <= now)?;
        let (leg, _) = self.saying.swap_remove(at);
        Some(Input::Said { leg })
    }
}

/// A prompt by its name.
pub(super) fn find(board: &Switchboard, call: CallId, prompt: &PromptId) -> Option<Arc<Clip>> {
    let clip = board.inner.media.prompts().find(prompt);
    if clip.is_none() {
        warn!(call.id = %call, %prompt, "there is no such prompt");
    }
    clip
}
