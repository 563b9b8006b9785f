//! The consent ledger: what a person has agreed to, refused or taken back, for
//! which way of reaching them, for which purpose and before whom.
//!
//! A line is written once and never changed, however it came about: the business
//! bears the proof (RGPD art. 7(1); Code de la consommation, art. L. 223-1). What
//! holds at a moment follows from the lines of before, so every past moment can
//! be asked.
//!
//! ```text
//!   refused ──▶ granted ──▶ withdrawn      the latest word counts
//!   refused ──▶ pending ──▶ granted        a question takes nothing away
//!               granted ──▶ (its end)      expired
//! ```

mod draft;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use draft::{Draft, Entry, Fault, Wrong};

use crate::domain::calling::outcome::words;
use crate::domain::ids::{ConsentId, ContactId, ControllerId, PurposeId};
use crate::domain::time::Timestamp;

/// In which way somebody is reached, or followed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    Phone,
    Sms,
    Email,
    Post,
    Push,
    WebTracking,
    CallRecording,
}

words! { Channel:
    Phone = "phone",
    Sms = "sms",
    Email = "email",
    Post = "post",
    Push = "push",
    WebTracking = "web_tracking",
    CallRecording = "call_recording",
}

impl Channel {
    /// What the gateway does itself, and goes on with until somebody says no: to record calls, and to follow a browser
    /// that has agreed on the website.
    pub const fn goes_on_until_refused(self) -> bool {
        matches!(self, Channel::WebTracking | Channel::CallRecording)
    }
}

/// What a line says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Status {
    Granted,
    /// Asked, and said no; or objected (RGPD art. 21).
    Refused,
    /// Had agreed, and does no more (RGPD art. 7(3)).
    Withdrawn,
    /// Asked to confirm, as in a double opt-in.
    Pending,
}

words! { Status:
    Granted = "granted",
    Refused = "refused",
    Withdrawn = "withdrawn",
    Pending = "pending",
}

/// What makes it lawful (RGPD art. 6(1) a, b, f and c).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Basis {
    Consent,
    Contract,
    LegitimateInterest,
    LegalObligation,
}

words! { Basis:
    Consent = "consent",
    Contract = "contract",
    LegitimateInterest = "legitimate_interest",
    LegalObligation = "legal_obligation",
}

/// How it was said. A box that was ticked beforehand is no way of saying anything (CJEU C-673/17).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    /// A box that the person ticked, a button that they pressed.
    Form,
    /// A link that they followed from a message.
    DoubleOptIn,
    /// By word of mouth, on the telephone or face to face.
    Spoken,
    /// On paper, or in a message of their own words.
    Written,
    /// On the page where they look after their choices.
    PreferenceCentre,
    /// The link or the word that a message ends with (`STOP`).
    Unsubscribe,
    /// A list of those who are not to be reached.
    OppositionList,
    /// Taken over from another system, which knows how.
    Import,
    /// Nobody said anything: it follows from a contract or an interest that was weighed.
    Rule,
}

words! { Method:
    Form = "form",
    DoubleOptIn = "double_opt_in",
    Spoken = "spoken",
    Written = "written",
    PreferenceCentre = "preference_centre",
    Unsubscribe = "unsubscribe",
    OppositionList = "opposition_list",
    Import = "import",
    Rule = "rule",
}

/// What a line is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Matter {
    pub channel: Channel,
    pub purpose: PurposeId,
    pub controller: ControllerId,
}

/// One line of the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consent {
    pub id: ConsentId,
    pub contact: ContactId,
    pub matter: Matter,
    pub status: Status,
    pub basis: Basis,
    /// When it was said.
    pub at: Timestamp,
    /// When it is over by itself; `None`: never.
    pub expires_at: Option<Timestamp>,
    pub method: Method,
    /// Where: a form, a page, a call, a list.
    pub source: String,
    /// What names it there: the same source says the same thing once.
    pub reference: Option<String>,
    /// The words that the person was shown or read.
    pub text: Option<String>,
    /// Which version of them.
    pub text_version: Option<String>,
    /// Who said it, if not the person themself: an agent, a guardian.
    pub actor: Option<String>,
    /// What tells the proof from any other, wherever that is kept.
    pub proof: Option<Proof>,
    /// When the ledger heard of it, and from whom (`key:…`, `user:…`).
    pub recorded_at: Timestamp,
    pub recorded_by: String,
}

/// SHA-256 of what proves it: a signed form, a recording, a request as it came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Proof(pub [u8; 32]);

