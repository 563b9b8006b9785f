//! What may leave over a trunk, and how much of it: the guard against toll fraud.
//!
//! Calls go out only to numbers that an admin has put into the plan. This
//! guard stands behind the plan, in the moment in which a number is dialled,
//! so that no way around it (a plan of older settings, a transfer) leads
//! farther than the trunk's prefixes, and no mistake costs more than its calls
//! of a day. The day is UTC's: one that moves with summer time would have 23
//! or 25 hours of budget.
//!
//! What has left is written down as a fact of its call, and counted again when
//! a node starts: a restart gives nothing back. Each node counts what leaves
//! over it, so two nodes that share a database let out twice as much.

use std::collections::HashMap;

use super::routing::Target;
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a trunk lets out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exit {
    pub trunk: TrunkId,
    /// It has hops that calls could go to.
    pub leads_out: bool,
    /// What numbers must begin with; none: anything.
    pub prefixes: Vec<String>,
    /// `None`: any number of calls.
    pub calls_per_day: Option<u32>,
}

/// Why a number is not called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Barred {
    /// No prefix of the trunk fits, or there is no such trunk.
    Prefix,
    /// As many calls as may be have left over it today.
    Spent,
}

impl Barred {
    pub const fn as_str(self) -> &'static str {
        match self {
            Barred::Prefix => "prefix",
            Barred::Spent => "calls_per_day",
        }
    }
}

impl Exit {
    pub fn allows(&self, number: &str) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| number.starts_with(prefix.as_str()))
    }

    /// How much of a number the list of prefixes names: what is not listed is
    /// open to the plan alone.
    pub fn covers(&self, number: &str) -> Option<usize> {
        let fits =
            self.prefixes.iter().filter(|prefix| self.leads_out && number.starts_with(prefix.as_str()));
        fits.map(String::len).max()
    }
}

/// How many calls have left today.
#[derive(Default, Debug)]
pub struct Tolls(HashMap<TrunkId, Day>);

#[derive(Debug)]
struct Day {
    number: i64,
    calls: u32,
}

impl Tolls {
    /// The beginning of the day that this is in.
    pub fn midnight(now: Timestamp) -> Timestamp {
        Timestamp::from_ms(now.as_ms().div_euclid(DAY_MS) * DAY_MS)
    }

    /// What has left today before this start.
    pub fn resume(departed: impl IntoIterator<Item = (TrunkId, u32)>, now: Timestamp) -> Self {
        let number = now.as_ms().div_euclid(DAY_MS);
        Self(departed.into_iter().map(|(trunk, calls)| (trunk, Day { number, calls })).collect())
    }

    /// Lets a call out and counts it, or says why not. A line of the business
    /// costs nothing and is never barred.
    pub fn admit(&mut self, exits: &[Exit], target: &Target, now: Timestamp) -> Result<(), Barred> {
        let Target::Number { trunk, number } = target else { return Ok(()) };
        let exit = exits.iter().find(|exit| exit.trunk == *trunk);
        let Some(exit) = exit.filter(|exit| exit.allows(number.reveal())) else {
            return Err(Barred::Prefix);
        };
        let number = now.as_ms().div_euclid(DAY_MS);
        let today = self.0.entry(trunk.clone()).or_insert(Day { number, calls: 0 });
        if today.number != number {
            *today = Day { number, calls: 0 };
        }
        if exit.calls_per_day.is_some_and(|most| today.calls >= most) {
            return Err(Barred::Spent);
        }
        today.calls = today.calls.saturating_add(1);
        Ok(())
    }

    /// How many calls have left over this trunk today.
    pub fn today(&self, trunk: &TrunkId, now: Timestamp) -> u32 {
        let today = self.0.get(trunk).filter(|day| day.number == now.as_ms().div_euclid(DAY_MS));
        today.map_or(0, |day| day.calls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exits(calls_per_day: Option<u32>) -> Vec<Exit> {
        vec![Exit {
            trunk: "carrier".parse().unwrap(),
            leads_out: true,
            prefixes: vec!["+33".into(), "+324".into()],
            calls_per_day,
        }]
    }

    fn number(number: &str) -> Target {
        Target::Number { trunk: "carrier".parse().unwrap(), number: number.parse().unwrap() }
    }

    #[test]
    fn only_numbers_with_a_prefix_of_the_trunk_are_called() {
        let (mut tolls, now) = (Tolls::default(), Timestamp::from_ms(0));
        for (dialled, expected) in [
            ("+33612345678", Ok(())),
            ("+32475123456", Ok(())),
            ("+3225123456", Err(Barred::Prefix)),
            ("+88299123456", Err(Barred::Prefix)),
        ] {
            assert_eq!(tolls.admit(&exits(None), &number(dialled), now), expected, "{dialled}");
        }
        assert_eq!(tolls.admit(&[], &number("+33612345678"), now), Err(Barred::Prefix));
        assert_eq!(tolls.admit(&[], &Target::Uri("sip:desk@pbx".into()), now), Ok(()));
    }

    #[test]
    fn a_day_has_its_calls_and_the_next_one_has_them_again() {
        let mut tolls = Tolls::default();
        let midnight = Timestamp::from_ms(20_000 * DAY_MS);
        let just_before = Timestamp::from_ms(20_000 * DAY_MS - 1);
        let mut call = |now| tolls.admit(&exits(Some(2)), &number("+33612345678"), now);

        assert_eq!([call(just_before), call(just_before)], [Ok(()), Ok(())]);
        assert_eq!(call(just_before), Err(Barred::Spent));
        assert_eq!(call(midnight), Ok(()));

        let trunk = "carrier".parse().unwrap();
        assert_eq!((tolls.today(&trunk, midnight), tolls.today(&trunk, just_before)), (1, 0));
    }

    #[test]
    fn what_left_before_a_restart_counts_on_that_day_and_not_on_the_next() {
        let noon = Timestamp::from_ms(20_000 * DAY_MS + DAY_MS / 2);
        let next = Timestamp::from_ms(20_001 * DAY_MS);
        assert_eq!(Tolls::midnight(noon), Timestamp::from_ms(20_000 * DAY_MS));
        let mut tolls = Tolls::resume([("carrier".parse().unwrap(), 2)], noon);
        let mut call = |now| tolls.admit(&exits(Some(3)), &number("+33612345678"), now);

        assert_eq!([call(noon), call(noon), call(next)], [Ok(()), Err(Barred::Spent), Ok(())]);
    }
}
