//! Another system tells what a visitor did who is no contact yet: it stands with
//! the visit in which they did it, and on their timeline as soon as they are one.

use sha2::{Digest, Sha256};
use tracing::warn;
use uuid::Builder;

use super::engagements_told::{Handed, Refusal, read, record};
use super::message_taken::Taken;
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, EventId, VisitorId};
use crate::domain::people::contact::Whom;
use crate::domain::people::engagement::{Draft, Kind};
use crate::domain::time::Timestamp;
use crate::domain::tracking::event::{Event, EventName, Properties};
use crate::store::events::{Reported, Waiting};
use crate::store::{StoreError, Tx};

/// How much is brought along at once: a call is written in the same breath. The rest comes the next time.
const AT_ONCE: i64 = 200;

/// Keeps it with the visit of that time, or else with the latest.
pub(super) async fn keep(
    tx: &mut Tx,
    clock: &Clock,
    by: Accessor,
    visitor: VisitorId,
    mut draft: Draft,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    let mut refusals = Vec::new();
    let report = read(tx, [&draft].into_iter(), now, &mut refusals).await?.pop();
    let Some(report) = report else { return Ok(not_taken(&refusals)) };
    let at = report.at.unwrap_or(now);
    let mut visits = tx.list_visits_by(&[(visitor, at)], 1).await?;
    if visits.is_empty() {
        visits = tx.list_visits_by(&[(visitor, now)], 1).await?;
    }
    let Some((_, visit, _)) = visits.pop() else { return Ok(Taken::OfNobody) };
    let name = draft.name.as_deref().filter(|_| report.told.kind == Kind::Custom);
    let event = Event {
        id: event_id(clock, &draft),
        visit,
        at,
        name: EventName::near(name.unwrap_or(report.told.kind.as_str())),
        properties: Properties::flat(&draft.properties),
    };
    draft.at = Some(at.to_string());
    // It came by what the visit came by, unless it says itself by what.
    if [&draft.utm_source, &draft.utm_medium, &draft.utm_campaign].iter().all(|it| it.is_none()) {
        draft.visit = Some(visit.to_string());
    }
    let waiting = Waiting { by: by.to_string(), draft };
    Ok(match tx.insert_event(&event, Some(&waiting)).await? {
        Reported::Written => Taken::Now,
        Reported::Again => Taken::Before,
        Reported::Full => Taken::Not("the visit has as many events as are kept".to_owned()),
    })
}

/// The visitors are these contacts: what was told of them is of their timelines from now on.
pub(super) async fn bring_along(
    tx: &mut Tx,
    clock: &Clock,
    whose: &[(VisitorId, ContactId)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let visitors: Vec<VisitorId> = whose.iter().map(|(visitor, _)| *visitor).collect();
    for (visitor, Waiting { by, mut draft }) in tx.take_told(&visitors, AT_ONCE).await? {
        let contact = whose.iter().find(|(it, _)| *it == visitor).map(|(_, contact)| *contact);
        let (Some(contact), Ok(by)) = (contact, by.parse()) else { continue };
        loop {
            let handed = [Handed { whom: Whom::Contact(contact), draft: draft.clone() }];
            match record(tx, clock, by, &handed, now).await {
                Ok(Ok(_)) => break,
                // The plan has that purpose no more: it was done all the same.
                Ok(Err(_)) if draft.purpose.is_some() => (draft.purpose, draft.solicits) = (None, None),
                Ok(Err(refusals)) => {
                    let why = refusals.first().map(|it| it.why.to_string()).unwrap_or_default();
                    warn!(why, "what was told of a visitor cannot stand with their contact");
                    break;
                }
                // Another node has told the same a moment ago.
                Err(StoreError::Conflict) => break,
                Err(failure) => return Err(failure),
            }
        }
    }
    Ok(())
}

/// By its reference it stands once with its visit.
fn event_id(clock: &Clock, draft: &Draft) -> EventId {
    let Some(reference) = &draft.reference else { return EventId(clock.new_id()) };
    let source = draft.source.as_deref().unwrap_or_default();
    let hash = Sha256::digest(format!("{source}:{reference}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    EventId(Builder::from_custom_bytes(bytes).into_uuid())
}

/// Why it cannot be written down.
pub(super) fn not_taken(refusals: &[Refusal]) -> Taken {
    let told: Vec<_> = refusals.iter().map(|refusal| refusal.why.to_string()).collect();
    Taken::Not(told.join("; "))
}
