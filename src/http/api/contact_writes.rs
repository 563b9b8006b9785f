//! `/api/v1/contacts` written: by programs that are trusted to know whom they write of.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::contacts::{Contact, Identity};
use super::quality::Mark;
use super::{BodyProblems, KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, MergeId};
use crate::domain::people::contact;
use crate::domain::people::draft::{DraftAddress, DraftIdentity, DraftProfile, Reader, WrittenIdentity};
use crate::domain::people::profile::Patch;
use crate::domain::people::unread::Unread;
use crate::flows::{ContactError, Written, contact_written, declared, identity_taken_off, person_returned};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, ContactsWrite, FromQuery, Json, Path, Query, QueryReader};

/// What is written of a person. What is left out stays as it is; `null` takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// As it was said, in one piece; 100 characters at most, like the other names.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "Ada")]
    given_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "Lovelace")]
    family_name: Option<Option<String>>,
    /// BCP 47.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "fr")]
    language: Option<Option<String>>,
    /// All of them, in the place of those that were there; 10 at most.
    addresses: Option<Vec<NewAddress>>,
    /// Custom fields by their names in the plan; each stands for itself.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"loyalty": "gold", "shoe_size": null}))]
    fields: BTreeMap<String, serde_json::Value>,
    /// The person was erased and has come back themselves: what they are known by may be written again. Without it that
    /// is refused (409).
    #[serde(default)]
    returned: bool,
    /// What points at the person from now on; 50 at most. None is taken away.
    #[serde(default)]
    identities: Vec<NewIdentity>,
}

/// Where somebody is reached by post; at least one of `line`, `locality`, `postcode` and `city`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddress {
    /// `home`, `work`, `billing`, `delivery` or `other`; without it `home`.
    kind: Option<String>,
    /// Where behind the door, or in whose care.
    #[schema(example = "Apartment 12")]
    complement: Option<String>,
    /// Number and street.
    #[schema(example = "12 rue de la Paix")]
    line: Option<String>,
    /// A place within the municipality.
    locality: Option<String>,
    #[schema(example = "75002")]
    postcode: Option<String>,
    #[schema(example = "Paris")]
    city: Option<String>,
    /// ISO 3166-1; without it, the gateway's own.
    #[schema(example = "FR")]
    country: Option<String>,
}

/// Something that points at a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentity {
    /// `phone`, `email`, `visitor` or `customer`.
    #[schema(example = "phone")]
    kind: String,
    /// A number as people write it, an address, a visitor's id, or a system's name and its customer's number.
    #[schema(example = "crm:4711")]
    value: String,
    /// Whether it is known to be theirs, from now on; left out, that stays as it is.
    verified: Option<bool>,
}

/// A person as they are now.
#[derive(Serialize, ToSchema)]
pub struct WrittenContact {
    /// Nobody was known by these identities: they are new here.
    pub created: bool,
    /// What became one by this, since the identities were of several contacts; the oldest of them stays.
    #[schema(value_type = Vec<Uuid>)]
    pub merges: Vec<MergeId>,
    #[serde(flatten)]
    pub contact: Contact,
    pub identities: Vec<Identity>,
    /// What is suspicious of them, and was taken all the same.
    pub marks: Vec<Mark>,
}

/// Which identity, or which value that cannot be read.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what IdentityQuery reads")]
pub struct IdentityParams {
    /// `phone`, `email`, `visitor` or `customer`; of what cannot be read, the `field` of its mark.
    kind: String,
    /// As it is written, or as it was given; the `+` of a number as `%2B`.
    value: String,
}

pub struct IdentityQuery(DraftIdentity);

impl FromQuery for IdentityQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let mut text = |name| query.text(name).unwrap_or_default();
        Self(DraftIdentity { kind: text("kind"), value: text("value"), verified: None })
    }
}

/// How writing of a contact may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ContactProblems {
    /// The contact has become part of another or is restricted, or the merge is undone or has a later one on top; `detail`
    /// tells
    #[response(status = 409, content_type = "application/problem+json")]
    NotSo(#[to_schema] Problem),
}

