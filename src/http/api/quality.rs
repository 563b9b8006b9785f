//! What is suspicious: of a contact, of values that somebody is about to send, and of all contacts.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::contact_writes::{ContactBody, MalformedProblem};
use super::{BodyProblems, KeyProblems, ServerProblems};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::Identity;
use crate::domain::people::quality::{self, Kept, Place, label, marks};
use crate::domain::people::unread::Unread;
use crate::domain::people::{casing, profile::Profile};
use crate::domain::phone::{Line, Phone};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ApiKey, ContactsRead, ContactsWrite, Json};
use crate::store::Store;
use crate::store::reports::quality::{Held, QualityReport};

/// Something suspicious. It is kept all the same.
#[derive(Serialize, ToSchema)]
pub struct Mark {
    #[serde(flatten)]
    pub found: Found,
    /// Since when it is known.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Who wrote it: `key:…`, `user:…`, `site:…`, `import:…`, `call` (a caller's own number), or `earlier`: before
    /// there was this rule.
    #[schema(example = "site:bakery")]
    pub source: String,
}

/// What is suspicious, and where.
#[derive(Serialize, ToSchema)]
pub struct Found {
    /// `name`, `given_name`, `family_name`, `addresses[0]`; of an identity `identities`. Of what cannot be read, what it
    /// should be: `phone`, `email`, `language`, `address.country`, `fields.loyalty` …
    #[schema(example = "identities")]
    pub field: String,
    /// Of an identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "email")]
    pub kind: Option<String>,
    /// Of an identity, and of what cannot be read: as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada@gmial.com")]
    pub value: Option<String>,
    /// `phone_unreadable`, `email_unreadable`, `unreadable`, `phone_unassigned`, `phone_fiction`, `phone_platform`, `phone_premium`, `phone_shared_cost`, `email_typo`,
    /// `email_disposable`, `email_no_mail`, `email_role`, `name_digits`, `name_repeated`, `name_test`, `name_email`, `names_swapped`,
    /// `address_no_street`, `address_no_postcode`, `address_postcode`, `address_department`, `address_no_city`,
    /// `address_long`.
    #[schema(example = "email_typo")]
    pub code: &'static str,
    /// The domain that was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "gmail.com")]
    pub suggestion: Option<String>,
}

impl From<quality::Mark> for Found {
    fn from(mark: quality::Mark) -> Self {
        let (field, kind, value) = match mark.place {
            Place::Identity { kind, value } => ("identities".to_owned(), Some(kind), Some(value)),
            Place::Unread(Unread { part, value }) => (part, None, Some(value)),
            other => (other.reveal(), None, None),
        };
        Self { field, kind, value, code: mark.code.as_str(), suggestion: mark.suggestion }
    }
}

impl Mark {
    pub async fn list(store: &Store, contact: ContactId) -> Result<Vec<Self>, HttpError> {
        let marks = store.list_marks(&[contact]).await?.into_iter();
        let told = |Kept { mark, since, source }| Self { found: mark.into(), since, source };
        Ok(marks.map(|(_, kept)| told(kept)).collect())
    }
}

/// What these values are worth.
#[derive(Serialize, ToSchema)]
#[schema(as = QualityChecked)]
pub struct Checked {
    /// What cannot be meant so: writing it would be refused.
    pub errors: Vec<BadField>,
    /// What would be taken, and marked.
    pub marks: Vec<Found>,
    /// The names as they are printed.
    pub display_name: Option<String>,
    /// Numbers that can be dialled.
    pub phones: Vec<CheckedPhone>,
    /// The addresses in France, in their order, as they are written on an envelope (AFNOR NF Z10-011).
    #[schema(example = json!([["ADA LOVELACE", "12 RUE DE LA PAIX", "75002 PARIS"]]))]
    pub labels: Vec<Vec<String>>,
}

/// A number, told in every way.
#[derive(Serialize, ToSchema)]
pub struct CheckedPhone {
    /// In E.164.
    #[schema(example = "+33639980001")]
    pub value: String,
    #[schema(example = "06 39 98 00 01")]
    pub national: String,
    #[schema(example = "+33 6 39 98 00 01")]
    pub international: String,
    /// ISO 3166-1, where the first digits tell.
    #[schema(example = "FR")]
    pub country: Option<String>,
    /// `fixed`, `mobile`, `fixed_or_mobile`, `toll_free`, `premium`, `shared_cost`, `voip`, `other` or `unknown`.
    #[schema(value_type = String, example = "mobile")]
    pub line: Line,
}

