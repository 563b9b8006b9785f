//! How many calls a number, a destination and a trunk have just now.
//!
//! A call takes its first seats in the moment in which its way is decided, so
//! two calls never get the last one. A destination's seat is kept while one of
//! its lines rings or talks, and given back by dropping: whatever way a call
//! ends, nothing stays taken.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::leg::LegId;
use crate::domain::calling::routing::{Otherwise, Route, Routes, Seat, Situation, Step, Target, Way};
use crate::domain::ids::{DestinationId, TrunkId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// All seats of this node; cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Seats(Arc<Mutex<Room>>);

#[derive(Default)]
struct Room {
    taken: HashMap<Seat, u32>,
    turns: HashMap<DestinationId, u64>,
}

/// Most calls at once over a trunk, where there is a limit.
pub type TrunkLimits = HashMap<TrunkId, u32>;

/// A taken seat, free again when it is dropped.
struct Taken {
    seats: Seats,
    seat: Seat,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut room = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = room.taken.get_mut(&self.seat) {
            *count -= 1;
            if *count == 0 {
                room.taken.remove(&self.seat);
            }
        }
    }
}

/// The seats of one call.
pub(super) struct Sitting {
    seats: Seats,
    /// Those of the call itself: its number, and the trunk that it came on.
    own: Vec<Taken>,
    /// Taken ahead for the first that ring, until it has been dialled.
    reserved: Vec<Arc<Taken>>,
    has_dialled: bool,
    /// Lines of one destination share its seat.
    of_legs: Vec<(LegId, Arc<Taken>)>,
}

/// How the room looks to a call that is being decided.
struct View<'a> {
    room: &'a Room,
    limits: &'a TrunkLimits,
    asked: RefCell<Vec<DestinationId>>,
}

impl Situation for View<'_> {
    fn taken(&self, seat: &Seat) -> u32 {
        self.room.taken.get(seat).copied().unwrap_or_default()
    }

    fn trunk_limit(&self, trunk: &TrunkId) -> Option<u32> {
        self.limits.get(trunk).copied()
    }

    fn turn(&self, of: &DestinationId) -> u64 {
        self.asked.borrow_mut().push(of.clone());
        self.room.turns.get(of).copied().unwrap_or_default()
    }
}

impl Seats {
    /// Decides the way of a call and takes the seats of its first step.
    pub fn choose(
        &self,
        routes: &Routes,
        (number, route): (&Phone, &Route),
        came_on: &TrunkId,
        limits: &TrunkLimits,
        now: Timestamp,
    ) -> (Way, Sitting) {
        let mut room = self.room();
        let trunk = Seat::Trunk(came_on.clone());
        let (way, reserved) = self.decide(&mut room, limits, |view| {
            let is_full = view.trunk_limit(came_on).is_some_and(|most| view.taken(&trunk) >= most);
            if is_full { Way::nowhere(Otherwise::Full) } else { routes.choose(number, route, now, view) }
        });
        let own = vec![
            self.take_in(&mut room, Seat::Number(number.clone())),
            self.take_in(&mut room, trunk.clone()),
        ];
        let seats = self.clone();
        (way, Sitting { seats, own, reserved, has_dialled: false, of_legs: Vec::new() })
    }

    /// Decides where a call goes that has chosen a destination on its way.
    pub fn choose_onward(
        &self,
        routes: &Routes,
        destination: &DestinationId,
        limits: &TrunkLimits,
        sitting: &mut Sitting,
        now: Timestamp,
    ) -> Way {
        let mut room = self.room();
        let (way, reserved) = self.decide(&mut room, limits, |view| routes.onward(destination, now, view));
        // What is given back locks the room as well.
        drop(room);
        (sitting.reserved, sitting.has_dialled) = (reserved, false);
        way
    }

