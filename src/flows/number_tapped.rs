//! A visitor tapped a number: a call is about to come, or has come already
//! while the report was on its way.

use std::time::Duration;

use super::call_attributed::attribute_anew;
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::VisitId;
use crate::domain::phone::Phone;
use crate::domain::tracking::attribution::Reason;
use crate::store::Store;

/// A report may be this late: browsers send it again when the network comes back.
pub const LATE_MAX: Duration = Duration::from_secs(10 * 60);

/// How many calls on one number within that time are attributed anew.
const CALLS_MAX: u32 = 10;

/// Writes down that the number was tapped `ago` before now. Fails with
/// [`FlowError::NotFound`] when the visit was never shown this number.
pub async fn number_tapped(
    store: &Store,
    clock: &Clock,
    visit: VisitId,
    number: Phone,
    ago: Duration,
) -> Result<(), FlowError> {
    let now = clock.now();
    let tapped_at = now - ago.min(LATE_MAX);
    let written = store.write(move |tx| {
        let number = number.clone();
        Box::pin(async move {
            if !tx.insert_tap(visit, &number, tapped_at).await? {
                return Ok(false);
            }
            for call in tx.list_calls_between(&number, tapped_at, now, CALLS_MAX).await? {
                attribute_anew(tx, call, Reason::Tapped, now).await?;
            }
            Ok(true)
        })
    });
    if written.await? { Ok(()) } else { Err(FlowError::NotFound { what: "number of this visit" }) }
}
