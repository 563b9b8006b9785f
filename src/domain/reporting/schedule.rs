//! A report that goes out by itself: which, when, to whom.

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::rhythm::{BadEvery, Rhythm};
use super::view::{NAME_MAX, view_name};
use crate::domain::ids::{ScheduleId, UserId};

pub const RECIPIENTS_MAX: usize = 20;

/// A report of the overview, sent again and again.
#[derive(Clone, PartialEq, Debug)]
pub struct Schedule {
    pub id: ScheduleId,
    pub name: String,
    /// As it stood behind the `?` of the address.
    pub query: String,
    pub rhythm: Rhythm,
    pub recipients: Vec<Recipient>,
    /// Whose it is; `None`: a program made it.
    pub owner: Option<UserId>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    pub user: UserId,
    /// The tag of a language.
    pub language: String,
}

/// As it is handed in, but for whom it goes to; nothing is checked.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Draft {
    pub name: String,
    pub every: String,
    /// `08:00`
    pub at: String,
    /// A name of the tz database; empty: UTC.
    pub zone: String,
}

/// A field that cannot be meant so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub field: &'static str,
    pub wrong: Wrong,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("takes 1 to {NAME_MAX} characters")]
    BadName,
    #[error("{BadEvery}")]
    BadEvery,
    #[error("must be a time of day, for instance 08:00")]
    BadTime,
    #[error("must be a time zone, for instance Europe/Paris")]
    BadZone,
    #[error("takes at most 2,000 characters")]
    BadQuery,
    #[error("must be en or fr")]
    BadLanguage,
    #[error("must be the address of somebody who signs in here")]
    Stranger,
    #[error("must have 1 to {RECIPIENTS_MAX}")]
    BadCount,
}

impl Draft {
    /// Its name and when it is sent, or all that is wrong with it.
    pub fn read(&self) -> Result<(String, Rhythm), Vec<Fault>> {
        let name = view_name(&self.name);
        let every = self.every.parse();
        let at = (self.at.len() == 5).then(|| self.at.parse::<Time>().ok()).flatten();
        let zone = if self.zone.is_empty() { Ok(TimeZone::UTC) } else { TimeZone::get(&self.zone) };
        let faults = [
            name.is_none().then_some(("name", Wrong::BadName)),
            every.is_err().then_some(("every", Wrong::BadEvery)),
            at.is_none().then_some(("at", Wrong::BadTime)),
            zone.is_err().then_some(("zone", Wrong::BadZone)),
        ];
        match (name, every, at, zone) {
            (Some(name), Ok(every), Some(at), Ok(zone)) => Ok((name, Rhythm { every, at, zone })),
            _ => Err(faults.into_iter().flatten().map(|(field, wrong)| Fault { field, wrong }).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_named() {
        let draft = |name: &str, every: &str, at: &str, zone: &str| Draft {
            name: name.into(),
            every: every.into(),
            at: at.into(),
            zone: zone.into(),
        };
        let fields =
            |draft: Draft| draft.read().map_err(|it| it.iter().map(|it| it.field).collect::<Vec<_>>());

        let (name, rhythm) = draft(" Our  week ", "week:1", "08:00", "Europe/Paris").read().unwrap();
        assert_eq!((name.as_str(), rhythm.at.to_string().as_str()), ("Our week", "08:00:00"));
        assert!(draft("x", "day", "23:59", "").read().is_ok());
        assert_eq!(fields(draft("", "hour", "24:00", "Mars")), Err(vec!["name", "every", "at", "zone"]));
        assert_eq!(fields(draft("x", "day", "8:00", "")), Err(vec!["at"]));
    }
}