/// How a body that stands for itself may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum MalformedProblem {
    /// The body is no JSON; `detail` tells line and column
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(#[to_schema] Problem),
}

/// Writes of the person at whom the identities point, or of somebody new. Where they point at several
/// contacts these become one, which can be undone.
///
/// Sent again it changes nothing, so a program need not know whether it has been here before.
#[utoipa::path(
    post, path = "/api/v1/contacts", tag = "contacts", operation_id = "write_contact",
    request_body(content = ContactBody, content_type = "application/json"),
    security(("api_key" = ["contacts:write"])),
    responses(
        (status = 201, description = "Nobody was known by these identities; somebody is now", body = WrittenContact),
        (status = 200, description = "They were known, and are as was written", body = WrittenContact),
        BodyProblems, MalformedProblem, ContactProblems, KeyProblems, ServerProblems
    )
)]
pub async fn create(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Json(body): Json<ContactBody>,
) -> Result<(StatusCode, axum::Json<WrittenContact>), HttpError> {
    let returned = body.returned;
    let (patch, identities) = body.read(&app).await?;
    if identities.is_empty()
        && [&patch.name, &patch.given_name, &patch.family_name].iter().all(|it| it.is_none())
    {
        return Err(HttpError::Invalid(vec![BadField::new("body", "give an identity or a name")]));
    }
    let written = write(&app, &key, None, patch, identities, returned).await?;
    let status = if written.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, answer(&app, written).await?))
}

