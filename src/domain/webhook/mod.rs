//! Webhooks: programs of others that are told what happens, each of the kinds of events that it wants.
//!
//! ```text
//!   change ─same transaction─▶ delivery ──▶ taken (2xx)
//!                                 ▲  │ anything else
//!                                 └──┴──▶ given up, after the last pause; 410: the webhook is gone
//! ```
//!
//! A receiver hears of each event at least once, and of one subject in the order of its events: what comes
//! later waits for what was not taken yet.

pub mod event;
pub mod retry_after;
pub mod secret;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use event::{Data, Event, Kind};

use crate::domain::calling::outcome::words;
use crate::domain::ids::WebhookId;
use crate::domain::time::Timestamp;

/// How long a delivery is kept, and waits at the most.
pub const KEPT: Duration = Duration::from_hours(30 * 24);

/// How long a delivery is the taker's who is about to send it: longer than sending can last.
///
/// What is due later than this from now is surely not under way.
pub const HELD: Duration = Duration::from_secs(60);

/// As the plan says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    pub id: WebhookId,
    pub url: String,
    pub events: Vec<Pattern>,
    /// Otherwise nothing is written down for it, and nothing sent.
    pub enabled: bool,
    /// It may stand in a network that is not the internet, and be spoken to in the clear.
    pub private: bool,
}

impl Webhook {
    /// Whether it is told this, if it is told anything.
    pub fn wants(&self, event: &Event) -> bool {
        match &event.data {
            Data::Webhook { webhook } => *webhook == self.id,
            _ => self.events.iter().any(|pattern| pattern.fits(event.kind)),
        }
    }

    /// Why it is told nothing; `None`: it is told what happens.
    pub fn closed(&self, gone_at: Option<Timestamp>) -> Option<Closed> {
        if !self.enabled {
            return Some(Closed::Off);
        }
        gone_at.map(|_| Closed::Gone)
    }
}

/// Why a webhook is told nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Closed {
    #[error("the webhook is off: the plan has enabled = false")]
    Off,
    #[error("the webhook has answered that it is gone (410); a test opens it again")]
    Gone,
}

/// Kinds of events: one, such as `call.ended`, all of a room, such as `contact.*`, or `*`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern(String);

/// The text fits no kind of event.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("fits no kind of event")]
pub struct FitsNone;

impl Pattern {
    pub fn fits(&self, kind: Kind) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => kind.as_str().starts_with(beginning),
            None => kind.as_str() == self.0,
        }
    }
}

impl FromStr for Pattern {
    type Err = FitsNone;

    fn from_str(text: &str) -> Result<Self, FitsNone> {
        let pattern = Self(text.to_owned());
        let is_whole = text.strip_suffix('*').is_none_or(|room| room.is_empty() || room.ends_with('.'));
        let fits = Kind::ALL.iter().any(|kind| *kind != Kind::Test && pattern.fits(*kind));
        if is_whole && fits { Ok(pattern) } else { Err(FitsNone) }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How it stands with what a webhook is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Waiting,
    /// It answered 2xx.
    Taken,
    /// It is tried no more, unless somebody says so.
    GivenUp,
}

words! { State:
    Waiting = "waiting",
    Taken = "taken",
    GivenUp = "given_up",
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// The pauses between tries, in seconds, as Standard Webhooks has them: three days in all.
const PAUSES: [u64; 9] =
    [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// When a delivery that was tried so often is tried next; `None`: never.
pub fn next_try(tries: u32, now: Timestamp) -> Option<Timestamp> {
    let pause = PAUSES.get(tries.checked_sub(1)? as usize)?;
    Some(now + Duration::from_secs(*pause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ContactId;

    #[test]
    fn a_pattern_fits_one_kind_a_room_or_all_but_the_test() {
        let fits = |text: &str, kind| text.parse::<Pattern>().unwrap().fits(kind);

        assert!(fits("call.ended", Kind::CallEnded) && !fits("call.ended", Kind::ContactErased));
        assert!(fits("contact.*", Kind::ContactErased) && !fits("contact.*", Kind::ConsentChanged));
        assert!(fits("*", Kind::CallEnded));
        for wrong in
            ["", "call", "call.", "call.*.ended", "con*", "calls.*", "webhook.test", "webhook.*", "**"]
        {
            assert_eq!(wrong.parse::<Pattern>(), Err(FitsNone), "{wrong}");
        }
    }

    #[test]
    fn a_webhook_wants_what_it_names_and_a_test_of_itself() {
        let [crm, other]: [WebhookId; 2] = ["crm", "other"].map(|id| id.parse().unwrap());
        let webhook = Webhook {
            id: crm.clone(),
            url: "https://crm.example/".into(),
            events: vec!["contact.*".parse().unwrap()],
            enabled: true,
            private: false,
        };
        let at = Timestamp::from_ms(0);
        let of = |kind| Event::contact(kind, ContactId(uuid::Uuid::nil()), at);
        let test = |webhook| Event { kind: Kind::Test, at, data: Data::Webhook { webhook } };

        assert!(webhook.wants(&of(Kind::ContactErased)) && !webhook.wants(&of(Kind::CallEnded)));
        assert!(webhook.wants(&test(crm)) && !webhook.wants(&test(other)));

        assert_eq!((webhook.closed(None), webhook.closed(Some(at))), (None, Some(Closed::Gone)));
        let off = Webhook { enabled: false, ..webhook };
        assert_eq!(off.closed(Some(at)), Some(Closed::Off), "a test would not open it");
    }

    #[test]
    fn tries_are_ten_in_three_days_and_more() {
        let (mut at, mut tries) = (Timestamp::from_ms(0), 1);
        while let Some(next) = next_try(tries, at) {
            assert!(next > at);
            (at, tries) = (next, tries + 1);
        }

        assert_eq!((tries, at.as_ms()), (10, ((75 * 60 + 35) * 60 + 5) * 1_000));
        assert_eq!(next_try(0, at), None);
    }
}
