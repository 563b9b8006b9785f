//! The steps of a ring plan that say something instead of ringing, as they are
//! written, checked, and written again.

use super::desk::Entry;
use super::problem::Fault;
use super::ring_plan::{DraftStep, transposed};
use crate::domain::calling::destination::StepTo;
use crate::domain::calling::key::{Key, REFUSAL};
use crate::domain::calling::prompt::{Menu, Voicemail};
use crate::domain::calling::recording::{KEEP_DAYS, KEEP_DAYS_MAX};

impl DraftStep {
    /// It says something instead of ringing.
    pub(super) fn is_spoken(&self) -> bool {
        self.said().next().is_some()
    }

    /// What it says; one thing at the most.
    pub(super) fn said(&self) -> impl Iterator<Item = &String> {
        [&self.say, &self.menu, &self.voicemail].into_iter().flatten()
    }
}

/// What goes with one kind of step alone.
pub(super) fn check_extras(entry: &mut Entry, draft: &DraftStep) {
    if draft.is_spoken() && (draft.ring_s.is_some() || draft.weight.is_some() || draft.music.is_some()) {
        entry.fault(Fault::SaidNotRung);
    }
    let extras =
        !draft.keys.is_empty() || draft.wait_s.is_some() || draft.tries.is_some() || draft.again.is_some();
    if draft.menu.is_none() && extras {
        entry.fault(Fault::KeysWithoutMenu);
    }
    if draft.voicemail.is_none() && (draft.longest_s.is_some() || draft.keep_days.is_some()) {
        entry.fault(Fault::MessageWithoutVoicemail);
    }
}

/// `name`: the prompt that the step says first.
pub(super) fn check(entry: &mut Entry, name: &str, draft: &DraftStep) -> Option<StepTo> {
    if draft.said().count() > 1 {
        entry.fault(Fault::UnclearStep);
        return None;
    }
    if draft.say.is_some() {
        return entry.reference("prompt", name).map(StepTo::Say);
    }
    if draft.menu.is_some() {
        return menu(entry, name, draft).map(StepTo::Menu);
    }
    voicemail(entry, name, draft).map(StepTo::Voicemail)
}

/// How long a key may be waited for, in seconds.
const WAIT_S: [u64; 2] = [1, 60];
/// How often a menu may be said.
const TRIES_MAX: u8 = 9;

fn menu(entry: &mut Entry, prompt: &str, draft: &DraftStep) -> Option<Menu> {
    if draft.keys.is_empty() {
        entry.fault(Fault::Empty("keys"));
    }
    let tries = draft.tries.unwrap_or(2);
    if !(1..=TRIES_MAX).contains(&tries) {
        entry.fault(Fault::OutOfBounds { key: "tries", least: 1, most: TRIES_MAX.into() });
    }
    let keys: Vec<_> = draft
        .keys
        .iter()
        .map(|(key, name)| {
            let read = key.parse::<Key>().ok().filter(|key| *key != REFUSAL);
            let read = entry.note(read.ok_or_else(|| Fault::BadKey(key.clone())));
            read.zip(entry.reference("destination", name))
        })
        .collect();
    let again = draft.again.as_ref().map(|name| entry.reference("prompt", name));
    Some(Menu {
        prompt: entry.reference("prompt", prompt)?,
        keys: keys.into_iter().collect::<Option<_>>()?,
        wait: entry.seconds("wait_s", draft.wait_s.unwrap_or(6), WAIT_S)?,
        tries,
        again: transposed(again)?,
    })
}

/// How long a message may be, in seconds.
const LONGEST_S: [u64; 2] = [5, 600];

fn voicemail(entry: &mut Entry, prompt: &str, draft: &DraftStep) -> Option<Voicemail> {
    let keep_days = draft.keep_days.unwrap_or(KEEP_DAYS);
    if !(1..=KEEP_DAYS_MAX).contains(&keep_days) {
        entry.fault(Fault::OutOfBounds { key: "keep_days", least: 1, most: KEEP_DAYS_MAX.into() });
    }
    Some(Voicemail {
        prompt: entry.reference("prompt", prompt)?,
        longest: entry.seconds("longest_s", draft.longest_s.unwrap_or(120), LONGEST_S)?,
        keep_days,
    })
}

/// Writes a step that says something.
pub(super) fn write(to: &StepTo, draft: &mut DraftStep) {
    draft.ring_s = None;
    match to {
        StepTo::Target(_) | StepTo::Destination(_) => {}
        StepTo::Say(prompt) => {
            draft.say = Some(prompt.to_string());
        }
        StepTo::Voicemail(voicemail) => {
            draft.voicemail = Some(voicemail.prompt.to_string());
            draft.longest_s = Some(voicemail.longest.as_secs());
            draft.keep_days = Some(voicemail.keep_days);
        }
        StepTo::Menu(menu) => {
            let keys = menu.keys.iter().map(|(key, to)| (String::from(*key), to.to_string()));
            draft.keys = keys.collect();
            draft.menu = Some(menu.prompt.to_string());
            draft.wait_s = Some(menu.wait.as_secs());
            draft.tries = Some(menu.tries);
            draft.again = menu.again.as_ref().map(ToString::to_string);
        }
    }
}
