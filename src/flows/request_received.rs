//! Somebody asks for one of their rights; it is decided, or settled by doing it.

use super::contact_restricted::restrict;
use super::contact_written::ContactError;
use super::contacts_merged::find_standing;
use super::prospecting_objected::{Objection, object};
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, RequestId, RestrictionId};
use crate::domain::people::request::{CameBy, Decision, Kind, Request, State, Undecidable, due};
use crate::domain::people::restriction::Restriction;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

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
    let request = open_request(clock, asked, by);
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

/// As it stands in the register at first.
pub(super) fn open_request(clock: &Clock, asked: Asked, by: Accessor) -> Request {
    let now = clock.now();
    let received_at = asked.received_at.unwrap_or(now);
    Request {
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
    }
}

/// Settles a request, or gives it two months more. A restriction or an objection that is done is carried out by that.
pub async fn request_decided(
    store: &Store,
    clock: &Clock,
    id: RequestId,
    decision: Decision,
    by: Accessor,
) -> Result<Request, RequestError> {
    let (now, clock) = (clock.now(), clock.clone());
    let decided = store.write(move |tx| {
        let (decision, clock) = (decision.clone(), clock.clone());
        Box::pin(async move {
            let Some(mut request) = tx.hold_request(id).await? else {
                return Ok(Err(RequestError::NotFound));
            };
            let by = by.to_string();
            let is_done = decision == Decision::Done;
            if let Err(why) = request.decide(decision, by.clone(), now) {
                return Ok(Err(why.into()));
            }
            tx.save_request(&request).await?;
            if is_done && let Some(contact) = request.contact {
                tx.hold_contact(contact).await?;
                carry_out(tx, &clock, contact, &request, &by, now).await?;
            }
            Ok(Ok(request))
        })
    });
    decided.await?
}

/// What this gateway can do of it by itself.
async fn carry_out(
    tx: &mut Tx,
    clock: &Clock,
    contact: ContactId,
    request: &Request,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    match request.kind {
        Kind::Restriction => {
            let (id, by) = (RestrictionId(clock.new_id()), by.to_owned());
            restrict(tx, Restriction { id, contact, ground: None, at: now, by, lifted: None }).await?;
        }
        Kind::Objection => {
            let objection = Objection::all(request.came_by.method());
            object(tx, clock, contact, &objection, by, now).await?;
        }
        // These are done elsewhere, or settled by doing them.
        Kind::Access | Kind::Portability | Kind::Rectification | Kind::Erasure => {}
    }
    Ok(())
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
