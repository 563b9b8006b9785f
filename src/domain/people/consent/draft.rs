//! A line of the ledger as somebody hands it in: words, nothing checked.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{BadProof, Basis, Channel, Consent, Matter, Method, Proof, Status};
use crate::domain::ids::{ConsentId, ContactId, ControllerId, PurposeId};
use crate::domain::time::Timestamp;

/// Clocks of others may be ahead of ours by so much.
const AHEAD_MAX: Duration = Duration::from_mins(5);
/// How long a name may be, in characters, and the words that were shown.
const NAME_MAX: usize = 200;
const TEXT_MAX: usize = 4_000;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Draft {
    pub channel: Option<String>,
    pub purpose: Option<String>,
    /// Without it the only one that there is.
    pub controller: Option<String>,
    pub status: Option<String>,
    /// Without it consent.
    pub basis: Option<String>,
    /// RFC 3339; without it now.
    pub at: Option<String>,
    pub expires_at: Option<String>,
    pub method: Option<String>,
    pub source: Option<String>,
    pub reference: Option<String>,
    pub text: Option<String>,
    pub text_version: Option<String>,
    pub actor: Option<String>,
    pub proof: Option<String>,
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
    #[error("{word:?} is not known here; write {known}")]
    Unknown { word: String, known: String },
    #[error("a box that was ticked beforehand is no consent (RGPD, recital 32; CJEU C-673/17)")]
    PreTicked,
    #[error("whoever consents says so: a rule gives another basis than consent")]
    RuleOfConsent,
    #[error("only consent waits to be confirmed")]
    PendingWithoutConsent,
    #[error("{0:?} is no time; write it as in RFC 3339, for instance \"2026-12-31T18:00:00Z\"")]
    BadTime(String),
    #[error("it has not come yet")]
    InFuture,
    #[error("it is over")]
    Past,
    #[error("it is more than a year away")]
    TooFarAhead,
    #[error("it is not after the time at which it was said")]
    Backwards,
    #[error("is longer than {0} characters")]
    TooLong(usize),
    #[error(transparent)]
    BadProof(#[from] BadProof),
}

/// What is handed in with a draft.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub id: ConsentId,
    pub contact: ContactId,
    /// Who hands it in.
    pub by: &'a str,
    pub now: Timestamp,
}

impl Draft {
    /// Whether somebody wants something no more: that is taken also of what the plan does not have any longer.
    pub fn is_no(&self) -> bool {
        let status = self.status.as_deref();
        [Status::Refused, Status::Withdrawn].iter().any(|no| status == Some(no.as_str()))
    }

    /// Whether the person is to be asked by e-mail if they meant it.
    pub fn asks(&self) -> bool {
        let is = |field: &Option<String>, word: &str| field.as_deref() == Some(word);
        is(&self.status, Status::Pending.as_str()) && is(&self.method, Method::DoubleOptIn.as_str())
    }

    /// The line, or everything that is wrong with it; `purposes` and `controllers` are those that a line may name.
    pub fn read(
        &self,
        entry: Entry<'_>,
        purposes: &[PurposeId],
        controllers: &[ControllerId],
    ) -> Result<Consent, Vec<Fault>> {
        let Entry { id, contact, by, now } = entry;
        let mut desk = Desk::default();
        let channel = desk.word("channel", &self.channel, words(Channel::ALL, |it| it.as_str()));
        let purpose = desk.word("purpose", &self.purpose, words(purposes, PurposeId::as_str));
        let controller = match (&self.controller, controllers) {
            (None, [only]) => Some(only.clone()),
            (named, all) => desk.word("controller", named, words(all, ControllerId::as_str)),
        };
        let status = desk.word("status", &self.status, words(Status::ALL, |it| it.as_str()));
        let basis = match &self.basis {
            Some(_) => desk.word("basis", &self.basis, words(Basis::ALL, |it| it.as_str())),
            None => Some(Basis::Consent),
        };
        let method = if self.method.as_deref() == Some("pre_ticked") {
            desk.fault("method", Wrong::PreTicked)
        } else {
            desk.word("method", &self.method, words(Method::ALL, |it| it.as_str()))
        };
        let at = desk.time("at", &self.at).unwrap_or(now);
        if at > now + AHEAD_MAX {
            desk.fault::<()>("at", Wrong::InFuture);
        }
        let expires_at = desk.time("expires_at", &self.expires_at);
        if expires_at.is_some_and(|end| end <= at) {
            desk.fault::<()>("expires_at", Wrong::Backwards);
        }
        if (status, basis) == (Some(Status::Granted), Some(Basis::Consent)) && method == Some(Method::Rule) {
            desk.fault::<()>("method", Wrong::RuleOfConsent);
        }
        if status == Some(Status::Pending) && basis.is_some_and(|basis| basis != Basis::Consent) {
            desk.fault::<()>("basis", Wrong::PendingWithoutConsent);
        }
        let source = match self.source.as_deref().map(str::trim) {
            None | Some("") => desk.fault("source", Wrong::Missing),
            Some(_) => desk.text("source", &self.source, NAME_MAX),
        };
        let reference = desk.text("reference", &self.reference, NAME_MAX);
        let text = desk.text("text", &self.text, TEXT_MAX);
        let text_version = desk.text("text_version", &self.text_version, NAME_MAX);
        let actor = desk.text("actor", &self.actor, NAME_MAX);
        let proof = self.proof.as_deref().and_then(|text| match text.parse::<Proof>() {
            Ok(proof) => Some(proof),
            Err(bad) => desk.fault("proof", bad.into()),
        });
        let line = (|| {
            let matter = Matter { channel: channel?, purpose: purpose?, controller: controller? };
            let (status, basis, method, source) = (status?, basis?, method?, source?);
            let (recorded_at, recorded_by) = (now, by.to_owned());
            Some(Consent {
                id,
                contact,
                matter,
                status,
                basis,
                at,
                expires_at,
                method,
                source,
                reference,
                text,
                text_version,
                actor,
                proof,
                recorded_at,
                recorded_by,
            })
        })();
        line.filter(|_| desk.0.is_empty()).ok_or(desk.0)
    }
}

fn words<'w, T>(all: &'w [T], word: impl Fn(&'w T) -> &'w str) -> Vec<&'w str> {
    all.iter().map(word).collect()
}

/// Reads fields and notes what is wrong with them.
#[derive(Default)]
struct Desk(Vec<Fault>);

impl Desk {
    fn fault<T>(&mut self, field: &'static str, wrong: Wrong) -> Option<T> {
        self.0.push(Fault { field, wrong });
        None
    }

    /// One of the words that are known.
    fn word<T: FromStr>(
        &mut self,
        field: &'static str,
        text: &Option<String>,
        known: Vec<&str>,
    ) -> Option<T> {
        let Some(word) = text else { return self.fault(field, Wrong::Missing) };
        let found = known.contains(&word.as_str()).then(|| word.parse().ok()).flatten();
        found.or_else(|| self.fault(field, Wrong::Unknown { word: word.clone(), known: known.join(", ") }))
    }

    fn time(&mut self, field: &'static str, text: &Option<String>) -> Option<Timestamp> {
        let text = text.as_ref()?;
        text.parse().ok().or_else(|| self.fault(field, Wrong::BadTime(text.clone())))
    }

    fn text(&mut self, field: &'static str, text: &Option<String>, most: usize) -> Option<String> {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
        if text.chars().count() > most {
            return self.fault(field, Wrong::TooLong(most));
        }
        Some(text.to_owned())
    }
}
