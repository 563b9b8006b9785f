//! `/api/v1/duplicates`: contacts that may be one person, though no identity says so.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::contact_writes::MalformedProblem;
use super::contacts::Contact;
use super::{BodyProblems, KeyProblems, List, ListProblems, ServerProblems, WindowParams};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::domain::people::likeness::{self, Sign};
use crate::flows::duplicate_refused;
use crate::http::AppState;
use crate::http::error::{HttpError, Problem};
use crate::http::extract::{ApiKey, ContactsRead, ContactsWrite, Json, Query};
use crate::store::{Page, Store, StoreError, Window};

/// Two contacts that may be one.
#[derive(Serialize, ToSchema)]
pub struct Duplicate {
    /// Both, the older first.
    pub contacts: Vec<Contact>,
    /// 50 to 100; what it is made of stands in `docs/people.md`.
    #[schema(example = 80)]
    pub score: u8,
    pub reasons: Vec<Reason>,
}

/// What speaks for two being one, or against it.
#[derive(Serialize, ToSchema)]
#[schema(as = LikenessReason)]
pub struct Reason {
    /// `name`, `postcode`, `other_postcode` or `mailbox`.
    #[schema(value_type = String, example = "postcode")]
    pub sign: Sign,
    #[schema(example = 25)]
    pub points: i32,
}

impl From<likeness::Reason> for Reason {
    fn from(likeness::Reason { sign, points }: likeness::Reason) -> Self {
        Self { sign, points }
    }
}

impl Duplicate {
    pub async fn list(store: &Store, window: &Window) -> Result<Page<Self>, StoreError> {
        let page = store.list_duplicates(window).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for it in page.items {
            let [one, other] = it.pair;
            let both = [store.find_contact(one).await?, store.find_contact(other).await?];
            let mut contacts: Vec<Contact> = both.into_iter().flatten().map(Into::into).collect();
            contacts.sort_by_key(|contact| (contact.created_at, contact.id));
            let reasons = it.likeness.reasons.into_iter().map(Into::into).collect();
            items.push(Self { contacts, score: it.likeness.score, reasons });
        }
        Ok(Page { items, next: page.next })
    }
}

/// Two contacts that are not one.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusedPair {
    /// Both, in any order.
    #[schema(value_type = Vec<Uuid>)]
    contacts: [ContactId; 2],
}

/// How refusing may end besides.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum RefusalProblem {
    /// The two are not suggested
    #[response(status = 404, content_type = "application/problem+json")]
    NotSuggested(#[to_schema] Problem),
}

/// Contacts whose names, postcodes or mailboxes look alike, the likeliest first.
#[utoipa::path(
    get, path = "/api/v1/duplicates", tag = "contacts", operation_id = "list_duplicates",
    params(WindowParams), security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "A part of the list", body = List<Duplicate>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Duplicate>>, HttpError> {
    Ok(List::part(Duplicate::list(&app.store, &window).await?))
}

/// Says that two who were suggested are not one. They are not suggested again.
#[utoipa::path(
    post, path = "/api/v1/duplicates/refuse", tag = "contacts", operation_id = "refuse_duplicate",
    request_body(content = RefusedPair, content_type = "application/json"),
    security(("api_key" = ["contacts:write"])),
    responses(
        (status = 200, description = "It is written down", body = RefusedPair),
        BodyProblems, MalformedProblem, RefusalProblem, KeyProblems, ServerProblems
    )
)]
pub async fn refuse(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Json(pair): Json<RefusedPair>,
) -> Result<axum::Json<RefusedPair>, HttpError> {
    duplicate_refused(&app.store, &app.clock, pair.contacts, Accessor::Key(key.id)).await?;
    Ok(axum::Json(pair))
}
