//! What the gateway agrees on with a leg by itself, to speak to it before anybody
//! else does.
//!
//! ```text
//!   caller ─ offers ─▶ attends ─▶ one format of it ─▶ prompts, tones
//!   line ─── answers with the same ─▶ has_agreed: the two are joined, nobody is asked again
//! ```

use super::{Anew, Change, Description, Exchange, Given, Past, Place};
use crate::call::leg::LegId;
use crate::media::codec::Codec;
use crate::media::sdp::{Format, answer};

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
        let offer = Description::read(&said)?;
        let mut formats = offer.streams.iter().enumerate().flat_map(|(at, stream)| {
            let can = stream.kind == "audio" && stream.is_live && !stream.is_sealed();
            stream.formats.iter().filter(move |_| can).map(move |format| (at, format))
        });
        let found = formats.find_map(|(at, format)| Some((at, format, codec_of(format)?)));
        let (at, format, codec) = found.ok_or(Past::Unspoken)?;
        let family = offer.is_ipv6();
        self.face(id, offer.streams.len(), family, &mut open)?;
        let name = self.name;
        let leg = self.leg(id);
        let place = leg.places.first().ok_or(Past::NoPort)?;
        (leg.given, leg.version) = (None, leg.version + 1);
        let (ports, origin) = (leg.ports(), [name + u64::from(id.0), leg.version]);
        let anew = Anew { address: place.address, ports: &ports, origin, first: None };
        let body = answer(&offer, at, format, &anew).into();
        leg.spoken = Some(Spoken { stream: at as u8, payload_type: format.payload_type, codec });
        let changes = vec![Change::Describe(id, offer.streams.clone())];
        leg.description = Some(offer);
        Ok(Given { body, changes })
    }

    /// In which format the gateway may speak to a leg; `None`: it has not answered it itself.
    pub fn spoken(&self, to: LegId) -> Option<Spoken> {
        self.legs.iter().find(|leg| leg.id == to)?.spoken
    }

    /// Whether a leg that the gateway has answered itself has with that all that `body`
    /// would tell it: one and the same format, in the same stream.
    pub fn has_agreed(&self, to: LegId, body: &[u8]) -> bool {
        let (Some(spoken), Ok(said)) = (self.spoken(to), Description::read(body)) else { return false };
        said.streams.iter().enumerate().all(|(at, stream)| {
            let is_it = at == usize::from(spoken.stream);
            let first = stream.formats.first().map(|format| (format.payload_type, codec_of(format)));
            let same = first == Some((spoken.payload_type, Some(spoken.codec)));
            if is_it { stream.is_open && same } else { !stream.is_live }
        })
    }
}

fn codec_of(format: &Format) -> Option<Codec> {
    Codec::named(&format.name).filter(|codec| codec.clock_rate() == format.rate)
}
