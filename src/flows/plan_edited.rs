//! A part of the plan is changed by hand: the draft is loaded, edited, checked whole and compared, and what differs is
//! applied, all in one transaction.
//!
//! ```text
//!   database ─► Plan ─► Draft ─edit─► Draft ─check─► Plan ─┬─ compare ─► what would change
//!                                                          └─ apply ──► it has
//! ```
//!
//! An edit changes what it names and leaves all else as it stands now. Whoever looked at the plan before tells its
//! revision, and hears when somebody has changed it since.

use std::sync::Arc;

use super::plan_applied::{Comparison, apply, compare, current};
use super::plan_read::nearest;
use crate::clock::Clock;
use crate::domain::calling::tolls::Exit;
use crate::domain::ids::PromptId;
use crate::domain::plan::edit::EditFault;
use crate::domain::plan::{Change, Draft, Orphan, Plan, Problem};
use crate::store::revisions::ROUTES;
use crate::store::{Store, StoreError, Tx};

/// Changes a draft; it may be done again to a newer one.
pub type Edit = Arc<dyn Fn(&mut Draft) -> Result<(), EditFault> + Send + Sync>;

#[derive(Clone, Debug, thiserror::Error)]
pub enum EditError {
    /// The plan has been changed since its editor looked.
    #[error("the plan has been changed meanwhile")]
    Moved,
    /// What was to be changed is not there, or cannot be so.
    #[error(transparent)]
    Fault(#[from] EditFault),
    /// The plan would make no sense so; all of it.
    #[error("{} things would be wrong with the plan", .0.len())]
    Problems(Vec<Problem>),
    /// It takes numbers away that people may still call.
    #[error("{} numbers that the plan removes or moves may still be called", .0.len())]
    Orphans(Vec<Orphan>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an edit would change.
#[derive(Clone, Debug)]
pub struct Edited {
    pub comparison: Comparison,
    /// Of the plan that it was compared with.
    pub revision: i64,
}

/// The plan as it stands, as a draft, and its revision.
pub async fn plan_drafted(store: &Store) -> Result<(Draft, i64), StoreError> {
    let found = store.write(|tx| {
        Box::pin(async move {
            let revision = tx.lock_revision(ROUTES).await?;
            Ok((Draft::from(&current(tx).await?), revision))
        })
    });
    found.await
}

/// What an edit would change now; `exits` are those of the settings.
pub async fn plan_edit_compared(
    store: &Store,
    clock: &Clock,
    exits: Vec<Exit>,
    edit: Edit,
) -> Result<Edited, EditError> {
    let (now, prompts) = (clock.now(), known_prompts(store).await?);
    let compared = store.write(move |tx| {
        let (exits, prompts, edit) = (exits.clone(), prompts.clone(), Arc::clone(&edit));
        Box::pin(async move {
            let revision = tx.lock_revision(ROUTES).await?;
            let wanted = match wanted(tx, &edit, &exits, &prompts).await? {
                Ok(wanted) => wanted,
                Err(refused) => return Ok(Err(refused)),
            };
            Ok(Ok(Edited { comparison: compare(tx, &wanted, now).await?, revision }))
        })
    });
    compared.await?
}

/// Applies an edit whole or not at all and tells what it changed.
///
/// With a `revision` it is applied to that plan alone. Without `force` a number that people may still call stays where
/// it is, and nothing is applied.
pub async fn plan_edited(
    store: &Store,
    clock: &Clock,
    exits: Vec<Exit>,
    edit: Edit,
    revision: Option<i64>,
    force: bool,
) -> Result<Vec<Change>, EditError> {
    let (now, prompts) = (clock.now(), known_prompts(store).await?);
    let edited = store.write(move |tx| {
        let (exits, prompts, edit) = (exits.clone(), prompts.clone(), Arc::clone(&edit));
        Box::pin(async move {
            let stands_at = tx.lock_revision(ROUTES).await?;
            if revision.is_some_and(|looked_at| looked_at != stands_at) {
                return Ok(Err(EditError::Moved));
            }
            match wanted(tx, &edit, &exits, &prompts).await? {
                Ok(wanted) => Ok(apply(tx, &wanted, force, now).await?.map_err(EditError::Orphans)),
                Err(refused) => Ok(Err(refused)),
            }
        })
    });
    edited.await?
}

/// The plan after the edit, or why there is none.
async fn wanted(
    tx: &mut Tx,
    edit: &Edit,
    exits: &[Exit],
    prompts: &[PromptId],
) -> Result<Result<Plan, EditError>, StoreError> {
    let mut draft = Draft::from(&current(tx).await?);
    if let Err(fault) = edit(&mut draft) {
        return Ok(Err(fault.into()));
    }
    Ok(draft.check(exits, prompts, nearest).map_err(EditError::Problems))
}

async fn known_prompts(store: &Store) -> Result<Vec<PromptId>, StoreError> {
    Ok(store.list_prompts().await?.into_iter().map(|prompt| prompt.id).collect())
}
