//! Who is in each segment is told anew, and who came and who left is written down.

use std::time::Duration;

use super::error::FlowError;
use super::segment_written::{Vocabulary, vocabulary};
use crate::clock::Clock;
use crate::domain::ids::{ContactId, SegmentMoveId};
use crate::domain::people::segment::{Resolved, Segment};
use crate::store::segments::Changes;
use crate::store::{Store, StoreError};

/// Who came and left is told for so long.
const KEPT: Duration = Duration::from_secs(90 * 86_400);
/// How many are looked for at once …
const FOUND: u32 = 20_000;
/// … and written at once, so that calls do not wait.
const WRITTEN: usize = 500;

/// Tells how many came and left. `all`: every segment; else those alone that never were, by their filter.
///
/// A filter that is new, or changed, says nothing of anybody coming or leaving: it is asked
/// something else from then on. One that cannot be read any more, since the plan has lost what it
/// names, leaves its segment as it is.
pub async fn segments_reckoned(store: &Store, clock: &Clock, all: bool) -> Result<u64, FlowError> {
    let due = store.list_due_segments(all).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let known = vocabulary(store).await?;
    let mut moved = 0;
    for segment in due {
        moved += reckon(store, clock, &known, &segment).await?;
    }
    if all {
        let end = clock.now() - KEPT;
        store.write(move |tx| Box::pin(tx.delete_moves_before(end))).await?;
    }
    Ok(moved)
}

async fn reckon(
    store: &Store,
    clock: &Clock,
    known: &Vocabulary,
    segment: &Segment,
) -> Result<u64, StoreError> {
    let Ok(filter) = known.resolve(Some(&segment.id), &segment.filter) else { return Ok(0) };
    let mut moved = 0;
    loop {
        let (found, full) = find(store, clock, segment, &filter).await?;
        for changes in found {
            moved += (changes.entered.len() + changes.left.len()) as u64;
            let (segment, now) = (segment.clone(), clock.now());
            let saved = store.write(move |tx| {
                let (segment, changes) = (segment.clone(), changes.clone());
                Box::pin(async move { tx.save_changes(&segment, &changes, now).await })
            });
            if !saved.await? {
                // Somebody has changed the filter meanwhile, or taken the segment away.
                return Ok(moved);
            }
        }
        if !full {
            break;
        }
    }
    let (contacts, segment, now) = (store.count_members(&segment.id).await?, segment.clone(), clock.now());
    let noted = store.write(move |tx| {
        let segment = segment.clone();
        Box::pin(async move { tx.segment_computed(&segment, contacts, now).await })
    });
    noted.await?;
    Ok(moved)
}

/// Who comes and who leaves, in parts; and whether there may be more.
async fn find(
    store: &Store,
    clock: &Clock,
    segment: &Segment,
    filter: &Resolved,
) -> Result<(Vec<Changes>, bool), StoreError> {
    let now = clock.now();
    let entering = store.list_entering(&segment.id, filter, now, FOUND).await?;
    let leaving = store.list_leaving(&segment.id, filter, now, FOUND).await?;
    let full = entering.len().max(leaving.len()) == FOUND as usize;
    let named = |part: &[ContactId]| {
        part.iter().map(|contact| (*contact, SegmentMoveId(clock.new_id()))).collect::<Vec<_>>()
    };
    let entered = entering.chunks(WRITTEN).map(|part| Changes { entered: named(part), left: vec![] });
    let left = leaving.chunks(WRITTEN).map(|part| Changes { entered: vec![], left: named(part) });
    Ok((entered.chain(left).collect(), full))
}
