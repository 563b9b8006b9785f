//! An engagement: anything a contact did or received.
//!
//! Calls, messages and visits go through the gateway, which knows the rest of
//! them. All else is told by other systems: a form, a mailing, a letter that
//! came back, a purchase.

mod draft;

use std::time::Duration;

pub use draft::{Draft, Fault, PROPERTIES_MAX, Reading, Report, Wrong};

use crate::domain::calling::outcome::{Outcome, words};
use crate::domain::ids::{CallId, EngagementId, PurposeId, VisitId};
use crate::domain::money::Currency;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::source::Source;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Engagement {
    pub id: EngagementId,
    pub at: Timestamp,
    pub what: Deed,
}

/// What was done; an id says where the rest of it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    Call(CallId),
    /// The message that was left in this call.
    Voicemail(CallId),
    Visit(VisitId),
    /// Another system says so.
    Told(Box<Told>),
}

impl Deed {
    pub fn kind(&self) -> Kind {
        match self {
            Deed::Call(_) => Kind::Call,
            Deed::Voicemail(_) => Kind::Voicemail,
            Deed::Visit(_) => Kind::Visit,
            Deed::Told(told) => told.kind,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    Call,
    Voicemail,
    Visit,
    /// Somebody of the business has rung the contact.
    CallMade,
    FormSubmitted,
    EmailSent,
    EmailOpened,
    EmailClicked,
    /// It came back for now: the mailbox is full, the server away.
    EmailBouncedSoft,
    /// It came back for good: there is no such mailbox.
    EmailBouncedHard,
    EmailUnsubscribed,
    SmsSent,
    SmsReceived,
    LetterSent,
    /// The addressee does not live there (NPAI).
    LetterReturned,
    /// Something bought, or with a negative amount given back.
    Purchase,
    /// What only its name tells.
    Custom,
}

words! { Kind:
    Call = "call",
    Voicemail = "voicemail",
    Visit = "visit",
    CallMade = "call_made",
    FormSubmitted = "form_submitted",
    EmailSent = "email_sent",
    EmailOpened = "email_opened",
    EmailClicked = "email_clicked",
    EmailBouncedSoft = "email_bounced_soft",
    EmailBouncedHard = "email_bounced_hard",
    EmailUnsubscribed = "email_unsubscribed",
    SmsSent = "sms_sent",
    SmsReceived = "sms_received",
    LetterSent = "letter_sent",
    LetterReturned = "letter_returned",
    Purchase = "purchase",
    Custom = "custom",
}

impl Kind {
    /// Those that another system may tell.
    pub fn told() -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(|kind| !matches!(kind, Kind::Call | Kind::Voicemail | Kind::Visit))
    }

    /// Whether the business addresses the contact by it.
    pub const fn addresses(self) -> bool {
        matches!(self, Kind::CallMade | Kind::EmailSent | Kind::SmsSent | Kind::LetterSent)
    }

    /// Whether the contact has done it of their own accord, by which the CNIL counts how long a prospect may be
    /// kept: an opened e-mail is no such act, and of what is custom nobody knows.
    pub const fn is_own_act(self) -> bool {
        match self {
            Kind::Call | Kind::Voicemail | Kind::Visit => true,
            Kind::FormSubmitted | Kind::EmailClicked | Kind::SmsReceived | Kind::Purchase => true,
            Kind::CallMade | Kind::EmailSent | Kind::SmsSent | Kind::LetterSent => false,
            Kind::EmailOpened | Kind::EmailBouncedSoft | Kind::EmailBouncedHard => false,
            Kind::EmailUnsubscribed | Kind::LetterReturned | Kind::Custom => false,
        }
    }
}

/// What another system tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub kind: Kind,
    /// Who tells it.
    pub source: String,
    /// What names it there: a source tells the same thing once.
    pub reference: Option<String>,
    /// Which form, which mailing; of a custom one what it is.
    pub name: Option<String>,
    pub purpose: Option<PurposeId>,
    /// The business has asked for something by it.
    pub solicits: bool,
    /// What was bought for.
    pub amount: Option<Amount>,
    /// Of a call that was made, where that is known.
    pub called: Option<Called>,
    /// The visit that it was told with.
    pub visit: Option<VisitId>,
    pub came_by: Option<CameBy>,
    /// A JSON object: whatever else was said.
    pub properties: Option<String>,
}

/// Money that came, or went back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amount {
    /// In the smallest unit of the currency; negative: given back.
    pub minor: i64,
    pub currency: Currency,
}

/// How a call ended that the business has made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Called {
    pub outcome: Outcome,
    pub talk: Option<Duration>,
    /// Where whoever made it keeps its sound.
    pub recording: Option<String>,
}

/// How it came about, as of a visit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CameBy {
    pub channel: Channel,
    pub source: String,
    pub medium: String,
    pub campaign: Option<String>,
}

impl From<Source> for CameBy {
    fn from(source: Source) -> Self {
        let Source { channel, source, medium, campaign, .. } = source;
        Self { channel, source, medium, campaign }
    }
}

/// What a contact has done of their own accord, summed up.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Acts {
    pub first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
    /// In each currency.
    pub purchases: Vec<Purchases>,
}

/// What was bought and not given back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Purchases {
    /// How many, those not counted that were given back.
    pub count: i64,
    pub total: Amount,
}
