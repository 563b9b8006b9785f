//! Two sides that share no codec: each is offered, behind what the other has,
//! what the gateway can turn that into, and nothing else.
//!
//! ```text
//!   caller ─ PCMA ──▶ offer + Opus ──▶ line        line ─ Opus ──▶ answer, as PCMA ──▶ caller
//!                                                  line ─ PCMA, Opus ──▶ PCMA ───────▶ caller
//! ```
//!
//! What is added is known by the line alone, so it is left out of what the caller
//! is told. Numbers that a leg was told stay what they are (RFC 3264 §8.3.2).

use super::{Description, Exchange, Leg};
use crate::call::leg::LegId;
use crate::media::codec::{Codec, Content};
use crate::media::sdp::{Format, Formats, Stream};

/// Payload types that a description gives a meaning of its own (RFC 3551 §6).
const DYNAMIC: std::ops::RangeInclusive<u8> = 96..=127;

impl Exchange {
    /// How the formats of what a leg has said are put for another that is given it.
    pub(super) fn formats(
        &mut self,
        from: LegId,
        to: LegId,
        streams: &[Stream],
        is_answer: bool,
    ) -> Vec<Option<Formats>> {
        let streams = streams.iter().enumerate();
        if is_answer {
            return streams.map(|(at, stream)| self.answered(from, to, at, stream)).collect();
        }
        let leg = self.leg(to);
        streams.map(|(at, stream)| leg.offered(at, stream)).collect()
    }

    /// An answer as who offered can read it; `None`: as it is.
    pub(super) fn answered(&self, from: LegId, to: LegId, at: usize, stream: &Stream) -> Option<Formats> {
        let leg = |id: LegId| self.legs.iter().find(|leg| leg.id == id);
        let added = leg(from)?.added.get(at)?;
        let own = &leg(to)?.stream(at)?.formats;
        let is_own = |format: &Format| own.iter().any(|own| own.is(format));
        let is_added = |format: &&Format| !is_own(format) && added.iter().any(|added| added.is(format));
        let taken: Vec<&Format> = stream.formats.iter().filter(is_added).collect();
        if stream.formats.iter().any(|format| is_own(format) && format.content() != Content::Silence) {
            let without: Vec<u8> = taken.iter().map(|format| format.payload_type).collect();
            return (!without.is_empty()).then_some(Formats { without, with: vec![] });
        }
        let turned = taken.iter().find_map(|format| convertible(format))?;
        let sound = own.iter().find(|own| own.codec().is_some_and(|own| turned.turns_into(own)))?;
        let has_keys = stream.keys().next().is_some();
        let mut keys = own.iter().filter(|own| has_keys && own.name == KEYS);
        let keys = keys.clone().find(|keys| keys.rate == sound.rate).or(keys.next());
        let without = stream.formats.iter().map(|format| format.payload_type).collect();
        Some(Formats { without, with: [Some(sound), keys].into_iter().flatten().cloned().collect() })
    }

    /// Whether what a leg answers has no sound that it was offered, so that nobody would hear it.
    pub fn is_vain(&self, leg: LegId, body: &[u8]) -> bool {
        let Some(leg) = self.legs.iter().find(|known| known.id == leg) else { return false };
        let Some(given) = leg.given.as_ref().filter(|_| leg.is_offered && !leg.is_past) else { return false };
        let (Ok(offer), Ok(answer)) = (Description::read(given), Description::read(body)) else {
            return false;
        };
        let both = offer.streams.iter().zip(&answer.streams).enumerate();
        let live =
            both.filter(|(_, (offer, answer))| offer.is_live && answer.is_live && !answer.formats.is_empty());
        let is_vain = |(at, (offer, answer)): (usize, (&Stream, &Stream))| {
            let offered = || offer.formats.iter().chain(leg.added.get(at).into_iter().flatten());
            let is_offered =
                |format: &Format| offered().any(|it| it.payload_type == format.payload_type || it.is(format));
            let mut sound = answer.formats.iter().filter(|format| format.content() != Content::Silence);
            !sound.any(is_offered)
        };
        live.clone().next().is_some() && live.clone().all(is_vain)
    }
}

impl Leg {
    /// What a stream gains when it is offered to this leg.
    fn offered(&mut self, at: usize, stream: &Stream) -> Option<Formats> {
        // What it was told, or has said itself, means the same as long as the call goes on.
        let mut known = std::mem::take(self.added_to(at));
        known.extend(self.stream(at).into_iter().flat_map(|own| own.formats.iter().cloned()));
        let with = added(stream, &known);
        self.added_to(at).clone_from(&with);
        (!with.is_empty()).then_some(Formats { without: vec![], with })
    }

    fn added_to(&mut self, at: usize) -> &mut Vec<Format> {
        if self.added.len() <= at {
            self.added.resize(at + 1, vec![]);
        }
        &mut self.added[at]
    }

    /// Who takes what was added by another number is sent that, but may send what it was told (RFC 3264 §5.1).
    pub(super) fn learns_numbers(&self, description: &mut Description) {
        for (stream, added) in description.streams.iter_mut().zip(&self.added) {
            for told in added {
                let is_free = stream.formats.iter().all(|format| format.payload_type != told.payload_type);
                if is_free && stream.formats.iter().any(|format| format.is(told)) {
                    stream.formats.push(told.clone());
                }
            }
        }
    }
}

const KEYS: &str = "telephone-event";

/// What is turned into each other.
fn convertible(format: &Format) -> Option<Codec> {
    format.codec().filter(|codec| *codec != Codec::G722)
}

/// What a stream lacks and can be turned into, keys in its clock among it. `known`: by which numbers.
fn added(stream: &Stream, known: &[Format]) -> Vec<Format> {
    let has =
        |wanted: &[Codec]| stream.formats.iter().filter_map(convertible).any(|codec| wanted.contains(&codec));
    let is_ours = stream.is_live && stream.kind == "audio" && stream.is_rtp() && !stream.is_sealed();
    let format = |name: &str, payload_type, rate, channels| Format {
        payload_type,
        name: name.to_owned(),
        rate,
        channels,
    };
    let sound = match (has(&[Codec::Pcma, Codec::Pcmu]), has(&[Codec::Opus])) {
        (true, false) if is_ours => vec![format("opus", 0, 48_000, 2)],
        (false, true) if is_ours => vec![format("pcma", 8, 8_000, 1), format("pcmu", 0, 8_000, 1)],
        _ => return vec![],
    };
    let rate = sound[0].rate;
    let lacks_keys = stream.keys().next().is_some() && stream.keys().all(|keys| keys.rate != rate);
    let keys = lacks_keys.then(|| format(KEYS, 0, rate, 1));
    let mut added: Vec<Format> = Vec::new();
    for mut format in sound.into_iter().chain(keys) {
        let is_free = |number: &u8| {
            let taken = stream.formats.iter().chain(&added).any(|other| other.payload_type == *number);
            let is_anothers = known.iter().any(|known| known.payload_type == *number && !known.is(&format));
            !taken && !is_anothers
        };
        let before = known.iter().find(|known| known.is(&format)).map(|known| known.payload_type);
        let number = if format.rate == 8_000 && format.name != KEYS {
            Some(format.payload_type).filter(is_free)
        } else {
            before.filter(is_free).or_else(|| DYNAMIC.into_iter().find(is_free))
        };
        if let Some(number) = number {
            format.payload_type = number;
            added.push(format);
        }
    }
    added
}

#[cfg(test)]
mod tests;
