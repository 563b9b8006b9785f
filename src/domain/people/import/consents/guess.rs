//! What a heading says of consent by itself. Whoever guesses wrong writes to
//! somebody who has said no, so only what is clear is guessed.

use super::{About, Column, Part};
use crate::domain::people::consent::Channel;
use crate::domain::people::draft::Declared;
use crate::domain::people::import::columns::folded;

/// What makes a heading one of consent; the next, one of its opposite, which nobody guesses.
const AGREED: [&str; 9] =
    ["optin", "consent", "consentement", "consents", "accord", "permission", "rgpd", "gdpr", "subscribed"];
const OPPOSED: [&str; 14] = [
    "out",
    "optout",
    "no",
    "not",
    "non",
    "pas",
    "sans",
    "stop",
    "refus",
    "opposition",
    "oppose",
    "unsubscribed",
    "desinscription",
    "desabonnement",
];
const CHANNELS: [(Channel, &[&str]); 5] = [
    (Channel::Email, &["email", "mail", "courriel", "newsletter", "emailing"]),
    (Channel::Sms, &["sms", "texto"]),
    (Channel::Phone, &["phone", "telephone", "tel", "call", "calls", "appel", "appels"]),
    (Channel::Post, &["post", "postal", "courrier"]),
    (Channel::Push, &["push"]),
];
const PARTS: [(Part, &[&str]); 6] = [
    (Part::At, &["date", "at", "time", "timestamp", "le"]),
    (Part::Source, &["source", "origine"]),
    (Part::TextVersion, &["version"]),
    (Part::Text, &["text", "texte", "wording", "mention"]),
    (Part::Method, &["method", "methode"]),
    (Part::Proof, &["proof", "preuve"]),
];

/// What a heading says by itself, in the words of [`folded`]: `Consentement SMS`, `Opt-in newsletter (date)`. The
/// purpose is the only one, or one that is named.
pub fn guess(heading: &str, declared: &Declared) -> Option<Column> {
    let words: Vec<&str> = heading.split(' ').collect();
    let any = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let agrees = any(&AGREED) || format!(" {heading} ").contains(" opt in ");
    if !agrees || any(&OPPOSED) {
        return None;
    }
    let channel = CHANNELS.iter().find(|(_, known)| any(known))?.0;
    let names = |texts: &[&str]| {
        texts.iter().any(|text| format!(" {heading} ").contains(&format!(" {} ", folded(text))))
    };
    let purposes = &declared.purposes;
    let named = purposes.iter().find(|it| names(&[it.id.as_str(), it.name_en.as_str(), it.name_fr.as_str()]));
    let purpose = named.or_else(|| purposes.first().filter(|_| purposes.len() == 1))?.id.clone();
    let controllers = &declared.controllers;
    let controller = match &controllers[..] {
        [_] => None,
        several => Some(several.iter().find(|it| names(&[it.id.as_str(), it.name.as_str()]))?.id.clone()),
    };
    let part = PARTS.iter().find(|(_, known)| any(known)).map_or(Part::Status, |(part, _)| *part);
    Some(Column { about: About { channel, purpose, controller }, part })
}
