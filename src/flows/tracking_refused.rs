//! A visitor will not be followed: the consent ledger has it.
//!
//! The website asks a browser, and the ledger knows the person. A no to
//! `web_tracking`, for whatever purpose, outweighs what any browser of theirs
//! sends, until they agree again. It is known by the identifier that the browser
//! keeps, so the browser keeps it.

use super::error::FlowError;
use crate::domain::ids::VisitorId;
use crate::domain::people::consent::{Channel, objects_to};
use crate::domain::time::Timestamp;
use crate::store::Store;

/// Whether somebody may be followed on a website: they are nobody who has refused or withdrawn.
pub async fn may_follow(store: &Store, visitor: VisitorId, now: Timestamp) -> Result<bool, FlowError> {
    let lines = store.list_consents_of_visitor(visitor, Channel::WebTracking).await?;
    Ok(!objects_to(Channel::WebTracking, &lines, now))
}