    /// A way, and the seats of the first lines on it.
    fn decide(
        &self,
        room: &mut Room,
        limits: &TrunkLimits,
        how: impl FnOnce(&View<'_>) -> Way,
    ) -> (Way, Vec<Arc<Taken>>) {
        let view = View { room, limits, asked: RefCell::default() };
        let way = how(&view);
        for asked in view.asked.into_inner() {
            *room.turns.entry(asked).or_default() += 1;
        }
        let mut reserved: Vec<Arc<Taken>> = Vec::new();
        for line in way.steps.iter().map(Step::lines).find(|lines| !lines.is_empty()).unwrap_or_default() {
            for seat in seats_of(&line.destination, &line.target) {
                if !reserved.iter().any(|taken| taken.seat == seat) {
                    reserved.push(Arc::new(self.take_in(room, seat)));
                }
            }
        }
        (way, reserved)
    }

    /// How many calls have this seat.
    pub fn taken(&self, seat: &Seat) -> u32 {
        self.room().taken.get(seat).copied().unwrap_or_default()
    }

    fn take(&self, seat: Seat) -> Taken {
        self.take_in(&mut self.room(), seat)
    }

    fn take_in(&self, room: &mut Room, seat: Seat) -> Taken {
        *room.taken.entry(seat.clone()).or_default() += 1;
        Taken { seats: self.clone(), seat }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sitting {
    /// This leg rings for a destination.
    pub fn dials(&mut self, leg: LegId, destination: &DestinationId, target: &Target) {
        self.has_dialled = true;
        for seat in seats_of(destination, target) {
            let mut taken = self.of_legs.iter().map(|(_, taken)| taken).chain(&self.reserved);
            let taken = taken.find(|taken| taken.seat == seat).cloned();
            let taken = taken.unwrap_or_else(|| Arc::new(self.seats.take(seat)));
            self.of_legs.push((leg, taken));
        }
    }

    /// What was reserved and not dialled is free again, once anything was:
    /// the caller may have to hear something first.
    pub fn has_begun(&mut self) {
        if self.has_dialled {
            self.reserved.clear();
        }
    }

    /// The call is over, though a line may still be asked something.
    pub fn caller_leaves(&mut self) {
        self.own.clear();
    }

    /// This leg does not ring or talk any more.
    pub fn leaves(&mut self, leg: LegId) {
        self.of_legs.retain(|(of, _)| *of != leg);
    }
}

fn seats_of(destination: &DestinationId, target: &Target) -> impl Iterator<Item = Seat> {
    let trunk = match target {
        Target::Number { trunk, .. } => Some(Seat::Trunk(trunk.clone())),
        Target::Uri(_) | Target::Console => None,
    };
    [Seat::Destination(destination.clone())].into_iter().chain(trunk)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::calling::destination::{Destination, RingPlan};

    const LINE: &str = "sip:counter@192.0.2.1";

    fn routes(calls_at_once: u32) -> Routes {
        let one = RingPlan::of_line(LINE.to_owned(), Duration::from_secs(20));
        let destination = Destination {
            id: "counter".parse().unwrap(),
            outlet: "lyon".parse().unwrap(),
            name: "Counter".to_owned(),
            ring_plan: RingPlan { calls_at_once: Some(calls_at_once), ..one },
            media: Default::default(),
        };
        let route = Route {
            destination: destination.id.clone(),
            outlet: destination.outlet.clone(),
            calls_at_once: None,
            recording: None,
        };
        Routes::new([(number(), route)], [destination])
    }

    fn number() -> Phone {
        "+33199002001".parse().unwrap()
    }

    fn choose(seats: &Seats, routes: &Routes, limits: &TrunkLimits) -> (Way, Sitting) {
        let number = number();
        let route = routes.find(&number).unwrap();
        seats.choose(routes, (&number, route), &"carrier".parse().unwrap(), limits, Timestamp::from_ms(0))
    }

    #[test]
    fn the_last_seat_goes_to_one_call_and_is_free_when_that_ends() {
        let (seats, routes, limits) = (Seats::default(), routes(1), TrunkLimits::new());

        let (first, sitting) = choose(&seats, &routes, &limits);
        let (second, _) = choose(&seats, &routes, &limits);
        drop(sitting);
        let (third, _) = choose(&seats, &routes, &limits);

        assert_eq!([first.steps.len(), second.steps.len(), third.steps.len()], [1, 0, 1]);
        assert_eq!(second.otherwise, Otherwise::Full);
    }

    #[test]
    fn a_destination_is_free_when_the_call_has_gone_on_to_another() {
        let (seats, routes, limits) = (Seats::default(), routes(1), TrunkLimits::new());
        let (_, mut sitting) = choose(&seats, &routes, &limits);

        let counter: DestinationId = "counter".parse().unwrap();
        let target = Target::Uri(LINE.to_owned());
        sitting.dials(LegId(1), &counter, &target);
        sitting.dials(LegId(2), &counter, &target);
        sitting.has_begun();
        sitting.leaves(LegId(1));
        assert_eq!(choose(&seats, &routes, &limits).0.steps.len(), 0);
        sitting.leaves(LegId(2));

        assert_eq!(choose(&seats, &routes, &limits).0.steps.len(), 1);
    }

    #[test]
    fn a_seat_waits_for_a_caller_who_is_told_something_first() {
        let (seats, routes, limits) = (Seats::default(), routes(1), TrunkLimits::new());
        let (_, mut sitting) = choose(&seats, &routes, &limits);

        sitting.has_begun();
        assert_eq!(choose(&seats, &routes, &limits).0.otherwise, Otherwise::Full);
        // They choose another destination, which is the same one here.
        let way = seats.choose_onward(
            &routes,
            &"counter".parse().unwrap(),
            &limits,
            &mut sitting,
            Timestamp::from_ms(0),
        );
        assert_eq!(way.otherwise, Otherwise::Full, "it is their own seat that is taken");
        drop(sitting);

        assert_eq!(choose(&seats, &routes, &limits).0.steps.len(), 1);
    }

    #[test]
    fn a_full_trunk_lets_no_call_in() {
        let (seats, routes) = (Seats::default(), routes(5));
        let limits = TrunkLimits::from([("carrier".parse().unwrap(), 1)]);

        let (_, sitting) = choose(&seats, &routes, &limits);
        assert_eq!(choose(&seats, &routes, &limits).0.otherwise, Otherwise::Full);
        drop(sitting);

        assert_eq!(choose(&seats, &routes, &limits).0.steps.len(), 1);
        assert!(seats.0.lock().unwrap().taken.is_empty());
    }
}
