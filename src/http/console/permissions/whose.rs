//! Whose the one thing is that an address is about: a call, a number, a site.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::Tells;
use crate::domain::ids::{CallId, DestinationId, OutletId, PoolId, RecordingId, SiteId};
use crate::domain::phone::Phone;
use crate::http::AppState;
use crate::http::error::HttpError;

/// The outlet that it is of, if any; `None`: there is no such thing.
pub(super) async fn outlet_of(
    tells: Tells,
    parts: &mut Parts,
    app: &AppState,
) -> Result<Option<Option<OutletId>>, HttpError> {
    let of_destination = async |id: &DestinationId| {
        let found = app.store.list_destinations().await?.into_iter().find(|it| it.id == *id);
        Ok::<_, HttpError>(found.map(|it| Some(it.outlet)))
    };
    let call = match tells {
        Tells::Whole | Tells::Part => None,
        Tells::Call => parameter::<CallId>(parts, app).await,
        Tells::Recording => match parameter::<RecordingId>(parts, app).await {
            Some(recording) => app.store.find_recording(recording).await?.map(|it| it.call),
            None => None,
        },
        Tells::Outlet => return Ok(parameter::<OutletId>(parts, app).await.map(Some)),
        Tells::Site => {
            let Some(id) = parameter::<SiteId>(parts, app).await else { return Ok(None) };
            let found = app.store.list_sites().await?.into_iter().find(|it| it.id == id);
            return Ok(found.map(|it| Some(it.outlet)));
        }
        Tells::Destination => {
            let Some(id) = parameter::<DestinationId>(parts, app).await else { return Ok(None) };
            return of_destination(&id).await;
        }
        Tells::Number => {
            let Some(number) = parameter::<Phone>(parts, app).await else { return Ok(None) };
            return Ok(app.store.find_number(&number).await?.map(|row| Some(row.number.outlet)));
        }
        Tells::Pool => {
            let Some(id) = parameter::<PoolId>(parts, app).await else { return Ok(None) };
            let pools = app.store.list_pools(app.clock.now()).await?;
            let Some(row) = pools.into_iter().find(|row| row.pool.id == id) else { return Ok(None) };
            return of_destination(&row.pool.destination).await;
        }
    };
    let Some(call) = call else { return Ok(None) };
    Ok(app.store.find_call(call).await?.map(|record| record.outlet))
}

async fn parameter<T: std::str::FromStr>(parts: &mut Parts, app: &AppState) -> Option<T> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    params.iter().next().and_then(|(_, value)| value.parse().ok())
}
