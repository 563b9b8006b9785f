//! Columns about consent: which matter a column is about, what its cells say in
//! the words of other tools, and what of it is news to the ledger.
//!
//! A yes counts from when it was said, and nobody can tell that from a table
//! that does not say so: without its time it is refused, lest it overrule a no
//! that came after it. A no is taken in any case.

mod guess;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

pub(super) use guess::guess;

use super::Problem;
use super::columns::{BadTarget, folded};
use crate::domain::calling::outcome::words;
use crate::domain::ids::{ConsentId, ContactId, ControllerId, PurposeId};
use crate::domain::people::consent::{
    Channel, Consent, Draft, Entry, Fault, Method, Standing, Status, standing,
};
use crate::domain::people::draft::Declared;
use crate::domain::time::Timestamp;

/// `consent.<channel>.<purpose>`, with `.<controller>` where there are several, and `.<part>` of what goes with the
/// answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Column {
    pub about: About,
    pub part: Part,
}

/// A matter; without a controller, before the only one that there is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct About {
    pub channel: Channel,
    pub purpose: PurposeId,
    pub controller: Option<ControllerId>,
}

/// What a column says of a matter: the answer, or a field of the ledger's line, called as the API calls it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    Status,
    At,
    ExpiresAt,
    Basis,
    Method,
    Source,
    Text,
    TextVersion,
    Proof,
    Actor,
}

words! { Part:
    Status = "status",
    At = "at",
    ExpiresAt = "expires_at",
    Basis = "basis",
    Method = "method",
    Source = "source",
    Text = "text",
    TextVersion = "text_version",
    Proof = "proof",
    Actor = "actor",
}

/// The words of tools, in small letters without accents and signs.
const ANSWERS: [(Status, &[&str]); 3] = [
    (
        Status::Granted,
        &[
            "granted",
            "yes",
            "y",
            "oui",
            "o",
            "true",
            "vrai",
            "1",
            "x",
            "ok",
            "opt in",
            "optin",
            "opted in",
            "subscribed",
            "abonne",
            "inscrit",
            "accepted",
            "accepte",
            "consent",
            "consenti",
            "d accord",
        ],
    ),
    (
        Status::Refused,
        &[
            "refused",
            "no",
            "n",
            "non",
            "false",
            "faux",
            "0",
            "opt out",
            "optout",
            "opted out",
            "refuse",
            "declined",
        ],
    ),
    (
        Status::Withdrawn,
        &["withdrawn", "unsubscribed", "desabonne", "desinscrit", "retire", "revoked", "stop"],
    ),
];

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let About { channel, purpose, controller } = &self.about;
        write!(f, "consent.{channel}.{purpose}")?;
        if let Some(controller) = controller {
            write!(f, ".{controller}")?;
        }
        // A controller may be called as a part is.
        let doubtful = controller.as_ref().is_some_and(|it| it.as_str().parse::<Part>().is_ok());
        if self.part != Part::Status || doubtful { write!(f, ".{}", self.part) } else { Ok(()) }
    }
}

impl FromStr for Column {
    type Err = BadTarget;

    /// Reads what stands behind `consent.`.
    fn from_str(text: &str) -> Result<Self, BadTarget> {
        let pieces: Vec<&str> = text.split('.').collect();
        let (channel, purpose, controller, part) = match pieces[..] {
            [channel, purpose] => (channel, purpose, None, Part::Status),
            [channel, purpose, last] => match last.parse() {
                Ok(part) => (channel, purpose, None, part),
                Err(_) => (channel, purpose, Some(last), Part::Status),
            },
            [channel, purpose, controller, part] => {
                (channel, purpose, Some(controller), part.parse().map_err(|_| BadTarget)?)
            }
            _ => return Err(BadTarget),
        };
        let about = About {
            channel: channel.parse().map_err(|_| BadTarget)?,
            purpose: purpose.parse().map_err(|_| BadTarget)?,
            controller: controller.map(str::parse).transpose().map_err(|_| BadTarget)?,
        };
        Ok(Self { about, part })
    }
}

