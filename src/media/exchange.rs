//! Which leg's session description goes to which leg, and with whose places in
//! it. A call knows bodies only as bytes; here they are recognised.
//!
//! ```text
//!   caller ─ says ─▶ ┌──────────┐ ─ gives, with the line's ports ───▶ line
//!   caller ◀ gives ─ │ Exchange │ ◀ says ─────────────────────────── line
//!                    └──────────┘ ─▶ what the worker is to do
//! ```
//!
//! Where a body comes from: the other leg that said exactly this last. So a
//! body may wait, be said again or be given to somebody else (a transfer), and
//! neither the call nor the wire need know that media are relayed. A leg's last
//! few bodies are known: a line may be dialled with an offer that has been
//! followed by another since.
//!
//! What cannot be relayed goes past us, and so does all that is said with that
//! leg from then on: half a relay carries nothing.

mod asking;
mod converting;
mod insisting;
mod sealing;
mod spoken;

use std::collections::VecDeque;
use std::net::IpAddr;

use bytes::Bytes;

use super::sdp::{Description, Format, STREAMS_MAX, Stream, Unfit};
use crate::call::leg::LegId;
use asking::Asked;
pub use sealing::{Profile, Sealing, Secrets};
pub use spoken::Spoken;

/// How many of a leg's bodies are known.
const SAID_MAX: usize = 4;

/// The two ports of the relay that face one leg for one stream, as the leg is told them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub address: IpAddr,
    /// RTP, RTCP.
    pub ports: [u16; 2],
}

/// Why a description goes past us.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Past {
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// All are taken, or we have no address of that family.
    #[error("no port of the relay is free for it")]
    NoPort,
    /// No leg has said it.
    #[error("no leg of the call has said it")]
    Unsaid,
    /// A body of several parts, of which one is a description.
    #[error("the session description is a part of something else")]
    Multipart,
    /// Only its ends can open it, or it is no sound, and it was to be sealed for a leg.
    #[error("it cannot be encrypted here as it was to be")]
    Sealed,
    /// It comes of a leg that was to seal it.
    #[error("it was to be encrypted, and is not, or otherwise")]
    Unkeyed,
    /// Its thread has ended.
    #[error("the relay has stopped")]
    Down,
    /// The gateway has something to say itself, in G.711.
    #[error("it offers no format that the gateway speaks")]
    Unspoken,
}

impl Past {
    /// The word of `/metrics`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Past::Unfit(unfit) => unfit.as_str(),
            Past::NoPort => "no_port",
            Past::Unsaid => "unsaid",
            Past::Multipart => "multipart",
            Past::Sealed => "sealed",
            Past::Unkeyed => "unkeyed",
            Past::Down => "down",
            Past::Unspoken => "unspoken",
        }
    }
}

/// What the worker is to do with the streams of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// The leg has said this of its streams.
    Describe(LegId, Vec<Stream>),
    /// The leg's n-th stream is opened and sealed so.
    Seal(LegId, u8, Sealing),
    /// The two hear each other.
    Join(LegId, LegId),
    /// The gateway itself has nothing more to say to the leg.
    Hush(LegId),
}

/// A description as a leg is given it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    pub body: Bytes,
    pub changes: Vec<Change>,
}

/// What the legs of a call have said and been given.
#[derive(Debug)]
pub struct Exchange {
    /// What all sessions of this call are named by (RFC 8866 §5.2, sess-id).
    name: u64,
    secrets: Secrets,
    legs: Vec<Leg>,
    /// Counts what was said.
    said: u64,
    /// The line that the caller hears.
    heard: Option<LegId>,
    /// Offers within the dialog that have no answer yet.
    asked: Vec<Asked>,
}

