//! Who may be one person, though no identity says so: names, postcode and
//! mailbox look alike.
//!
//! Points add up, and what they stand on is told with them:
//!
//! | what is alike | points |
//! |---|---|
//! | names: by Jaro–Winkler of their words, from 0.85 (0) to 1 (55) | 0 to 55 |
//! | a postcode that both have | 25 |
//! | postcodes, and none that both have | −20 |
//! | the part of an e-mail address before the `@`, without dots and what follows a `+` | 35 |
//!
//! From [`SUGGESTED_FROM`] on they are suggested. Nobody is merged by it: a
//! father and his son may share all three.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::email::Email;
use super::keys::name_words;
use super::profile::Profile;

/// From so many points on two contacts are suggested as one.
pub const SUGGESTED_FROM: u8 = 50;

const NAME_MOST: f64 = 55.0;
const NAME_FROM: f64 = 0.85;
const POSTCODE: i32 = 25;
const OTHER_POSTCODE: i32 = -20;
const MAILBOX: i32 = 35;
/// A shorter mailbox (`info`) is anybody's.
const MAILBOX_MIN: usize = 5;

/// What is compared of a contact.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Traits {
    /// Words of the names.
    pub words: BTreeSet<String>,
    pub postcodes: BTreeSet<String>,
    pub mailboxes: BTreeSet<String>,
}

/// What speaks for two being one, or against it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    Name,
    Postcode,
    OtherPostcode,
    Mailbox,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    pub sign: Sign,
    pub points: i32,
}

/// How alike two contacts are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Likeness {
    /// 0 to 100.
    pub score: u8,
    pub reasons: Vec<Reason>,
}

impl Traits {
    pub fn of(profile: &Profile, emails: &[Email]) -> Self {
        let full = profile.full_name();
        let postcode = |text: &String| text.to_uppercase().chars().filter(|c| c.is_alphanumeric()).collect();
        Self {
            // D'Ormesson and Dormesson are one word.
            words: full.map(|name| name_words(&name.replace(['\'', '’'], ""))).unwrap_or_default(),
            postcodes: profile.addresses.iter().filter_map(|it| it.postcode.as_ref()).map(postcode).collect(),
            mailboxes: emails.iter().filter_map(mailbox).collect(),
        }
    }

    /// What contacts who are alike have in common, more often than not: whoever shares none of these is
    /// never compared. Two words of a name by their beginnings, one of them with a postcode, a mailbox.
    pub fn blocks(&self) -> BTreeSet<String> {
        let begin = |word: &String, most: usize| word.chars().take(most).collect::<String>();
        let words: Vec<&String> = self.words.iter().filter(|word| word.chars().count() > 1).collect();
        let pairs = words
            .iter()
            .enumerate()
            .flat_map(|(n, one)| words[n + 1..].iter().map(move |other| (*one, *other)));
        let names = pairs.map(|(one, other)| format!("n {} {}", begin(one, 3), begin(other, 3)));
        let places = self.postcodes.iter().flat_map(|postcode| {
            words.iter().map(move |word| format!("p {postcode} {}", word.chars().take(3).collect::<String>()))
        });
        let mailboxes = self.mailboxes.iter().map(|mailbox| format!("m {mailbox}"));
        names.take(10).chain(places.take(20)).chain(mailboxes.take(10)).collect()
    }
}

fn mailbox(email: &Email) -> Option<String> {
    let (local, _) = email.reveal().rsplit_once('@')?;
    let local: String = local.split('+').next()?.chars().filter(|c| *c != '.').collect();
    (local.chars().count() >= MAILBOX_MIN).then_some(local)
}

