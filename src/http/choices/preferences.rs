//! The page where somebody looks after their choices: a switch for each purpose
//! and what it is pursued by, one no to everything, and how often; below it, what
//! is known of them ([`own_data`](super::own_data)).

use std::iter;
use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::own_data::{OwnData, Typed};
use super::{Done, Frame, Knocker, Wished, allow, nowhere, page};
use crate::domain::people::choices::Choice;
use crate::domain::people::consent::{Channel, Consent, Matter, Standing};
use crate::domain::people::contact::Identity;
use crate::domain::people::purpose::{Controller, Purpose};
use crate::domain::people::wish::{self, Frequency};
use crate::flows::{Answer, Preferences, Seen, find_preferences, preferences_changed};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Query, QueryReader, hash_token};
use crate::http::language::Lang;

#[derive(Template)]
#[template(path = "preferences.html")]
struct PreferencesPage {
    frame: Frame,
    here: String,
    /// What was done, in words.
    done: Option<&'static str>,
    /// Whom it is about, masked: a link may have gone astray.
    whose: Vec<String>,
    groups: Vec<Group>,
    often: Vec<Often>,
    data: OwnData,
}

/// How often they want to be reached by a channel.
struct Often {
    /// What the form calls it.
    name: &'static str,
    channel: &'static str,
    /// What the form sends, its words, and whether it stands.
    options: Vec<(&'static str, &'static str, bool)>,
}

/// What the form calls how often, by channel.
const OFTEN: [(&str, Channel); 5] = [
    ("often_email", Channel::Email),
    ("often_sms", Channel::Sms),
    ("often_phone", Channel::Phone),
    ("often_post", Channel::Post),
    ("often_push", Channel::Push),
];
/// As often as anybody likes.
const ANY: &str = "any";

/// The choices before one controller for one purpose.
struct Group {
    controller: String,
    purpose: String,
    switches: Vec<Switch>,
}

struct Switch {
    /// What the form calls it.
    matter: String,
    channel: &'static str,
    is_on: bool,
    /// Nobody can say no to it.
    is_fixed: bool,
    /// How it stands, and since when.
    stands: Option<String>,
}

