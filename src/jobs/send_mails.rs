//! Sends the mail that waits.
//!
//! A mail is taken before it is sent, and is the taker's for longer than sending
//! can last: two nodes do not send it both. A node that dies in between leaves it
//! to be sent again, under the same Message-ID, since nobody knows how far it got.

use std::error::Error;
use std::time::Duration;

use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::domain::people::mail::next_try;
use crate::notify::mail::{Mailer, Undelivered};
use crate::store::mails::{DueMail, Tried};
use crate::store::{Store, StoreError};
use crate::telemetry::Metrics;

const EVERY: Duration = Duration::from_secs(5);
/// So many are taken at a time: what breaks off in between delays no other …
const AT_ONCE: u32 = 1;
/// … and are the taker's for so long.
const HELD: Duration = Duration::from_secs(60 * 60);

/// Looks every few seconds, for ever.
pub async fn send_mails(store: Store, clock: Clock, mailer: Mailer, metrics: Metrics) {
    loop {
        match send_due(&store, &clock, &mailer, &metrics).await {
            // There may be more.
            Ok(sent) if sent == AT_ONCE as usize => continue,
            Ok(_) => {}
            Err(failure) => warn!(error = &failure as &dyn Error, "the mail that waits is not known"),
        }
        clock.until(Some(clock.now() + EVERY)).await;
    }
}

/// Tries what is due, one of it, and tells how many that were.
pub async fn send_due(
    store: &Store,
    clock: &Clock,
    mailer: &Mailer,
    metrics: &Metrics,
) -> Result<usize, StoreError> {
    let now = clock.now();
    let claimed = store.write(move |tx| Box::pin(tx.claim_mails(now, now + HELD, AT_ONCE)));
    let due = claimed.await?;
    let count = due.len();
    for DueMail { mail, made_at, tries } in due {
        let (id, sent) = (mail.id, mailer.send(&mail, made_at).await);
        let now = clock.now();
        let (tried, reply) = match &sent {
            Ok(()) => (Tried::Sent, None),
            Err(Undelivered::Never { reply, .. }) => (Tried::GivenUp, *reply),
            Err(Undelivered::Later { reply, .. }) => {
                (next_try(tries, now).map_or(Tried::GivenUp, Tried::Again), *reply)
            }
        };
        match (&sent, tried) {
            (Ok(()), _) => info!(mail.id = %id, "a mail is sent"),
            (Err(failure), Tried::GivenUp) => {
                error!(mail.id = %id, error = failure as &dyn Error, "a mail is given up");
            }
            (Err(failure), _) => warn!(mail.id = %id, error = failure as &dyn Error, "a mail waits"),
        }
        metrics.mail_tried(match tried {
            Tried::Sent => "sent",
            Tried::Again(_) => "again",
            Tried::GivenUp => "given_up",
        });
        store.settle_mail(id, tried, reply, now).await?;
    }
    Ok(count)
}
