//! The mail that asks whether somebody meant it.
//!
//! It repeats nothing that a visitor has typed, such as a name: otherwise
//! anybody could have us send words of theirs to strangers.

use askama::Template;

use crate::domain::people::mail::Words;
use crate::domain::people::purpose::Controller;
use crate::flows::Question;
use crate::http::language::{ChoiceTexts, Lang};

#[derive(Template)]
#[template(path = "letter.txt", whitespace = "preserve")]
struct Text<'a> {
    t: &'static ChoiceTexts,
    question: &'a str,
    link: &'a str,
    until: &'a str,
    controller: &'a Controller,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Page<'a> {
    lang: Lang,
    t: &'static ChoiceTexts,
    question: &'a str,
    link: &'a str,
    until: &'a str,
    controller: &'a Controller,
}

/// What somebody agrees to, and the mail that asks whether they do; in their language, or in `default`.
pub fn compose(asked: &Question, link: &str, default: Lang) -> (String, Words) {
    let lang = asked.language.as_deref().and_then(Lang::from_tag).unwrap_or(default);
    let (t, controller) = (lang.choice_texts(), &asked.controller);
    let purpose = lang.purpose(&asked.purpose);
    let question = asked.asked.text.clone();
    let question =
        question.unwrap_or_else(|| lang.question(asked.asked.matter.channel, &controller.name, purpose));
    let until = &lang.moment(asked.expires_at);
    let text = Text { t, question: &question, link, until, controller };
    let html = Page { lang, t, question: &question, link, until, controller };
    let words = Words {
        subject: format!("{}{}", t.letter_subject, controller.name),
        text: text.render().expect("a template of texts fills"),
        html: html.render().expect("a template of texts fills"),
        pictures: vec![],
    };
    (question, words)
}
