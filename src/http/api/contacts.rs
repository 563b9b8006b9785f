//! `/api/v1/contacts`: the people behind calls and visits.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::calls::CallItem;
use super::engagements::{Acts, Engagement};
use super::merges::Merge;
use super::quality::Mark;
use super::recordings::Recording;
use super::rfm::Rfm;
use super::shapes::Visit;
use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::ids::{ContactId, FieldId, SegmentId};
use crate::domain::people::customer::Customer;
use crate::domain::people::email::Email;
use crate::domain::people::engagement::Kind;
use crate::domain::people::quality::Code;
use crate::domain::people::search::{PhoneSought, Search};
use crate::domain::people::{address, casing, contact, field, keys};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, ContactsRead, FromQuery, Path, Query, QueryReader};
use crate::http::story::{self, Entry, Happening, PastCall};
use crate::store::Window;

/// How many merges a contact tells.
const MERGES_MAX: u32 = 50;

/// One person.
#[derive(Serialize, ToSchema)]
pub struct Contact {
    #[schema(value_type = Uuid)]
    pub id: ContactId,
    /// As it was said, in one piece.
    pub name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// The names as they are printed: what was written in capitals or in small letters alone has both.
    #[schema(example = "Ada Lovelace")]
    pub display_name: Option<String>,
    /// BCP 47.
    #[schema(example = "fr")]
    pub language: Option<String>,
    pub addresses: Vec<Address>,
    /// The plan's custom fields that something stands in.
    #[schema(value_type = Object, example = json!({"loyalty": "gold"}))]
    pub fields: BTreeMap<FieldId, field::Value>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Where somebody is reached by post.
#[derive(Serialize, ToSchema)]
pub struct Address {
    /// `home`, `work`, `billing`, `delivery` or `other`.
    #[schema(value_type = String, example = "home")]
    pub kind: address::Kind,
    /// Where behind the door, or in whose care.
    pub complement: Option<String>,
    /// Number and street.
    pub line: Option<String>,
    /// A place within the municipality.
    pub locality: Option<String>,
    pub postcode: Option<String>,
    pub city: Option<String>,
    /// ISO 3166-1.
    #[schema(example = "FR")]
    pub country: String,
    /// When a letter to it last came back; `null`: none has.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub returned_at: Option<Timestamp>,
}

impl From<address::Address> for Address {
    fn from(it: address::Address) -> Self {
        Self {
            kind: it.kind,
            complement: it.complement,
            line: it.line,
            locality: it.locality,
            postcode: it.postcode,
            city: it.city,
            country: it.country.to_string(),
            returned_at: it.returned_at,
        }
    }
}

impl From<contact::Contact> for Contact {
    fn from(contact: contact::Contact) -> Self {
        let profile = contact.profile;
        let display_name = profile.full_name().as_deref().map(casing::display);
        Self {
            id: contact.id,
            name: profile.name,
            given_name: profile.given_name,
            family_name: profile.family_name,
            display_name,
            language: profile.language,
            addresses: profile.addresses.into_iter().map(Into::into).collect(),
            fields: profile.fields,
            created_at: contact.created_at,
        }
    }
}

/// A person with what tells them apart and what they did.
#[derive(Serialize, ToSchema)]
pub struct ContactInFull {
    #[serde(flatten)]
    pub contact: Contact,
    pub identities: Vec<Identity>,
    /// Since when their data is kept and not used; `null`: it may be used.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub restricted_at: Option<Timestamp>,
    /// What is suspicious of them.
    pub marks: Vec<Mark>,
    /// The segments that they were in when that was told last.
    #[schema(value_type = Vec<String>, example = json!(["active"]))]
    pub segments: Vec<SegmentId>,
    /// How much of a client they are; `null`: they are none.
    pub rfm: Option<Rfm>,
    /// The last 50 times that they and another contact turned out to be one; those that were undone, too.
    pub merges: Vec<Merge>,
    pub acts: Acts,
    /// What they did and received, the newest first.
    pub timeline: Vec<TimelineEntry>,
    /// Hand it back as `cursor` to get the part of the timeline that follows.
    pub next_cursor: Option<String>,
}

/// An identity without what is known of it.
#[derive(Serialize, ToSchema)]
pub struct Named {
    /// `phone`, `visitor`, `email` or `customer`.
    #[schema(example = "customer")]
    pub kind: &'static str,
    #[schema(example = "crm:4711")]
    pub value: String,
}

/// What tells that it is this person again.
#[derive(Serialize, ToSchema)]
pub struct Identity {
    /// `phone`, `visitor`, `email` or `customer`.
    #[schema(example = "phone")]
    pub kind: &'static str,
    /// A number in E.164, a visitor's id, an address, or the name of a site or system and its customer's number
    /// (`shop:4711`).
    #[schema(example = "+33639980001")]
    pub value: String,
    /// A call or a visit has shown it.
    pub seen: bool,
    /// The visitor has said so, and nobody has checked it.
    pub said: bool,
    /// A program has written it, which is trusted to know.
    pub written: bool,
    /// Whether it is known to be theirs.
    pub verified: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub verified_at: Option<Timestamp>,
    /// Of an e-mail address: when a mail to it last came back for good, if none has been opened since.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub bounced_at: Option<Timestamp>,
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
            written: known.ground.written,
            verified: known.verified_at.is_some(),
            verified_at: known.verified_at,
            bounced_at: known.bounced_at,
            first_seen_at: known.first_seen_at,
            last_seen_at: known.last_seen_at,
        }
    }
}