#[derive(Debug)]
struct Leg {
    id: LegId,
    /// What it said, and when: the last few, the latest at the end.
    said: VecDeque<(u64, Bytes)>,
    /// What the others go by.
    description: Option<Description>,
    places: Vec<Place>,
    /// What it was given last, as the other leg had said it.
    given: Option<Bytes>,
    /// How often that was something new.
    version: u64,
    /// What the gateway has agreed on with it, while it talks to nobody else.
    spoken: Option<Spoken>,
    /// What it had offered then.
    offer: Option<Bytes>,
    /// Whether it is at an IPv6 address, where that is known before it says so.
    is_ipv6: Option<bool>,
    /// What is said with it goes past us.
    is_past: bool,
    profile: Profile,
    /// It was in another than the plain one.
    was_sealed: bool,
    /// It was dialled with keys of this profile: what it says in another may not pass.
    must_seal: Option<Profile>,
    /// What it was given last is an offer.
    is_offered: bool,
    /// What its streams were offered besides what the other leg has.
    added: Vec<Vec<Format>>,
    /// The name that its ICE began with.
    first_ufrag: Option<String>,
}

impl Exchange {
    /// That of a call whose sessions have this name.
    pub fn new(name: u64, secrets: Secrets) -> Self {
        Self { name, secrets, legs: Vec::new(), said: 0, heard: None, asked: Vec::new() }
    }

    /// A leg has said this of its media.
    pub fn says(&mut self, leg: LegId, body: Bytes) {
        self.said += 1;
        let now = self.said;
        let said = &mut self.leg(leg).said;
        said.retain(|(_, known)| *known != body);
        if said.len() == SAID_MAX {
            said.pop_front();
        }
        said.push_back((now, body));
    }

    /// Whom the caller hears.
    pub fn heard(&self) -> Option<LegId> {
        self.heard
    }

    /// What a leg was given last, as it was said.
    pub fn given_to(&self, leg: LegId) -> Option<Bytes> {
        self.legs.iter().find(|known| known.id == leg)?.given.clone()
    }

    /// What this leg is to be given in the place of `body`; `None`: that, as it is.
    ///
    /// `is_asked`: it may decline. `open` gets ports that face a leg, IPv6 or not. A failure goes
    /// past us, unless the line [has to be sealed](Self::must_seal).
    pub fn gives(
        &mut self,
        to: LegId,
        body: &Bytes,
        is_asked: bool,
        open: impl FnMut(LegId, u8, bool) -> Option<Place>,
    ) -> Result<Option<Given>, Past> {
        let from = self.said_by(to, body).ok_or(Past::Unsaid)?;
        let line = line_of(to, from);
        if self.leg(line).is_past {
            return Ok(None);
        }
        match self.carry(from, to, body, is_asked, open) {
            Ok(given) => Ok(Some(given)),
            Err(why) if self.leg(line).must_seal.is_some() => Err(why),
            Err(why) => {
                if is_asked {
                    // Should it be declined, all is relayed as before.
                    let description = self.leg(from).description.clone();
                    self.asks(to, from, description);
                }
                self.goes_past(line);
                Err(why)
            }
        }
    }

    /// Who of the others has said this last.
    fn said_by(&self, to: LegId, body: &[u8]) -> Option<LegId> {
        let others = self.legs.iter().filter(|leg| leg.id != to);
        let said = others.flat_map(|leg| leg.said.iter().map(|(at, said)| (*at, leg.id, said)));
        said.filter(|(_, _, said)| *said == body).max_by_key(|(at, ..)| *at).map(|(_, from, _)| from)
    }

    /// What is said with this leg goes past us from now on.
    pub fn goes_past(&mut self, leg: LegId) {
        self.leg(leg).is_past = true;
    }

