//! What the gateway can say: the prompts that come along, and tones.
//!
//! A prompt is kept as samples and put in the encoding of whoever hears it, once for each.

mod clip;
mod tones;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

pub use clip::{Clip, Voice};
pub use tones::{beep, ringback};

use super::codec::{Codec, Decoder, RATE};
use crate::domain::calling::prompt;
use crate::domain::ids::PromptId;

/// The prompts that come along (voices/README.md has their words and their licence).
macro_rules! voices {
    ($($name:literal)*) => {
        &[$(
            (concat!("fr-", $name), include_bytes!(concat!("voices/fr-", $name, ".al"))),
            (concat!("en-", $name), include_bytes!(concat!("voices/en-", $name, ".al"))),
        )*]
    };
}

/// Those that a plan may say …
const VOICES: &[(&str, &[u8])] = voices! {
    "welcome" "closed" "busy" "recording" "not-recorded" "voicemail" "again" "goodbye" "accept" "rating"
};

/// … and those of which a call's channel chooses one.
const CHANNELS: &[(&str, &[u8])] = voices! {
    "channel-direct" "channel-cross-network" "channel-paid-shopping" "channel-paid-search"
    "channel-paid-social" "channel-paid-video" "channel-display" "channel-paid-other"
    "channel-organic-shopping" "channel-organic-social" "channel-organic-video" "channel-organic-search"
    "channel-referral" "channel-email" "channel-affiliates" "channel-audio" "channel-sms"
    "channel-mobile-push-notifications" "channel-ai-assistant" "channel-unassigned" "channel-offline"
};

static BUILT_IN: LazyLock<HashMap<PromptId, Arc<Clip>>> = LazyLock::new(|| {
    let clip = |bytes: &[u8]| Clip::new(Decoder::new(Codec::Pcma).decode(bytes).unwrap_or_default());
    let voices = VOICES.iter().chain(CHANNELS);
    voices.filter_map(|(name, bytes)| Some((name.parse().ok()?, Arc::new(clip(bytes))))).collect()
});

/// The prompts that can be said: those that come along, and those that an admin brought.
#[derive(Default)]
pub struct Prompts(RwLock<HashMap<PromptId, Arc<Clip>>>);

impl Prompts {
    /// The prompt of this name.
    pub fn find(&self, id: &PromptId) -> Option<Arc<Clip>> {
        let brought = self.0.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        brought.or_else(|| BUILT_IN.get(id).cloned())
    }

    /// An admin has brought a prompt, or, without samples, taken it back. Whoever hears it hears it out.
    pub fn change(&self, id: &PromptId, samples: Option<Vec<i16>>) {
        let mut brought = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match samples {
            Some(samples) => brought.insert(id.clone(), Arc::new(Clip::new(samples))),
            None => brought.remove(id),
        };
    }
}

/// The prompts that come along, by name, in A-law.
#[cfg(test)]
pub(super) fn built_in() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    VOICES.iter().chain(CHANNELS).copied()
}

const _: () = assert!(prompt::RATE == RATE);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::calling::prompt;
    use crate::domain::tracking::channels::Channel;
    use crate::media::codec::FRAME;

    #[test]
    fn what_comes_along_can_be_heard_in_each_encoding() {
        for id in BUILT_IN.keys() {
            let clip = Prompts::default().find(id).unwrap();
            let length = clip.length();
            assert!((Duration::from_secs(1)..Duration::from_secs(8)).contains(&length), "{id}: {length:?}");
            let voice = clip.voice(Codec::Pcma);
            assert_eq!(voice.frames.len() as u128, length.as_millis() / 20, "{id}");
        }
    }

    #[test]
    fn the_names_that_a_plan_may_say_are_those_that_come_along() {
        let mut names: Vec<&str> = VOICES.iter().map(|(name, _)| *name).collect();
        let mut declared = prompt::BUILT_IN;
        names.sort_unstable();
        declared.sort_unstable();

        assert_eq!(names, declared);
    }

    #[test]
    fn what_an_admin_brings_is_said_until_it_is_taken_back() {
        let prompts = Prompts::default();
        let (own, another) = ("own".parse().unwrap(), "another".parse().unwrap());

        prompts.change(&own, Some(vec![1; FRAME]));
        let heard = prompts.find(&own).unwrap();
        prompts.change(&own, Some(vec![1; 2 * FRAME]));
        assert_eq!(prompts.find(&own).unwrap().length(), Duration::from_millis(40));
        prompts.change(&own, None);

        assert!(prompts.find(&own).is_none() && prompts.find(&another).is_none());
        assert_eq!(heard.length(), Duration::from_millis(20));
    }

    #[test]
    fn each_channel_can_be_said_in_both_languages() {
        let prompts = Prompts::default();
        for language in prompt::CHANNEL {
            for &channel in Channel::ALL {
                let said = prompt::of_channel(&language.parse().unwrap(), channel).unwrap();
                assert!(prompts.find(&said).is_some(), "{said}");
            }
        }
    }

    #[test]
    fn silence_stays_silent_and_a_tone_is_a_tone() {
        let pcma = Clip::new(vec![0; FRAME]).voice(Codec::Pcma);
        assert!(pcma.frames[0].iter().all(|byte| byte & 0x7f == 0x55), "{:?}", pcma.frames[0]);

        let tone = ringback().voice(Codec::Pcma);
        let loud = tone.frames.iter().map(|frame| frame.iter().any(|byte| byte & 0x7f != 0x55));
        let loud: Vec<bool> = loud.collect();
        assert!(loud[..74].iter().all(|loud| *loud) && !loud[76..].contains(&true));
    }

    #[test]
    fn a_voice_is_made_once_for_each_encoding() {
        let clip = ringback();

        assert!(Arc::ptr_eq(&clip.voice(Codec::Pcmu), &clip.voice(Codec::Pcmu)));
        assert_eq!([Codec::Pcmu, Codec::Opus].map(|codec| clip.voice(codec).step), [160, 960]);
    }
}
