//! Somebody says what is to be watched: a new alert, another in its place, or none any more.

use crate::clock::Clock;
use crate::domain::alerts::Alert;
use crate::domain::alerts::draft::{Fault, Wrong};
use crate::domain::alerts::rule::{Of, Rule};
use crate::domain::alerts::written::Written;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::AlertId;
use crate::store::alerts::AlertRow;
use crate::store::{Store, StoreError};

/// So many are looked at each minute.
pub const ALERTS_MAX: i64 = 200;

#[derive(Clone, Debug, thiserror::Error)]
pub enum AlertError {
    #[error("some fields cannot be meant so")]
    Faults(Vec<Fault>),
    #[error("there are {ALERTS_MAX} alerts already")]
    Full,
    #[error("there is no such alert")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub async fn alert_written(
    store: &Store,
    clock: &Clock,
    by: Accessor,
    written: &Written,
) -> Result<AlertRow, AlertError> {
    let now = clock.now();
    let alert = known(store, written, AlertId(clock.new_id())).await?;
    let inserted = store.write(move |tx| {
        let (alert, by) = (alert.clone(), by.to_string());
        Box::pin(async move {
            if tx.count_alerts().await? >= ALERTS_MAX {
                return Ok(Err(AlertError::Full));
            }
            tx.insert_alert(&alert, &by, now).await?;
            Ok(tx.hold_alert(alert.id).await?.ok_or(AlertError::NotFound))
        })
    });
    inserted.await?
}

/// Says something else in its place. With another rule, or when it is off, it is quiet, and nobody is told that it is over.
pub async fn alert_changed(
    store: &Store,
    clock: &Clock,
    id: AlertId,
    written: &Written,
) -> Result<AlertRow, AlertError> {
    let now = clock.now();
    let alert = known(store, written, id).await?;
    let changed = store.write(move |tx| {
        let alert = alert.clone();
        Box::pin(async move {
            let Some(before) = tx.hold_alert(id).await? else { return Ok(Err(AlertError::NotFound)) };
            if before.alert.rule != alert.rule || !alert.enabled {
                tx.quiet_alert(id, now).await?;
            }
            tx.change_alert(&alert, now).await?;
            Ok(tx.hold_alert(id).await?.ok_or(AlertError::NotFound))
        })
    });
    changed.await?
}

pub async fn alert_deleted(store: &Store, id: AlertId) -> Result<(), AlertError> {
    let deleted = store.write(move |tx| Box::pin(tx.delete_alert(id))).await?;
    if deleted { Ok(()) } else { Err(AlertError::NotFound) }
}

/// What is meant, if the plan knows what it names. Trunks are of each node's own settings: whether there is one of a name
/// nobody can say.
async fn known(store: &Store, written: &Written, id: AlertId) -> Result<Alert, AlertError> {
    let alert = written.read(id).map_err(AlertError::Faults)?;
    let unknown = |field| Err(AlertError::Faults(vec![Fault { field, wrong: Wrong::Unknown }]));
    match &alert.rule {
        Rule::Missed { of, .. } | Rule::Silence { of, .. } => match of {
            Of::Outlet(outlet) if !store.list_outlets().await?.iter().any(|it| it.id == *outlet) => {
                return unknown("outlet");
            }
            Of::Number(number) if store.find_number(number).await?.is_none() => return unknown("number"),
            _ => {}
        },
        Rule::Pool { pool: Some(pool), .. } => {
            if store
                .list_pools(crate::domain::time::Timestamp::default())
                .await?
                .iter()
                .all(|it| it.pool.id != *pool)
            {
                return unknown("pool");
            }
        }
        Rule::Pool { pool: None, .. } | Rule::Trunk { .. } | Rule::Cost { .. } => {}
    }
    Ok(alert)
}
