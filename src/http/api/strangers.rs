//! `/api/v1/strangers`: who has knocked at this node and has no business here.
//! Kept in memory: nodes that share a database do not know each other's, and a
//! restart forgets them.

use std::net::IpAddr;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, List, ServerProblems};
use crate::domain::calling::stranger;
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead};

/// An address that was not answered, was asked for a login in vain, or dials numbers that are not ours.
#[derive(Serialize, ToSchema)]
pub struct Stranger {
    /// Of IPv6 the first address of its /64, which counts as one.
    #[schema(value_type = String, example = "203.0.113.9")]
    pub address: IpAddr,
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// Requests that got no answer.
    pub ignored: u64,
    /// Times that it was asked for a login and brought no right one, lately.
    pub unanswered: u32,
    /// Wrong logins, lately.
    pub wrong_logins: u32,
    /// Different numbers that it dialled and that are not ours, lately.
    pub numbers: u32,
    /// The trunk whose login it brought last; `null`: none.
    #[schema(value_type = Option<String>)]
    pub trunk: Option<TrunkId>,
    /// Until then it is not answered, or of a trunk: not for numbers that are not ours. `null`: it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub silent_until: Option<Timestamp>,
}

impl From<stranger::Stranger> for Stranger {
    fn from(one: stranger::Stranger) -> Self {
        Self {
            address: one.address,
            first_at: one.first_at,
            last_at: one.last_at,
            ignored: one.ignored,
            unanswered: one.unanswered,
            wrong_logins: one.wrong_logins,
            numbers: one.numbers,
            trunk: one.trunk,
            silent_until: one.silent_until,
        }
    }
}

/// Strangers, the latest first.
#[utoipa::path(
    get, path = "/api/v1/strangers", tag = "gateway", operation_id = "list_strangers",
    security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "All that are remembered", body = List<Stranger>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Stranger>>, HttpError> {
    Ok(List::whole(app.watch.strangers().await))
}