impl About {
    /// Whether the plan has such a purpose and such a controller; without one, exactly one.
    pub fn is_declared(&self, declared: &Declared) -> bool {
        let controllers = &declared.controllers;
        declared.purposes.iter().any(|it| it.id == self.purpose)
            && match &self.controller {
                Some(id) => controllers.iter().any(|it| it.id == *id),
                None => controllers.len() == 1,
            }
    }

    /// Every matter that a column may be about.
    pub fn all(declared: &Declared) -> impl Iterator<Item = About> {
        let several = declared.controllers.len() > 1;
        Channel::ALL.iter().flat_map(move |channel| {
            declared.purposes.iter().flat_map(move |purpose| {
                declared.controllers.iter().map(move |controller| About {
                    channel: *channel,
                    purpose: purpose.id.clone(),
                    controller: several.then(|| controller.id.clone()),
                })
            })
        })
    }
}

/// What a row says of one matter, and in which columns.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Said {
    pub draft: Draft,
    /// The headings, by what they are about.
    headings: BTreeMap<Part, String>,
}

impl Said {
    /// Takes a cell that is not empty.
    pub(super) fn take(&mut self, part: Part, heading: String, cell: &str) {
        *field(&mut self.draft, part) = Some(cell.to_owned());
        self.headings.insert(part, heading);
    }

    /// The line as the ledger takes it in; `None`: the row does not answer. What it does not say itself `all` says of
    /// the whole table.
    pub(super) fn finish(
        mut self,
        about: &About,
        all: &Draft,
        now: Timestamp,
    ) -> Option<Result<Self, Problem>> {
        let answer = self.draft.status.take()?;
        let column = self.heading(Part::Status);
        let Some(status) = read_answer(&answer) else {
            let detail =
                "takes granted, refused or withdrawn, or a usual word for it: yes, no, opt-in, opt-out";
            return Some(Err(Problem { column, detail: detail.to_owned() }));
        };
        let mut all = all.clone();
        for part in Part::ALL.iter().filter(|part| **part != Part::Status) {
            let own = field(&mut self.draft, *part);
            *own = own.take().or_else(|| field(&mut all, *part).take());
        }
        let at = match self.draft.at.as_deref().map(|text| moment(text, status, now)) {
            Some(Err(NoDay)) => {
                return Some(Err(Problem { column: self.heading(Part::At), detail: NoDay.to_string() }));
            }
            Some(Ok(at)) => at,
            None if status == Status::Granted => {
                let time = Column { about: about.clone(), part: Part::At };
                let detail = format!(
                    "says yes, and not since when: a yes takes the time at which it was said, of its row ({time}) \
                     or of the whole table"
                );
                return Some(Err(Problem { column, detail }));
            }
            None => None,
        };
        let About { channel, purpose, controller } = about;
        self.draft = Draft {
            channel: Some(channel.to_string()),
            purpose: Some(purpose.to_string()),
            controller: controller.as_ref().map(ToString::to_string),
            status: Some(status.to_string()),
            at: at.map(|at| at.to_string()),
            ..self.draft
        };
        self.draft.method.get_or_insert_with(|| Method::Import.to_string());
        Some(Ok(self))
    }

    /// Why the ledger does not take it, by the column that says so; what is said of the whole table has none.
    pub fn problem(&self, fault: &Fault) -> Problem {
        let own = fault.field.parse::<Part>().ok().filter(|part| self.headings.contains_key(part));
        let part = own.unwrap_or(Part::Status);
        let of_all = if own.is_none() { format!("{}: ", fault.field) } else { String::new() };
        Problem { column: self.heading(part), detail: format!("{of_all}{}", fault.wrong) }
    }

    fn heading(&self, part: Part) -> String {
        self.headings.get(&part).cloned().unwrap_or_default()
    }
}

/// What is wrong with what is said of every consent of a table.
pub fn check(all: &Draft, now: Timestamp) -> Vec<Fault> {
    let purposes: [PurposeId; 1] = ["any".parse().expect("a slug")];
    let controllers: [ControllerId; 1] = ["any".parse().expect("a slug")];
    let granted = Draft {
        channel: Some(Channel::Email.to_string()),
        purpose: Some("any".to_owned()),
        status: Some(Status::Granted.to_string()),
        // Days are read when it is known whether a row says yes or no.
        at: all.at.as_deref().map(|text| match moment(text, Status::Granted, now) {
            Ok(at) => at.unwrap_or(now).to_string(),
            Err(NoDay) => text.to_owned(),
        }),
        method: all.method.clone().or(Some(Method::Import.to_string())),
        source: all.source.clone().or(Some("a table".to_owned())),
        ..all.clone()
    };
    let entry =
        Entry { id: ConsentId(uuid::Uuid::nil()), contact: ContactId(uuid::Uuid::nil()), by: "", now };
    granted.read(entry, &purposes, &controllers).err().unwrap_or_default()
}