impl PreferencesPage {
    fn new(app: &AppState, here: &Uri, lang: Lang, seen: Seen, told: Told) -> Self {
        let data = OwnData::new(app, here, lang, &seen, told.typed, told.unfit);
        let Seen { preferences, identities, .. } = seen;
        let Preferences { choices, purposes, controllers, wishes, .. } = preferences;
        let is_asked = |channel| choices.iter().any(|it| it.matter.channel == channel);
        let often = OFTEN.iter().filter(|(_, channel)| is_asked(*channel)).map(|&(name, channel)| {
            let stands = wish::standing(&wishes, channel);
            let all = iter::once(None).chain(Frequency::ALL.iter().copied().map(Some));
            let option =
                |it: Option<Frequency>| (it.map_or(ANY, Frequency::as_str), lang.frequency(it), it == stands);
            Often { name, channel: lang.consent_channel(channel), options: all.map(option).collect() }
        });
        let often = often.collect();
        let mut groups: Vec<Group> = Vec::new();
        for choice in choices {
            let of = &choice.matter;
            let controller = controllers.iter().find(|it| it.id == of.controller);
            let purpose = purposes.iter().find(|it| it.id == of.purpose);
            let (Some(controller), Some(purpose)) = (controller, purpose) else { continue };
            let (controller, purpose) = (controller.name.clone(), lang.purpose(purpose).to_owned());
            if groups.last().is_none_or(|last| (&last.controller, &last.purpose) != (&controller, &purpose)) {
                groups.push(Group { controller, purpose, switches: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                group.switches.push(Switch::new(lang, &choice));
            }
        }
        let masked = |identity: &Identity| match identity {
            Identity::Phone(phone) => Some(phone.to_string()),
            Identity::Email(email) => Some(email.to_string()),
            Identity::Visitor(_) | Identity::Customer(_) => None,
        };
        let mut controllers = controllers.into_iter();
        let only = controllers.next().filter(|_| controllers.len() == 0);
        Self {
            frame: Frame::new(lang, here, only),
            here: format!("{}?lang={}", here.path(), lang.tag()),
            done: told.done.map(|done| done.words(lang)),
            whose: identities.iter().filter_map(masked).collect(),
            groups,
            often,
            data,
        }
    }
}

impl Switch {
    fn new(lang: Lang, choice: &Choice) -> Self {
        let Matter { channel, purpose, controller } = &choice.matter;
        let said = |(standing, line): &(Standing, Consent)| {
            let since = line.expires_at.filter(|_| *standing == Standing::Expired);
            format!("{} · {}", lang.consent_standing(*standing), lang.day(since.unwrap_or(line.at)))
        };
        let stands = match &choice.stands {
            None => choice.is_on().then(|| lang.choice_texts().until_refused.to_owned()),
            Some(stands) => Some(said(stands)),
        };
        Self {
            matter: format!("{channel}/{purpose}/{controller}"),
            channel: lang.consent_channel(*channel),
            is_on: choice.is_on(),
            is_fixed: choice.is_fixed(),
            stands,
        }
    }
}

/// What the form sends: in which language it was read, and what was shown and ticked, or no to all of it.
pub struct Chosen(Lang, Answer);

impl FromQuery for Chosen {
    fn read(form: &mut QueryReader<'_>) -> Self {
        let matters = |texts: Vec<String>| texts.iter().filter_map(|text| matter(text)).collect();
        let (shown, wanted) = (matters(form.texts("shown")), matters(form.texts("yes")));
        let all_no = form.text("all").is_some();
        let often = OFTEN.iter().filter_map(|&(name, channel)| match form.text(name)?.as_str() {
            ANY => Some((channel, None)),
            word => Some((channel, Some(word.parse().ok()?))),
        });
        let often = often.collect();
        let shown_in = form.text("shown_in").and_then(|tag| Lang::from_tag(&tag)).unwrap_or(Lang::En);
        Self(shown_in, if all_no { Answer::Nothing } else { Answer::These { shown, wanted, often } })
    }
}

fn matter(text: &str) -> Option<Matter> {
    let mut parts = text.split('/');
    let mut part = || parts.next();
    Some(Matter {
        channel: part()?.parse().ok()?,
        purpose: part()?.parse().ok()?,
        controller: part()?.parse().ok()?,
    })
}

/// What the page tells besides what stands.
#[derive(Default)]
pub struct Told {
    pub done: Option<Done>,
    /// What was typed and cannot be right.
    pub typed: Option<Typed>,
    pub unfit: Vec<&'static str>,
}

/// In which language the page is asked for, and after what.
pub struct Asked(Wished, Option<Done>);

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self(Wished::read(query), query.text("done").and_then(|word| Done::from_word(&word)))
    }
}

/// `GET /preferences/{link}`
pub async fn show(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
    Query(Asked(wished, done)): Query<Asked>,
) -> Result<Response, HttpError> {
    answer(&app, lang, &here, &link, wished, Told { done, ..Told::default() })
        .await?
        .map_or_else(|| nowhere(&app, lang, &here, knocker), Ok)
}

/// `POST /preferences/{link}`
pub async fn change(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
    Query(wished): Query<Wished>,
    Form(Chosen(shown_in, chosen)): Form<Chosen>,
) -> Result<Response, HttpError> {
    allow(&app, &knocker)?;
    let question = Arc::new(move |channel, controller: &Controller, purpose: &Purpose| {
        shown_in.question(channel, &controller.name, shown_in.purpose(purpose))
    });
    let is_saved = preferences_changed(&app.store, &app.clock, &hash_token(&link), chosen, question).await?;
    let told = Told { done: is_saved.then_some(Done::Saved), ..Told::default() };
    answer(&app, lang, &here, &link, wished, told)
        .await?
        .map_or_else(|| nowhere(&app, lang, &here, knocker), Ok)
}

/// The page that a link opens, if it does.
pub async fn answer(
    app: &AppState,
    browser: Lang,
    here: &Uri,
    link: &str,
    wished: Wished,
    told: Told,
) -> Result<Option<Response>, HttpError> {
    let Some(found) = find_preferences(&app.store, &app.clock, &hash_token(link)).await? else {
        return Ok(None);
    };
    let lang = wished.or(&found.preferences.contact, browser);
    page(&PreferencesPage::new(app, here, lang, found, told)).map(Some)
}