/// How alike they are, whichever is named first.
pub fn compare(one: &Traits, other: &Traits) -> Likeness {
    let mut reasons = Vec::new();
    let spelt = |traits: &Traits| traits.words.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    if !one.words.is_empty() && !other.words.is_empty() {
        let alike = (strsim::jaro_winkler(&spelt(one), &spelt(other)) - NAME_FROM) / (1.0 - NAME_FROM);
        let points = (alike.max(0.0) * NAME_MOST).round() as i32;
        if points > 0 {
            reasons.push(Reason { sign: Sign::Name, points });
        }
    }
    if !one.postcodes.is_empty() && !other.postcodes.is_empty() {
        reasons.push(if one.postcodes.is_disjoint(&other.postcodes) {
            Reason { sign: Sign::OtherPostcode, points: OTHER_POSTCODE }
        } else {
            Reason { sign: Sign::Postcode, points: POSTCODE }
        });
    }
    if !one.mailboxes.is_disjoint(&other.mailboxes) {
        reasons.push(Reason { sign: Sign::Mailbox, points: MAILBOX });
    }
    let points: i32 = reasons.iter().map(|reason| reason.points).sum();
    Likeness { score: points.clamp(0, 100) as u8, reasons }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::address::{Address, Kind};

    fn traits(name: &str, postcode: &str, email: &str) -> Traits {
        let address = Address {
            kind: Kind::Home,
            complement: None,
            line: None,
            locality: None,
            postcode: Some(postcode.into()),
            city: None,
            country: "FR".parse().unwrap(),
            returned_at: None,
        };
        let profile = Profile {
            name: (!name.is_empty()).then(|| name.into()),
            addresses: if postcode.is_empty() { vec![] } else { vec![address] },
            ..Profile::default()
        };
        let emails: Vec<Email> = email.parse().into_iter().collect();
        Traits::of(&profile, &emails)
    }

    #[test]
    fn points_add_up_as_the_table_says() {
        let ada = ("Ada Lovelace", "75002", "ada.lovelace@example.org");
        for (one, other, score) in [
            (ada, ada, 100),
            // The same name alone, in any order and writing.
            (("Ada Lovelace", "", ""), ("LOVELACE Ada", "", ""), 55),
            (("Ada Lovelace", "75002", ""), ("Ada Lovelace", "F-75002", ""), 35),
            (("Ada Lovelace", "75002", ""), ("ada lovelace", "75 002", ""), 80),
            (("Ada Lovelace", "75002", ""), ("Ada Lovelace", "69001", ""), 35),
            // A letter too few.
            (("Ada Lovelace", "75002", ""), ("Ada Lovlace", "75002", ""), 61),
            (("Ada Lovelace", "75002", ""), ("Bob Martin", "75002", ""), 25),
            (("Jean D'ORMESSON", "", ""), ("Dormesson, Jean", "", ""), 55),
            (("", "75002", "ada.lovelace@example.org"), ("", "75002", "adalovelace+news@mail.example"), 60),
            (("", "", "ada.lovelace@example.org"), ("", "", "adalovelace@mail.example"), 35),
            (("", "", "info@example.org"), ("", "", "info@mail.example"), 0),
            (("", "", ""), ("", "", ""), 0),
        ] {
            let traits_of = |(name, postcode, email): (&str, &str, &str)| traits(name, postcode, email);
            let (one, other) = (traits_of(one), traits_of(other));

            assert_eq!(compare(&one, &other).score, score, "{one:?} {other:?}");
            assert_eq!(compare(&other, &one), compare(&one, &other));
        }
    }

    #[test]
    fn who_is_suggested_shares_a_block() {
        for (one, other) in [
            (("Ada Lovelace", "", ""), ("LOVELACE ADA", "", "")),
            (("Ada Lovelace", "75002", ""), ("Ada Lovlace", "75002", "")),
            (("Lovelace", "75002", ""), ("Lovelace", "75002", "")),
            (("", "75002", "ada.lovelace@example.org"), ("", "75002", "adalovelace@mail.example")),
        ] {
            let (one, other) = (traits(one.0, one.1, one.2), traits(other.0, other.1, other.2));

            assert!(compare(&one, &other).score >= SUGGESTED_FROM, "{one:?} {other:?}");
            assert!(!one.blocks().is_disjoint(&other.blocks()), "{one:?} {other:?}");
        }
    }
}
