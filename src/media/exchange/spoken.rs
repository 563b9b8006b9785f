//! What the gateway agrees on with a leg by itself, to speak to it before anybody
//! else does, or after.
//!
//! ```text
//!   caller ─ offers ─▶ attends ─▶ one format of it ─▶ prompts, tones
//!   line ─── answers with the same ─▶ has_agreed: the two are joined, nobody is asked again
//! ```

use bytes::Bytes;

use super::{Change, Description, Exchange, Given, Leg, Past, Place};
use crate::call::leg::LegId;
use crate::media::codec::Codec;
use crate::media::sdp::{Anew, Format, answer};

/// In which format the gateway itself speaks to a leg.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spoken {
    pub stream: u8,
    pub payload_type: u8,
    pub codec: Codec,
}

impl Exchange {
    /// The gateway itself answers what a leg has offered last: what the leg is told.
    pub fn attends(
        &mut self,
        id: LegId,
        mut open: impl FnMut(LegId, u8, bool) -> Option<Place>,
    ) -> Result<Given, Past> {
        let said = self.leg(id).said.back().map(|(_, said)| said.clone()).ok_or(Past::Unsaid)?;
        let mut offer = Description::read(&said)?;
        let (at, format, spoken) = choose(&offer).ok_or(Past::Unspoken)?;
        let format = format.clone();
        let family = offer.is_ipv6();
        self.face(id, offer.streams.len(), family, &mut open)?;
        let name = self.name;
        self.learns(id, &mut offer, false);
        let leg = self.leg(id);
        let place = leg.places.first().ok_or(Past::NoPort)?;
        (leg.given, leg.version) = (None, leg.version + 1);
        let (ports, origin) = (leg.ports(), [name + u64::from(id.0), leg.version]);
        let anew = Anew { address: place.address, ports: &ports, origin, first: None };
        let body = answer(&offer, at, &format, &anew);
        let before = leg.spoken.replace(spoken);
        leg.offer = Some(said);
        leg.is_offered = false;
        let mut streams = offer.streams.clone();
        streams.iter_mut().enumerate().for_each(|(nth, stream)| stream.is_live &= nth == at);
        leg.description = Some(offer);
        let body = self.dressed(id, body.into_bytes(), &streams, true);
        let mut changes = self.describes(id);
        // What is being said is so in a format that is not agreed on any more.
        changes.extend(before.filter(|before| *before != spoken).map(|_| Change::Hush(id)));
        Ok(Given { body, changes })
    }

    /// The gateway speaks to a line that has agreed on what it was offered, and talks to nobody
    /// just now.
    pub fn turns_to(&mut self, id: LegId) -> Result<Vec<Change>, Past> {
        let leg = self.leg(id);
        // What was not offered here has still to be agreed on.
        let was_offered = leg.given.is_some() && !leg.is_past;
        let said = leg.said.back().filter(|_| was_offered).ok_or(Past::Unsaid)?;
        let mut answer = Description::read(&said.1)?;
        let (_, _, spoken) = choose(&answer).ok_or(Past::Unspoken)?;
        leg.spoken = Some(spoken);
        self.learns(id, &mut answer, true);
        self.leg(id).description = Some(answer);
        Ok(self.describes(id))
    }

    /// In which format the gateway may speak to a leg; `None`: it has not answered it itself.
    pub fn spoken(&self, to: LegId) -> Option<Spoken> {
        self.legs.iter().find(|leg| leg.id == to)?.spoken
    }

    /// What a leg had offered when the gateway answered it last.
    pub fn offered(&self, by: LegId) -> Option<Bytes> {
        self.legs.iter().find(|leg| leg.id == by)?.offer.clone()
    }

    /// The gateway speaks to a leg no more.
    pub fn hushes(&mut self, leg: LegId) -> Option<Change> {
        self.leg(leg).spoken.take().map(|_| Change::Hush(leg))
    }

    /// Whether a leg that the gateway has answered itself has with that all that `body`
    /// would tell it: one and the same format, in the same stream.
    pub fn has_agreed(&self, to: LegId, body: &[u8]) -> bool {
        let goes_past = |leg: &Leg| leg.is_past && leg.said.iter().any(|(_, said)| said == body);
        if self.legs.iter().any(goes_past) {
            return false;
        }
        let (Some(spoken), Ok(said)) = (self.spoken(to), Description::read(body)) else { return false };
        let from = self.said_by(to, body);
        said.streams.iter().enumerate().all(|(at, stream)| {
            let is_it = at == usize::from(spoken.stream);
            let told = from.and_then(|from| self.answered(from, to, at, stream)).unwrap_or_default();
            let first = told.first(&stream.formats).map(|format| (format.payload_type, format.codec()));
            let same = first == Some((spoken.payload_type, Some(spoken.codec)));
            if is_it { stream.is_open && same } else { !stream.is_live }
        })
    }
}

/// The first format that the gateway can speak, and the place of its stream.
fn choose(said: &Description) -> Option<(usize, &Format, Spoken)> {
    said.streams.iter().enumerate().find_map(|(at, stream)| {
        let can = stream.kind == "audio" && stream.is_open && !stream.is_sealed();
        let mut formats = stream.formats.iter().filter(|_| can);
        let (format, codec) = formats.find_map(|format| Some((format, format.codec()?)))?;
        Some((at, format, Spoken { stream: at as u8, payload_type: format.payload_type, codec }))
    })
}
