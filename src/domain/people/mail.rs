//! A mail to one person, and how patiently it is tried.

use std::fmt;
use std::time::Duration;

use super::email::Email;
use crate::domain::ids::MailId;
use crate::domain::time::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// How long to wait after the first try, the second …; after the last the mail is given up, four days after it was made.
const WAITS: [Duration; 9] = [
    MINUTE,
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    HOUR,
    Duration::from_secs(4 * 60 * 60),
    Duration::from_secs(12 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];

/// `Debug` shows neither the address nor a word of what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The same at each try: who gets it twice can tell.
    pub id: MailId,
    pub to: Email,
    pub words: Words,
    /// Where one click takes consent back (RFC 8058), whole; `None`: the mail is for no purpose.
    pub unsubscribe: Option<String>,
}

/// What a mail says.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Those that the HTML shows.
    pub pictures: Vec<Picture>,
}

/// A picture in a mail, which its HTML calls `cid:` and its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub name: String,
    pub png: Vec<u8>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).field("to", &self.to).finish_non_exhaustive()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(…)")
    }
}

/// When a mail is tried again that was tried so often; `None`: no more.
pub fn next_try(tries: u32, now: Timestamp) -> Option<Timestamp> {
    let wait = WAITS.get(usize::try_from(tries.saturating_sub(1)).ok()?)?;
    Some(now + *wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_less_and_less_often_and_given_up_after_some_days() {
        let mut now = Timestamp::from_ms(0);
        let mut waits = Vec::new();
        while let Some(next) = next_try(u32::try_from(waits.len()).unwrap() + 1, now) {
            waits.push(next.since(now));
            now = next;
        }

        assert!(waits.is_sorted(), "{waits:?}");
        assert_eq!(waits[0], MINUTE);
        assert!((3 * 24 * HOUR..5 * 24 * HOUR).contains(&now.since(Timestamp::from_ms(0))));
    }

    #[test]
    fn nothing_of_a_mail_shows_in_a_log() {
        let words =
            Words { subject: "Yes?".into(), text: "secret".into(), html: "secret".into(), pictures: vec![] };
        let mail = Mail {
            id: MailId(uuid::Uuid::nil()),
            to: "ada@example.org".parse().unwrap(),
            words,
            unsubscribe: None,
        };

        let shown = format!("{mail:?} {:?}", mail.words);

        assert!(!shown.contains("secret") && !shown.contains("ada") && !shown.contains("Yes"), "{shown}");
    }
}
