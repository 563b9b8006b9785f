//! `[[trunk]]`: a carrier or a PBX, in both directions.

mod inbound;
mod outbound;

use ipnet::IpNet;

use inbound::Above;
pub use inbound::Inbound;
pub use outbound::Outbound;

use super::reader::{Reader, Section};
use super::value::{Checked, Value, parsed, whole};
use crate::domain::ids::TrunkId;
use crate::domain::phone::Country;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrunkConfig {
    pub name: TrunkId,
    /// Whose dialling habits its numbers follow.
    pub country: Country,
    /// More calls than this at a time do not go over it; `None`: any number.
    pub calls_at_once: Option<u32>,
    pub inbound: Inbound,
    pub outbound: Outbound,
}

impl TrunkConfig {
    /// A trunk that calls come from, with the defaults for all else.
    pub fn known_by_address(name: TrunkId, from: Vec<IpNet>, country: Country) -> Self {
        let inbound = Inbound { from, ..Inbound::default() };
        Self { name, country, calls_at_once: None, inbound, outbound: Outbound::default() }
    }

    pub(super) fn read_all(reader: &mut Reader, asks_for_certificates: bool) -> Vec<Self> {
        let mut names: Vec<TrunkId> = Vec::new();
        let mut above = Above::new(asks_for_certificates);
        reader.sections("trunk", |section| Self::read(section, &mut names, &mut above))
    }

    fn read(section: &mut Section, names: &mut Vec<TrunkId>, above: &mut Above) -> Option<Self> {
        let name = section.require("name", |value| new_name(value, names));
        if let Some(name) = &name {
            section.is_named(name.as_str());
        }
        let country = section.require("country", parsed("a country of ISO 3166-1, for instance \"FR\""));
        let calls_at_once = section.get("calls_at_once", 0, whole(0..=1_000_000));
        let outbound = Outbound::read(section);
        let inbound = Inbound::read(section, above, !outbound.to.is_empty());

        names.extend(name.clone());
        Some(Self {
            name: name?,
            country: country?,
            calls_at_once: u32::try_from(calls_at_once).ok().filter(|most| *most > 0),
            inbound: inbound?,
            outbound,
        })
    }
}

/// A slug that no trunk above has.
fn new_name(value: Value, taken: &[TrunkId]) -> Checked<TrunkId> {
    let text = value.text()?;
    match text.parse::<TrunkId>() {
        // What stands there for calls that are made on pages.
        Ok(name) if name.as_str() == "page" => value.bad("calls from pages of a website are named so"),
        Ok(name) if taken.contains(&name) => value.bad(format!("there are two trunks named {text:?}")),
        Ok(name) => Ok(name),
        Err(why) => value.bad(format!("{text:?} cannot be a name: {why}")),
    }
}
