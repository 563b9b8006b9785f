//! Leave to reach a contact once: it is asked for before, counts at once as if
//! it had been done, and is confirmed, cancelled, or runs out.
//!
//! ```text
//!   held ──▶ confirmed     it was done: it goes on counting
//!        ├─▶ cancelled     it was not, and counts no more
//!        └─▶ (its end)     nobody said anything: it counts no more
//! ```

use std::time::Duration;

use super::consent::Channel;
use crate::domain::calling::outcome::words;
use crate::domain::ids::{ContactId, ControllerId, PurposeId, ReservationId};
use crate::domain::time::Timestamp;

/// How far ahead something may be planned.
pub const AHEAD_MAX: Duration = Duration::from_hours(366 * 24);
/// How long it is held after the moment it is for, unless somebody says otherwise: least, usual, most.
pub const HOLD: [Duration; 3] =
    [Duration::from_mins(1), Duration::from_mins(15), Duration::from_hours(7 * 24)];

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reservation {
    pub id: ReservationId,
    pub contact: ContactId,
    /// Who asked: `key:…`.
    pub reserved_by: String,
    /// What names it there.
    pub reference: String,
    pub channel: Channel,
    pub purpose: PurposeId,
    pub controller: ControllerId,
    /// When the contact is to be reached.
    pub at: Timestamp,
    /// Whether it is prospecting.
    pub prospects: bool,
    pub state: State,
    /// When it counts no more unless it is confirmed.
    pub expires_at: Timestamp,
    pub reserved_at: Timestamp,
    pub settled_at: Option<Timestamp>,
    /// What it stands on, as JSON.
    pub decision: String,
}

/// What is kept of how it stands; that it ran out follows from the time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    Held,
    Confirmed,
    Cancelled,
    Expired,
}

words! { State:
    Held = "held",
    Confirmed = "confirmed",
    Cancelled = "cancelled",
    Expired = "expired",
}

impl Reservation {
    /// How it stands at a moment.
    pub fn state_at(&self, at: Timestamp) -> State {
        match self.state {
            State::Held if self.expires_at <= at => State::Expired,
            state => state,
        }
    }

    /// Whether it asks for the same once more.
    pub fn repeats(&self, known: &Reservation) -> bool {
        // Who said no time meant now, then as well.
        let same_time = self.at == known.at || self.at == self.reserved_at && known.at == known.reserved_at;
        same_time
            && (self.contact, self.channel, &self.purpose, &self.controller)
                == (known.contact, known.channel, &known.purpose, &known.controller)
    }

    /// Whether it may become this now; `false`: it is that already.
    pub fn may_become(&self, wanted: State, now: Timestamp) -> Result<bool, State> {
        match self.state_at(now) {
            State::Held => Ok(true),
            state if state == wanted => Ok(false),
            // Its place may be somebody else's by now; that it was not used needs no place.
            State::Expired if wanted == State::Cancelled => Ok(true),
            state @ (State::Confirmed | State::Cancelled | State::Expired) => Err(state),
        }
    }
}
