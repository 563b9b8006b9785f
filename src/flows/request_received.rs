//! Somebody asks for one of their rights; it is decided, or settled by doing it.

use super::contact_written::ContactError;
use super::contacts_merged::find_standing;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, RequestId};
use crate::domain::people::request::{CameBy, Decision, Kind, Request, State, Undecidable, due};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError};

/// What somebody asks for, and how it came.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub contact: ContactId,
    pub kind: Kind,
    pub came_by: CameBy,
    /// `None`: now.
    pub received_at: Option<Timestamp>,
}

/// Why a request is not decided.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("no such request")]
    NotFound,
    #[error(transparent)]
    Undecidable(#[from] Undecidable),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes a request into the register; its month runs from when it came.
pub async fn request_received(
    store: &Store,
    clock: &Clock,
    asked: Asked,
    by: Accessor,
) -> Result<Request, ContactError> {
    let now = clock.now();
    let received_at = asked.received_at.unwrap_or(now);
    let request = Request {
        id: RequestId(clock.new_id()),
        contact: Some(asked.contact),
        kind: asked.kind,
        received_at,
        came_by: asked.came_by,
        due_at: due(received_at, false),
        extended_why: None,
        state: State::Open,
        why: None,
        settled: None,
        recorded_at: now,
        recorded_by: by.to_string(),
    };
    let written = store.write(move |tx| {
        let request = request.clone();
        Box::pin(async move {
            if let Err(refused) = find_standing(tx, asked.contact).await? {
                return Ok(Err(refused));
            }
            tx.insert_request(&request).await?;
            Ok(Ok(request))
        })
    });
    written.await?
}

/// Settles a request, or gives it two months more.
pub async fn request_decided(
    store: &Store,
    clock: &Clock,
    id: RequestId,
    decision: Decision,
    by: Accessor,
) -> Result<Request, RequestError> {
    let now = clock.now();
    let decided = store.write(move |tx| {
        let decision = decision.clone();
        Box::pin(async move {
            let Some(mut request) = tx.hold_request(id).await? else {
                return Ok(Err(RequestError::NotFound));
            };
            if let Err(why) = request.decide(decision, by.to_string(), now) {
                return Ok(Err(why.into()));
            }
            tx.save_request(&request).await?;
            Ok(Ok(request))
        })
    });
    decided.await?
}

/// Their archive was made: who has asked for access or portability has it.
pub async fn archive_made(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    by: Accessor,
) -> Result<(), StoreError> {
    let now = clock.now();
    let settled = store.write(move |tx| {
        Box::pin(async move {
            tx.settle_requests(contact, &[Kind::Access, Kind::Portability], now, &by.to_string()).await
        })
    });
    settled.await
}
