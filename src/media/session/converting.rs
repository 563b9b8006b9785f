//! Which packets of a side its mate cannot read, and what becomes of them: what
//! both have passes as it is, the rest is turned into the first that the mate has.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Session, Side};
use crate::media::codec::{Codec, Content};
use crate::media::conversion::{Conversion, Held, Target};
use crate::media::rtp::packet::Packet;
use crate::media::rtp::rtcp;
use crate::media::sdp::{Format, Stream};

/// What became of a packet that was converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Converted {
    /// How many go in its place.
    pub sent: u64,
    /// It was the first of its stream, which is turned into that.
    pub begun: Option<Codec>,
}

impl Session {
    /// What of each side is turned into something else from now on.
    pub(super) fn turns(&mut self) {
        for place in 0..self.sides.len() {
            let side = &self.sides[place];
            let mate = side.mate.and_then(|at| self.sides.get(at)?.said.as_ref());
            let both =
                side.said.as_ref().zip(mate).filter(|both| can_be_heard(both.0) && can_be_heard(both.1));
            let target = both.and_then(|(_, mate)| target(mate));
            let turned = both.zip(target).map_or(0, |((said, mate), target)| turned(said, mate, target));
            let side = &mut self.sides[place];
            (side.turned, side.target) = (turned, target);
            // What was begun goes on: its numbers do, too.
            side.conversion.take_if(|conversion| target.is_some_and(|target| target != conversion.target()));
        }
    }

    /// Whether anything that passes between this side and its mate may have to be converted.
    #[inline]
    pub fn may_convert(&self, place: usize) -> bool {
        let Some(side) = self.sides.get(place) else { return false };
        side.turned != 0 || side.mate.is_some_and(|mate| self.sides[mate].turned != 0)
    }

    /// Converts a packet that goes on from this side, if its mate cannot read it; `None`: it can.
    #[inline]
    pub fn convert(
        &mut self,
        place: usize,
        bytes: &[u8],
        send: &mut dyn FnMut(&mut [u8], usize),
    ) -> Option<Converted> {
        let side = self.sides.get_mut(place).filter(|side| side.turned != 0)?;
        let Packet::Rtp(header) = Packet::read(bytes) else { return None };
        let held = side.held(header.payload_type)?;
        let begun = side.conversion.is_none().then_some(side.target?.codec);
        if side.conversion.is_none() {
            side.conversion = Some(Box::new(Conversion::new(side.target?)?));
        }
        let mut sent = 0;
        let conversion = side.conversion.as_mut()?;
        let mut converts = || {
            conversion.packet(bytes, held, &mut |out, length| {
                sent += 1;
                send(out, length);
            });
        };
        // Should a codec ever break down over what it is sent, this stream is converted no more; the
        // calls of all others are on this thread.
        if catch_unwind(AssertUnwindSafe(&mut converts)).is_err() {
            (side.target, side.conversion) = (None, None);
        }
        let mate = side.mate;
        if let Some(mate) = mate.and_then(|at| self.sides.get_mut(at)) {
            // That one goes on has been counted.
            mate.sent = mate.sent + sent - 1;
        }
        Some(Converted { sent, begun })
    }

    /// A report that goes on from this side is put in its mate's clock, where what they send is converted.
    pub fn convert_report(&self, place: usize, bytes: &mut [u8]) {
        let side = self.sides.get(place);
        let mate = side.and_then(|side| self.sides.get(side.mate?));
        let [sent, heard] = [side, mate].map(|side| side.and_then(|side| side.conversion.as_deref()));
        if sent.is_some() || heard.is_some() {
            rtcp::rewrite(
                bytes,
                |clock| sent.map(|sent| sent.reported(clock)),
                |jitter| heard.map_or(jitter, |heard| heard.jitter(jitter)),
            );
        }
    }
}

impl Side {
    /// The clock in Hz of what its mate is sent of it.
    pub(super) fn sends_at(&self) -> Option<u32> {
        let converted = self.conversion.as_ref().map(|conversion| conversion.target().codec.clock_rate());
        converted.or(self.reception.rate())
    }

    /// What a packet of this type holds that is to be turned into something else.
    fn held(&self, payload_type: u8) -> Option<Held> {
        if self.turned >> payload_type & 1 == 0 {
            return None;
        }
        let format = self.said.as_ref()?.formats.iter().find(|format| format.payload_type == payload_type)?;
        match format.content() {
            Content::Sound(codec) => Some(Held::Sound(codec)),
            Content::Silence if is_key(format) => Some(Held::Key(format.rate)),
            Content::Silence => Some(Held::Noise),
            Content::Unknown | Content::Sealed => None,
        }
    }
}

fn can_be_heard(stream: &Stream) -> bool {
    stream.is_live && stream.kind == "audio" && !stream.is_sealed()
}

fn is_key(format: &Format) -> bool {
    format.name == "telephone-event"
}

/// The first that a side has of what is turned into each other.
fn target(said: &Stream) -> Option<Target> {
    let sound =
        |format: &Format| Some((format.codec().filter(|codec| *codec != Codec::G722)?, format.payload_type));
    let (codec, payload_type) = said.formats.iter().find_map(sound)?;
    let keys = said.keys().find(|keys| keys.rate == codec.clock_rate()).or(said.keys().next());
    Some(Target { codec, payload_type, keys: keys.map(|keys| (keys.payload_type, keys.rate)) })
}

/// The payload types of a side that are turned into what its mate has, a bit for each.
fn turned(said: &Stream, mate: &Stream, target: Target) -> u128 {
    let has = |format: &Format| mate.formats.iter().any(|other| other.is(format));
    let is_sound = |format: &&Format| format.content() != Content::Silence;
    let shares = said.formats.iter().filter(is_sound).any(has);
    let is_turned = |format: &&Format| match format.codec() {
        Some(codec) => codec.turns_into(target.codec) && !has(format),
        // Those among sound that is in another clock.
        None if format.content() == Content::Silence => {
            let is_foreign = is_key(format) && !has(format) && target.keys.is_some();
            !shares || is_foreign && format.rate != target.codec.clock_rate()
        }
        None => false,
    };
    said.formats.iter().filter(is_turned).fold(0, |turned, format| turned | 1 << (format.payload_type & 0x7f))
}