/// One thing that happened, with the whole call, visit or engagement in it.
#[derive(Serialize, ToSchema)]
pub struct TimelineEntry {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The kind of engagement.
    #[schema(example = "call")]
    pub kind: &'static str,
    /// Of `call`, and of `voicemail` the call that the message was left in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Box<TimelineCall>>,
    /// Of `visit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<Box<Visit>>,
    /// Of every other kind: as another system told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engagement: Option<Box<Engagement>>,
}

/// A call of a contact.
#[derive(Serialize, ToSchema)]
pub struct TimelineCall {
    #[serde(flatten)]
    pub call: CallItem,
    /// What was kept of its sound, in order.
    pub recordings: Vec<Recording>,
}

impl From<PastCall> for TimelineCall {
    fn from(PastCall { row, recordings }: PastCall) -> Self {
        Self { call: row.into(), recordings: recordings.into_iter().map(Into::into).collect() }
    }
}

impl From<Entry> for TimelineEntry {
    fn from(Entry { at, what }: Entry) -> Self {
        let bare = |kind: Kind| Self { at, kind: kind.as_str(), call: None, visit: None, engagement: None };
        match what {
            Happening::Call(call) => Self { call: Some(Box::new((*call).into())), ..bare(Kind::Call) },
            Happening::Voicemail(call) => {
                Self { call: Some(Box::new((*call).into())), ..bare(Kind::Voicemail) }
            }
            Happening::Visit(visit) => Self { visit: Some(Box::new((*visit).into())), ..bare(Kind::Visit) },
            Happening::Told(told) => {
                let kind = told.what.kind();
                Self { engagement: Some(Box::new(told.into())), ..bare(kind) }
            }
        }
    }
}

/// Which contacts; each condition given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ListQuery reads")]
pub struct Filters {
    /// A number in any spelling, or at least its last four digits.
    #[param(example = "06 39 98 00 01")]
    phone: Option<String>,
    /// A whole address.
    email: Option<String>,
    /// The name of a site or system and its customer's number.
    #[param(example = "crm:4711")]
    customer: Option<String>,
    /// Words of the name, all of them, in any order; accents and capitals do not count.
    name: Option<String>,
    /// Something of them has this mark.
    #[param(example = "email_typo")]
    mark: Option<String>,
}

pub struct ListQuery {
    phone: Option<String>,
    email: Option<Email>,
    customer: Option<Customer>,
    name: Option<String>,
    mark: Option<Code>,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            phone: query.text("phone"),
            email: query.value("email"),
            customer: query.value("customer"),
            name: query.text("name"),
            mark: query.value("mark"),
            window: query.window(),
        }
    }
}

impl ListQuery {
    pub(super) fn search(&self, app: &AppState) -> Result<Search, HttpError> {
        let mut problems = Vec::new();
        let phone = self.phone.as_ref().and_then(|text| {
            let sought = PhoneSought::parse(text, app.config.home);
            sought.map_err(|few| problems.push(BadField::new("phone", few.to_string()))).ok()
        });
        let name = self.name.as_deref().map(keys::name_words);
        if name.as_ref().is_some_and(|words| words.is_empty()) {
            problems.push(BadField::new("name", "holds no word"));
        }
        if !problems.is_empty() {
            return Err(HttpError::Invalid(problems));
        }
        let (email, customer) = (self.email.clone(), self.customer.clone());
        Ok(Search { phone, email, customer, name: name.unwrap_or_default(), mark: self.mark, usable: false })
    }
}

/// Contacts, the newest first.
#[utoipa::path(
    get, path = "/api/v1/contacts", tag = "contacts", operation_id = "list_contacts",
    params(Filters, WindowParams), security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "A part of the list", body = List<Contact>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ListQuery>,
) -> Result<axum::Json<List<Contact>>, HttpError> {
    Ok(List::part(app.store.list_contacts(&asked.search(&app)?, &asked.window).await?))
}

/// How asking for a contact may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum MergedProblem {
    /// The contact has become part of another, which `Location` and `merged_into` name
    #[response(status = 301, content_type = "application/problem+json")]
    Merged(#[to_schema] Problem),
}

/// One contact, with identities and a timeline of what they did and received.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}", tag = "contacts", operation_id = "find_contact",
    params(("id" = Uuid, Path, description = "The contact"), WindowParams), security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "The contact", body = ContactInFull), MergedProblem, KeyProblems, ListProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Query(window): Query<Window>,
) -> Result<axum::Json<ContactInFull>, HttpError> {
    let story = story::find_contact(&app.store, id, &window).await?.ok_or(HttpError::NotFound("contact"))?;
    if story.contact.erased_at.is_some() {
        return Err(HttpError::Gone("the contact"));
    }
    if let Some(into) = story.contact.merged_into {
        return Err(HttpError::Merged(into));
    }
    Ok(axum::Json(ContactInFull {
        merges: Merge::list(&app.store, Some(id), &Window::first(MERGES_MAX)).await?.items,
        restricted_at: app.store.find_restriction(id).await?.map(|it| it.at),
        marks: Mark::list(&app.store, id).await?,
        segments: app.store.list_segments_of(id).await?,
        rfm: app.store.find_rfm(id).await?.map(Into::into),
        contact: story.contact.into(),
        identities: story.identities.into_iter().map(Into::into).collect(),
        acts: story.acts.into(),
        timeline: story.entries.into_iter().map(Into::into).collect(),
        next_cursor: story.next,
    }))
}
