//! A question as somebody asks it: words, nothing checked.

use std::time::Duration;

use super::Question;
use crate::domain::ids::ControllerId;
use crate::domain::people::consent::{Channel, Fault, Wrong};
use crate::domain::people::purpose::Purpose;
use crate::domain::people::reservation::AHEAD_MAX;
use crate::domain::time::Timestamp;

/// Clocks of others may be behind ours by so much.
const BEHIND_MAX: Duration = Duration::from_mins(5);

/// By what people are reached; the other channels of the ledger follow or record them.
pub const REACHING: [Channel; 5] =
    [Channel::Phone, Channel::Sms, Channel::Email, Channel::Post, Channel::Push];

#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Draft {
    pub channel: Option<String>,
    pub purpose: Option<String>,
    /// Without it the only one that there is.
    pub controller: Option<String>,
    /// RFC 3339; without it now.
    pub at: Option<String>,
}

impl Draft {
    /// The question and its moment, or everything that is wrong with them.
    pub fn read(
        &self,
        purposes: &[Purpose],
        controllers: &[ControllerId],
        now: Timestamp,
    ) -> Result<(Question, Timestamp), Vec<Fault>> {
        let mut faults = Vec::new();
        let mut fault = |field, wrong| faults.push(Fault { field, wrong });
        let channel = word(&self.channel, &REACHING, |it| it.as_str());
        let channel = channel.map_err(|wrong| fault("channel", wrong));
        let purpose = word(&self.purpose, purposes, |it| it.id.as_str());
        let purpose = purpose.map_err(|wrong| fault("purpose", wrong));
        let controller = match (&self.controller, controllers) {
            (None, [only]) => Ok(only.clone()),
            (named, all) => word(named, all, ControllerId::as_str),
        };
        let controller = controller.map_err(|wrong| fault("controller", wrong));
        let at = self.at.as_ref().map_or(Ok(now), |text| text.parse());
        let at = at.map_err(|_| fault("at", Wrong::BadTime(self.at.clone().unwrap_or_default())));
        match (channel, purpose, controller, at) {
            (Ok(channel), Ok(purpose), Ok(controller), Ok(at)) => {
                Ok((Question { channel, purpose, controller }, at))
            }
            _ => Err(faults),
        }
    }

    /// The same of something that is to be done: it is not over, nor more than a year away.
    pub fn read_plan(
        &self,
        purposes: &[Purpose],
        controllers: &[ControllerId],
        now: Timestamp,
    ) -> Result<(Question, Timestamp), Vec<Fault>> {
        let (question, at) = self.read(purposes, controllers, now)?;
        let wrong = if at + BEHIND_MAX < now {
            Wrong::Past
        } else if at > now + AHEAD_MAX {
            Wrong::TooFarAhead
        } else {
            // What has been said since counts, whatever another's clock shows.
            return Ok((question, at.max(now)));
        };
        Err(vec![Fault { field: "at", wrong }])
    }
}

fn word<T: Clone>(text: &Option<String>, known: &[T], name: impl Fn(&T) -> &str) -> Result<T, Wrong> {
    let text = text.as_ref().ok_or(Wrong::Missing)?;
    let found = known.iter().find(|it| name(it) == text).cloned();
    found.ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(&name).collect();
        Wrong::Unknown { word: text.clone(), known: known.join(", ") }
    })
}
