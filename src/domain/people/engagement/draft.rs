//! An engagement as another system hands it in: words, nothing checked.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::{Amount, Called, CameBy, Kind, Told};
use crate::domain::calling::outcome::Outcome;
use crate::domain::ids::PurposeId;
use crate::domain::money::{Currency, MINOR_MAX};
use crate::domain::people::address;
use crate::domain::people::email::Email;
use crate::domain::people::field::is_text;
use crate::domain::time::Timestamp;
use crate::domain::tracking::source::{self, Basis};

/// Clocks of others may be ahead of ours by so much.
const AHEAD_MAX: Duration = Duration::from_mins(5);
/// How long a source, a reference or a name may be, in characters.
const NAME_MAX: usize = 200;
/// A day.
const TALK_MAX_MS: u64 = 24 * 3_600 * 1_000;
const URL_MAX: usize = 2_048;
/// How a call may end that the business makes.
const ENDS: [Outcome; 5] =
    [Outcome::Answered, Outcome::Missed, Outcome::Busy, Outcome::Voicemail, Outcome::Failed];
/// What the properties of an engagement may weigh, as JSON.
pub const PROPERTIES_MAX: usize = 32 * 1024;

#[derive(Clone, PartialEq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub kind: Option<String>,
    /// RFC 3339; without it now.
    pub at: Option<String>,
    pub source: Option<String>,
    pub reference: Option<String>,
    pub name: Option<String>,
    pub purpose: Option<String>,
    /// Without it, whether the kind addresses somebody.
    pub solicits: Option<bool>,
    /// In the smallest unit of the currency.
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    pub visit: Option<String>,
    /// Of a call that was made: how it ended …
    pub outcome: Option<String>,
    /// … for how long it was talked, and where the sound is.
    pub talk_ms: Option<i64>,
    pub recording: Option<String>,
    /// Which address an e-mail went to.
    pub email: Option<String>,
    /// Which kind of address a letter went to.
    pub address: Option<String>,
    pub properties: Map<String, Value>,
}

/// What was handed in, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// `None`: now.
    pub at: Option<Timestamp>,
    pub told: Told,
    pub email: Option<Email>,
    pub address: Option<address::Kind>,
}

/// A field that cannot be meant so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub field: &'static str,
    pub wrong: Wrong,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("is missing")]
    Missing,
    #[error("is not known here; write {0}")]
    Unknown(String),
    #[error("goes through the gateway, which knows it already")]
    OfGateway,
    #[error("is no time; write it as in RFC 3339, for instance \"2026-12-31T18:00:00Z\"")]
    BadTime,
    #[error("it has not come yet")]
    InFuture,
    #[error("takes 1 to {NAME_MAX} characters")]
    Text,
    #[error("takes 1 to {NAME_MAX} characters without a colon")]
    Source,
    #[error("only {0} has it")]
    Misplaced(&'static str),
    #[error("takes three letters of ISO 4217, for instance EUR")]
    Currency,
    #[error("takes at most {MINOR_MAX} of the currency's smallest units, either way")]
    Amount,
    #[error("takes 0 to {TALK_MAX_MS}, of a call that was answered or ended with a voicemail")]
    Talk,
    #[error("takes the https address of a recording, of at most {URL_MAX} characters")]
    Recording,
    #[error("is no visit's id")]
    Visit,
    #[error("name the visit or its utm fields, not both")]
    VisitAndUtm,
    #[error("is no e-mail address")]
    Email,
    #[error("weighs more than {PROPERTIES_MAX} bytes")]
    Properties,
}

/// What a draft may name.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Purposes of the plan …
    pub purposes: &'a [PurposeId],
    /// … and those that were: who wants something no more may name them, too.
    pub purposes_ever: &'a [PurposeId],
    /// Those of them that are service: what is sent for one of these solicits nothing.
    pub services: &'a [PurposeId],
    pub now: Timestamp,
}

