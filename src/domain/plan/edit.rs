//! A part of a draft changed by hand: numbers put, moved and taken out, an entry in the place of another.
//!
//! An edit says what is to be another way and leaves all else; whether the whole still makes sense is for the check of
//! the draft to say.

use std::collections::BTreeSet;

use super::draft::{Draft, DraftDestination, DraftNumber, DraftOutlet, DraftPool, DraftSite};
use super::range;
use crate::domain::phone::Phone;

/// What is done to several numbers at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NumbersChange {
    /// Calls to them go there.
    Destination(String),
    Outlet(String),
    /// They are lent to visits from now on, and stand for no medium.
    Pool(String),
    OutOfService,
}

/// Why an edit says nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditFault {
    #[error("{} is not in service", .0.reveal())]
    NoNumber(Phone),
    #[error("there is no {what} {name:?}")]
    NoEntry { what: &'static str, name: String },
    #[error("there is a {what} {name:?} already")]
    Taken { what: &'static str, name: String },
    #[error("{} is in the pool {pool:?}, which decides where its calls go and whose they are", .number.reveal())]
    InPool { number: Phone, pool: String },
}

impl Draft {
    /// The pool that a number is in.
    pub fn pool_of(&self, number: &Phone) -> Option<&DraftPool> {
        self.pools.iter().find(|pool| phones(&pool.numbers).contains(number))
    }

    /// What stands of a number that stands for a medium.
    pub fn number(&self, number: &Phone) -> Option<&DraftNumber> {
        self.numbers.iter().find(|it| is(it, number))
    }

    /// Puts a number that stands for a medium in the place of what was said of it.
    pub fn put_number(&mut self, new: DraftNumber) {
        if let Ok(e164) = range::phone(&new.e164) {
            self.take_numbers(&BTreeSet::from([e164]));
        }
        self.numbers.push(new);
    }

    /// Takes numbers out, wherever they are.
    pub fn take_numbers(&mut self, taken: &BTreeSet<Phone>) {
        self.numbers.retain(|it| !range::phone(&it.e164).is_ok_and(|e164| taken.contains(&e164)));
        for pool in &mut self.pools {
            let before = phones(&pool.numbers);
            let after: Vec<Phone> = before.difference(taken).cloned().collect();
            if after.len() < before.len() {
                pool.numbers = range::write(&after);
            }
        }
    }

    /// Puts numbers into a pool, wherever they were.
    pub fn put_into_pool(&mut self, pool: &str, added: &BTreeSet<Phone>) -> Result<(), EditFault> {
        if !self.pools.iter().any(|it| it.id == pool) {
            return Err(EditFault::NoEntry { what: "pool", name: pool.to_owned() });
        }
        self.take_numbers(added);
        for found in self.pools.iter_mut().filter(|it| it.id == pool) {
            let all: Vec<Phone> = phones(&found.numbers).union(added).cloned().collect();
            found.numbers = range::write(&all);
        }
        Ok(())
    }

    /// Does the same to several numbers, all of which are in service.
    pub fn change_numbers(
        &mut self,
        numbers: &BTreeSet<Phone>,
        change: &NumbersChange,
    ) -> Result<(), EditFault> {
        let pools: Vec<(&str, BTreeSet<Phone>)> =
            self.pools.iter().map(|pool| (pool.id.as_str(), phones(&pool.numbers))).collect();
        for number in numbers {
            let pool = pools.iter().find(|(_, numbers)| numbers.contains(number));
            match (pool, change) {
                (None, _) if self.number(number).is_none() => {
                    return Err(EditFault::NoNumber(number.clone()));
                }
                (Some((pool, _)), NumbersChange::Destination(_) | NumbersChange::Outlet(_)) => {
                    return Err(EditFault::InPool { number: number.clone(), pool: (*pool).to_owned() });
                }
                _ => {}
            }
        }
        match change {
            NumbersChange::OutOfService => self.take_numbers(numbers),
            NumbersChange::Pool(pool) => self.put_into_pool(pool, numbers)?,
            NumbersChange::Destination(to) => self.each(numbers, |it| it.destination.clone_from(to)),
            NumbersChange::Outlet(of) => self.each(numbers, |it| it.outlet.clone_from(of)),
        }
        Ok(())
    }

    fn each(&mut self, numbers: &BTreeSet<Phone>, change: impl Fn(&mut DraftNumber)) {
        let chosen =
            self.numbers.iter_mut().filter(|it| range::phone(&it.e164).is_ok_and(|it| numbers.contains(&it)));
        chosen.for_each(change);
    }

    /// How many numbers are of an outlet: those of a pool are of its destination's.
    pub fn count_numbers_of(&self, outlet: &str) -> usize {
        let is_its = |id: &str| self.destinations.iter().any(|it| it.id == id && it.outlet == outlet);
        let pooled = self.pools.iter().filter(|pool| is_its(&pool.destination));
        pooled.map(|pool| phones(&pool.numbers).len()).sum::<usize>()
            + self.numbers.iter().filter(|number| number.outlet == outlet).count()
    }

    /// How many numbers a destination has.
    pub fn count_numbers_to(&self, destination: &str) -> usize {
        let pooled = self.pools.iter().filter(|pool| pool.destination == destination);
        pooled.map(|pool| phones(&pool.numbers).len()).sum::<usize>()
            + self.numbers.iter().filter(|number| number.destination == destination).count()
    }

    /// Takes a site out, with the pools that lend on it; numbers that stood in on it stand for their medium alone.
    pub fn take_site(&mut self, id: &str) -> Result<(), EditFault> {
        take(&mut self.sites, id)?;
        self.pools.retain(|pool| pool.site != id);
        for number in self.numbers.iter_mut().filter(|number| number.site.as_deref() == Some(id)) {
            (number.site, number.target) = (None, None);
        }
        Ok(())
    }
}

/// An entry of a draft that has a name.
pub trait Named {
    const WHAT: &'static str;
    fn id(&self) -> &str;
}

macro_rules! named {
    ($($entry:ty = $what:literal,)*) => {
        $(impl Named for $entry {
            const WHAT: &'static str = $what;

            fn id(&self) -> &str {
                &self.id
            }
        })*
    };
}

named! { DraftOutlet = "outlet", DraftSite = "site", DraftDestination = "destination", DraftPool = "pool", }

/// Adds an entry of a new name.
pub fn add<T: Named>(entries: &mut Vec<T>, new: T) -> Result<(), EditFault> {
    if entries.iter().any(|it| it.id() == new.id()) {
        return Err(EditFault::Taken { what: T::WHAT, name: new.id().to_owned() });
    }
    entries.push(new);
    Ok(())
}

/// The entry of this name, to be changed.
pub fn find<'e, T: Named>(entries: &'e mut [T], name: &str) -> Result<&'e mut T, EditFault> {
    let missing = || EditFault::NoEntry { what: T::WHAT, name: name.to_owned() };
    entries.iter_mut().find(|it| it.id() == name).ok_or_else(missing)
}

