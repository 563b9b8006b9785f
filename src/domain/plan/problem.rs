//! What is wrong with a draft, and where.

use std::fmt;

use super::reading::BadRule;
use crate::domain::calling::screening::block::BadPrefix;
use crate::domain::tracking::source::BadAlias;

/// One thing that is wrong; a draft is told all of them at once.
///
/// Shown to the admin who wrote the draft, so the text is quoted as it stands.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct Problem {
    pub place: Place,
    pub fault: Fault,
}

/// The table of the draft and the name of its entry; a table that is there once has none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    pub table: &'static str,
    pub name: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => f.write_str(self.table),
            name => write!(f, "{} {name:?}", self.table),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    #[error(
        "{0:?} is no name; it has 1 to 64 of a–z, 0–9 and hyphen, and neither starts nor ends with the hyphen"
    )]
    BadName(String),
    #[error("is declared twice")]
    Twice,
    #[error("there is no {what} {name:?}{hint}")]
    Unknown { what: &'static str, name: String, hint: Hint },
    #[error("{0:?} is no telephone number; write it with + and its country code")]
    BadPhone(String),
    #[error("{0:?} is no range of at most 100000 numbers; write the first and the last of them")]
    BadRange(String),
    #[error("{0:?} is in the plan already")]
    NumberTwice(String),
    #[error(
        "{0:?} is no SIP URI; write sip:user@host or sip:user@host:port, and behind it ;transport=tcp or tls where it is needed"
    )]
    BadLine(String),
    #[error("say either where it rings with line, or how with steps")]
    LineOrSteps,
    #[error("ring_s goes with line; each step has its own")]
    RingBesideSteps,
    #[error(
        "a step rings at one place: sip, or number and trunk, or console, or destination; or it says something: say, menu or voicemail"
    )]
    UnclearStep,
    #[error("what says something does not ring: it has neither ring_s, nor weight, nor music")]
    SaidNotRung,
    #[error("keys, wait_s, tries and again go with menu")]
    KeysWithoutMenu,
    #[error("longest_s and keep_days go with voicemail")]
    MessageWithoutVoicemail,
    #[error("a call ends with its voicemail: nothing comes after it, no fallback either")]
    AfterVoicemail,
    #[error("{0:?} is no key for a menu; write one of 0 to 9 and #: by * callers refuse to be recorded")]
    BadKey(String),
    #[error("what is said goes with the strategy order alone: nobody can listen while something else rings")]
    SaidOutOfOrder,
    #[error("no call leaves over the trunk {0:?}; the settings say in `to` where its calls go")]
    NoWayOut(String),
    #[error("{number:?} begins with none of the prefixes that the trunk {trunk:?} may call: {allowed}")]
    NotAllowed { number: String, trunk: String, allowed: String },
    #[error("{0:?} is no strategy; write order, all, round_robin or weighted")]
    BadStrategy(String),
    #[error("{text:?} cannot be read; expected {example}")]
    BadHours { text: String, example: &'static str },
    #[error("there is no calendar {name:?}; known are {known}")]
    BadCalendar { name: String, known: String },
    #[error("calls would run in a circle: {0}")]
    CallsInACircle(String),
    #[error("{0:?} is no web origin; write https://host without a path")]
    BadOrigin(String),
    #[error("{0:?} is no channel; write it as GA4 does, for instance \"Paid Search\" or \"Offline\"")]
    BadChannel(String),
    #[error("its parents lead back to itself")]
    Cycle,
    #[error("{key} must be between {least} and {most}")]
    OutOfBounds { key: &'static str, least: u64, most: u64 },
    #[error("site and target go together: the number stands in for the target on that site")]
    HalfAPlace,
    #[error("{name:?} does this already")]
    SameJob { name: String },
    #[error("say whom it means in one way: number, prefix, country, or withheld = true")]
    UnclearBlock,
    #[error("{0}")]
    BadPrefix(BadPrefix),
    #[error("{0:?} is no country of ISO 3166-1, for instance \"FR\"")]
    BadCountry(String),
    #[error("it is either for one outlet or for one called number")]
    TwoScopes,
    #[error("{key}: {word:?} is not known here; write {known}")]
    BadAction { key: &'static str, word: String, known: &'static str },
    #[error("{0:?} is no time; write it as in RFC 3339, for instance \"2026-12-31T18:00:00Z\"")]
    BadTime(String),
    #[error("{key} is longer than {most} characters")]
    TooLong { key: &'static str, most: usize },
    #[error("{word:?} is no kind of medium; write {known}")]
    BadMediumKind { word: String, known: &'static str },
    #[error("cost_minor and currency go together")]
    HalfACost,
    #[error("{0:?} is no currency of ISO 4217, for instance \"EUR\"")]
    BadCurrency(String),
    #[error("{0:?} is no address of a web page of at most 1000 characters")]
    BadLandingPage(String),
    #[error("aliases: {0}")]
    BadAlias(BadAlias),
    #[error("{0:?} is no host; write it without https:// and path, for instance \"pay.example\"")]
    BadHost(String),
    #[error("the rule {rule:?}: {wrong}")]
    BadRule { rule: String, wrong: BadRule },
    #[error("{key}: more than {most}")]
    TooMany { key: &'static str, most: usize },
    #[error(
        "recordings are kept for 183 days at the most; whoever has to keep them longer writes down why in longer_because"
    )]
    KeptTooLong,
    #[error(
        "callers must learn that they are recorded before they are connected: name a prompt in notice, or say in informed_by who tells them"
    )]
    CallersUninformed,
    #[error("its lines cannot be spoken to: their media go past the gateway; write media = \"relayed\"")]
    WhisperPast,
    #[error(
        "whoever is to press a key must be told which: accept goes with whisper, for instance [\"en-accept\"]"
    )]
    AcceptUntold,
    #[error("whisper_campaigns and whisper_sources go with \"en-campaign\" or \"fr-campaign\" in whisper")]
    NamesUnsaid,
    #[error("rating_s goes with rating")]
    RatingWithoutPrompt,
    #[error("accept_s goes with accept")]
    AcceptWithoutKey,
    #[error("{0:?} is no key to take a call by; write one of 0 to 9, * and #")]
    BadAcceptKey(String),
    #[error("recording.pause_key: {0:?} is not one to four keys of a telephone, for instance *7")]
    BadPauseKey(String),
    #[error("email: {0:?} is no e-mail address")]
    BadEmail(String),
    #[error("policy_url: {0:?} is no address of a web page")]
    BadPolicyUrl(String),
    #[error("choices go with the kind choice")]
    ChoicesWithoutChoice,
    #[error("there is a site of this name, which has customer numbers anyway")]
    SystemIsSite,
    #[error("there is no rule {name:?}; the rules are {known}")]
    NoRule { name: String, known: String },
    #[error(
        "what contacts did tells how long ago it was: keep it for at least the {months} months of {kind}"
    )]
    ShorterThan { months: u32, kind: &'static str },
    #[error(
        "{0} takes four whole numbers above 0, each greater than the one before, within what is looked at"
    )]
    BadLimits(&'static str),
    #[error("recency_days, frequency and monetary go together; without them clients are told by fifths")]
    HalfTheLimits,
    #[error("filter: {0}")]
    BadFilter(String),
    #[error("there is no controller {0:?}")]
    NoController(String),
    #[error("channel and purpose go together: whoever is reached is reached by one and for the other")]
    HalfAReach,
    #[error(
        "url: {0:?} is no address of a webhook; write https://…, or private = true for one that is not on the internet"
    )]
    BadWebhook(String),
    #[error("events: {name:?} fits no kind of event; the kinds are {known}")]
    NoEvent { name: String, known: String },
    #[error("{0} must not be empty")]
    Empty(&'static str),
}

/// What was probably meant.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Hint(pub Option<String>);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, "; did you mean {name:?}?"),
            None => Ok(()),
        }
    }
}
