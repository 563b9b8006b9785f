//! What is due is measured and judged, and who is to know is told: once when an alert is raised, once when it is over.
//!
//! An alert is taken before it is measured, and is the taker's for longer than
//! that can last. What is told is written in the transaction in which the alert
//! changes, and only if it still stands as it was: so no two nodes tell it both,
//! and none tells it after it was changed.

use std::sync::Arc;
use std::time::Duration;

use super::alert_measured::{MeasureError, alert_measured};
use super::error::FlowError;
use super::reports_read::Reports;
use crate::clock::Clock;
use crate::domain::alerts::measured::Measured;
use crate::domain::alerts::{Alert, Reading, Turn};
use crate::domain::ids::{IncidentId, MailId};
use crate::domain::people::mail::{Mail, Words};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{Data, Event, Kind};
use crate::store::alerts::AlertRow;
use crate::store::{Store, StoreError, Tx};

/// Longer than measuring can last.
const HELD: Duration = Duration::from_secs(2 * 60);

/// What is told of an alert.
#[derive(Clone, Debug)]
pub struct Told {
    pub alert: Alert,
    /// Otherwise it is over.
    pub is_raised: bool,
    pub raised_at: Timestamp,
    pub at: Timestamp,
    pub measured: Measured,
}

/// The words of a mail.
pub type ComposeAlert = dyn Fn(&Told) -> Words + Send + Sync;

/// Judges all that is due; tells how many were raised or are over. Without `compose` nobody is written to.
pub async fn alerts_judged(
    store: &Store,
    clock: &Clock,
    reports: &Reports,
    compose: Option<&Arc<ComposeAlert>>,
) -> Result<usize, FlowError> {
    let mut told = 0;
    loop {
        let now = clock.now();
        let claimed = store.write(move |tx| Box::pin(tx.claim_alert(now, now + HELD)));
        let Some(row) = claimed.await? else { return Ok(told) };
        let measured = match alert_measured(store, reports, &row.alert.rule, now).await {
            Ok(measured) => measured,
            // The calls of that time are still being read: it is looked at again in a moment.
            Err(MeasureError::Report(_)) => None,
            Err(MeasureError::Store(failure)) => return Err(failure.into()),
        };
        told += usize::from(judge(store, clock, row, measured, compose, now).await?);
    }
}

/// Whether anything was told.
async fn judge(
    store: &Store,
    clock: &Clock,
    row: AlertRow,
    measured: Option<Measured>,
    compose: Option<&Arc<ComposeAlert>>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rule = &row.alert.rule;
    let reading = measured.as_ref().map_or(Reading::Unknown, |it| rule.reads(it));
    let (standing, turn) = row.standing.after(reading, rule.calm(), now);
    let told = measured.clone().filter(|_| turn != Turn::Nothing).map(|measured| Told {
        is_raised: turn == Turn::Raised,
        raised_at: row.standing.raised_at.unwrap_or(now),
        at: now,
        measured,
        alert: row.alert.clone(),
    });
    let mails: Vec<Mail> = match (&told, compose) {
        (Some(told), Some(compose)) => {
            let words = compose(told);
            let mail = |to: &_| Mail {
                id: MailId(clock.new_id()),
                to: Clone::clone(to),
                words: words.clone(),
                unsubscribe: None,
            };
            row.alert.emails.iter().map(mail).collect()
        }
        _ => vec![],
    };
    let incident = row.incident.unwrap_or_else(|| IncidentId(clock.new_id()));
    let all = Arc::new((row, measured, told, mails));
    let settled = store.write(move |tx| {
        let all = Arc::clone(&all);
        Box::pin(async move {
            let (row, measured, told, mails) = &*all;
            let id = row.alert.id;
            let stands = tx.hold_alert(id).await?;
            let is_same = |it: &AlertRow| it.alert.rule == row.alert.rule && it.standing == row.standing;
            if !stands.is_some_and(|it| it.alert.enabled && is_same(&it)) {
                return Ok(false);
            }
            if let Some(told) = told {
                tell(tx, told, incident).await?;
                for mail in mails {
                    tx.insert_mail(mail, now).await?;
                }
            }
            let open = standing.raised_at.map(|_| incident);
            let due_at = now + row.alert.rule.every();
            tx.settle_alert(id, standing, open, measured.as_ref(), (now, due_at)).await?;
            Ok(told.is_some())
        })
    });
    settled.await
}

/// Writes down that it was raised, or is over, and tells webhooks.
async fn tell(tx: &mut Tx, told: &Told, incident: IncidentId) -> Result<(), StoreError> {
    let alert = told.alert.id;
    let kind = if told.is_raised {
        tx.open_incident(incident, alert, &told.measured, told.at).await?;
        Kind::AlertRaised
    } else {
        tx.close_incident(incident, &told.measured, told.at).await?;
        Kind::AlertOver
    };
    let data = Data::Alert {
        alert,
        incident,
        kind: told.alert.rule.kind().as_str(),
        raised_at: told.raised_at,
        measured: told.measured.clone(),
    };
    tx.tell(Event { kind, at: told.at, data });
    Ok(())
}