/// Takes the entry of this name out. Whatever names it still is for the check to tell.
pub fn take<T: Named>(entries: &mut Vec<T>, name: &str) -> Result<(), EditFault> {
    find(entries, name)?;
    entries.retain(|it| it.id() != name);
    Ok(())
}

fn is(draft: &DraftNumber, number: &Phone) -> bool {
    range::phone(&draft.e164).is_ok_and(|it| it == *number)
}

/// What the check will refuse is none.
fn phones(texts: &[String]) -> BTreeSet<Phone> {
    texts.iter().filter_map(|text| range::read(text).ok()).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(last: u32) -> Phone {
        format!("+331990010{last:02}").parse().unwrap()
    }

    fn set(lasts: &[u32]) -> BTreeSet<Phone> {
        lasts.iter().map(|last| phone(*last)).collect()
    }

    fn draft() -> Draft {
        let pool = |id: &str, numbers: &[&str]| DraftPool {
            id: id.into(),
            site: "shop".into(),
            target: "+33199000001".into(),
            destination: "desk".into(),
            keep_alive_s: 1200,
            quarantine_s: 600,
            ageing_s: 0,
            calls_at_once: None,
            numbers: numbers.iter().map(ToString::to_string).collect(),
            recording: None,
        };
        let poster =
            DraftNumber { e164: "+33199001050".into(), outlet: "lyon".into(), ..DraftNumber::default() };
        Draft {
            pools: vec![pool("web", &["+33199001000..+33199001009"]), pool("spare", &[])],
            numbers: vec![poster],
            ..Draft::default()
        }
    }

    #[test]
    fn a_number_taken_from_the_middle_of_a_range_leaves_two_ranges() {
        let mut draft = draft();

        draft.change_numbers(&set(&[4]), &NumbersChange::OutOfService).unwrap();

        assert_eq!(draft.pools[0].numbers, ["+33199001000..+33199001003", "+33199001005..+33199001009"]);
        let gone = draft.change_numbers(&set(&[4]), &NumbersChange::OutOfService);
        assert_eq!(gone, Err(EditFault::NoNumber(phone(4))));
    }

    #[test]
    fn numbers_that_move_into_a_pool_leave_where_they_were() {
        let mut draft = draft();

        draft.change_numbers(&set(&[8, 9, 50]), &NumbersChange::Pool("spare".into())).unwrap();

        assert_eq!(draft.pools[0].numbers, ["+33199001000..+33199001007"]);
        assert_eq!(draft.pools[1].numbers, ["+33199001008..+33199001009", "+33199001050"]);
        assert!(draft.numbers.is_empty());
    }

    #[test]
    fn a_pool_decides_for_its_numbers_and_nothing_is_done_by_halves() {
        let mut changed = draft();

        let refused = changed.change_numbers(&set(&[3, 50]), &NumbersChange::Outlet("paris".into()));

        assert_eq!(refused, Err(EditFault::InPool { number: phone(3), pool: "web".into() }));
        assert_eq!(changed, draft());
        changed.change_numbers(&set(&[50]), &NumbersChange::Outlet("paris".into())).unwrap();
        assert_eq!(changed.numbers[0].outlet, "paris");
    }

    #[test]
    fn a_site_goes_with_its_pools_and_numbers_stand_in_on_it_no_more() {
        let mut draft = draft();
        draft.sites.push(DraftSite { id: "shop".into(), ..DraftSite::default() });
        (draft.numbers[0].site, draft.numbers[0].target) = (Some("shop".into()), Some("+33199000001".into()));

        draft.take_site("shop").unwrap();

        assert!(draft.sites.is_empty() && draft.pools.is_empty());
        assert_eq!((draft.numbers.len(), draft.numbers[0].site.as_deref()), (1, None));
    }

    #[test]
    fn a_name_that_is_taken_is_not_added_and_one_that_is_not_there_is_not_changed() {
        let mut outlets = vec![];
        let lyon = DraftOutlet { id: "lyon".into(), name: "Lyon".into(), parent: None };

        add(&mut outlets, lyon.clone()).unwrap();

        assert_eq!(add(&mut outlets, lyon), Err(EditFault::Taken { what: "outlet", name: "lyon".into() }));
        let missing = EditFault::NoEntry { what: "outlet", name: "nice".into() };
        assert_eq!(take(&mut outlets, "nice"), Err(missing));
        take(&mut outlets, "lyon").unwrap();
        assert!(outlets.is_empty());
    }
}
