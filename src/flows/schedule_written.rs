//! Somebody has a report sent to people who work here: a new one, another in its place, or none any more.

use crate::clock::Clock;
use crate::domain::ids::{ScheduleId, UserId};
use crate::domain::reporting::schedule::{Draft, Fault, RECIPIENTS_MAX, Recipient, Schedule, Wrong};
use crate::store::schedules::ScheduleRow;
use crate::store::{Store, StoreError};

/// So many of one user, or of all programs together.
const SCHEDULES_MAX: usize = 50;

#[derive(Clone, Debug, thiserror::Error)]
pub enum ScheduleError {
    #[error("some fields cannot be meant so")]
    Faults(Vec<Fault>),
    #[error("there are {SCHEDULES_MAX} already")]
    Full,
    #[error("there is no such schedule")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whom it goes to, by the addresses with which they sign in, each with a language.
pub type To = Vec<(String, String)>;

/// Writes one; with an `id` in the place of that one, whose owner stays.
pub async fn schedule_written(
    store: &Store,
    clock: &Clock,
    id: Option<ScheduleId>,
    owner: Option<UserId>,
    (draft, query): (&Draft, String),
    to: To,
) -> Result<ScheduleRow, ScheduleError> {
    let now = clock.now();
    let read = draft.read();
    let recipients = recipients(store, to).await?;
    let (name, rhythm, recipients) = match (read, recipients) {
        (Ok((name, rhythm)), Ok(recipients)) => (name, rhythm, recipients),
        (read, recipients) => {
            let faults = read.err().into_iter().chain(recipients.err()).flatten();
            return Err(ScheduleError::Faults(faults.collect()));
        }
    };
    if id.is_none() && store.list_schedules(owner).await?.len() >= SCHEDULES_MAX {
        return Err(ScheduleError::Full);
    }
    let due_at = rhythm.next(now).ok_or(ScheduleError::NotFound)?;
    let new = ScheduleId(clock.new_id());
    let schedule = Schedule { id: id.unwrap_or(new), name, query, rhythm, recipients, owner };
    let written = store.write(move |tx| {
        let schedule = schedule.clone();
        Box::pin(async move {
            let known = tx.find_schedule(schedule.id).await?;
            if id.is_some() && known.is_none() {
                return Ok(Err(ScheduleError::NotFound));
            }
            tx.save_schedule(&schedule, due_at, now).await?;
            Ok(tx.find_schedule(schedule.id).await?.ok_or(ScheduleError::NotFound))
        })
    });
    written.await?
}

async fn recipients(store: &Store, to: To) -> Result<Result<Vec<Recipient>, Vec<Fault>>, StoreError> {
    let users = store.list_users().await?;
    let fault = |wrong| Fault { field: "recipients", wrong };
    let (mut recipients, mut faults): (Vec<Recipient>, Vec<Fault>) = (vec![], vec![]);
    for (email, language) in to {
        let email = email.trim().to_lowercase();
        let known = users.iter().find(|it| it.email == email);
        match known {
            _ if !["en", "fr"].contains(&language.as_str()) => faults.push(fault(Wrong::BadLanguage)),
            Some(user) if recipients.iter().all(|it| it.user != user.id) => {
                recipients.push(Recipient { user: user.id, language });
            }
            Some(_) => {}
            None => faults.push(fault(Wrong::Stranger)),
        }
    }
    if faults.is_empty() && !(1..=RECIPIENTS_MAX).contains(&recipients.len()) {
        faults.push(fault(Wrong::BadCount));
    }
    Ok(if faults.is_empty() { Ok(recipients) } else { Err(faults) })
}

/// Deletes one that is the owner's, or with `None` any.
pub async fn schedule_deleted(
    store: &Store,
    id: ScheduleId,
    owner: Option<UserId>,
) -> Result<(), ScheduleError> {
    let deleted = store.write(move |tx| {
        Box::pin(async move {
            let known = tx.find_schedule(id).await?;
            let may = known.is_some_and(|it| owner.is_none() || it.schedule.owner == owner);
            Ok(may && tx.delete_schedule(id).await?)
        })
    });
    if deleted.await? { Ok(()) } else { Err(ScheduleError::NotFound) }
}
