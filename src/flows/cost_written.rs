//! Somebody says what some days of a channel cost: one line, another in its place, or a whole table at once.

use std::collections::HashSet;

use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{CostId, OutletId};
use crate::domain::reporting::cost_lines::Line;
use crate::store::{CostRow, Store, StoreError, Tx};

/// As many lines as a report still adds up in a moment.
pub const COSTS_MAX: u64 = 200_000;

#[derive(Clone, Debug, thiserror::Error)]
pub enum CostError {
    /// The plan has none of this name; of a table, in the line of this place.
    #[error("there is no outlet of this name")]
    NoOutlet { place: usize },
    #[error("there are {COSTS_MAX} costs already; write months in the place of days")]
    Full,
    #[error("another cost has this key")]
    KeyTaken,
    #[error("there is no such cost")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes a line, and tells whether it is new: of a key there is one.
pub async fn cost_written(
    store: &Store,
    clock: &Clock,
    by: Accessor,
    line: Line,
) -> Result<(CostRow, bool), CostError> {
    let written = costs_brought(store, clock, by, vec![line]).await?;
    written.into_iter().next().ok_or(CostError::NotFound)
}

/// Writes all of these lines or none.
pub async fn costs_brought(
    store: &Store,
    clock: &Clock,
    by: Accessor,
    lines: Vec<Line>,
) -> Result<Vec<(CostRow, bool)>, CostError> {
    let (now, clock) = (clock.now(), clock.clone());
    let written = store.write(move |tx| {
        let (lines, clock) = (lines.clone(), clock.clone());
        Box::pin(async move {
            if let Err(refused) = check(tx, &lines).await? {
                return Ok(Err(refused));
            }
            let mut written = Vec::with_capacity(lines.len());
            for line in &lines {
                let id = CostId(clock.new_id());
                let row = tx.save_cost(id, line, by, now).await?;
                let is_new = row.id == id;
                written.push((row, is_new));
            }
            Ok(Ok(written))
        })
    });
    written.await?
}

/// Whether there is room for these lines, and whether the plan has their outlets.
async fn check(tx: &mut Tx, lines: &[Line]) -> Result<Result<(), CostError>, StoreError> {
    if tx.count_costs().await? + lines.len() as u64 > COSTS_MAX {
        return Ok(Err(CostError::Full));
    }
    let known: HashSet<OutletId> = tx.list_outlets().await?.into_iter().map(|outlet| outlet.id).collect();
    let nowhere = |line: &Line| line.cost.of.outlet.as_ref().is_some_and(|outlet| !known.contains(outlet));
    Ok(lines.iter().position(nowhere).map_or(Ok(()), |place| Err(CostError::NoOutlet { place })))
}

/// Says something else in the place of a line.
pub async fn cost_replaced(
    store: &Store,
    clock: &Clock,
    id: CostId,
    line: Line,
) -> Result<CostRow, CostError> {
    let now = clock.now();
    let replaced = store.write(move |tx| {
        let line = line.clone();
        Box::pin(async move {
            if let Err(refused) = check(tx, std::slice::from_ref(&line)).await? {
                return Ok(Err(refused));
            }
            let other = match &line.key {
                Some(key) => tx.find_cost_of_key(key).await?,
                None => None,
            };
            if other.is_some_and(|other| other != id) {
                return Ok(Err(CostError::KeyTaken));
            }
            Ok(tx.replace_cost(id, &line, now).await?.ok_or(CostError::NotFound))
        })
    });
    replaced.await?
}

/// Deletes a line: reports do not have it any more. It can be put back.
pub async fn cost_deleted(store: &Store, clock: &Clock, id: CostId) -> Result<CostRow, CostError> {
    let now = clock.now();
    let deleted = store.write(move |tx| {
        Box::pin(async move {
            match tx.find_cost(id).await? {
                Some(row) if row.deleted_at.is_none() => tx.mark_cost_deleted(id, Some(now)).await,
                _ => Ok(None),
            }
        })
    });
    deleted.await?.ok_or(CostError::NotFound)
}

/// Puts a deleted line back; one that was never deleted stays as it is.
pub async fn cost_put_back(store: &Store, id: CostId) -> Result<CostRow, CostError> {
    let back = store.write(move |tx| Box::pin(async move { tx.mark_cost_deleted(id, None).await }));
    back.await?.ok_or(CostError::NotFound)
}
