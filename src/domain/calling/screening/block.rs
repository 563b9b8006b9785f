//! The block and allow lists: who is meant, where, and until when.
//!
//! An entry is found by what the caller shows, not by looking through the
//! lists: a hundred thousand entries cost a call as little as ten.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use super::rules::Action;
use super::{Caller, Knock};
use crate::domain::ids::{BlockId, OutletId};
use crate::domain::outlet::Outlet;
use crate::domain::phone::{Country, Phone};
use crate::domain::time::Timestamp;

/// One entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    pub id: BlockId,
    pub who: Who,
    pub scope: Scope,
    /// Anything but [`Action::Off`].
    pub then: Action,
    /// It ends by itself at this time.
    pub until: Option<Timestamp>,
    pub note: Option<String>,
}

/// Whom an entry means.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Who {
    Number(Phone),
    Prefix(Prefix),
    Country(Country),
    Withheld,
}

/// Which calls an entry is about.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Scope {
    All,
    /// Calls for this outlet and those below it.
    Outlet(OutletId),
    /// Calls to this tracking number.
    Number(Phone),
}

/// The beginning of telephone numbers: `+33948`. It prints whole, since no one
/// person has it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Prefix(Box<str>);

/// The text does not begin telephone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the beginning of telephone numbers; write + and 1 to 14 digits, for instance +33948")]
pub struct BadPrefix;

impl FromStr for Prefix {
    type Err = BadPrefix;

    fn from_str(text: &str) -> Result<Self, BadPrefix> {
        let digits = text.strip_prefix('+').ok_or(BadPrefix)?;
        let fine = (1..=14).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if fine && !digits.starts_with('0') { Ok(Self(text.into())) } else { Err(BadPrefix) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Who {
    /// The kind in a word, as the database has it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Who::Number(_) => "number",
            Who::Prefix(_) => "prefix",
            Who::Country(_) => "country",
            Who::Withheld => "withheld",
        }
    }

    /// Whole, for the database and the admin; empty where the kind says all.
    pub fn reveal(&self) -> String {
        match self {
            Who::Number(number) => number.reveal().to_owned(),
            Who::Prefix(prefix) => prefix.to_string(),
            Who::Country(country) => country.to_string(),
            Who::Withheld => String::new(),
        }
    }
}

/// Every entry, by what the caller shows.
#[derive(Clone, Default, Debug)]
pub struct Lists {
    by_number: HashMap<Phone, Vec<Block>>,
    by_prefix: HashMap<Box<str>, Vec<Block>>,
    /// How long the prefixes are that there are.
    lengths: BTreeSet<usize>,
    by_country: Vec<(Country, Block)>,
    withheld: Vec<Block>,
    /// Each outlet with those above it.
    above: HashMap<OutletId, Vec<OutletId>>,
}

impl Lists {
    pub fn new(blocks: impl IntoIterator<Item = Block>, outlets: &[Outlet]) -> Self {
        let parents: HashMap<&OutletId, Option<&OutletId>> =
            outlets.iter().map(|outlet| (&outlet.id, outlet.parent.as_ref())).collect();
        let way_up = |from: &OutletId| {
            let up = std::iter::successors(Some(from), |at| parents.get(*at).copied().flatten());
            // A tree in a circle was not checked; it is left after a round.
            up.take(outlets.len()).cloned().collect()
        };
        let above = outlets.iter().map(|outlet| (outlet.id.clone(), way_up(&outlet.id))).collect();
        let mut lists = Self { above, ..Self::default() };
        for block in blocks {
            match block.who.clone() {
                Who::Number(number) => lists.by_number.entry(number).or_default().push(block),
                Who::Prefix(Prefix(prefix)) => {
                    lists.lengths.insert(prefix.len());
                    lists.by_prefix.entry(prefix).or_default().push(block);
                }
                Who::Country(country) => lists.by_country.push((country, block)),
                Who::Withheld => lists.withheld.push(block),
            }
        }
        lists
    }

    /// The entries in force that mean this call, those that name the caller closest first.
    pub fn about(&self, knock: &Knock<'_>, now: Timestamp) -> impl Iterator<Item = &Block> {
        let shown = knock.caller.number();
        let withheld = if *knock.caller == Caller::Withheld { self.withheld.as_slice() } else { &[] };
        let exact = shown.and_then(|number| self.by_number.get(number)).into_iter().flatten();
        let prefixed = shown.into_iter().flat_map(|number| {
            let beginnings = self.lengths.iter().rev().filter_map(|length| number.reveal().get(..*length));
            beginnings.filter_map(|prefix| self.by_prefix.get(prefix)).flatten()
        });
        // Which country a number is of costs more than all the rest, so it is asked last.
        let country = shown.filter(|_| !self.by_country.is_empty()).and_then(Phone::country);
        let of_country = self.by_country.iter().filter(move |(of, _)| Some(*of) == country);
        let (outlet, called) = (knock.outlet, knock.called);
        exact
            .chain(prefixed)
            .chain(of_country.map(|(_, block)| block))
            .chain(withheld)
            .filter(move |block| block.until.is_none_or(|until| now < until))
            .filter(move |block| self.is_within(outlet, called, &block.scope))
    }

    fn is_within(&self, outlet: Option<&OutletId>, called: &Phone, scope: &Scope) -> bool {
        match scope {
            Scope::All => true,
            Scope::Number(number) => number == called,
            Scope::Outlet(of) => {
                outlet.and_then(|outlet| self.above.get(outlet)).is_some_and(|way| way.contains(of))
            }
        }
    }
}
