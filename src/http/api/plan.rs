//! `/api/v1/outlets`, `sites`, `destinations`: what the admin has declared, as it stands now.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, List, ServerProblems};
use crate::domain::calling::destination::{self, MediaPath, RingPlan};
use crate::domain::ids::{DestinationId, OutletId, SiteId};
use crate::domain::outlet;
use crate::domain::plan::reading::{DraftAliases, DraftRule};
use crate::domain::tracking::site;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, PlanRead};

/// A node of the tree head office → region → point of sale.
#[derive(Serialize, ToSchema)]
pub struct Outlet {
    #[schema(value_type = String, example = "lyon")]
    pub id: OutletId,
    /// `null`: a head office.
    #[schema(value_type = Option<String>)]
    pub parent: Option<OutletId>,
    pub name: String,
}

impl From<outlet::Outlet> for Outlet {
    fn from(outlet: outlet::Outlet) -> Self {
        Self { id: outlet.id, parent: outlet.parent, name: outlet.name }
    }
}

/// A website that carries the snippet.
#[derive(Serialize, ToSchema)]
pub struct Site {
    #[schema(value_type = String, example = "example-shop")]
    pub id: SiteId,
    #[schema(value_type = String)]
    pub outlet: OutletId,
    pub name: String,
    /// The web origins whose pages may report visits.
    #[schema(example = json!(["https://example.org"]))]
    pub origins: Vec<String>,
    /// Hosts that say nothing of how a visit came, besides the site's own.
    pub ignored_referrers: Vec<String>,
    /// Whether a browser without a window is lent a number: `refuse` or `lend`.
    pub headless: &'static str,
    /// New numbers for one address block in half an hour; 0: any number.
    pub leases_per_block: u32,
    /// New numbers in a minute; 0: any number.
    pub leases_per_minute: u32,
    /// Calls made on its pages that may go on at the same time; 0: none is taken.
    pub page_calls: u32,
    /// Those of one address block in half an hour; 0: any number.
    pub page_calls_per_block: u32,
    /// Other names of utm parameters, by the field that they stand for.
    #[schema(value_type = Object, example = json!({"campaign": ["mtm_campaign"]}))]
    pub aliases: DraftAliases,
    /// Own rules for sources; the first that fits counts.
    #[schema(value_type = Vec<Object>, example = json!([{
        "name": "Fair", "when": {"campaign": {"prefix": "fair-"}}, "then": {"channel": "Offline"}
    }]))]
    pub rules: Vec<DraftRule>,
}

impl From<site::Site> for Site {
    fn from(site: site::Site) -> Self {
        Self {
            id: site.id,
            outlet: site.outlet,
            name: site.name,
            origins: site.origins,
            headless: if site.guard.lends_to_headless { "lend" } else { "refuse" },
            leases_per_block: site.guard.per_block,
            leases_per_minute: site.guard.per_minute,
            page_calls: site.guard.page_calls,
            page_calls_per_block: site.guard.page_calls_per_block,
            aliases: DraftAliases::from(&site.reading.aliases),
            rules: site.reading.rules.iter().map(DraftRule::from).collect(),
            ignored_referrers: site.reading.ignored_referrers,
        }
    }
}

/// Where calls are carried.
#[derive(Serialize, ToSchema)]
pub struct Destination {
    #[schema(value_type = String, example = "lyon-desk")]
    pub id: DestinationId,
    #[schema(value_type = String)]
    pub outlet: OutletId,
    pub name: String,
    /// Who rings when: `strategy`, `steps` (a `target` is a `uri`, a `number` with its `trunk`, or `console`), `hours`,
    /// `outside`, `calls_at_once`, `fallback`, `music`; `handover`: what a line hears first (`whisper`; `whisper_campaigns`
    /// and `whisper_sources` name prompts in it), by which key it takes the call (`accept`), what it is asked after it
    /// (`rating`).
    #[schema(value_type = Object, example = json!({
        "strategy": "order",
        "steps": [{"target": {"uri": "sip:desk@192.0.2.10"}, "ring_s": 30, "weight": 1}],
        "hours": null, "outside": null, "calls_at_once": null, "fallback": null, "music": null
    }))]
    pub ring_plan: RingPlan,
    /// `past`: the sound goes from one side to the other; `relayed`: through the gateway.
    #[schema(value_type = String, example = "past")]
    pub media: MediaPath,
}

impl From<destination::Destination> for Destination {
    fn from(it: destination::Destination) -> Self {
        Self { id: it.id, outlet: it.outlet, name: it.name, ring_plan: it.ring_plan, media: it.media }
    }
}

/// Every outlet.
#[utoipa::path(
    get, path = "/api/v1/outlets", tag = "plan", operation_id = "list_outlets",
    security(("api_key" = ["plan:read"])),
    responses((status = 200, description = "The whole list", body = List<Outlet>), KeyProblems, ServerProblems)
)]
pub async fn outlets(
    _: ApiKey<PlanRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Outlet>>, HttpError> {
    Ok(List::whole(app.store.list_outlets().await?))
}

/// Every site.
#[utoipa::path(
    get, path = "/api/v1/sites", tag = "plan", operation_id = "list_sites",
    security(("api_key" = ["plan:read"])),
    responses((status = 200, description = "The whole list", body = List<Site>), KeyProblems, ServerProblems)
)]
pub async fn sites(
    _: ApiKey<PlanRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Site>>, HttpError> {
    Ok(List::whole(app.store.list_sites().await?))
}

/// Every destination.
#[utoipa::path(
    get, path = "/api/v1/destinations", tag = "plan", operation_id = "list_destinations",
    security(("api_key" = ["plan:read"])),
    responses((status = 200, description = "The whole list", body = List<Destination>), KeyProblems, ServerProblems)
)]
pub async fn destinations(
    _: ApiKey<PlanRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Destination>>, HttpError> {
    Ok(List::whole(app.store.list_destinations().await?))
}
