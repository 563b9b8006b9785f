//! The double opt-in: who has said yes somewhere is asked by e-mail whether they
//! meant it, and only a yes that comes back from there counts.
//!
//! ```text
//!   form ──▶ pending ──▶ mail with a link ──▶ page with a button ──▶ granted
//! ```
//!
//! A link is opened by whoever has it, and by machines that look into mail; so
//! opening it changes nothing, and the button does.

use std::time::Duration;

use super::consent::{Consent, Status};
use super::email::Email;
use crate::domain::time::Timestamp;

/// What the admin sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// How long a question stands.
    pub confirm_within: Duration,
    /// How many of them an address gets within a day.
    pub mails_per_day: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { confirm_within: Duration::from_secs(7 * 24 * 60 * 60), mails_per_day: 3 }
    }
}

/// Why nobody can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NobodyAsked {
    #[error("the contact has no e-mail address")]
    NoEmail,
    #[error("the contact has several e-mail addresses; name one")]
    SeveralEmails,
    #[error("it is no address of the contact")]
    NotTheirs,
}

/// The address that is asked: the one that is named, or the only one.
pub fn choose_email(theirs: &[Email], named: Option<&Email>) -> Result<Email, NobodyAsked> {
    match (named, theirs) {
        (Some(named), theirs) if theirs.contains(named) => Ok(named.clone()),
        (Some(_), _) => Err(NobodyAsked::NotTheirs),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(NobodyAsked::NoEmail),
        (None, _) => Err(NobodyAsked::SeveralEmails),
    }
}

/// Whether a yes to this question still counts: nothing has been said since. `lines` are those of the contact.
pub fn is_open(asked: &Consent, lines: &[Consent], now: Timestamp) -> bool {
    let said = lines.iter().filter(|line| line.matter == asked.matter && line.status != Status::Pending);
    let is_over = asked.expires_at.is_some_and(|end| end <= now);
    asked.status == Status::Pending && !is_over && said.into_iter().all(|line| line.at < asked.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_theirs_is_asked() {
        let [ada, bob, eve]: [Email; 3] =
            ["ada@example.org", "bob@example.org", "eve@example.org"].map(|text| text.parse().unwrap());
        let both = [ada.clone(), bob.clone()];

        assert_eq!(choose_email(&both, Some(&bob)), Ok(bob));
        assert_eq!(choose_email(&both, Some(&eve)), Err(NobodyAsked::NotTheirs));
        assert_eq!(choose_email(&both, None), Err(NobodyAsked::SeveralEmails));
        assert_eq!(choose_email(&both[..1], None), Ok(ada));
        assert_eq!(choose_email(&[], None), Err(NobodyAsked::NoEmail));
    }
}
