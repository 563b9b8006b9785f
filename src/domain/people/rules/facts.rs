//! What is known of a contact that a decision may stand on.

use crate::domain::calling::outcome::{Outcome, words};
use crate::domain::ids::{CallId, ContactId, EngagementId};
use crate::domain::people::address::Address;
use crate::domain::people::consent::{Channel, Consent};
use crate::domain::people::contact::KnownIdentity;
use crate::domain::people::opposition::Listed;
use crate::domain::people::pressure::Solicitation;
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    pub contact: ContactId,
    pub created_at: Timestamp,
    pub identities: Vec<KnownIdentity>,
    pub addresses: Vec<Address>,
    /// The lines of the ledger.
    pub lines: Vec<Consent>,
    /// The lists of those who object that an identity of theirs stands on.
    pub lists: Vec<Listed>,
    /// The latest engagement of each kind.
    pub latest: Vec<Latest>,
    /// Past ones and planned ones.
    pub solicitations: Vec<Solicitation>,
}

/// Kinds of engagement that decisions look at; the words are those of the engagements' table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Act {
    Call,
    Voicemail,
    Visit,
    FormSubmitted,
    EmailOpened,
    EmailClicked,
    EmailBouncedHard,
    SmsReceived,
    LetterReturned,
    Purchase,
}

words! { Act:
    Call = "call",
    Voicemail = "voicemail",
    Visit = "visit",
    FormSubmitted = "form_submitted",
    EmailOpened = "email_opened",
    EmailClicked = "email_clicked",
    EmailBouncedHard = "email_bounced_hard",
    SmsReceived = "sms_received",
    LetterReturned = "letter_returned",
    Purchase = "purchase",
}

/// What somebody does of their own accord. To open an e-mail is none of it (CNIL); to follow a link in it is.
pub const OWN_ACTS: [Act; 7] = [
    Act::Call,
    Act::Voicemail,
    Act::Visit,
    Act::FormSubmitted,
    Act::EmailClicked,
    Act::SmsReceived,
    Act::Purchase,
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Latest {
    pub id: EngagementId,
    pub act: Act,
    pub at: Timestamp,
    /// Of a call: which one, and how it ended; `None`: it goes on.
    pub call: Option<(CallId, Option<Outcome>)>,
}

impl Facts {
    pub fn latest(&self, act: Act) -> Option<&Latest> {
        self.latest.iter().filter(|latest| latest.act == act).max_by_key(|latest| latest.at)
    }

    /// The last thing that they did of their own accord.
    pub fn last_act(&self) -> Option<&Latest> {
        OWN_ACTS.iter().filter_map(|act| self.latest(*act)).max_by_key(|latest| latest.at)
    }

    /// Their last call, if nobody took it.
    pub fn unanswered(&self) -> Option<(&Latest, CallId)> {
        let call = self.latest(Act::Call)?;
        let (id, outcome) = call.call?;
        let is_open = matches!(
            outcome,
            Some(Outcome::Missed | Outcome::Busy | Outcome::Abandoned | Outcome::Voicemail | Outcome::Failed)
        );
        is_open.then_some((call, id))
    }

    /// The lists that object to a channel.
    pub fn lists_against(&self, channel: Channel) -> impl Iterator<Item = &Listed> {
        self.lists.iter().filter(move |list| list.channels.contains(&channel))
    }
}
