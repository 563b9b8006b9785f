//! `/api/v1/audit`: who has asked to read or to change what is known of people.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{KeyProblems, List, ListProblems, ServerProblems, WindowParams};
use crate::domain::ids::AuditId;
use crate::domain::people::audit::Action;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, AuditRead, FromQuery, Query, QueryReader};
use crate::store::Window;
use crate::store::audit::{AuditFilter, AuditRow};

/// One entry of the audit log.
#[derive(Serialize, ToSchema)]
pub struct AuditEntry {
    #[schema(value_type = Uuid)]
    pub id: AuditId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `user:` and who it was at the console; `key:` and the API key; `link`: the person themself, by a link.
    #[schema(example = "key:0199c0de-7c1e-7d02-9f6b-2f1f0c7e5a11")]
    pub who: String,
    /// The user's address or the key's name, while they are known.
    pub name: Option<String>,
    /// `read`, `list`, `write` or `delete`: what was asked for, whatever came of it.
    #[schema(value_type = String, example = "read")]
    pub what: Action,
    #[schema(example = "contact")]
    pub kind: String,
    /// Which one; `null`: a list, or one that had no id yet.
    pub subject: Option<String>,
    /// Its place in the chain, from 1; `null`: it is sealed within a second.
    pub seq: Option<i64>,
    /// SHA-256 over the hash before it and this entry.
    pub hash: Option<String>,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        let (seq, hash) = row.link.map(|link| (link.seq, link.hash)).unzip();
        let entry = row.entry;
        Self {
            id: entry.id,
            at: entry.at,
            who: entry.who,
            name: row.name,
            what: entry.what,
            kind: entry.kind,
            subject: entry.subject,
            seq,
            hash,
        }
    }
}

/// Which entries; each condition given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what AuditQuery reads")]
pub struct Filters {
    /// `user:` or `key:` and an id, or `link`.
    who: Option<String>,
    /// `read`, `list`, `write` or `delete`.
    what: Option<String>,
    /// `contact`, `call`, `recording` …
    kind: Option<String>,
    /// The id of a contact, a call …
    subject: Option<String>,
    /// At or after this time.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Before this time.
    #[param(format = DateTime)]
    until: Option<String>,
}

pub struct AuditQuery {
    pub filter: AuditFilter,
    window: Window,
}

impl FromQuery for AuditQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            filter: AuditFilter {
                who: query.value("who"),
                what: query.value("what"),
                kind: query.value("kind"),
                subject: query.value("subject"),
                from: query.time("from"),
                until: query.time("until"),
            },
            window: query.window(),
        }
    }
}

/// Who has asked for what, the latest first.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "people", operation_id = "list_audit",
    params(Filters, WindowParams), security(("api_key" = ["audit:read"])),
    responses((status = 200, description = "A part of the list", body = List<AuditEntry>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<AuditRead>,
    State(app): State<AppState>,
    Query(asked): Query<AuditQuery>,
) -> Result<axum::Json<List<AuditEntry>>, HttpError> {
    Ok(List::part(app.store.list_audit(&asked.filter, &asked.window).await?))
}