/// Whether the ledger learns something by this line; `known` are its lines of the contact. A no without its time
/// (`timed`) is none where the matter stands at no: else a table that is brought again would say it again.
pub fn is_news(line: &Consent, timed: bool, known: &[Consent]) -> bool {
    let mut of_matter = known.iter().filter(|it| it.matter == line.matter);
    if !timed {
        let stands = standing(of_matter.filter(|it| it.status != Status::Pending), line.recorded_at);
        return !stands.is_some_and(|(it, _)| matches!(it, Standing::Refused | Standing::Withdrawn));
    }
    !of_matter.any(|known| {
        // Where it was read, and how it came here, makes it nothing else.
        let Consent { id, contact, method, source, reference, recorded_at, recorded_by, .. } = known.clone();
        Consent { id, contact, method, source, reference, recorded_at, recorded_by, ..line.clone() } == *known
    })
}

/// How a matter stands by the lines of a contact, as the cells of its parts; a question is no answer.
pub fn write<'l>(lines: impl IntoIterator<Item = &'l Consent>, now: Timestamp) -> Vec<String> {
    let said = lines.into_iter().filter(|line| line.status != Status::Pending);
    let Some((_, line)) = standing(said, now) else { return vec![String::new(); Part::ALL.len()] };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cell = |part: &Part| match part {
        Part::Status => line.status.to_string(),
        Part::At => line.at.to_string(),
        Part::ExpiresAt => line.expires_at.map(|at| at.to_string()).unwrap_or_default(),
        Part::Basis => line.basis.to_string(),
        Part::Method => line.method.to_string(),
        Part::Source => line.source.clone(),
        Part::Text => text(&line.text),
        Part::TextVersion => text(&line.text_version),
        Part::Proof => line.proof.map(|proof| proof.to_string()).unwrap_or_default(),
        Part::Actor => text(&line.actor),
    };
    Part::ALL.iter().map(cell).collect()
}

fn field(draft: &mut Draft, part: Part) -> &mut Option<String> {
    match part {
        Part::Status => &mut draft.status,
        Part::At => &mut draft.at,
        Part::ExpiresAt => &mut draft.expires_at,
        Part::Basis => &mut draft.basis,
        Part::Method => &mut draft.method,
        Part::Source => &mut draft.source,
        Part::Text => &mut draft.text,
        Part::TextVersion => &mut draft.text_version,
        Part::Proof => &mut draft.proof,
        Part::Actor => &mut draft.actor,
    }
}

fn read_answer(cell: &str) -> Option<Status> {
    let said = folded(cell);
    ANSWERS.iter().find(|(_, words)| words.contains(&said.as_str())).map(|(status, _)| *status)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("takes a time with its zone (2026-03-01T10:00:00+01:00) or a day (2026-03-01, 01/03/2026)")]
struct NoDay;

/// When an answer was given. A day, or a time without its zone, counts against a yes: that was said as the day began,
/// a no as it ended; `None`: the day has not ended yet, so the no counts from now on.
fn moment(text: &str, status: Status, now: Timestamp) -> Result<Option<Timestamp>, NoDay> {
    if let Ok(at) = text.parse() {
        return Ok(Some(at));
    }
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let day = match day.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => day.to_owned(),
    };
    let written: DateTime = format!("{day}T{time}").parse().map_err(|_| NoDay)?;
    let begins = written.date().to_zoned(TimeZone::UTC).map_err(|_| NoDay)?.timestamp();
    let begins = Timestamp::from_ms(begins.as_millisecond());
    if status == Status::Granted {
        return Ok(Some(begins));
    }
    let ended = begins + std::time::Duration::from_millis(24 * 60 * 60 * 1_000 - 1);
    Ok((ended <= now).then_some(ended))
}

#[cfg(test)]
mod tests;
