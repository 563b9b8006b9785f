//! Small things that several pages show the same way.

use std::ops::Range;
use std::time::Duration;

use askama::Template;
use askama::filters::HtmlSafe;
use jiff::tz::TimeZone;

use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::record::CallRecord;
use crate::domain::phone::{Country, Phone};
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Evidence, Share};
use crate::domain::tracking::source::Source;
use crate::http::language::Lang;

/// An outcome as a word beside a shape; the colour only repeats them.
#[derive(Template)]
#[template(path = "badge.html")]
pub struct Badge {
    key: &'static str,
    pub word: &'static str,
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

/// Which days a period has, by the reader's clock: one, or the first and the last.
pub fn days(lang: Lang, zone: &TimeZone, period: &Range<Timestamp>) -> String {
    let day = |at: Timestamp| lang.day(at.shown_in(zone));
    let last = Timestamp::from_ms(period.end.as_ms() - 1).max(period.start);
    let (first, last) = (day(period.start), day(last));
    if first == last { first } else { format!("{first} – {last}") }
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

/// The heading of a possible origin of a call.
pub fn origin(lang: Lang, share: &Share) -> &'static str {
    match share.evidence {
        Evidence::Background | Evidence::RangBefore { .. } => lang.texts().no_visit,
        Evidence::Corrected if share.visit.is_none() => lang.texts().no_visit,
        Evidence::ShownOnPage(_) | Evidence::StaticNumber | Evidence::MadeOnPage | Evidence::Corrected => {
            lang.channel(share.source.channel)
        }
    }
}

/// Its source, when it has one.
pub fn origin_detail(share: &Share) -> String {
    match share.evidence {
        Evidence::Background | Evidence::RangBefore { .. } => String::new(),
        Evidence::Corrected if share.visit.is_none() => String::new(),
        Evidence::ShownOnPage(_) | Evidence::StaticNumber | Evidence::MadeOnPage | Evidence::Corrected => {
            source(&share.source)
        }
    }
}

/// How long people talked; for a call that nobody took, how long it rang, and
/// that it did; `None` for one that did not even ring for a second.
pub fn duration(lang: Lang, record: &CallRecord) -> Option<String> {
    let ended = record.ended_at?;
    match (record.answered_at, record.ringing_at) {
        (Some(answered), _) => Some(lang.span(ended.since(answered))),
        (None, Some(ringing)) => {
            let rang = ended.since(ringing);
            (rang >= Duration::from_secs(1)).then(|| lang.rang(rang))
        }
        (None, None) => None,
    }
}

/// An address without what no reader looks for: the scheme, and the marks of a
/// campaign, which stand beside it in words.
pub fn short(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (page, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query = query.split('#').next().unwrap_or_default();
    let kept: Vec<&str> = query.split('&').filter(|field| !field.is_empty() && !is_mark(field)).collect();
    let page = page.trim_end_matches('/');
    if kept.is_empty() { page.to_owned() } else { format!("{page}?{}", kept.join("&")) }
}

/// As much of what a website said as a line can show.
pub fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 200;
    if text.chars().count() <= CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(CHARS_MAX).chain(['…']).collect()
}

/// `utm_…` and the click ids: gclid, fbclid, msclkid, gbraid …
fn is_mark(field: &str) -> bool {
    let name = field.split('=').next().unwrap_or_default();
    name.starts_with("utm_") || ["clid", "clkid", "braid"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::CallId;

    /// A call that began to ring at once.
    fn call(answered_s: Option<i64>, ended_s: i64) -> CallRecord {
        let at = |s: i64| Timestamp::from_ms(s * 1_000);
        CallRecord {
            screening: None,
            identity: None,
            qualification: None,
            id: CallId(uuid::Uuid::nil()),
            trunk: "carrier".parse().unwrap(),
            sip_call_id: String::new(),
            number: "+33199001000".parse().unwrap(),
            caller: None,
            destination: None,
            answered_by: None,
            outlet: None,
            outcome: None,
            sip_status: None,
            hung_up_by: None,
            end_reason: None,
            interrupted: false,
            arrived_at: at(0),
            ringing_at: Some(at(0)),
            answered_at: answered_s.map(at),
            ended_at: Some(at(ended_s)),
            contact: None,
        }
    }

    #[test]
    fn a_call_lasts_as_long_as_people_talk_or_else_as_it_rang() {
        let told = |lang, answered_s, ended_s| {
            duration(lang, &call(answered_s, ended_s)).map(|text| text.replace('\u{a0}', " "))
        };

        assert_eq!(told(Lang::En, Some(3), 8).as_deref(), Some("5 s"));
        assert_eq!(told(Lang::En, None, 3).as_deref(), Some("rang 3 s"));
        assert_eq!(told(Lang::Fr, None, 3).as_deref(), Some("a sonné 3 s"));
        assert_eq!(told(Lang::Fr, None, 0), None);
    }

    #[test]
    fn an_address_is_shown_without_scheme_and_campaign() {
        assert_eq!(short("https://example.org/"), "example.org");
        assert_eq!(short("https://example.org/a?utm_source=x&gclid=1"), "example.org/a");
        assert_eq!(short("https://example.org/a?id=7&utm_source=x#top"), "example.org/a?id=7");
        assert_eq!(short("android-app://com.example"), "com.example");
    }
}