    fn carry(
        &mut self,
        from: LegId,
        to: LegId,
        body: &Bytes,
        is_asked: bool,
        mut open: impl FnMut(LegId, u8, bool) -> Option<Place>,
    ) -> Result<Given, Past> {
        let mut description = Description::read(body)?;
        self.insists(from, to, &description)?;
        let said = description.is_ipv6();
        let count = description.streams.len();
        let family = said.or(self.told(from));
        self.face(from, count, family, &mut open)?;
        let family = self.told(to).or(said);
        self.face(to, count, family, &mut open)?;
        let streams = description.streams.clone();
        self.leg(from).learns_numbers(&mut description);
        // The same answer may be given again; an offer that changes a session may be declined.
        let is_answer = !is_asked && self.leg(from).is_offered && self.leg(to).description.is_some();
        self.learns(from, &mut description, is_answer);
        let asker = self.leg(from);
        asker.is_offered &= is_answer;
        let before = asker.description.replace(description);
        let is_first = before.is_none();
        if is_asked {
            self.asks(to, from, before);
        }
        let leg = self.leg(to);
        leg.is_offered = !is_answer;
        if leg.given.as_ref() != Some(body) {
            (leg.given, leg.version) = (Some(body.clone()), leg.version + 1);
        }
        let was_spoken_to = leg.spoken.take().is_some();
        let body = self.put(from, to, body, &streams, is_answer);
        let mut changes = self.describes(from);
        changes.extend(self.begins(to));
        if is_asked && !is_first {
            // Until it is accepted, packets are sealed as before.
            changes.retain(|change| !matches!(change, Change::Seal(..)));
        }
        if to == LegId::CALLER {
            self.heard = Some(from);
            changes.push(Change::Join(to, from));
        }
        changes.extend(was_spoken_to.then_some(Change::Hush(to)));
        if to == LegId::CALLER {
            // The line may have been whispered to until now.
            changes.extend(self.hushes(from));
        }
        Ok(Given { body, changes })
    }

    /// Sees to it that a leg has ports for so many streams.
    fn face(
        &mut self,
        id: LegId,
        streams: usize,
        is_ipv6: Option<bool>,
        open: &mut impl FnMut(LegId, u8, bool) -> Option<Place>,
    ) -> Result<(), Past> {
        let leg = self.leg(id);
        let faces = leg.places.first().map(|place| place.address.is_ipv6());
        let is_ipv6 = faces.or(is_ipv6).unwrap_or_default();
        for stream in leg.places.len()..streams {
            let place = open(id, stream as u8, is_ipv6).ok_or(Past::NoPort)?;
            leg.places.push(place);
        }
        Ok(())
    }

    /// The family of a leg as it has said it, or as it was dialled.
    fn told(&mut self, id: LegId) -> Option<bool> {
        let leg = self.leg(id);
        leg.description.as_ref().and_then(Description::is_ipv6).or(leg.is_ipv6)
    }

    /// A line is gone, and its ports with it.
    pub fn leaves(&mut self, leg: LegId) {
        self.legs.retain(|known| known.id != leg);
        self.asked.retain(|asked| asked.leg != leg && asked.asker != leg);
        for heard in self.asked.iter_mut().map(|asked| &mut asked.heard).chain([&mut self.heard]) {
            *heard = heard.filter(|line| *line != leg);
        }
    }

    /// Whether media should come here now: caller and line have a stream that both send and receive.
    pub fn is_open(&self) -> bool {
        let streams = |leg: LegId| {
            let known = self.legs.iter().find(|known| known.id == leg).filter(|known| !known.is_past);
            known.and_then(|leg| leg.description.as_ref()).map(|it| it.streams.as_slice()).unwrap_or_default()
        };
        let Some(line) = self.heard else { return false };
        let mut both = streams(LegId::CALLER).iter().zip(streams(line));
        both.any(|(caller, line)| caller.is_open && line.is_open)
    }

    fn leg(&mut self, id: LegId) -> &mut Leg {
        let at = self.legs.iter().position(|leg| leg.id == id).unwrap_or_else(|| {
            self.legs.push(Leg {
                id,
                said: VecDeque::new(),
                description: None,
                places: Vec::with_capacity(STREAMS_MAX.min(2)),
                given: None,
                version: 0,
                must_seal: None,
                spoken: None,
                offer: None,
                is_ipv6: None,
                is_past: false,
                profile: Profile::Plain,
                was_sealed: false,
                is_offered: false,
                added: Vec::new(),
                first_ufrag: None,
            });
            self.legs.len() - 1
        });
        &mut self.legs[at]
    }
}

impl Leg {
    fn ports(&self) -> Vec<[u16; 2]> {
        self.places.iter().map(|place| place.ports).collect()
    }
}

/// Of two legs the one that is not the caller.
fn line_of(one: LegId, other: LegId) -> LegId {
    if one == LegId::CALLER { other } else { one }
}

#[cfg(test)]
mod tests;