impl From<&Phone> for CheckedPhone {
    fn from(phone: &Phone) -> Self {
        Self {
            value: phone.reveal().to_owned(),
            national: phone.national(),
            international: phone.international(),
            country: phone.country().map(|country| country.to_string()),
            line: phone.line(),
        }
    }
}

/// Tries what somebody is about to write of a contact, for instance a form before it is sent. Nothing is kept.
#[utoipa::path(
    post, path = "/api/v1/quality/check", tag = "contacts", operation_id = "check_quality",
    request_body(content = ContactBody, content_type = "application/json"),
    security(("api_key" = ["contacts:write"])),
    responses(
        (status = 200, description = "What it is worth", body = Checked),
        BodyProblems, MalformedProblem, KeyProblems, ServerProblems
    )
)]
pub async fn check(
    _: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Json(body): Json<ContactBody>,
) -> Result<axum::Json<Checked>, HttpError> {
    let (patch, identities, errors) = body.read_what_can_be(&app).await?;
    let mut profile = Profile::default();
    profile.apply(patch);
    let name = profile.full_name();
    let french = profile.addresses.iter().filter(|address| label::is_french(address));
    let labels = french.map(|address| label::label(name.as_deref().unwrap_or_default(), address).lines);
    let phones = identities.iter().filter_map(|it| match &it.identity {
        Identity::Phone(phone) => Some(phone.into()),
        Identity::Visitor(_) | Identity::Email(_) | Identity::Customer(_) => None,
    });
    let domains = identities.iter().filter_map(|it| it.identity.email()).map(|it| it.domain().to_owned());
    // What is known of them: nobody is asked while somebody waits.
    let without_mail = app.store.list_without_mail(domains.collect()).await?;
    let marks = marks(&profile, identities.iter().map(|it| &it.identity), &without_mail);
    Ok(axum::Json(Checked {
        errors,
        marks: marks.into_iter().map(Into::into).collect(),
        display_name: name.as_deref().map(casing::display),
        phones: phones.collect(),
        labels: labels.collect(),
    }))
}

/// How good the data is.
#[derive(Serialize, ToSchema)]
pub struct Quality {
    /// All contacts.
    pub contacts: u64,
    /// Those of whom something is suspicious.
    pub marked: u64,
    /// Those that are looked at within a minute: callers of just now.
    pub waiting: u64,
    pub phone: Share,
    pub email: Share,
    pub address: Share,
    /// What is suspicious, by who wrote it; the most frequent first.
    pub lines: Vec<QualityLine>,
}

/// How many contacts have something.
#[derive(Serialize, ToSchema)]
pub struct Share {
    pub any: u64,
    /// Of these, who can be reached by it, as far as can be told without trying.
    pub valid: u64,
    /// `valid` of all contacts, 0 to 1.
    #[schema(example = 0.82)]
    pub share: f64,
}

/// How often one source wrote what has one mark.
#[derive(Serialize, ToSchema)]
pub struct QualityLine {
    #[schema(example = "site:bakery")]
    pub source: String,
    #[schema(example = "email_typo")]
    pub code: &'static str,
    pub marks: u64,
}

impl From<QualityReport> for Quality {
    fn from(report: QualityReport) -> Self {
        let share = |held: Held| Share {
            any: held.any,
            valid: held.valid,
            share: if report.contacts == 0 { 0.0 } else { held.valid as f64 / report.contacts as f64 },
        };
        let lines = report.lines.into_iter();
        Self {
            contacts: report.contacts,
            marked: report.marked,
            waiting: report.waiting,
            phone: share(report.phone),
            email: share(report.email),
            address: share(report.address),
            lines: lines
                .map(|line| QualityLine { source: line.source, code: line.code.as_str(), marks: line.marks })
                .collect(),
        }
    }
}

/// How good the data is: what is suspicious, by who wrote it, and how many contacts can be reached.
#[utoipa::path(
    get, path = "/api/v1/reports/quality", tag = "reports", operation_id = "report_quality",
    security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "Of all contacts", body = Quality), KeyProblems, ServerProblems)
)]
pub async fn report(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<Quality>, HttpError> {
    Ok(axum::Json(app.store.report_quality().await?.into()))
}
