//! Somebody makes a link to a report, takes it back, or opens it.

use crate::clock::Clock;
use crate::domain::ids::{ShareId, UserId};
use crate::domain::reporting::share::{Share, SharedReport, ends};
use crate::domain::staff::Post;
use crate::store::{Store, StoreError};

/// So many of one user, or of all programs together.
const SHARES_MAX: usize = 100;

#[derive(Clone, Debug, thiserror::Error)]
pub enum ShareError {
    #[error("must be from 1 to 365")]
    BadDays,
    #[error("there are {SHARES_MAX} links already; take some back")]
    Full,
    #[error("there is no such link")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a link that ends after so many days; `token_hash` is of what it holds.
pub async fn report_shared(
    store: &Store,
    clock: &Clock,
    maker: Option<UserId>,
    (report, query): (SharedReport, String),
    days: u16,
    token_hash: String,
) -> Result<Share, ShareError> {
    let now = clock.now();
    let expires_at = ends(days, now).ok_or(ShareError::BadDays)?;
    if store.list_shares(maker).await?.iter().filter(|it| it.maker == maker).count() >= SHARES_MAX {
        return Err(ShareError::Full);
    }
    let id = ShareId(clock.new_id());
    let share = Share { id, report, query, maker, created_at: now, expires_at, opened: None };
    let new = share.clone();
    let inserted = store.write(move |tx| {
        let (share, token_hash) = (new.clone(), token_hash.clone());
        Box::pin(async move { tx.insert_share(&share, &token_hash).await })
    });
    inserted.await?;
    Ok(share)
}

/// Takes back one that is the maker's, or with `None` any.
pub async fn share_taken_back(store: &Store, id: ShareId, maker: Option<UserId>) -> Result<(), ShareError> {
    let deleted = store.write(move |tx| Box::pin(tx.delete_share(id, maker))).await?;
    if deleted { Ok(()) } else { Err(ShareError::NotFound) }
}

/// The report that a link shows, and what its maker may see now, `None` being a program, which sees all. Nothing: it leads
/// nowhere, its maker is gone, or may not see that report any more.
pub async fn share_opened(
    store: &Store,
    clock: &Clock,
    token_hash: &str,
    may_see: impl Fn(&Post, SharedReport) -> bool,
) -> Result<Option<(Share, Option<Post>)>, StoreError> {
    let now = clock.now();
    let Some(share) = store.find_share(token_hash, now).await? else { return Ok(None) };
    let post = match share.maker {
        None => None,
        Some(maker) => match store.find_user(maker).await? {
            Some(user) if may_see(&user.post, share.report) => Some(user.post),
            _ => return Ok(None),
        },
    };
    let id = share.id;
    store.write(move |tx| Box::pin(tx.open_share(id, now))).await?;
    Ok(Some((share, post)))
}
