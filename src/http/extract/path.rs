//! The id or name in an address.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::domain::ids::{
    AlertId, ApiKeyId, BlockId, CallId, ConsentId, ContactId, CostId, DeliveryId, DestinationId, ImportId,
    ListId, MergeId, NoteId, OutletId, PoolId, PromptId, RecordingId, RequestId, ReservationId, ScheduleId,
    SegmentId, ShareId, SiteId, TaskId, UserId, ViewId, VisitId, WebhookId,
};
use crate::domain::phone::Phone;
use crate::http::error::HttpError;

/// The one parameter of a route, or its two, read as what they name.
///
/// On the API a text that cannot be an id is a bad request (400), so that a
/// typing error is not taken for a thing that is gone (404).
pub struct Path<T>(pub T);

/// What an address can name.
pub trait Named: FromStr {
    const WORD: &'static str;
}

macro_rules! named {
    ($($type:ident = $word:literal)*) => {$(
        impl Named for $type {
            const WORD: &'static str = $word;
        }
    )*};
}

named! { AlertId = "alert id" ApiKeyId = "key id" BlockId = "block id" CallId = "call id" ConsentId = "consent id" ContactId = "contact id" CostId = "cost id" DeliveryId = "delivery id" DestinationId = "destination name" ImportId = "import id" ListId = "list name" MergeId = "merge id" NoteId = "note id" OutletId = "outlet name" Phone = "telephone number in E.164" PoolId = "pool name" PromptId = "prompt name" RecordingId = "recording id" RequestId = "request id" ReservationId = "reservation id" ScheduleId = "schedule id" SegmentId = "segment name" ShareId = "link id" SiteId = "site name" TaskId = "task id" UserId = "user id" ViewId = "view id" VisitId = "visit id" WebhookId = "webhook name" }

impl<T: Named, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        read(&params::<T, S>(parts, state).await?, 0).map(Self)
    }
}

impl<T: Named, U: Named, S: Send + Sync> FromRequestParts<S> for Path<(T, U)> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let params = params::<T, S>(parts, state).await?;
        Ok(Self((read(&params, 0)?, read(&params, 1)?)))
    }
}

async fn params<T: Named, S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RawPathParams, HttpError> {
    RawPathParams::from_request_parts(parts, state).await.map_err(|_| HttpError::BadPath(T::WORD))
}

fn read<T: Named>(params: &RawPathParams, place: usize) -> Result<T, HttpError> {
    let value = params.iter().nth(place).map_or("", |(_, value)| value);
    value.parse().map_err(|_| HttpError::BadPath(T::WORD))
}
