//! Small things that several pages show the same way.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::record::CallRecord;
use crate::domain::phone::{Country, Phone};
use crate::domain::time::Timestamp;
use crate::domain::tracking::source::Source;
use crate::http::language::Lang;

/// An outcome as a word beside a shape; the colour only repeats them.
#[derive(Template)]
#[template(path = "badge.html")]
pub struct Badge {
    key: &'static str,
    word: &'static str,
}

impl HtmlSafe for Badge {}

impl Badge {
    /// `None` is a call that goes on.
    pub fn new(lang: Lang, outcome: Option<Outcome>) -> Self {
        Self { key: outcome.map_or("ongoing", Outcome::as_str), word: word(lang, outcome) }
    }
}

fn word(lang: Lang, outcome: Option<Outcome>) -> &'static str {
    let t = lang.texts();
    match outcome {
        Some(Outcome::Answered) => t.answered,
        Some(Outcome::Missed) => t.missed,
        Some(Outcome::Busy) => t.busy,
        Some(Outcome::Abandoned) => t.abandoned,
        Some(Outcome::Voicemail) => t.voicemail,
        Some(Outcome::Blocked) => t.blocked,
        Some(Outcome::Failed) => t.failed,
        None => t.ongoing,
    }
}

/// What an outcome means, in a sentence.
pub fn meaning(lang: Lang, outcome: Option<Outcome>) -> &'static str {
    let t = lang.texts();
    match outcome {
        Some(Outcome::Answered) => t.answered_means,
        Some(Outcome::Missed) => t.missed_means,
        Some(Outcome::Busy) => t.busy_means,
        Some(Outcome::Abandoned) => t.abandoned_means,
        Some(Outcome::Voicemail) => t.voicemail_means,
        Some(Outcome::Blocked) => t.blocked_means,
        Some(Outcome::Failed) => t.failed_means,
        None => t.ongoing_means,
    }
}

/// A choice among the words of a filter.
pub fn outcomes(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    Outcome::ALL.iter().map(move |&outcome| (outcome.as_str(), word(lang, Some(outcome))))
}

/// A moment that the browser writes in the viewer's zone; in UTC without it.
#[derive(Template)]
#[template(source = r#"<time datetime="{{ at }}" data-show="{{ show }}">{{ text }}</time>"#, ext = "html")]
pub struct Moment {
    at: Timestamp,
    show: &'static str,
    text: String,
}

impl HtmlSafe for Moment {}

impl Moment {
    /// Day and time to the minute.
    pub fn day_and_time(lang: Lang, at: Timestamp) -> Self {
        Self { at, show: "moment", text: lang.moment(at) }
    }

    /// Time to the second, under a heading that tells the day.
    pub fn time(lang: Lang, at: Timestamp) -> Self {
        Self { at, show: "time", text: lang.time(at) }
    }

    pub fn day(lang: Lang, at: Timestamp) -> Self {
        Self { at, show: "day", text: lang.day(at) }
    }
}

pub fn phone(phone: &Phone, home: Country) -> String {
    // A number does not break at the end of a line.
    phone.for_reader_in(home).replace(' ', "\u{a0}")
}

pub fn caller(lang: Lang, caller: Option<&Phone>, home: Country) -> String {
    caller.map_or_else(|| lang.texts().withheld.to_owned(), |number| phone(number, home))
}

/// `google / cpc · spring sale`: the source as marketers write it.
pub fn source(source: &Source) -> String {
    let mut text = format!("{} / {}", source.source, source.medium);
    if let Some(campaign) = &source.campaign {
        text.push_str(" · ");
        text.push_str(campaign);
    }
    text
}

/// How long people talked; for a call that nobody took, how long it rang.
pub fn duration(lang: Lang, record: &CallRecord) -> Option<String> {
    let ended = record.ended_at?;
    let since = record.answered_at.or(record.ringing_at)?;
    Some(lang.span(ended.since(since)))
}

/// An address without what every reader knows: the scheme.
pub fn short(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/').to_owned()
}
