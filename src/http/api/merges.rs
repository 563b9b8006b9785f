//! `/api/v1/merges`: contacts that became one person, and are two again.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::contact_writes::ContactProblems;
use super::contacts::Named;
use super::{BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, MergeId};
use crate::domain::people::contact::Identity;
use crate::domain::people::field;
use crate::domain::people::merge::{self, Why};
use crate::domain::time::Timestamp;
use crate::flows::{contacts_merged, merge_undone};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ContactsRead, ContactsWrite, FromQuery, Json, Path, Query, QueryReader};
use crate::store::merges::Moved;
use crate::store::{Page, Store, StoreError, Window};

/// That two contacts became one.
#[derive(Serialize, ToSchema)]
pub struct Merge {
    #[schema(value_type = Uuid)]
    pub id: MergeId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `user:` and who did it at the console; `key:` and the API key.
    #[schema(example = "key:0199c0de-7c1e-7d02-9f6b-2f1f0c7e5a11")]
    pub by: String,
    /// The one that stayed: the older.
    #[schema(value_type = Uuid)]
    pub into: ContactId,
    /// The one that is part of it now.
    #[schema(value_type = Uuid)]
    pub gone: ContactId,
    /// `identity`: a program wrote an identity of one and one of the other in one breath; `hand`: somebody said so.
    #[schema(value_type = String, example = "identity")]
    pub why: Why,
    /// The identity that brought them together.
    pub identity: Option<Named>,
    /// What was carried over.
    pub moved: Carried,
    /// What both said, and differently.
    pub conflicts: Vec<Conflict>,
    /// Since when they are two again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<String>,
}

/// What pointed at the one that went, and points at the other.
#[derive(Serialize, ToSchema)]
pub struct Carried {
    pub identities: Vec<Named>,
    pub calls: u64,
    pub engagements: u64,
}

/// Something that both said, and differently.
#[derive(Serialize, ToSchema)]
pub struct Conflict {
    /// `name`, `given_name`, `family_name`, `language`, or `fields.` and the name of a custom field.
    #[schema(example = "family_name")]
    pub part: String,
    /// What the one that stayed says; empty where it says nothing, since the rest of the name is another.
    #[schema(value_type = Object)]
    pub kept: field::Value,
    /// What the other said.
    #[schema(value_type = Object)]
    pub other: field::Value,
}

impl Merge {
    fn new(merge: merge::Merge, moved: Moved) -> Self {
        let named = |identity: Identity| Named { kind: identity.kind(), value: identity.reveal() };
        let conflict = |it: merge::Conflict| Conflict { part: it.part, kept: it.kept, other: it.other };
        let (undone_at, undone_by) = merge.undone.map(|undone| (undone.at, undone.by)).unzip();
        Self {
            id: merge.id,
            at: merge.at,
            by: merge.by,
            into: merge.into,
            gone: merge.gone,
            why: merge.why,
            identity: merge.identity.map(named),
            moved: Carried {
                identities: moved.identities.into_iter().map(named).collect(),
                calls: moved.calls,
                engagements: moved.engagements,
            },
            conflicts: merge.conflicts.into_iter().map(conflict).collect(),
            undone_at,
            undone_by,
        }
    }

    async fn load(store: &Store, merge: merge::Merge) -> Result<Self, StoreError> {
        let moved = store.find_moved(merge.id).await?;
        Ok(Self::new(merge, moved))
    }

    /// A part of the merges, with what each carried over.
    pub async fn list(
        store: &Store,
        of: Option<ContactId>,
        window: &Window,
    ) -> Result<Page<Self>, StoreError> {
        let page = store.list_merges(of, window).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for merge in page.items {
            items.push(Self::load(store, merge).await?);
        }
        Ok(Page { items, next: page.next })
    }
}

/// Which merges.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what MergesQuery reads")]
pub struct Filters {
    /// Those that this contact took part in.
    contact: Option<Uuid>,
}

pub struct MergesQuery {
    contact: Option<ContactId>,
    window: Window,
}

impl FromQuery for MergesQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { contact: query.id("contact"), window: query.window() }
    }
}

/// Whom a contact shall be one with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMerge {
    #[schema(value_type = Uuid)]
    contact: ContactId,
}

/// Every merge, the newest first; those that were undone, too.
#[utoipa::path(
    get, path = "/api/v1/merges", tag = "contacts", operation_id = "list_merges",
    params(Filters, WindowParams), security(("api_key" = ["contacts:read"])),
    responses((status = 200, description = "A part of the list", body = List<Merge>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(asked): Query<MergesQuery>,
) -> Result<axum::Json<List<Merge>>, HttpError> {
    Ok(List::part(Merge::list(&app.store, asked.contact, &asked.window).await?))
}

/// Makes one of two contacts. The older stays, whichever of them is named first.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/merge", tag = "contacts", operation_id = "merge_contacts",
    params(("id" = Uuid, Path, description = "One of them")), security(("api_key" = ["contacts:write"])),
    request_body(content = NewMerge, content_type = "application/json"),
    responses(
        (status = 200, description = "They are one", body = Merge),
        BodyProblems, ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn merge(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(new): Json<NewMerge>,
) -> Result<axum::Json<Merge>, HttpError> {
    let merge = contacts_merged(&app.store, &app.clock, [id, new.contact], Accessor::Key(key.id)).await?;
    Ok(axum::Json(Merge::load(&app.store, merge).await?))
}

/// Makes two of them again. Later merges of the one that stayed are undone first.
///
/// What was carried over goes back. What came since goes with the identity it came by: a call with its
/// number, a visit with its browser. What was written since stays with the one that stayed.
#[utoipa::path(
    post, path = "/api/v1/merges/{id}/undo", tag = "contacts", operation_id = "undo_merge",
    params(("id" = Uuid, Path, description = "The merge")), security(("api_key" = ["contacts:write"])),
    responses(
        (status = 200, description = "They are two", body = Merge),
        ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn undo(
    key: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<MergeId>,
) -> Result<axum::Json<Merge>, HttpError> {
    let merge = merge_undone(&app.store, &app.clock, id, Accessor::Key(key.id)).await?;
    Ok(axum::Json(Merge::load(&app.store, merge).await?))
}
