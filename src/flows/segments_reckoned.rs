//! Who is in each segment is told anew, and who came and who left is written down.

use std::time::Duration;

use super::error::FlowError;
use super::segment_written::{Vocabulary, vocabulary};
use crate::clock::Clock;
use crate::domain::ids::{ContactId, SegmentMoveId};
use crate::domain::people::segment::{Resolved, Segment};
use crate::domain::time::Timestamp;
use crate::store::segments::{Changes, Part};
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
    for entered in [true, false] {
        let mut after = None;
        loop {
            let found = find(store, clock, segment, &filter, entered, Part::After(after, FOUND)).await?;
            if !save(store, clock, segment, entered, &found).await? {
                return Ok(moved);
            }
            moved += found.len() as u64;
            after = found.last().copied();
            if found.len() < FOUND as usize {
                break;
            }
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

/// Tells at once of those of whom something was written since then, and how many of them came and left. What time alone
/// changes, what more than so many have done, and what this does not see is told in the next round of all.
pub async fn segments_caught_up(store: &Store, clock: &Clock, since: Timestamp) -> Result<u64, FlowError> {
    let changed = store.list_changed_since(since, FOUND).await?;
    if changed.is_empty() {
        return Ok(0);
    }
    let known = vocabulary(store).await?;
    let mut moved = 0;
    for segment in store.list_due_segments(true).await? {
        let Ok(filter) = known.resolve(Some(&segment.id), &segment.filter) else { continue };
        for entered in [true, false] {
            let found = find(store, clock, &segment, &filter, entered, Part::These(&changed)).await?;
            if !save(store, clock, &segment, entered, &found).await? {
                break;
            }
            moved += found.len() as u64;
        }
    }
    Ok(moved)
}

/// Who of these comes, or leaves.
async fn find(
    store: &Store,
    clock: &Clock,
    segment: &Segment,
    filter: &Resolved,
    entered: bool,
    part: Part<'_>,
) -> Result<Vec<ContactId>, StoreError> {
    let (id, now) = (&segment.id, clock.now());
    if entered {
        store.list_entering(id, filter, now, part).await
    } else {
        store.list_leaving(id, filter, now, part).await
    }
}

/// Writes them down in parts; `false`: somebody has changed the filter meanwhile, or taken the segment away.
async fn save(
    store: &Store,
    clock: &Clock,
    segment: &Segment,
    entered: bool,
    found: &[ContactId],
) -> Result<bool, StoreError> {
    for part in found.chunks(WRITTEN) {
        let contacts = part.iter().map(|it| (*it, SegmentMoveId(clock.new_id()))).collect();
        let (segment, changes, now) = (segment.clone(), Changes { entered, contacts }, clock.now());
        let saved = store.write(move |tx| {
            let (segment, changes) = (segment.clone(), changes.clone());
            Box::pin(async move { tx.save_changes(&segment, &changes, now).await })
        });
        if !saved.await? {
            return Ok(false);
        }
    }
    Ok(true)
}