impl Draft {
    /// What it says, or everything that is wrong with it.
    pub fn read(&self, reading: Reading<'_>) -> Result<Report, Vec<Fault>> {
        let mut desk = Desk::default();
        let kind = self.kind(&mut desk);
        let at = desk.parse("at", &self.at, Wrong::BadTime);
        if at.is_some_and(|at: Timestamp| at > reading.now + AHEAD_MAX) {
            desk.fault("at", Wrong::InFuture);
        }
        let source = desk.text("source", &self.source).filter(|source| {
            let fits = !source.contains(':');
            if !fits {
                desk.fault("source", Wrong::Source);
            }
            fits
        });
        if self.source.is_none() {
            desk.fault("source", Wrong::Missing);
        }
        let name = desk.text("name", &self.name);
        if kind == Some(Kind::Custom) && self.name.is_none() {
            desk.fault("name", Wrong::Missing);
        }
        let is_no = kind == Some(Kind::EmailUnsubscribed);
        let purposes = if is_no { reading.purposes_ever } else { reading.purposes };
        let reference = desk.text("reference", &self.reference);
        let purpose = self.purpose(&mut desk, purposes);
        let serves = purpose.as_ref().is_some_and(|purpose| reading.services.contains(purpose));
        let told = Told {
            kind: kind.unwrap_or(Kind::Custom),
            source: source.unwrap_or_default(),
            reference,
            name,
            solicits: self.solicits(&mut desk, kind, serves),
            purpose,
            amount: self.amount(&mut desk, kind),
            called: self.called(&mut desk, kind),
            visit: desk.parse("visit", &self.visit, Wrong::Visit),
            came_by: self.came_by(),
            properties: self.properties(&mut desk),
        };
        if told.visit.is_some() && told.came_by.is_some() {
            desk.fault("visit", Wrong::VisitAndUtm);
        }
        let email = desk.parse("email", &self.email, Wrong::Email);
        if email.is_some() && kind.is_some_and(|kind| !kind.as_str().starts_with("email_")) {
            desk.fault("email", Wrong::Misplaced("an e-mail"));
        }
        let kinds = Wrong::Unknown(address::Kind::WORDS.to_owned());
        let address = desk.parse("address", &self.address, kinds);
        let letters = [Kind::LetterSent, Kind::LetterReturned];
        if address.is_some() && kind.is_some_and(|kind| !letters.contains(&kind)) {
            desk.fault("address", Wrong::Misplaced("a letter"));
        }
        if desk.0.is_empty() { Ok(Report { at, told, email, address }) } else { Err(desk.0) }
    }

    fn kind(&self, desk: &mut Desk) -> Option<Kind> {
        let known = || Wrong::Unknown(Kind::told().map(Kind::as_str).collect::<Vec<_>>().join(", "));
        let wrong = match self.kind.as_deref().map(str::parse) {
            None => Wrong::Missing,
            Some(Err(_)) => known(),
            Some(Ok(Kind::Call | Kind::Voicemail | Kind::Visit)) => Wrong::OfGateway,
            Some(Ok(kind)) => return Some(kind),
        };
        desk.fault("kind", wrong);
        None
    }

    fn purpose(&self, desk: &mut Desk, purposes: &[PurposeId]) -> Option<PurposeId> {
        let word = self.purpose.as_deref()?;
        let purpose = purposes.iter().find(|purpose| purpose.as_str() == word).cloned();
        if purpose.is_none() {
            let known: Vec<&str> = purposes.iter().map(PurposeId::as_str).collect();
            desk.fault("purpose", Wrong::Unknown(known.join(", ")));
        }
        purpose
    }

    fn solicits(&self, desk: &mut Desk, kind: Option<Kind>, serves: bool) -> bool {
        let addresses = kind.is_some_and(Kind::addresses);
        if self.solicits == Some(true) && !addresses {
            desk.fault("solicits", Wrong::Misplaced("call_made, email_sent, sms_sent or letter_sent"));
        }
        self.solicits.unwrap_or(addresses && !serves)
    }

