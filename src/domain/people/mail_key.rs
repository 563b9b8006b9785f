//! A link that goes to an address of a person, for what the link to their page does not open by itself.
//!
//! The link to the page stands in mails, which are forwarded and kept for years. So it shows no more than somebody needs to
//! see whose it is. What it cannot do takes a fresh mail: whoever reads that has the address now.
//!
//! An address that somebody has added on the page is never one that such a mail goes to: whoever has a forwarded link
//! could add their own, confirm it, and be sent everything.

use std::time::Duration;

use super::contact::{Identity, KnownIdentity};
use super::email::Email;
use crate::domain::calling::outcome::words;
use crate::domain::ids::ContactId;
use crate::domain::time::Timestamp;

/// How long a link to all that is known holds: long enough for a mail to come and an archive to go.
pub const DATA_HOLDS: Duration = Duration::from_mins(30);

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailKey {
    /// SHA-256 of what the link holds, in hex.
    pub token_hash: String,
    pub contact: ContactId,
    pub opens: Opens,
    /// Where it went.
    pub email: Email,
    pub asked_at: Timestamp,
    pub expires_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
}

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opens {
    /// All that is known, its archive, and that it be erased.
    Data,
    /// That the address is theirs.
    Email,
}

words! { Opens:
    Data = "data",
    Email = "email",
}

/// The address that a mail about all that is known goes to: of those that somebody else than the page vouches for, and mail
/// reaches, the one that was verified last. `added` are those of the page.
pub fn choose_email(identities: &[KnownIdentity], added: &[Email]) -> Option<Email> {
    let fits = identities.iter().filter_map(|known| match &known.identity {
        Identity::Email(email) if known.bounced_at.is_none() && !added.contains(email) => {
            known.verified_at.map(|at| (at, email))
        }
        Identity::Email(_) | Identity::Phone(_) | Identity::Visitor(_) | Identity::Customer(_) => None,
    });
    fits.max_by_key(|(at, _)| *at).map(|(_, email)| email.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::contact::Ground;

    fn known(email: &str, verified: Option<i64>, bounced: bool) -> KnownIdentity {
        let then = Timestamp::from_ms(0);
        KnownIdentity {
            identity: Identity::Email(email.parse().unwrap()),
            ground: Ground::WRITTEN,
            verified_at: verified.map(Timestamp::from_ms),
            bounced_at: bounced.then_some(then),
            first_seen_at: then,
            last_seen_at: then,
            source: None,
        }
    }

    #[test]
    fn everything_is_sent_only_to_an_address_that_the_page_has_not_added() {
        let all = [
            known("unverified@example.org", None, false),
            known("old@example.org", Some(1), false),
            known("bounced@example.org", Some(9), true),
            known("added@example.org", Some(8), false),
        ];
        let added: Email = "added@example.org".parse().unwrap();
        let chosen = |identities: &[KnownIdentity], added: &[Email]| {
            choose_email(identities, added).map(|email| email.reveal().to_owned())
        };

        assert_eq!(chosen(&all, std::slice::from_ref(&added)).as_deref(), Some("old@example.org"));
        assert_eq!(chosen(&all, &[]).as_deref(), Some("added@example.org"));
        assert_eq!(chosen(&all[..1], &[added]), None);
    }
}
