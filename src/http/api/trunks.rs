//! `/api/v1/trunks`: where calls leave, and whether they can. Each node has
//! trunks of its own and knows only those.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, List, ServerProblems};
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::extract::{ApiKey, CallsRead};
use crate::switchboard::{DownHop, Hop, TrunkView};

/// A SIP peer that calls leave over.
#[derive(Serialize, ToSchema)]
pub struct Trunk {
    #[schema(value_type = String, example = "carrier")]
    pub id: TrunkId,
    /// In the order in which they are tried.
    pub hops: Vec<TrunkHop>,
    /// `null`: this trunk is not registered with.
    pub registration: Option<TrunkRegistration>,
    /// In and out, now.
    pub calls: u32,
    /// Out over this node, since midnight UTC.
    pub calls_today: u32,
    /// No more than these leave on a day. `null`: any number.
    pub calls_per_day: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub struct TrunkHop {
    #[schema(example = "sip:sip1.carrier.example")]
    pub uri: String,
    /// One of its addresses takes calls, or none has been tried yet.
    pub up: bool,
    /// Its addresses that are left alone for a while.
    pub down: Vec<DownAddress>,
}

#[derive(Serialize, ToSchema)]
pub struct DownAddress {
    #[schema(example = "udp:203.0.113.7:5060")]
    pub address: String,
    /// Since it last answered.
    pub failures: u32,
    /// When it failed first, without an answer since.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// What was the matter last: `silent` (no answer, or not to be reached) or `busy` (503).
    #[schema(example = "silent")]
    pub fault: &'static str,
    /// When it may be tried again.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub struct TrunkRegistration {
    pub registered: bool,
    /// When the carrier forgets this node, unless that is refreshed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// The status with which it refused last. `0`: it said nothing; `null`: it did not refuse.
    #[schema(example = 403)]
    pub refused: Option<u16>,
}

impl From<TrunkView> for Trunk {
    fn from(view: TrunkView) -> Self {
        let registration = view.registration.map(|it| TrunkRegistration {
            registered: it.until.is_some(),
            until: it.until,
            refused: it.refused,
        });
        Self {
            id: view.id,
            hops: view.hops.into_iter().map(Into::into).collect(),
            registration,
            calls: view.calls,
            calls_today: view.calls_today,
            calls_per_day: view.calls_per_day,
        }
    }
}

impl From<Hop> for TrunkHop {
    fn from(hop: Hop) -> Self {
        Self { uri: hop.uri, up: hop.is_up, down: hop.down.into_iter().map(Into::into).collect() }
    }
}

impl From<DownHop> for DownAddress {
    fn from(down: DownHop) -> Self {
        let DownHop { address, failures, since, until, fault } = down;
        Self { address, failures, since, fault: fault.as_str(), until }
    }
}

/// The trunks that calls of this node leave over, and how they stand.
#[utoipa::path(
    get, path = "/api/v1/trunks", tag = "trunks", operation_id = "list_trunks",
    security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "The whole list", body = List<Trunk>), KeyProblems, ServerProblems)
)]
pub async fn list(_: ApiKey<CallsRead>, State(app): State<AppState>) -> axum::Json<List<Trunk>> {
    List::whole(app.watch.trunks().await)
}