    fn amount(&self, desk: &mut Desk, kind: Option<Kind>) -> Option<Amount> {
        let currency = desk.parse("currency", &self.currency, Wrong::Currency);
        if kind == Some(Kind::Purchase) {
            for (field, is_missing) in
                [("amount", self.amount.is_none()), ("currency", self.currency.is_none())]
            {
                if is_missing {
                    desk.fault(field, Wrong::Missing);
                }
            }
        } else if kind.is_some() {
            for (field, is_there) in
                [("amount", self.amount.is_some()), ("currency", self.currency.is_some())]
            {
                if is_there {
                    desk.fault(field, Wrong::Misplaced("a purchase"));
                }
            }
        }
        if self.amount.is_some_and(|minor| minor.unsigned_abs() > MINOR_MAX) {
            desk.fault("amount", Wrong::Amount);
        }
        let currency: Currency = currency?;
        Some(Amount { minor: self.amount?, currency })
    }

    fn called(&self, desk: &mut Desk, kind: Option<Kind>) -> Option<Called> {
        let told = [
            ("outcome", self.outcome.is_some()),
            ("talk_ms", self.talk_ms.is_some()),
            ("recording", self.recording.is_some()),
        ];
        let told: Vec<&str> = told.into_iter().filter(|(_, is_there)| *is_there).map(|it| it.0).collect();
        if kind.is_some_and(|kind| kind != Kind::CallMade) {
            told.into_iter().for_each(|field| desk.fault(field, Wrong::Misplaced("call_made")));
            return None;
        }
        if self.outcome.is_none() && !told.is_empty() {
            desk.fault("outcome", Wrong::Missing);
        }
        let outcome = self.outcome.as_ref().and_then(|word| {
            let outcome = word.parse().ok().filter(|outcome| ENDS.contains(outcome));
            if outcome.is_none() {
                desk.fault("outcome", Wrong::Unknown(ENDS.map(Outcome::as_str).join(", ")));
            }
            outcome
        });
        let was_talked = outcome.is_none_or(|it| matches!(it, Outcome::Answered | Outcome::Voicemail));
        let talk_ms = self.talk_ms.and_then(|ms| {
            let ms = u64::try_from(ms).ok().filter(|ms| was_talked && *ms <= TALK_MAX_MS);
            if ms.is_none() {
                desk.fault("talk_ms", Wrong::Talk);
            }
            ms
        });
        let recording = self.recording.as_ref().and_then(|text| {
            let url = Url::parse(text).ok().filter(|url| url.scheme() == "https");
            let url = url.map(String::from).filter(|url| url.len() <= URL_MAX);
            if url.is_none() {
                desk.fault("recording", Wrong::Recording);
            }
            url
        });
        Some(Called { outcome: outcome?, talk: talk_ms.map(Duration::from_millis), recording })
    }

    /// As a landing page with these fields would be read.
    fn came_by(&self) -> Option<CameBy> {
        let fields = [
            ("utm_source", &self.utm_source),
            ("utm_medium", &self.utm_medium),
            ("utm_campaign", &self.utm_campaign),
        ];
        let mut query = form_urlencoded::Serializer::new("?".to_owned());
        for (name, value) in fields {
            query.extend_pairs(value.iter().map(|value| (name, value)));
        }
        let explained = source::Reading::default().explain(&query.finish(), None, &[]);
        (explained.basis != Basis::Nothing).then(|| explained.source.into())
    }

    fn properties(&self, desk: &mut Desk) -> Option<String> {
        if self.properties.is_empty() {
            return None;
        }
        let text = serde_json::to_string(&self.properties).expect("a JSON object is written");
        if text.len() > PROPERTIES_MAX {
            desk.fault("properties", Wrong::Properties);
        }
        Some(text)
    }
}

/// What is wrong so far.
#[derive(Default)]
struct Desk(Vec<Fault>);

impl Desk {
    fn fault(&mut self, field: &'static str, wrong: Wrong) {
        self.0.push(Fault { field, wrong });
    }

    fn parse<T: std::str::FromStr>(
        &mut self,
        field: &'static str,
        text: &Option<String>,
        wrong: Wrong,
    ) -> Option<T> {
        let read = text.as_ref()?.trim().parse().ok();
        if read.is_none() {
            self.fault(field, wrong);
        }
        read
    }

    fn text(&mut self, field: &'static str, text: &Option<String>) -> Option<String> {
        let text = text.as_deref()?;
        let fits = is_text(text, NAME_MAX);
        if !fits {
            self.fault(field, Wrong::Text);
        }
        fits.then(|| text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests;
