//! One person: what they are known by, and everything they did.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::parts::{self, Badge, Moment};
use super::{Frame, page, with_query};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::{Identity, KnownIdentity};
use crate::domain::phone::Country;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, Texts};
use crate::http::story::{self, Entry, Happening};
use crate::store::Window;

const ENTRIES: u32 = 50;

pub struct Asked {
    cursor: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { cursor: query.text("cursor") }
    }
}

#[derive(Template)]
#[template(path = "contact.html")]
struct ContactPage {
    frame: Frame,
    name: String,
    since: Moment,
    identities: Vec<IdentityView>,
    entries: Vec<EntryView>,
    older: Option<String>,
}

struct IdentityView {
    kind: &'static str,
    value: String,
    /// Nobody has shown it, the visitor has merely said so.
    unchecked: bool,
    last_seen: Moment,
}

struct EntryView {
    at: Moment,
    /// A call has a badge and a page of its own.
    call: Option<(Badge, String)>,
    title: String,
    detail: String,
}

/// `GET /console/contacts/{id}`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<ContactId>,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let window = Window { after: asked.cursor, limit: ENTRIES };
    let story = story::find_contact(&app.store, id, &window).await?.ok_or(HttpError::NotFound("contact"))?;
    let home = app.config.home;
    let t = lang.texts();

    page(&ContactPage {
        name: story
            .contact
            .profile
            .full_name()
            .unwrap_or_else(|| called_by_number(&story.identities, home, t)),
        since: Moment::day(lang, story.contact.created_at),
        identities: story.identities.into_iter().map(|known| identity(lang, home, known)).collect(),
        entries: story.entries.into_iter().map(|happened| entry(lang, home, happened)).collect(),
        older: story.next.map(|next| with_query(&here, "cursor", Some(&next))),
        frame: Frame::new(lang, &here, Some(session.email)),
    })
}

/// Who has no name is called by their number.
fn called_by_number(identities: &[KnownIdentity], home: Country, t: &Texts) -> String {
    let numbers = identities.iter().filter_map(|known| match &known.identity {
        Identity::Phone(number) => Some(parts::phone(number, home)),
        Identity::Visitor(_) | Identity::Email(_) | Identity::Customer(_) => None,
    });
    numbers.into_iter().next().unwrap_or_else(|| t.unnamed.to_owned())
}

fn identity(lang: Lang, home: Country, known: KnownIdentity) -> IdentityView {
    let t = lang.texts();
    let (kind, value) = match &known.identity {
        Identity::Phone(number) => (t.phone, parts::phone(number, home)),
        Identity::Visitor(visitor) => (t.visitor, visitor.to_string()),
        Identity::Email(email) => (t.email, email.reveal().to_owned()),
        Identity::Customer(customer) => (t.customer, customer.reveal().to_owned()),
    };
    let unchecked = !known.ground.seen && !known.ground.written && known.verified_at.is_none();
    IdentityView { kind, value, unchecked, last_seen: Moment::day_and_time(lang, known.last_seen_at) }
}

fn entry(lang: Lang, home: Country, happened: Entry) -> EntryView {
    let at = Moment::day_and_time(lang, happened.at);
    match happened.what {
        Happening::Call(record) => EntryView {
            at,
            title: format!("→ {}", parts::phone(&record.number, home)),
            detail: parts::duration(lang, &record).unwrap_or_default(),
            call: Some((Badge::new(lang, record.outcome), format!("/console/calls/{}", record.id))),
        },
        Happening::Voicemail(record) => EntryView {
            at,
            title: lang.texts().message_left.to_owned(),
            detail: String::new(),
            call: Some((Badge::new(lang, record.outcome), format!("/console/calls/{}", record.id))),
        },
        Happening::Visit(visit) => EntryView {
            at,
            call: None,
            title: format!("{} · {}", lang.texts().visit, lang.channel(visit.source.channel)),
            detail: format!("{} · {}", parts::source(&visit.source), parts::short(&visit.landing_page)),
        },
    }
}
