//! `/api/v1/contacts`: the people behind calls and visits.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::calls::Call;
use super::shapes::Visit;
use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::ids::ContactId;
use crate::domain::people::contact;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ContactsRead, Path, Query};
use crate::http::story::{self, Entry, Happening};
use crate::store::Window;

/// One person.
#[derive(Serialize, ToSchema)]
pub struct Contact {
    #[schema(value_type = Uuid)]
    pub id: ContactId,
    pub name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<contact::Contact> for Contact {
    fn from(contact: contact::Contact) -> Self {
        Self { id: contact.id, name: contact.name, created_at: contact.created_at }
    }
}

/// A person with what tells them apart and what they did.
#[derive(Serialize, ToSchema)]
pub struct ContactInFull {
    #[serde(flatten)]
    pub contact: Contact,
    pub identities: Vec<Identity>,
    /// Their calls and visits, the newest first.
    pub timeline: Vec<TimelineEntry>,
    /// Hand it back as `cursor` to get the part of the timeline that follows.
    pub next_cursor: Option<String>,
}

/// What tells that it is this person again.
#[derive(Serialize, ToSchema)]
pub struct Identity {
    /// `phone`, `visitor`, `email` or `customer`.
    #[schema(example = "phone")]
    pub kind: &'static str,
    /// A number in E.164, a visitor's id, an address, or a site's name and its customer's number (`shop:4711`).
    #[schema(example = "+33639980001")]
    pub value: String,
    /// A call or a visit has shown it.
    pub seen: bool,
    /// The visitor has said so, and nobody has checked it.
    pub said: bool,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
}

impl From<contact::KnownIdentity> for Identity {
    fn from(known: contact::KnownIdentity) -> Self {
        Self {
            kind: known.identity.kind(),
            value: known.identity.reveal(),
            seen: known.ground.seen,
            said: known.ground.said,
            first_seen_at: known.first_seen_at,
            last_seen_at: known.last_seen_at,
        }
    }
}

/// One thing that happened, with the whole call or visit in it.
#[derive(Serialize, ToSchema)]
pub struct TimelineEntry {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[serde(flatten)]
    pub what: Event,
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Call {
        call: Box<Call>,
    },
    /// A message, with the call that it was left in.
    Voicemail {
        call: Box<Call>,
    },
    Visit {
        visit: Box<Visit>,
    },
}

impl From<Entry> for TimelineEntry {
    fn from(entry: Entry) -> Self {
        let what = match entry.what {
            Happening::Call(record) => Event::Call { call: Box::new(record.into()) },
            Happening::Voicemail(record) => Event::Voicemail { call: Box::new(record.into()) },
            Happening::Visit(visit) => Event::Visit { visit: Box::new(visit.into()) },
        };
        Self { at: entry.at, what }
    }
}

/// Contacts, the newest first.
#[utoipa::path(
    get, path = "/api/v1/contacts", tag = "contacts", operation_id = "list_contacts",
    params(WindowParams), security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "A part of the list", body = List<Contact>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Contact>>, HttpError> {
    Ok(List::part(app.store.list_contacts(&window).await?))
}

/// One contact, with identities and a timeline of calls and visits.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}", tag = "contacts", operation_id = "find_contact",
    params(("id" = Uuid, Path, description = "The contact"), WindowParams), security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "The contact", body = ContactInFull), KeyProblems, ListProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Query(window): Query<Window>,
) -> Result<axum::Json<ContactInFull>, HttpError> {
    let story = story::find_contact(&app.store, id, &window).await?.ok_or(HttpError::NotFound("contact"))?;
    Ok(axum::Json(ContactInFull {
        contact: story.contact.into(),
        identities: story.identities.into_iter().map(Into::into).collect(),
        timeline: story.entries.into_iter().map(Into::into).collect(),
        next_cursor: story.next,
    }))
}
