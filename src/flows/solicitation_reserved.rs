//! Somebody is about to reach a contact, and asks for leave: given once, it
//! counts at once, so that no two tools use up the last one.
//!
//! Whoever reserves holds the contact's row until the reservation stands. The
//! next one counts it.

use std::time::Duration;

use super::contactability_checked::{find_policy, resolve};
use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ReservationId;
use crate::domain::people::contact::Whom;
use crate::domain::people::purpose::Kind;
use crate::domain::people::reservation::{Reservation, State};
use crate::domain::people::rules::{Decision, Question, RuleId, decide};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError};

#[derive(Clone, Debug, thiserror::Error)]
pub enum ReserveError {
    #[error("there is no such contact")]
    NoContact,
    #[error("there is no such reservation")]
    NotFound,
    /// The same program calls another one so.
    #[error("another reservation has this reference")]
    OtherReservation,
    #[error("the reservation is {0}")]
    Settled(State),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody asks leave for.
#[derive(Clone, Debug)]
pub struct Wish {
    pub whom: Whom,
    pub question: Question,
    /// When the contact is to be reached.
    pub at: Timestamp,
    pub reference: String,
    /// For how long it is held after its moment.
    pub hold: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Reserved {
    New(Reservation),
    /// By this reference it was reserved before.
    Again(Reservation),
    Denied(Decision),
}

pub async fn solicitation_reserved(
    store: &Store,
    clock: &Clock,
    wish: Wish,
    who: Accessor,
) -> Result<Reserved, ReserveError> {
    let (id, by, clock) = (ReservationId(clock.new_id()), who.to_string(), clock.clone());
    let reserved = store.write(move |tx| {
        let (wish, by, clock) = (wish.clone(), by.clone(), clock.clone());
        Box::pin(async move {
            let Wish { whom, question, at, reference, hold } = wish;
            let Some(asked) = resolve(tx, &[whom]).await?.into_iter().flatten().next() else {
                return Ok(Err(ReserveError::NoContact));
            };
            let Some(held) = tx.hold_contact(asked).await? else { return Ok(Err(ReserveError::NoContact)) };
            // Who has become part of another: it is that one whom two tools may meet at.
            let contact = held.merged_into.unwrap_or(asked);
            if contact != asked {
                tx.hold_contact(contact).await?;
            }
            // It may have waited for the row.
            let now = clock.now();
            let known = tx.find_reservation_called(&by, &reference).await?;
            let policy = find_policy(tx).await?;
            let facts = tx.load_facts(&[contact], at, now).await?;
            let Some(facts) = facts.get(&contact) else { return Ok(Err(ReserveError::NoContact)) };
            let decision = decide(facts, &question, &policy, at);
            let answers = decision.reasons.iter().any(|reason| reason.rule == RuleId::CallBack);
            let reservation = Reservation {
                id,
                contact,
                reserved_by: by,
                reference,
                channel: question.channel,
                purpose: question.purpose.id,
                controller: question.controller,
                at,
                prospects: question.purpose.kind == Kind::Prospecting && !answers,
                state: State::Held,
                expires_at: at.max(now) + hold,
                reserved_at: now,
                settled_at: None,
                decision: serde_json::to_string(&decision).unwrap_or_default(),
            };
            if let Some(known) = known {
                if !reservation.repeats(&known) {
                    return Ok(Err(ReserveError::OtherReservation));
                }
                return Ok(match known.state_at(now) {
                    State::Held | State::Confirmed => Ok(Reserved::Again(known)),
                    // It gives no leave any more.
                    state @ (State::Cancelled | State::Expired) => Err(ReserveError::Settled(state)),
                });
            }
            if !decision.allowed {
                return Ok(Ok(Reserved::Denied(decision)));
            }
            // By the same reference another contact may be reserved just now.
            let is_new = tx.insert_reservation(&reservation).await?;
            Ok(if is_new { Ok(Reserved::New(reservation)) } else { Err(ReserveError::OtherReservation) })
        })
    });
    reserved.await?
}

/// What was reserved was done, or will not be; said again it changes nothing.
pub async fn reservation_settled(
    store: &Store,
    clock: &Clock,
    id: ReservationId,
    who: Accessor,
    wanted: State,
) -> Result<Reservation, ReserveError> {
    let (by, clock) = (who.to_string(), clock.clone());
    let settled = store.write(move |tx| {
        let (by, clock) = (by.clone(), clock.clone());
        Box::pin(async move {
            // It is nobody else's to settle.
            let held = tx.hold_reservation(id).await?.filter(|held| held.reserved_by == by);
            let Some(mut reservation) = held else { return Ok(Err(ReserveError::NotFound)) };
            let now = clock.now();
            match reservation.may_become(wanted, now) {
                Ok(false) => {}
                Ok(true) => {
                    tx.settle_reservation(id, wanted, now).await?;
                    (reservation.state, reservation.settled_at) = (wanted, Some(now));
                }
                Err(state) => return Ok(Err(ReserveError::Settled(state))),
            }
            Ok(Ok(reservation))
        })
    });
    settled.await?
}
