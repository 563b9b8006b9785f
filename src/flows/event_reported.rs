//! Something happened on a page of a visit.

use super::error::FlowError;
use crate::domain::tracking::event::Event;
use crate::store::Store;
use crate::store::events::Reported;

/// Told twice, it stands once.
pub async fn event_reported(store: &Store, event: Event) -> Result<Reported, FlowError> {
    let written = store.write(move |tx| {
        let event = event.clone();
        Box::pin(async move { tx.insert_event(&event, None).await })
    });
    Ok(written.await?)
}
