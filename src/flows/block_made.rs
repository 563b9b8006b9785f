//! Somebody blocks a caller, or lets one in, without touching the plan.

use crate::clock::Clock;
use crate::domain::calling::screening::block::{Block, Scope};
use crate::domain::ids::{BlockId, CallId};
use crate::domain::plan::problem::Fault;
use crate::domain::plan::screening::{DraftBlock, read};
use crate::store::revisions::SCREENING;
use crate::store::{BlockRow, Store, StoreError, Tx};

/// As many entries may be made one by one; whoever has more has a plan.
pub const MADE_MAX: u64 = 100_000;

#[derive(Clone, Debug, thiserror::Error)]
pub enum BlockError {
    /// What was written cannot be meant so.
    #[error("the entry cannot be read")]
    Faults(Vec<Fault>),
    /// It is for an outlet or a number that is not there.
    #[error("there is no such {what}")]
    Nowhere { what: &'static str },
    #[error("there are {MADE_MAX} entries already; delete some, or write them into the plan")]
    Full,
    #[error("there is no such entry")]
    NotFound,
    /// It would be back the next time that the plan is applied.
    #[error("the plan has this entry; take it out there")]
    Planned,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the entry, and tells whether it is new: for the same callers and
/// calls there is one, which takes over what is said now.
pub async fn block_made(
    store: &Store,
    clock: &Clock,
    draft: &DraftBlock,
) -> Result<(BlockRow, bool), BlockError> {
    let now = clock.now();
    let id: BlockId = CallId(clock.new_id()).to_string().parse().expect("a UUID is a slug");
    let block = read(id, draft).map_err(BlockError::Faults)?;
    let made = store.write(move |tx| {
        let block = block.clone();
        Box::pin(async move {
            if let Err(refused) = check(tx, &block).await? {
                return Ok(Err(refused));
            }
            let row = tx.make_block(&block, now).await?;
            tx.bump_revision(SCREENING).await?;
            let is_new = row.block.id == block.id;
            Ok(Ok((row, is_new)))
        })
    });
    made.await?
}

async fn check(tx: &mut Tx, block: &Block) -> Result<Result<(), BlockError>, StoreError> {
    match &block.scope {
        Scope::Outlet(id) if !tx.list_outlets().await?.iter().any(|outlet| outlet.id == *id) => {
            return Ok(Err(BlockError::Nowhere { what: "outlet" }));
        }
        Scope::Number(number) if tx.find_numbers(&[number]).await?.is_empty() => {
            return Ok(Err(BlockError::Nowhere { what: "called" }));
        }
        Scope::All | Scope::Outlet(_) | Scope::Number(_) => {}
    }
    Ok(if tx.count_made_blocks().await? >= MADE_MAX { Err(BlockError::Full) } else { Ok(()) })
}

/// Takes an entry back that was made one by one, and gives it as it was.
pub async fn block_taken_back(store: &Store, id: &BlockId) -> Result<BlockRow, BlockError> {
    let id = id.clone();
    let taken = store.write(move |tx| {
        let id = id.clone();
        Box::pin(async move {
            let Some(row) = tx.find_block(&id).await? else { return Ok(Err(BlockError::NotFound)) };
            if row.planned {
                return Ok(Err(BlockError::Planned));
            }
            tx.delete_block(&id).await?;
            tx.bump_revision(SCREENING).await?;
            Ok(Ok(row))
        })
    });
    taken.await?
}
