//! Reports that are due are put on their way, to each recipient what they may see, in their language.
//!
//! A schedule is taken before its mails are made, and is the taker's for longer
//! than that can last. Mails and the next time are written in one transaction:
//! a node that dies in between has sent nothing, and another one takes it up.
//! What was missed while no node ran is sent once.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::ids::MailId;
use crate::domain::people::mail::{Mail, Words};
use crate::domain::reporting::schedule::{Recipient, Schedule};
use crate::domain::time::Timestamp;
use crate::store::{Store, User};

/// Longer than making all mails of one can last.
const HELD: Duration = Duration::from_secs(10 * 60);
/// What could not be counted is tried again after this.
const LATER: Duration = Duration::from_secs(60);
/// A link in an old mail still ends what it is of.
const OFF_KEPT: Duration = Duration::from_hours(400 * 24);

/// What is to be written to somebody.
#[derive(Clone)]
pub struct Issue {
    pub schedule: Schedule,
    pub user: User,
    pub language: String,
    pub at: Timestamp,
}

/// A mail to be.
pub struct Composed {
    pub words: Words,
    /// Where one click ends it, whole, and SHA-256 of what that link holds, in hex.
    pub off: String,
    pub token_hash: String,
}

/// Writes a mail; `None`: it cannot be counted just now.
pub type ComposeReport =
    dyn Fn(Issue) -> Pin<Box<dyn Future<Output = Option<Composed>> + Send>> + Send + Sync;

/// Puts all that is due on its way; tells how many mails.
pub async fn reports_sent(store: &Store, clock: &Clock, compose: &ComposeReport) -> Result<usize, FlowError> {
    let mut sent = 0;
    loop {
        let now = clock.now();
        let held_until = now + HELD;
        let claimed = store.write(move |tx| Box::pin(tx.claim_schedule(now, held_until)));
        let Some(id) = claimed.await? else { return Ok(sent) };
        let Some(row) = store.find_schedule(id).await? else { continue };
        let users = store.list_users().await?;
        let mut mails = vec![];
        let mut is_whole = true;
        for Recipient { user, language } in &row.schedule.recipients {
            let Some(user) = users.iter().find(|it| it.id == *user) else { continue };
            // An account may be older than the rule for addresses.
            let Ok(to) = user.email.parse() else { continue };
            let schedule = row.schedule.clone();
            let issue = Issue { schedule, user: user.clone(), language: language.clone(), at: now };
            let Some(Composed { words, off, token_hash }) = compose(issue).await else {
                is_whole = false;
                break;
            };
            let mail = Mail { id: MailId(clock.new_id()), to, words, unsubscribe: Some(off) };
            mails.push((user.id, token_hash, mail));
        }
        let next = row.schedule.rhythm.next(now).unwrap_or(held_until);
        let due_at = if is_whole { next } else { now + LATER };
        sent += if is_whole { mails.len() } else { 0 };
        let all = Arc::new(mails);
        let settled = store.write(move |tx| {
            let mails = Arc::clone(&all);
            Box::pin(async move {
                // Changed or deleted meanwhile: it is not what was counted.
                let sent = is_whole.then_some(now);
                if !tx.settle_schedule(id, (held_until, due_at), sent).await? || !is_whole {
                    return Ok(());
                }
                for (user, token_hash, mail) in mails.iter() {
                    tx.insert_report_off(token_hash, (id, *user), now, now - OFF_KEPT).await?;
                    tx.insert_mail(mail, now).await?;
                }
                Ok(())
            })
        });
        settled.await?;
    }
}

/// Somebody gets a report no more; the name of it, `None`: the link leads nowhere.
pub async fn report_refused(store: &Store, token_hash: &str) -> Result<Option<String>, FlowError> {
    let Some((schedule, user)) = store.find_report_off(token_hash).await? else { return Ok(None) };
    let Some(row) = store.find_schedule(schedule).await? else { return Ok(None) };
    let refused = store.write(move |tx| Box::pin(tx.delete_recipients(schedule, Some(user))));
    refused.await?;
    Ok(Some(row.schedule.name))
}
