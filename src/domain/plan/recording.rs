//! How the calls of a number are recorded, as a plan writes it: `[numbers.recording]`, and
//! `[pools.recording]` for each number of a pool.

use serde::{Deserialize, Serialize};

use super::desk::Entry;
use super::draft::differing;
use super::problem::Fault;
use super::ring_plan::transposed;
use crate::domain::calling::prompt::Notice;
use crate::domain::calling::recording::{Format, Informed, KEEP_DAYS, KEEP_DAYS_MAX, RecordingRule};

/// How long a text of the rule may be.
const TEXT_MAX: usize = 200;
/// Ten years: whoever keeps longer archives elsewhere.
const DAYS_MAX: u16 = 3_650;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DraftRecording {
    pub purpose: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longer_because: Option<String>,
    /// One call of so many; without it each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// `ogg_opus` or `wav`; without it `ogg_opus`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The prompt by which the gateway tells callers; or …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// What who refuses then is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// … who tells them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub informed_by: Option<String>,
    /// One to four keys by which the line pauses and resumes; without it none do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_key: Option<String>,
}

/// Checks what is said of recording; what is wrong is noted. `None`: nothing is, or nothing right.
pub(super) fn check(entry: &mut Entry<'_, '_>, draft: Option<&DraftRecording>) -> Option<RecordingRule> {
    let draft = draft?;
    let purpose = text(entry, "recording.purpose", &draft.purpose);
    let keep_days = draft.keep_days.unwrap_or(KEEP_DAYS);
    if !(1..=DAYS_MAX).contains(&keep_days) {
        let most = u64::from(DAYS_MAX);
        entry.fault(Fault::OutOfBounds { key: "recording.keep_days", least: 1, most });
    }
    let longer_because =
        draft.longer_because.as_deref().map(|why| text(entry, "recording.longer_because", why));
    if keep_days > KEEP_DAYS_MAX && longer_because.is_none() {
        entry.fault(Fault::KeptTooLong);
    }
    let every = draft.every.unwrap_or(1);
    if every == 0 {
        let most = u64::from(u32::MAX);
        entry.fault(Fault::OutOfBounds { key: "recording.every", least: 1, most });
    }
    let format = entry.note(draft.format.as_deref().map_or(Ok(Format::default()), |word| {
        word.parse().map_err(|_| Fault::BadAction {
            key: "recording.format",
            word: word.to_owned(),
            known: "ogg_opus or wav",
        })
    }));
    let informed = informed(entry, draft);
    let pause_key = draft
        .pause_key
        .as_ref()
        .map(|keys| entry.note(keys.parse().map_err(|_| Fault::BadPauseKey(keys.clone()))));
    Some(RecordingRule {
        purpose: purpose?,
        keep_days,
        longer_because: longer_because.flatten(),
        every,
        format: format?,
        informed: informed?,
        pause_key: transposed(pause_key)?,
    })
}

fn informed(entry: &mut Entry<'_, '_>, draft: &DraftRecording) -> Option<Informed> {
    match (&draft.notice, &draft.refused, &draft.informed_by) {
        (None, None, Some(who)) => text(entry, "recording.informed_by", who).map(Informed::By),
        (Some(prompt), refused, None) => {
            let prompt = entry.reference("prompt", prompt);
            let refused = match refused {
                Some(prompt) => Some(entry.reference("prompt", prompt)?),
                None => None,
            };
            Some(Informed::Notice(Notice { prompt: prompt?, refused }))
        }
        _ => {
            entry.fault(Fault::CallersUninformed);
            None
        }
    }
}

fn text(entry: &mut Entry<'_, '_>, key: &'static str, said: &str) -> Option<String> {
    if said.chars().count() > TEXT_MAX {
        entry.fault(Fault::TooLong { key, most: TEXT_MAX });
        return None;
    }
    entry.text(key, said)
}

impl From<&RecordingRule> for DraftRecording {
    fn from(rule: &RecordingRule) -> Self {
        let (notice, informed_by) = match &rule.informed {
            Informed::Notice(notice) => (Some(notice), None),
            Informed::By(who) => (None, Some(who.clone())),
        };
        Self {
            purpose: rule.purpose.clone(),
            keep_days: differing(rule.keep_days, KEEP_DAYS),
            longer_because: rule.longer_because.clone(),
            every: differing(rule.every, 1),
            format: differing(rule.format, Format::default()).map(|format| format.to_string()),
            notice: notice.map(|notice| notice.prompt.to_string()),
            refused: notice.and_then(|notice| Some(notice.refused.as_ref()?.to_string())),
            informed_by,
            pause_key: rule.pause_key.clone().map(Into::into),
        }
    }
}

/// A rule in a line: `purpose "training" keep_days 30 every 1 …`; empty: none.
pub fn in_short(rule: Option<&RecordingRule>) -> String {
    let Some(rule) = rule else { return String::new() };
    let informed = match &rule.informed {
        Informed::Notice(Notice { prompt, refused: None }) => format!("notice {prompt}"),
        Informed::Notice(Notice { prompt, refused: Some(refused) }) => {
            format!("notice {prompt} refused {refused}")
        }
        Informed::By(who) => format!("informed_by {who:?}"),
    };
    let longer = rule.longer_because.as_ref().map(|why| format!(" longer_because {why:?}"));
    let pause = rule.pause_key.clone().map(|keys| format!(" pause_key {}", String::from(keys)));
    format!(
        "purpose {:?} keep_days {}{} every {} format {} {informed}{}",
        rule.purpose,
        rule.keep_days,
        longer.unwrap_or_default(),
        rule.every,
        rule.format,
        pause.unwrap_or_default()
    )
}
