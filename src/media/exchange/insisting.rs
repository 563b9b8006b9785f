//! Legs that were dialled with keys: nothing passes there that is not sealed so, and nothing goes past
//! us. What would is refused by whoever asks here.

use super::{Description, Exchange, Past, Profile};
use crate::call::leg::LegId;
use crate::media::sdp::{Keying, Stream};

impl Exchange {
    /// Whether what this leg is to be given is said with one that has to be sealed.
    pub fn must_seal(&self, to: LegId, body: &[u8]) -> bool {
        let line = if to == LegId::CALLER { self.said_by(to, body) } else { Some(to) };
        match line {
            Some(line) => self.seals(line).is_some(),
            // A body that nobody has said may be of any.
            None => self.legs.iter().any(|leg| leg.must_seal.is_some()),
        }
    }

    /// Whether this leg, or the line that the caller hears, has to be sealed.
    pub fn is_sealed(&self, leg: LegId) -> bool {
        self.line(leg).is_some_and(|line| self.seals(line).is_some())
    }

    /// Why what a leg says may not pass where sound has to be sealed; `None`: it may. An empty
    /// body: that it says nothing more.
    pub fn misfit(&self, by: LegId, body: &[u8]) -> Option<Past> {
        let profile = self.line(by).and_then(|line| self.seals(line))?;
        if body.is_empty() {
            let has_said = self.legs.iter().any(|leg| leg.id == by && !leg.said.is_empty());
            return (!has_said).then_some(Past::Unsaid);
        }
        match Description::read(body) {
            Ok(said) => (by != LegId::CALLER && !profile.is_of(&said)).then_some(Past::Unkeyed),
            Err(unfit) => Some(Past::Unfit(unfit)),
        }
    }

    /// Nothing is carried to or from a leg that has to be sealed, unless it can be or is.
    pub(super) fn insists(&self, from: LegId, to: LegId, said: &Description) -> Result<(), Past> {
        let live = || said.streams.iter().filter(|stream| stream.is_live);
        let can_be = live().all(|stream| !stream.is_sealed())
            && (live().next().is_none() || live().any(Stream::is_rtp));
        if self.seals(to).is_some() && !can_be {
            return Err(Past::Sealed);
        }
        if self.seals(from).is_some_and(|profile| !profile.is_of(said)) {
            return Err(Past::Unkeyed);
        }
        Ok(())
    }

    fn line(&self, leg: LegId) -> Option<LegId> {
        if leg == LegId::CALLER { self.heard } else { Some(leg) }
    }

    fn seals(&self, leg: LegId) -> Option<Profile> {
        self.legs.iter().find(|known| known.id == leg)?.must_seal
    }
}

impl Profile {
    /// Whether all that is said there is sealed so.
    fn is_of(self, said: &Description) -> bool {
        let is_so = |stream: &Stream| match self {
            Profile::Sdes => matches!(stream.keying, Some(Keying::Sdes(_))),
            Profile::Dtls | Profile::WebRtc => stream.is_dtls(),
            Profile::Plain => stream.keying.is_none(),
        };
        said.streams.iter().filter(|stream| stream.is_live).all(is_so)
    }
}

#[cfg(test)]
mod tests;
