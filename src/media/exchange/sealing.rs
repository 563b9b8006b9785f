//! How what passes between a leg and the relay is sealed: as the leg itself has
//! it, whatever the other leg has. Each leg has keys of its own; between two
//! that are sealed, packets are opened and sealed anew.
//!
//! ```text
//!   browser ─ DTLS, ICE ─▶ relay ─ plain ─▶ line     browser ◀ its profile ─ relay ◀ RTP/AVP ─ line
//! ```
//!
//! Keys and passwords are drawn from one seed of the call, so that the same
//! question has the same answer however often a description is said.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ring::hkdf;

use super::{Change, Exchange, Leg, Place};
use crate::call::leg::LegId;
use crate::media::ice::Credentials;
use crate::media::sdp::{
    Anew, Crypto, Description, Dress, Dtls, Fingerprint, Keying, Setup, Stream, bare, reformat, rewrite,
    sealed,
};
use crate::media::srtp::{MASTER_MAX, Master, Suite};

/// What a browser is offered (RFC 8834 §4.2 by way of RFC 5764 §8) …
const WEB: &str = "UDP/TLS/RTP/SAVPF";
/// … and what another is that shakes hands.
const DTLS: &str = "UDP/TLS/RTP/SAVP";
/// What a peer is offered that wants its keys in the description …
const SDES: &str = "RTP/SAVP";
/// … and with which suite: all of them have it.
const SUITE: Suite = Suite::AesCm128Sha1_80;
/// The priority of our only candidate (RFC 8445 §5.1.2.1).
const PRIORITY: u32 = 126 << 24 | 65_535 << 8 | 255;

/// In which way a leg is sealed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Profile {
    /// `RTP/AVP`; or sealed so that only its ends can open it.
    #[default]
    Plain,
    /// `RTP/SAVP` with its keys in the description (RFC 4568).
    Sdes,
    /// `UDP/TLS/RTP/SAVP` with keys by a handshake (RFC 5763), without ICE.
    Dtls,
    /// As browsers do: ICE, DTLS-SRTP, one bundle, reports on the same port.
    WebRtc,
}

impl Profile {
    /// A line may be dialled with it, and has media in no other then.
    fn is_dialled(self) -> bool {
        matches!(self, Profile::Sdes | Profile::Dtls)
    }
}

/// How one stream of a leg is opened and sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sealing {
    /// Its packets pass as they are.
    Plain,
    Sdes {
        theirs: Master,
        ours: Master,
    },
    Web {
        theirs: Dtls,
        ours: Credentials,
        is_answered: bool,
    },
    Dtls {
        theirs: Dtls,
        /// Where packets and reports are received, as far as it has said so.
        at: [Option<SocketAddr>; 2],
        /// It knows who we are, so that either may begin.
        is_answered: bool,
        /// Reports share the port of packets, and their keys.
        is_muxed: bool,
    },
    /// It was to be sealed, and the leg has said nothing that would open it: nothing passes.
    Unkeyed,
}

/// What keys are drawn from, and by what browsers will know us.
#[derive(Clone)]
pub struct Secrets {
    seed: hkdf::Prk,
    fingerprint: Fingerprint,
}

