//! `/api/v1/pools`: numbers that are lent to visits, and how many are left.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, List, ServerProblems};
use crate::domain::ids::{DestinationId, PoolId, SiteId};
use crate::domain::phone::Phone;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, NumbersRead};
use crate::store::PoolRow;

/// Numbers that are lent to visits of a site, for one number written on it.
#[derive(Serialize, ToSchema)]
pub struct Pool {
    #[schema(value_type = String, example = "example-shop-pool")]
    pub id: PoolId,
    #[schema(value_type = String)]
    pub site: SiteId,
    #[schema(value_type = String)]
    pub destination: DestinationId,
    /// The business number written on the website, which the snippet replaces.
    #[schema(value_type = String, example = "+33199000100")]
    pub target: Phone,
    /// How long a number stays with a visit after its page was last seen.
    pub keep_alive_ms: u64,
    /// How long it then rests.
    pub quarantine_ms: u64,
    /// How long a number that is new here is lent to nobody.
    pub ageing_ms: u64,
    /// In service.
    pub numbers: u32,
    /// New here, and not to be lent yet.
    pub ageing: u32,
    /// With a visit now.
    pub lent: u32,
    /// With nobody, and not to be lent yet.
    pub resting: u32,
    /// Taken out of service, besides.
    pub retired: u32,
}

impl From<PoolRow> for Pool {
    fn from(row: PoolRow) -> Self {
        let ms = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self {
            id: row.pool.id,
            site: row.pool.site,
            destination: row.pool.destination,
            target: row.pool.target,
            keep_alive_ms: ms(row.pool.policy.keep_alive),
            quarantine_ms: ms(row.pool.policy.quarantine),
            ageing_ms: ms(row.pool.ageing),
            numbers: row.numbers,
            ageing: row.ageing,
            lent: row.lent,
            resting: row.resting,
            retired: row.retired,
        }
    }
}

/// Every pool, and how full it is now.
#[utoipa::path(
    get, path = "/api/v1/pools", tag = "numbers", operation_id = "list_pools",
    security(("api_key" = ["numbers:read"])),
    responses((status = 200, description = "The whole list", body = List<Pool>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<NumbersRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Pool>>, HttpError> {
    Ok(List::whole(app.store.list_pools(app.clock.now()).await?))
}
