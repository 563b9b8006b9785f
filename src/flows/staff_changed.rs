//! Who works at the console: added, given another post, taken out. Somebody always remains who may change it.

use crate::clock::Clock;
use crate::domain::ids::UserId;
use crate::domain::staff::{Post, Role};
use crate::store::{Store, StoreError, Tx, User};

#[derive(Clone, Debug, thiserror::Error)]
pub enum StaffError {
    #[error("no such user")]
    NotFound,
    #[error("somebody signs in with that address already")]
    Taken,
    #[error("there is no outlet of this name")]
    NoOutlet,
    #[error("somebody of an outlet needs one")]
    NeedsOutlet,
    /// Nobody could change who works here any more.
    #[error("nobody else is an administrator of the whole network; make somebody one first")]
    LastHead,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds somebody under an address in small letters.
pub async fn user_made(
    store: &Store,
    clock: &Clock,
    email: String,
    password_hash: String,
    post: Post,
) -> Result<User, StaffError> {
    let user =
        User { id: UserId(clock.new_id()), email, password_hash, post, totp: None, created_at: clock.now() };
    let new = user.clone();
    let made = store.write(move |tx| {
        let user = new.clone();
        Box::pin(async move {
            if let Some(why) = refusal(tx, &user.post).await? {
                return Ok(Err(why));
            }
            tx.insert_user(&user).await?;
            Ok(Ok(()))
        })
    });
    match made.await {
        Ok(Ok(())) => Ok(user),
        Ok(Err(why)) => Err(why),
        Err(StoreError::Conflict) => Err(StaffError::Taken),
        Err(failure) => Err(failure.into()),
    }
}

/// What becomes of somebody; the rest stays.
#[derive(Clone, Default, Debug)]
pub struct StaffChange {
    pub post: Option<Post>,
    /// Wherever they are signed in, they are out.
    pub password_hash: Option<String>,
    pub forgets_second_factor: bool,
}

/// Gives them as they are then.
pub async fn user_changed(store: &Store, id: UserId, change: StaffChange) -> Result<User, StaffError> {
    let changed = store.write(move |tx| {
        let change = change.clone();
        Box::pin(async move {
            let users = tx.hold_users().await?;
            if let Some(post) = &change.post {
                if let Some(why) = refusal(tx, post).await? {
                    return Ok(Err(why));
                }
                if !post.is_head() && !others_head(&users, id) {
                    return Ok(Err(StaffError::LastHead));
                }
                tx.set_post(id, post).await?;
            }
            if let Some(hash) = &change.password_hash {
                tx.set_password(id, hash, None).await?;
            }
            if change.forgets_second_factor {
                tx.set_totp(id, None).await?;
            }
            let user = tx.hold_users().await?.into_iter().find(|user| user.id == id);
            Ok(user.ok_or(StaffError::NotFound))
        })
    });
    changed.await?
}

pub async fn user_removed(store: &Store, id: UserId) -> Result<(), StaffError> {
    let removed = store.write(move |tx| {
        Box::pin(async move {
            let users = tx.hold_users().await?;
            if users.iter().all(|user| user.id != id) {
                return Ok(Err(StaffError::NotFound));
            }
            if !others_head(&users, id) {
                return Ok(Err(StaffError::LastHead));
            }
            tx.delete_user(id).await?;
            Ok(Ok(()))
        })
    });
    removed.await?
}

/// Whether somebody else may change who works here.
fn others_head(users: &[User], id: UserId) -> bool {
    users.iter().any(|user| user.id != id && user.post.is_head())
}

/// Why nobody can have this post.
async fn refusal(tx: &mut Tx, post: &Post) -> Result<Option<StaffError>, StoreError> {
    match &post.outlet {
        None => Ok((post.role == Role::Outlet).then_some(StaffError::NeedsOutlet)),
        Some(outlet) => {
            let is_there = tx.list_outlets().await?.iter().any(|it| it.id == *outlet);
            Ok((!is_there).then_some(StaffError::NoOutlet))
        }
    }
}
