//! The mails with a link that opens more than somebody's page does.
//!
//! They repeat nothing that was typed: whoever has a forwarded link could have us send words of theirs to strangers.

use askama::Template;

use crate::domain::people::mail::Words;
use crate::domain::people::mail_key::Opens;
use crate::domain::people::purpose::Controller;
use crate::flows::KeyLetter;
use crate::http::language::{ChoiceTexts, Lang, OwnDataTexts};

/// What the letter says besides the link.
#[derive(Clone, Copy)]
struct Says {
    t: &'static ChoiceTexts,
    o: &'static OwnDataTexts,
    subject: &'static str,
    why: &'static str,
    what_to_do: &'static str,
}

#[derive(Template)]
#[template(path = "key_letter.txt", whitespace = "preserve")]
struct Text<'a> {
    says: Says,
    link: &'a str,
    until: &'a str,
    /// Their page, where the address is vouched for.
    preferences: Option<&'a str>,
    controllers: &'a [Controller],
}

#[derive(Template)]
#[template(path = "key_letter.html")]
struct Page<'a> {
    lang: Lang,
    says: Says,
    link: &'a str,
    until: &'a str,
    preferences: Option<&'a str>,
    controllers: &'a [Controller],
}

/// In the person's language, or in the one that their page was read in.
pub fn compose(letter: &KeyLetter, link: &str, preferences: &str, shown_in: Lang) -> Words {
    let theirs = letter.contact.profile.language.as_deref().and_then(Lang::from_tag);
    let lang = theirs.unwrap_or(shown_in);
    let (t, o) = (lang.choice_texts(), lang.own_data_texts());
    let (subject, why, what_to_do) = match letter.opens {
        Opens::Data => (o.letter_data_subject, o.letter_data_why, o.letter_data_do),
        Opens::Email => (o.letter_email_subject, o.letter_email_why, o.letter_email_do),
    };
    let (says, until) = (Says { t, o, subject, why, what_to_do }, &lang.moment(letter.expires_at));
    let (controllers, preferences) =
        (&letter.controllers, Some(preferences).filter(|_| letter.opens == Opens::Data));
    let text = Text { says, link, until, preferences, controllers };
    let html = Page { lang, says, link, until, preferences, controllers };
    Words {
        subject: subject.to_owned(),
        text: text.render().expect("a template of texts fills"),
        html: html.render().expect("a template of texts fills"),
        pictures: vec![],
    }
}