/// Changes what is known of a person.
#[utoipa::path(
    patch, path = "/api/v1/contacts/{id}", tag = "contacts", operation_id = "change_contact",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["contacts:write"])),
    request_body(content = ContactBody, content_type = "application/json"),
    responses(
        (status = 200, description = "As they are now", body = WrittenContact),
        BodyProblems, ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn change(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(body): Json<ContactBody>,
) -> Result<axum::Json<WrittenContact>, HttpError> {
    let returned = body.returned;
    let (patch, identities) = body.read(&app).await?;
    let written = write(&app, &key, Some(id), patch, identities, returned).await?;
    answer(&app, written).await
}

/// Points an identity at a person, or says whether it is known to be theirs.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/identities", tag = "contacts", operation_id = "add_identity",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["contacts:write"])),
    request_body(content = NewIdentity, content_type = "application/json"),
    responses(
        (status = 200, description = "As they are now", body = WrittenContact),
        BodyProblems, ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn add_identity(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(new): Json<NewIdentity>,
) -> Result<axum::Json<WrittenContact>, HttpError> {
    let draft = DraftIdentity::from(new);
    let identity = read_identity(&app, &draft).await?;
    let identities = vec![WrittenIdentity { identity, verified: draft.verified }];
    let written = contact_written(
        &app.store,
        &app.clock,
        Accessor::Key(key.id),
        Some(id),
        Patch::default(),
        identities,
    )
    .await?;
    answer(&app, written).await
}

/// Takes an identity off a person, or a value that was kept though it cannot be read. An identity points at nobody then;
/// what came by it stays.
#[utoipa::path(
    delete, path = "/api/v1/contacts/{id}/identities", tag = "contacts", operation_id = "delete_identity",
    params(("id" = Uuid, Path, description = "The contact"), IdentityParams),
    security(("api_key" = ["contacts:write"])),
    responses(
        (status = 200, description = "As they are now", body = WrittenContact),
        ContactProblems, KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn delete_identity(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Query(IdentityQuery(draft)): Query<IdentityQuery>,
) -> Result<axum::Json<WrittenContact>, HttpError> {
    let known = app.store.find_contact(id).await?.ok_or(HttpError::NotFound("contact"))?;
    let unread = Unread::new(&draft.kind, &draft.value).filter(|it| known.profile.unread.contains(it));
    if let Some(unread) = unread {
        let patch = Patch { mended: [unread].into(), ..Patch::default() };
        let written = write(&app, &key, Some(id), patch, vec![], false).await?;
        return answer(&app, written).await;
    }
    let identity = read_identity(&app, &draft).await?;
    identity_taken_off(&app.store, &app.clock, id, identity).await?;
    told(&app, id, false, vec![]).await
}

async fn write(
    app: &AppState,
    key: &ApiKey<ContactsWrite>,
    whom: Option<ContactId>,
    patch: Patch,
    identities: Vec<WrittenIdentity>,
    returned: bool,
) -> Result<Written, HttpError> {
    let by = Accessor::Key(key.id);
    Ok(if returned {
        person_returned(&app.store, &app.clock, by, whom, patch, identities).await?
    } else {
        contact_written(&app.store, &app.clock, by, whom, patch, identities).await?
    })
}

async fn answer(app: &AppState, written: Written) -> Result<axum::Json<WrittenContact>, HttpError> {
    told(app, written.contact, written.created, written.merges).await
}

async fn told(
    app: &AppState,
    contact: ContactId,
    created: bool,
    merges: Vec<MergeId>,
) -> Result<axum::Json<WrittenContact>, HttpError> {
    let marks = Mark::list(&app.store, contact).await?;
    let identities = app.store.list_identities(contact).await?.into_iter().map(Identity::from).collect();
    let contact = app.store.find_contact(contact).await?.ok_or(HttpError::NotFound("contact"))?.into();
    Ok(axum::Json(WrittenContact { created, merges, contact, identities, marks }))
}

async fn read_identity(app: &AppState, draft: &DraftIdentity) -> Result<contact::Identity, HttpError> {
    let declared = declared(&app.store, app.config.home).await?;
    let mut reader = Reader::new(&declared);
    let identity = reader.identity("", draft);
    identity.ok_or_else(|| HttpError::Invalid(bad_fields(reader)))
}

fn bad_fields(reader: Reader<'_>) -> Vec<BadField> {
    let told = reader.faults.into_iter().map(|unfit| BadField::new(unfit.field, unfit.fault.to_string()));
    told.collect()
}

impl ContactBody {
    async fn read(self, app: &AppState) -> Result<(Patch, Vec<WrittenIdentity>), HttpError> {
        let (patch, identities, faults) = self.read_what_can_be(app).await?;
        if faults.is_empty() { Ok((patch, identities)) } else { Err(HttpError::Invalid(faults)) }
    }

    /// The same, with what cannot be meant so beside it.
    pub(super) async fn read_what_can_be(
        self,
        app: &AppState,
    ) -> Result<(Patch, Vec<WrittenIdentity>, Vec<BadField>), HttpError> {
        let declared = declared(&app.store, app.config.home).await?;
        let mut reader = Reader::new(&declared);
        let patch = reader.profile(&DraftProfile {
            name: self.name,
            given_name: self.given_name,
            family_name: self.family_name,
            language: self.language,
            addresses: self.addresses.map(|all| all.into_iter().map(Into::into).collect()),
            fields: self.fields,
        });
        let drafts: Vec<DraftIdentity> = self.identities.into_iter().map(Into::into).collect();
        let identities = reader.identities(&drafts);
        Ok((patch, identities, bad_fields(reader)))
    }
}

impl From<NewAddress> for DraftAddress {
    fn from(new: NewAddress) -> Self {
        let NewAddress { kind, complement, line, locality, postcode, city, country } = new;
        Self { kind, complement, line, locality, postcode, city, country }
    }
}

impl From<NewIdentity> for DraftIdentity {
    fn from(NewIdentity { kind, value, verified }: NewIdentity) -> Self {
        Self { kind, value, verified }
    }
}

impl From<ContactError> for HttpError {
    fn from(failure: ContactError) -> Self {
        match failure {
            ContactError::NotFound { what } => Self::NotFound(what),
            ContactError::Same => Self::Invalid(vec![BadField::new("contact", failure.to_string())]),
            ContactError::Erased => Self::Gone("the contact"),
            ContactError::Gone { .. }
            | ContactError::Tombstone { .. }
            | ContactError::Restricted
            | ContactError::Undone
            | ContactError::Later { .. } => Self::Conflict(failure.to_string()),
            ContactError::Store(failure) => failure.into(),
        }
    }
}

/// Tells `null` from what was left out.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(input).map(Some)
}
