//! The keys of a trunk that calls come from: who it is, and how it writes numbers.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::config::reader::Section;
use crate::config::value::{Checked, Value, some};

/// How a trunk proves that a call is from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inbound {
    /// Where its packets come from. No other trunk has the same range.
    pub from: Vec<IpNet>,
}

impl Inbound {
    /// `ranges` are those of the trunks above.
    pub(super) fn read(section: &mut Section, ranges: &mut Vec<IpNet>) -> Option<Self> {
        let from = section.require("from", some(|value| new_range(value, ranges)));

        ranges.extend(from.iter().flatten());
        Some(Self { from: from? })
    }
}

/// A range of addresses, or one address, that no trunk above has.
fn new_range(value: Value, taken: &[IpNet]) -> Checked<IpNet> {
    let text = value.text()?;
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    match text.parse::<IpNet>().or_else(|_| one()).map(|range| range.trunc()) {
        Ok(range) if taken.contains(&range) => {
            value.bad(format!("{text:?} belongs to another trunk already"))
        }
        Ok(range) => Ok(range),
        Err(_) => value
            .bad(format!("expected a range of addresses, for instance \"203.0.113.0/24\", found {text:?}")),
    }
}