impl Secrets {
    /// `seed`: of chance, and of this call alone.
    pub fn new(seed: &[u8; 32], fingerprint: Fingerprint) -> Self {
        Self { seed: hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, seed), fingerprint }
    }

    fn draw<const N: usize>(&self, leg: LegId, what: &str) -> [u8; N] {
        let mut bytes = [0; N];
        let info = [&[leg.0][..], what.as_bytes()];
        let drawn = self.seed.expand(&info, Length(N)).and_then(|drawn| drawn.fill(&mut bytes));
        drawn.expect("fewer than 255 blocks");
        bytes
    }

    fn master(&self, leg: LegId, stream: usize, suite: Suite) -> Master {
        let bytes = self.draw::<MASTER_MAX>(leg, &format!("{} {stream}", suite.as_str()));
        Master::new(suite, &bytes[..suite.key_len() + suite.salt_len()]).expect("as long as it has to be")
    }

    /// `restart`: the name that the peer restarts ICE with, empty before it does.
    fn credentials(&self, leg: LegId, restart: &str) -> Credentials {
        let bytes = self.draw::<24>(leg, &format!("ice {restart}"));
        let (ufrag, password) = bytes.split_at(6);
        Credentials { ufrag: STANDARD.encode(ufrag), password: STANDARD.encode(password) }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Exchange {
    /// A leg is dialled; its family is known where its address is. It is offered
    /// media in that profile, and may answer in no other.
    pub fn dials(&mut self, leg: LegId, is_ipv6: Option<bool>, profile: Profile) {
        let leg = self.leg(leg);
        (leg.is_ipv6, leg.profile, leg.was_sealed) = (is_ipv6, profile, profile != Profile::Plain);
        leg.must_seal = profile.is_dialled().then_some(profile);
    }

    /// In which profile a leg is from now on, by what it has said.
    pub(super) fn learns(&mut self, id: LegId, description: &mut Description, is_answer: bool) {
        let leg = self.leg(id);
        leg.keeps_roles(description);
        let streams = &description.streams;
        let ufrag = streams.iter().find_map(Stream::ufrag).map(str::to_owned);
        leg.profile = match leg.profile {
            _ if ufrag.is_some() => Profile::WebRtc,
            _ if streams.iter().any(Stream::is_dtls) => Profile::Dtls,
            _ if streams.iter().any(|stream| stream.keying.is_some()) => Profile::Sdes,
            // Who offers plain media anew has chosen so; who answers with it was offered none.
            profile if profile.is_dialled() && !is_answer => Profile::Plain,
            profile => profile,
        };
        leg.first_ufrag = leg.first_ufrag.take().or(ufrag);
        leg.was_sealed |= leg.profile != Profile::Plain;
    }

    /// What the worker is to know of what a leg has said.
    pub(super) fn describes(&self, id: LegId) -> Vec<Change> {
        let Some(leg) = self.legs.iter().find(|leg| leg.id == id) else { return vec![] };
        let Some(description) = &leg.description else { return vec![] };
        let mut changes = vec![Change::Describe(id, description.streams.clone())];
        if leg.was_sealed {
            let streams = description.streams.iter().enumerate();
            changes.extend(streams.map(|(at, said)| Change::Seal(id, at as u8, self.sealing(leg, at, said))));
        }
        changes
    }

    /// A leg that is to shake hands has been told who we are.
    pub(super) fn begins(&self, id: LegId) -> Vec<Change> {
        let mut changes = self.describes(id);
        changes.retain(|change| {
            matches!(change, Change::Seal(_, _, Sealing::Dtls { .. } | Sealing::Web { .. }))
        });
        changes
    }

    fn sealing(&self, leg: &Leg, at: usize, said: &Stream) -> Sealing {
        let is_answered = leg.given.is_some() || leg.spoken.is_some();
        match &said.keying {
            Some(Keying::Sdes(Crypto { master: theirs, .. })) => {
                let ours = self.secrets.master(leg.id, at, theirs.suite);
                Sealing::Sdes { theirs: theirs.clone(), ours }
            }
            Some(Keying::Dtls(theirs)) if theirs.ice.is_some() => {
                Sealing::Web { theirs: theirs.clone(), ours: self.credentials(leg), is_answered }
            }
            Some(Keying::Dtls(theirs)) => Sealing::Dtls {
                theirs: theirs.clone(),
                at: [said.rtp, said.rtcp],
                is_answered,
                is_muxed: said.is_muxed,
            },
            None if leg.profile == Profile::Plain => Sealing::Plain,
            None => Sealing::Unkeyed,
        }
    }

    /// What a leg has said, as another is given it. What it has said for us alone is left away.
    pub(super) fn put(
        &mut self,
        from: LegId,
        to: LegId,
        body: &Bytes,
        streams: &[Stream],
        is_answer: bool,
    ) -> Bytes {
        let asker = self.leg(from);
        let is_bare = asker.profile != Profile::Plain;
        let first = asker.spoken.map(|spoken| spoken.payload_type);
        let formats = self.formats(from, to, streams, is_answer);
        let name = self.name;
        let leg = self.leg(to);
        let Some(&Place { address, .. }) = leg.places.first() else { return body.clone() };
        let (ports, origin) = (leg.ports(), [name + u64::from(to.0), leg.version]);
        let anew = Anew { address, ports: &ports, origin, first };
        let is_sealed = leg.profile != Profile::Plain;
        let body = if is_bare || is_sealed {
            rewrite(&bare(body, streams, address), &anew)
        } else {
            rewrite(body, &anew)
        };
        let is_otherwise = formats.iter().any(Option::is_some);
        let body = if is_otherwise { reformat(&body, &formats) } else { body };
        self.dressed(to, body, streams, is_answer)
    }

    /// A description that is plain, as the leg has to have it.
    pub(super) fn dressed(&mut self, to: LegId, body: Vec<u8>, streams: &[Stream], is_answer: bool) -> Bytes {
        let leg = self.legs.iter().find(|leg| leg.id == to);
        match leg.and_then(|leg| self.dresses(leg, streams, is_answer)) {
            Some(dressed) => sealed(&body, &dressed.session, &dressed.dresses).into(),
            None => body.into(),
        }
    }

    fn dresses(&self, to: &Leg, streams: &[Stream], is_answer: bool) -> Option<Dressed> {
        match to.profile {
            Profile::Plain => None,
            Profile::Sdes => {
                let dresses = streams.iter().enumerate().map(|(at, stream)| self.with_key(to, at, stream));
                Some(Dressed { session: vec![], dresses: dresses.collect() })
            }
            Profile::Dtls => {
                let dresses = streams.iter().enumerate();
                let dresses = dresses.map(|(at, stream)| self.with_fingerprint(to, at, stream, is_answer));
                Some(Dressed { session: vec![], dresses: dresses.collect() })
            }
            Profile::WebRtc => Some(self.for_web(to, streams, is_answer)),
        }
    }

    fn with_key(&self, to: &Leg, at: usize, stream: &Stream) -> Option<Dress> {
        let (tag, suite) = match to.stream(at).and_then(|own| own.keying.as_ref()) {
            Some(Keying::Sdes(crypto)) => (crypto.tag, crypto.master.suite),
            _ => (1, SUITE),
        };
        let crypto = Crypto { tag, master: self.secrets.master(to.id, at, suite) };
        to.dress(at, stream, SDES, vec![format!("a=crypto:{}", crypto.write())])
    }

    fn with_fingerprint(&self, to: &Leg, at: usize, stream: &Stream, is_answer: bool) -> Option<Dress> {
        to.dress(at, stream, DTLS, self.vouches(to, at, is_answer))
    }

    fn for_web(&self, to: &Leg, streams: &[Stream], is_answer: bool) -> Dressed {
        let sound = streams.iter().position(|it| it.is_live && it.kind == "audio" && it.is_rtp());
        let mid = |at: usize| to.stream(at).map_or(Some("0"), |own| own.mid.as_deref());
        let dress = |at: usize| {
            let is_sound = sound == Some(at);
            let own = to.stream(at).map(|own| own.proto.clone());
            let proto = own.or_else(|| is_sound.then(|| WEB.to_owned()));
            let named = to.stream(at).is_some() || is_sound;
            let mut attributes: Vec<String> =
                mid(at).filter(|_| named).map(|mid| format!("a=mid:{mid}")).into_iter().collect();
            if is_sound {
                attributes.extend(self.way(to, at, is_answer));
            }
            Some(Dress { proto, is_refused: !is_sound, attributes })
        };
        let is_bundled = to.description.as_ref().is_none_or(|own| own.is_bundled);
        let bundle = sound.filter(|_| is_bundled).and_then(mid).map(|mid| format!("a=group:BUNDLE {mid}"));
        let session = bundle.into_iter().chain(["a=ice-lite".to_owned()]).collect();
        Dressed { session, dresses: (0..streams.len()).map(dress).collect() }
    }

    /// By what we will be known in the handshake, who begins it, and whether reports are beside packets.
    fn vouches(&self, to: &Leg, at: usize, is_answer: bool) -> Vec<String> {
        let setup = match to.stream(at).and_then(|own| own.keying.as_ref()) {
            // Who offers leaves the choice to who answers (RFC 5763 §5).
            _ if !is_answer => "actpass",
            Some(Keying::Dtls(Dtls { setup: Setup::Passive, .. })) => "active",
            _ => "passive",
        };
        let mut lines =
            vec![format!("a=fingerprint:{}", self.secrets.fingerprint), format!("a=setup:{setup}")];
        lines.extend(to.stream(at).is_none_or(|own| own.is_muxed).then(|| "a=rtcp-mux".to_owned()));
        lines
    }

    /// How a browser comes to us, and by what it will know us.
    fn way(&self, to: &Leg, at: usize, is_answer: bool) -> Vec<String> {
        let Credentials { ufrag, password } = self.credentials(to);
        let mut lines = vec![format!("a=ice-ufrag:{ufrag}"), format!("a=ice-pwd:{password}")];
        lines.extend(self.vouches(to, at, is_answer));
        if let Some(Place { address, ports: [port, _] }) = to.places.get(at) {
            lines.push(format!("a=candidate:1 1 udp {PRIORITY} {address} {port} typ host"));
            lines.push("a=end-of-candidates".to_owned());
        }
        lines
    }

    /// Ours for the ICE of a leg, which are others when it restarts (RFC 8445 §9).
    fn credentials(&self, leg: &Leg) -> Credentials {
        let ufrag = leg.description.iter().flat_map(|it| &it.streams).find_map(Stream::ufrag);
        let restart = ufrag.filter(|ufrag| Some(*ufrag) != leg.first_ufrag.as_deref());
        self.secrets.credentials(leg.id, restart.unwrap_or_default())
    }
}

/// What a description is dressed with.
struct Dressed {
    session: Vec<String>,
    dresses: Vec<Option<Dress>>,
}

impl Leg {
    /// What it has said of its n-th stream.
    pub(super) fn stream(&self, at: usize) -> Option<&Stream> {
        self.description.as_ref()?.streams.get(at)
    }

    /// How its n-th stream is put; `None`: it is not sealed. `proto`: where it has named none itself.
    fn dress(&self, at: usize, stream: &Stream, proto: &str, attributes: Vec<String>) -> Option<Dress> {
        let own = self.stream(at);
        let is_plain = own.is_some_and(|own| own.is_live && own.keying.is_none());
        if stream.is_live && !stream.is_rtp() && self.must_seal.is_some() {
            return Some(Dress { proto: None, is_refused: true, attributes: vec![] });
        }
        if !stream.is_live || !stream.is_rtp() || is_plain {
            return None;
        }
        let own = own.map(|own| own.proto.as_str()).filter(|proto| proto.contains("SAVP"));
        Some(Dress { proto: Some(own.unwrap_or(proto).to_owned()), is_refused: false, attributes })
    }

    /// Who offers both roles again keeps the one that it has (RFC 8842 §5).
    fn keeps_roles(&self, description: &mut Description) {
        for (at, stream) in description.streams.iter_mut().enumerate() {
            if let Some(Keying::Dtls(said)) = &mut stream.keying
                && let Some(Keying::Dtls(before)) = self.stream(at).and_then(|own| own.keying.as_ref())
                && said.setup == Setup::Either
                && said.fingerprint == before.fingerprint
            {
                said.setup = before.setup;
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
