//! On somebody's page: what is known of them, shortened, and what they say is wrong; the mails that open more.

use std::sync::Arc;

use axum::extract::{OriginalUri, Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};

use super::key_letter::compose;
use super::preferences::{Told, answer};
use super::{Done, Knocker, Wished, allow, link, nowhere};
use crate::domain::people::address::Kind;
use crate::domain::people::contact::Identity;
use crate::domain::people::draft::{DraftAddress, DraftIdentity, DraftProfile, Reader};
use crate::domain::people::email::Email;
use crate::domain::people::mail_key::Opens;
use crate::domain::people::profile::Patch;
use crate::domain::phone::Phone;
use crate::flows::{
    KeyLetter, KeySending, KeySent, Seen, data_corrected, data_key_asked, declared, email_told,
};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Query, QueryReader, hash_token, new_token};
use crate::http::language::{Lang, OwnDataTexts};

/// The part of the page.
pub struct OwnData {
    pub o: &'static OwnDataTexts,
    /// The address of the page, on which those of its forms go on.
    pub base: String,
    /// What it is, and what is known of it.
    pub facts: Vec<(&'static str, String)>,
    pub typed: Typed,
    pub languages: Vec<(String, &'static str, bool)>,
    /// What cannot be right of what was typed.
    pub unfit: Vec<&'static str>,
    /// Where a link to everything would go, masked; `None`: nowhere.
    pub data_email: Option<String>,
    pub sends_mail: bool,
}

impl OwnData {
    pub fn new(
        app: &AppState,
        here: &Uri,
        lang: Lang,
        seen: &Seen,
        told: Option<Typed>,
        unfit: Vec<&'static str>,
    ) -> Self {
        let o = lang.own_data_texts();
        let profile = &seen.preferences.contact.profile;
        let name = profile.full_name().map(|name| (o.name, name));
        let masked = |identity: &Identity| match identity {
            Identity::Phone(phone) => Some((o.known_by, phone.to_string())),
            Identity::Email(email) => Some((o.known_by, email.to_string())),
            Identity::Visitor(_) | Identity::Customer(_) => None,
        };
        let place = profile.addresses.iter().map(|address| {
            let place = [&address.postcode, &address.city].into_iter().flatten();
            let place = place.cloned().chain([address.country.to_string()]).collect::<Vec<_>>().join(" ");
            (o.lives_in, place)
        });
        let typed = told.unwrap_or_else(|| Typed {
            given_name: profile.given_name.clone().unwrap_or_default(),
            family_name: profile.family_name.clone().unwrap_or_default(),
            language: profile.language.clone().unwrap_or_else(|| lang.tag().to_owned()),
            ..Typed::default()
        });
        // One that this page does not speak stays theirs.
        let mut languages: Vec<(String, &'static str, bool)> = Lang::ALL
            .iter()
            .map(|&it| (it.tag().to_owned(), it.own_name(), Lang::from_tag(&typed.language) == Some(it)))
            .collect();
        if languages.iter().all(|(.., chosen)| !chosen) {
            languages.push((typed.language.clone(), o.another_language, true));
        }
        let sends_mail = app.config.sends_mail;
        Self {
            o,
            base: here.path().to_owned(),
            facts: name.into_iter().chain(seen.identities.iter().filter_map(masked)).chain(place).collect(),
            typed,
            languages,
            unfit,
            data_email: seen.data_email.as_ref().filter(|_| sends_mail).map(Email::to_string),
            sends_mail,
        }
    }
}

/// What somebody has typed into the form, as it is shown again where it cannot be right.
#[derive(Clone, Default)]
pub struct Typed {
    pub given_name: String,
    pub family_name: String,
    pub language: String,
    pub complement: String,
    pub line: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub phone: String,
}

impl FromQuery for Typed {
    fn read(form: &mut QueryReader<'_>) -> Self {
        let mut text = |name| form.text(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        Self {
            given_name: text("given_name"),
            family_name: text("family_name"),
            language: text("language"),
            complement: text("complement"),
            line: text("line"),
            postcode: text("postcode"),
            city: text("city"),
            country: text("country"),
            phone: text("phone"),
        }
    }
}

impl Typed {
    /// What it changes; or what cannot be right, in the words of the form.
    fn changes(
        &self,
        reader: &mut Reader<'_>,
        o: &OwnDataTexts,
    ) -> Result<(Patch, Option<Phone>), Vec<&'static str>> {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let address = DraftAddress {
            kind: Some(Kind::Home.to_string()),
            complement: given(&self.complement),
            line: given(&self.line),
            postcode: given(&self.postcode),
            city: given(&self.city),
            country: given(&self.country),
            ..DraftAddress::default()
        };
        let is_place =
            [&self.complement, &self.line, &self.postcode, &self.city].iter().any(|it| !it.is_empty());
        let draft = DraftProfile {
            given_name: Some(given(&self.given_name)),
            family_name: Some(given(&self.family_name)),
            language: given(&self.language).map(Some),
            addresses: is_place.then(|| vec![address]),
            ..DraftProfile::default()
        };
        let mut patch = reader.profile(&draft);
        // Others of theirs stay.
        patch.address = patch.addresses.take().and_then(|mut all| all.pop());
        let phone = given(&self.phone).and_then(|value| {
            let draft = DraftIdentity { kind: "phone".to_owned(), value, verified: None };
            match reader.identity("phone.", &draft) {
                Some(Identity::Phone(phone)) => Some(phone),
                _ => None,
            }
        });
        let unfit: Vec<&'static str> = reader.faults.iter().map(|it| label(&it.field, o)).collect();
        if unfit.is_empty() { Ok((patch, phone)) } else { Err(unfit) }
    }
}

/// What the form calls a field.
fn label(field: &str, o: &OwnDataTexts) -> &'static str {
    match field.rsplit('.').next().unwrap_or(field) {
        "given_name" => o.given_name,
        "family_name" => o.family_name,
        "language" => o.write_to_me_in,
        "complement" => o.complement,
        "line" => o.line,
        "postcode" => o.postcode,
        "city" => o.city,
        "country" => o.country,
        "value" => o.phone,
        _ => o.new_address,
    }
}

/// `POST /preferences/{link}/data`
pub async fn correct(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(token): Path<String>,
    Query(wished): Query<Wished>,
    Form(typed): Form<Typed>,
) -> Result<Response, HttpError> {
    allow(&app, &knocker)?;
    let declared = declared(&app.store, app.config.home).await?;
    let shown_in = wished.0.unwrap_or(lang);
    let read = typed.changes(&mut Reader::new(&declared), shown_in.own_data_texts());
    match read {
        Ok((patch, phone)) => {
            let done = data_corrected(&app.store, &app.clock, &hash_token(&token), patch, phone).await?;
            done.then(|| back(&token, wished, Done::Corrected))
                .map_or_else(|| nowhere(&app, lang, &here, knocker), Ok)
        }
        Err(unfit) => {
            let told = Told { typed: Some(typed), unfit, ..Told::default() };
            answer(&app, lang, &page_of(&token), &token, wished, told)
                .await?
                .map_or_else(|| nowhere(&app, lang, &here, knocker), Ok)
        }
    }
}

/// `POST /preferences/{link}/key`
pub async fn ask_for_key(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(token): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    allow(&app, &knocker)?;
    let sent = match sending(&app, &token, wished.0.unwrap_or(lang)) {
        Some(sending) => data_key_asked(&app.store, &app.clock, &hash_token(&token), sending).await?,
        None => Some(KeySent::NoEmail),
    };
    sent.map(|sent| back(&token, wished, Done::of(sent, Opens::Data)))
        .map_or_else(|| nowhere(&app, lang, &here, knocker), Ok)
}

/// The address that somebody says is theirs.
pub struct NewEmail(Option<String>);

impl FromQuery for NewEmail {
    fn read(form: &mut QueryReader<'_>) -> Self {
        Self(form.text("email"))
    }
}

/// `POST /preferences/{link}/email`
pub async fn tell_email(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(token): Path<String>,
    Query(wished): Query<Wished>,
    Form(NewEmail(email)): Form<NewEmail>,
) -> Result<Response, HttpError> {
    allow(&app, &knocker)?;
    let shown_in = wished.0.unwrap_or(lang);
    let Some(email) = email.as_deref().and_then(|text| text.parse::<Email>().ok()) else {
        let told = Told { unfit: vec![shown_in.own_data_texts().email], ..Told::default() };
        return answer(&app, lang, &page_of(&token), &token, wished, told)
            .await?
            .map_or_else(|| nowhere(&app, lang, &here, knocker), Ok);
    };
    let sent = match sending(&app, &token, shown_in) {
        Some(sending) => email_told(&app.store, &app.clock, &hash_token(&token), email, sending).await?,
        None => Some(KeySent::NoEmail),
    };
    sent.map(|sent| back(&token, wished, Done::of(sent, Opens::Email)))
        .map_or_else(|| nowhere(&app, lang, &here, knocker), Ok)
}

/// How a link is sent from a page; `None`: no mail leaves here.
fn sending(app: &AppState, page: &str, shown_in: Lang) -> Option<KeySending> {
    let (token, preferences) = (new_token(), link(app, "preferences", page));
    let (policy, token_hash) = (app.config.opt_in, hash_token(&token));
    let address = app.clone();
    let compose = move |letter: &KeyLetter| {
        let to = match letter.opens {
            Opens::Data => "my-data",
            Opens::Email => "my-email",
        };
        compose(letter, &link(&address, to, &token), &preferences, shown_in)
    };
    app.config.sends_mail.then(|| KeySending { policy, token_hash, compose: Arc::new(compose) })
}

/// Where the page of a link is, whatever was posted to.
fn page_of(token: &str) -> Uri {
    // What is no link opens nothing, wherever it leads.
    format!("/preferences/{token}").parse().unwrap_or_default()
}

/// To the page, which tells what was done.
fn back(token: &str, Wished(lang): Wished, done: Done) -> Response {
    let lang = lang.map(|lang| format!("&lang={}", lang.tag())).unwrap_or_default();
    Redirect::to(&format!("/preferences/{token}?done={}{lang}", done.word())).into_response()
}
