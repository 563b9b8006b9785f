//! `[[trunk]]`: who may send calls, told by the address they come from.

use std::net::IpAddr;

use ipnet::IpNet;

use super::reader::{Reader, Section};
use super::value::{Checked, Value, parsed, some, whole};
use crate::domain::ids::TrunkId;
use crate::domain::phone::Country;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrunkConfig {
    pub name: TrunkId,
    /// Where its packets come from. No other trunk has the same range.
    pub from: Vec<IpNet>,
    /// Whose dialling habits its numbers follow.
    pub country: Country,
    /// More calls than this at a time do not go over it; `None`: any number.
    pub calls_at_once: Option<u32>,
}

impl TrunkConfig {
    pub(super) fn read_all(reader: &mut Reader) -> Vec<Self> {
        let mut names: Vec<TrunkId> = Vec::new();
        let mut ranges: Vec<IpNet> = Vec::new();
        reader.sections("trunk", |section| Self::read(section, &mut names, &mut ranges))
    }

    fn read(section: &mut Section, names: &mut Vec<TrunkId>, ranges: &mut Vec<IpNet>) -> Option<Self> {
        let name = section.require("name", |value| new_name(value, names));
        let from = section.require("from", some(|value| new_range(value, ranges)));
        let country = section.require("country", parsed("a country of ISO 3166-1, for instance \"FR\""));
        let calls_at_once = section.get("calls_at_once", 0, whole(0..=1_000_000));

        names.extend(name.clone());
        ranges.extend(from.iter().flatten());
        Some(Self {
            name: name?,
            from: from?,
            country: country?,
            calls_at_once: u32::try_from(calls_at_once).ok().filter(|most| *most > 0),
        })
    }
}

/// A slug that no trunk above has.
fn new_name(value: Value, taken: &[TrunkId]) -> Checked<TrunkId> {
    let text = value.text()?;
    match text.parse() {
        Ok(name) if taken.contains(&name) => value.bad(format!("there are two trunks named {text:?}")),
        Ok(name) => Ok(name),
        Err(why) => value.bad(format!("{text:?} cannot be a name: {why}")),
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