/// The text is no SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write the SHA-256 of the proof as 64 hexadecimal digits")]
pub struct BadProof;

impl FromStr for Proof {
    type Err = BadProof;

    fn from_str(text: &str) -> Result<Self, BadProof> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(BadProof);
        }
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| BadProof)?;
        }
        Ok(Self(hash))
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

/// How a matter stands at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Standing {
    Granted,
    Refused,
    Withdrawn,
    Pending,
    /// It had been granted, or asked, until then.
    Expired,
}

words! { Standing:
    Granted = "granted",
    Refused = "refused",
    Withdrawn = "withdrawn",
    Pending = "pending",
    Expired = "expired",
}

/// What would be missed if somebody asked for the proof.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Gap {
    /// Nobody knows which words the person agreed to.
    Text,
    /// There is nothing that shows it.
    Proof,
}

words! { Gap:
    Text = "text",
    Proof = "proof",
}

impl Consent {
    fn is_over(&self, at: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= at)
    }

    /// What is missing to prove it; nobody has to prove a no.
    pub fn gaps(&self) -> Vec<Gap> {
        if self.status != Status::Granted || self.basis != Basis::Consent {
            return vec![];
        }
        let has_text = self.text.is_some() || self.text_version.is_some();
        let text = (!has_text).then_some(Gap::Text);
        let proof = self.proof.is_none().then_some(Gap::Proof);
        text.into_iter().chain(proof).collect()
    }

    /// Whether this says once more what is known: who said no time meant now, then as well.
    pub fn repeats(&self, known: &Consent) -> bool {
        let at = if self.at == self.recorded_at { known.at } else { self.at };
        let (id, recorded_at, recorded_by) = (known.id, known.recorded_at, known.recorded_by.clone());
        Consent { id, at, recorded_at, recorded_by, ..self.clone() } == *known
    }

    /// What comes later counts; of what was said in the same moment, the no does.
    fn rank(&self) -> impl Ord {
        (self.at, self.status != Status::Granted, self.recorded_at, self.id)
    }
}

/// The lines of each matter.
pub fn by_matter(lines: &[Consent]) -> BTreeMap<&Matter, Vec<&Consent>> {
    let mut matters: BTreeMap<&Matter, Vec<&Consent>> = BTreeMap::new();
    for line in lines {
        matters.entry(&line.matter).or_default().push(line);
    }
    matters
}

/// How a matter stands at a moment by its lines, and the one that says so; `None`: nobody has said anything.
pub fn standing<'l>(
    lines: impl IntoIterator<Item = &'l Consent>,
    at: Timestamp,
) -> Option<(Standing, &'l Consent)> {
    let (mut said, mut asked): (Option<&Consent>, Option<&Consent>) = (None, None);
    for line in lines.into_iter().filter(|line| line.at <= at) {
        let latest = if line.status == Status::Pending { &mut asked } else { &mut said };
        if latest.is_none_or(|latest| latest.rank() < line.rank()) {
            *latest = Some(line);
        }
    }
    let holds = said.filter(|said| said.status == Status::Granted && !said.is_over(at));
    if let Some(granted) = holds {
        return Some((Standing::Granted, granted));
    }
    let open = asked.filter(|asked| said.is_none_or(|said| said.at < asked.at));
    if let Some(asked) = open.filter(|asked| !asked.is_over(at)) {
        return Some((Standing::Pending, asked));
    }
    match (said, open) {
        (Some(said), _) => Some((
            match said.status {
                Status::Refused => Standing::Refused,
                Status::Withdrawn => Standing::Withdrawn,
                Status::Granted | Status::Pending => Standing::Expired,
            },
            said,
        )),
        (None, Some(asked)) => Some((Standing::Expired, asked)),
        (None, None) => None,
    }
}

/// Whether somebody objects to a channel that [goes on until it is refused](Channel::goes_on_until_refused), for
/// whatever purpose; a question since then takes no no back.
pub fn objects_to(channel: Channel, lines: &[Consent], at: Timestamp) -> bool {
    let mut matters = by_matter(lines).into_iter().filter(|(matter, _)| matter.channel == channel);
    matters.any(|(_, lines)| {
        let said = lines.into_iter().filter(|line| line.status != Status::Pending);
        standing(said, at).is_some_and(|(it, _)| matches!(it, Standing::Refused | Standing::Withdrawn))
    })
}

#[cfg(test)]
mod tests;
