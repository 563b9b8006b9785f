//! What a session description (RFC 8866) says of where media go, and the same
//! description with other places in it.
//!
//! Both are done line by line on the text itself: what is not about a place
//! passes byte for byte, and a fault in a line that nobody here asks about (a
//! name in Latin-1, a line out of order) keeps no call from being relayed.

mod answer;
mod bare;
mod formats;
mod keying;
mod rewrite;
mod sealed;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use super::codec::{Codec, Content};
use super::ice::Credentials;
pub use answer::answer;
pub use bare::bare;
pub use formats::{Formats, reformat};
pub use keying::{Crypto, Dtls, Fingerprint, Keying, Setup};
pub use rewrite::{Anew, rewrite};
#[cfg(test)]
pub use sealed::tests as tests_sealed;
pub use sealed::{Dress, sealed};

/// A description with more streams than this is nobody's telephone call.
pub const STREAMS_MAX: usize = 8;

/// What one side of a call says of its media: a stream for each `m=` line, in their order.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Description {
    pub streams: Vec<Stream>,
    /// Its streams share one way (RFC 9143).
    pub is_bundled: bool,
}

/// One `m=` line and what belongs to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stream {
    /// `audio`, `video`, `image` …
    pub kind: String,
    /// Its port is not 0, which refuses or ends a stream (RFC 3264 §6, §8.2).
    pub is_live: bool,
    /// Something is to be sent: it is not held by an address of `0.0.0.0`.
    pub is_wanted: bool,
    /// Where it is received; `None`: nothing is to be sent (`0.0.0.0`, RFC 3264
    /// §8.4), or a host name, which is not looked up.
    pub rtp: Option<SocketAddr>,
    /// Where reports about it are received: the port above, unless it says another (RFC 3605).
    pub rtcp: Option<SocketAddr>,
    /// It is both sent and received.
    pub is_open: bool,
    /// In upper case: `RTP/AVP`, `UDPTL` …
    pub proto: String,
    /// The payload types that it names, the one it likes best first; none where it is not RTP.
    pub formats: Vec<Format>,
    /// How its packets can be opened; `None`: they are plain, or sealed so that only its ends can.
    pub keying: Option<Keying>,
    /// Its name (RFC 5888).
    pub mid: Option<String>,
    /// Reports share its port (RFC 5761).
    pub is_muxed: bool,
}

/// What a payload type stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Format {
    pub payload_type: u8,
    /// In lower case (`pcma`); empty: said nowhere.
    pub name: String,
    /// In Hz; 0: said nowhere.
    pub rate: u32,
    pub channels: u8,
}

impl Format {
    /// In the clock that it has by its standard.
    pub fn codec(&self) -> Option<Codec> {
        Codec::named(&self.name).filter(|codec| codec.clock_rate() == self.rate)
    }

    /// What its packets hold.
    pub fn content(&self) -> Content {
        Content::named(&self.name)
    }

    /// The same encoding, whatever its number.
    pub fn is(&self, other: &Format) -> bool {
        (self.name.as_str(), self.rate) == (other.name.as_str(), other.rate)
    }
}

/// Why a description cannot be relayed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfit {
    #[error("the session description cannot be read")]
    Unreadable,
    #[error("the session description has too many streams")]
    TooMany,
    /// TCP, multicast, or several ports for one stream.
    #[error("the session description asks for another transport than UDP to one port")]
    Transport,
}

impl Unfit {
    /// The word of `/metrics`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Unfit::Unreadable => "unreadable",
            Unfit::TooMany => "too_many_streams",
            Unfit::Transport => "transport",
        }
    }
}

impl Description {
    pub fn read(body: &[u8]) -> Result<Self, Unfit> {
        let mut lines =
            body.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty());
        if !lines.next().is_some_and(|first| first.starts_with(b"v=")) {
            return Err(Unfit::Unreadable);
        }
        let (mut session, mut media) = (Section::default(), Vec::<Section>::new());
        for line in lines {
            if let Some(value) = line.strip_prefix(b"m=") {
                media.push(Section { media: text(value), ..Section::default() });
            } else {
                media.last_mut().unwrap_or(&mut session).hears(line);
            }
        }
        if media.len() > STREAMS_MAX {
            return Err(Unfit::TooMany);
        }
        let streams = media.iter().map(|section| stream(&session, section));
        let mut streams: Vec<Stream> = streams.collect::<Result<_, _>>()?;
        let is_web = streams.iter().any(|stream| stream.is_web());
        // Of what a browser offers the first sound is carried, by a way that is its own.
        let sound = streams.iter().position(|stream| stream.is_web() && stream.kind == "audio");
        for (_, stream) in streams.iter_mut().enumerate().filter(|(at, _)| is_web && Some(*at) != sound) {
            (stream.is_live, stream.is_wanted, stream.is_open) = (false, false, false);
            (stream.rtp, stream.rtcp, stream.keying) = (None, None, None);
        }
        Ok(Self { streams, is_bundled: session.is_bundled })
    }

    /// Whether it is an IPv6 address that its media are received at; `None`: it names none.
    pub fn is_ipv6(&self) -> Option<bool> {
        self.streams.iter().find_map(|stream| stream.rtp).map(|address| address.is_ipv6())
    }
}

impl Stream {
    /// Its packets are encrypted (RFC 3711, RFC 5764) and cannot be opened here, so that reports cannot be read.
    pub fn is_sealed(&self) -> bool {
        self.proto.contains("SAVP") && self.keying.is_none()
    }

    pub fn is_rtp(&self) -> bool {
        self.proto.contains("RTP/")
    }

    /// It is sent and received as browsers do.
    pub fn is_web(&self) -> bool {
        self.ufrag().is_some()
    }

    /// The name of its ICE.
    pub fn ufrag(&self) -> Option<&str> {
        match &self.keying {
            Some(Keying::Dtls(dtls)) => dtls.ice.as_ref().map(|ice| ice.ufrag.as_str()),
            Some(Keying::Sdes(_)) | None => None,
        }
    }

    /// Its keys come of a handshake, with ICE or without; reports on a port of their own have one of
    /// their own (RFC 5764 §4.1).
    pub fn is_dtls(&self) -> bool {
        matches!(self.keying, Some(Keying::Dtls(_)))
    }

    /// The payload types of keys (RFC 4733).
    pub fn keys(&self) -> impl Iterator<Item = &Format> {
        self.formats.iter().filter(|format| format.name == "telephone-event")
    }

    /// The clock rate of a payload type in Hz; `None`: neither said here nor
    /// fixed by RFC 3551 §6.
    pub fn rate(&self, payload_type: u8) -> Option<u32> {
        let said = self.formats.iter().find(|format| format.payload_type == payload_type);
        let rate = said.map_or_else(|| fixed(payload_type).1, |format| format.rate);
        (rate > 0).then_some(rate)
    }

    /// What a packet of this payload type holds.
    pub fn content(&self, payload_type: u8) -> Content {
        if self.is_sealed() {
            return Content::Sealed;
        }
        let said = self.formats.iter().find(|format| format.payload_type == payload_type);
        said.map_or_else(|| Content::of_payload_type(payload_type), |format| Content::named(&format.name))
    }
}

/// What the description says above its first `m=` line, or below one.
#[derive(Default)]
struct Section<'a> {
    /// `audio 4000 RTP/AVP 8 101`
    media: &'a str,
    /// `IN IP4 192.0.2.1`
    connection: Option<&'a str>,
    /// `53020`, or `53020 IN IP4 192.0.2.1` (RFC 3605 §2.1)
    rtcp: Option<&'a str>,
    is_open: Option<bool>,
    maps: Vec<Format>,
    /// The first `a=crypto` that is known here.
    crypto: Option<Crypto>,
    fingerprint: Option<Fingerprint>,
    setup: Option<Setup>,
    ufrag: Option<&'a str>,
    password: Option<&'a str>,
    mid: Option<&'a str>,
    is_muxed: bool,
    is_bundled: bool,
}

impl<'a> Section<'a> {
    fn hears(&mut self, line: &'a [u8]) {
        let line = text(line);
        match line.split_once('=').unwrap_or_default() {
            ("c", value) => self.connection = self.connection.or(Some(value)),
            ("a", "sendrecv") => self.is_open = self.is_open.or(Some(true)),
            ("a", "sendonly" | "recvonly" | "inactive") => self.is_open = self.is_open.or(Some(false)),
            ("a", "rtcp-mux") => self.is_muxed = true,
            ("a", attribute) => match attribute.split_once(':') {
                Some(("rtcp", value)) => self.rtcp = self.rtcp.or(Some(value)),
                Some(("rtpmap", value)) => self.maps.extend(map(value)),
                Some(("crypto", value)) => self.crypto = self.crypto.take().or_else(|| Crypto::read(value)),
                Some(("fingerprint", value)) => {
                    self.fingerprint = self.fingerprint.take().or_else(|| Fingerprint::read(value));
                }
                Some(("setup", value)) => self.setup = Some(Setup::read(value)),
                Some(("ice-ufrag", value)) => self.ufrag = self.ufrag.or(Some(value)),
                Some(("ice-pwd", value)) => self.password = self.password.or(Some(value)),
                Some(("mid", value)) => self.mid = self.mid.or(Some(value)),
                Some(("group", value)) => self.is_bundled |= value.starts_with("BUNDLE"),
                _ => {}
            },
            _ => {}
        }
    }
}

/// A line that is no text says nothing that is asked for here.
fn text(line: &[u8]) -> &str {
    std::str::from_utf8(line).unwrap_or_default()
}

fn stream(session: &Section, section: &Section) -> Result<Stream, Unfit> {
    let mut words = section.media.split(' ');
    let [kind, port, proto] = std::array::from_fn(|_| words.next().unwrap_or_default());
    let (port, count) = port.split_once('/').unwrap_or((port, "1"));
    // Digits alone (RFC 8866 §9): `parse` would take a sign as well.
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(port) || !is_number(count) {
        return Err(Unfit::Unreadable);
    }
    let port: u16 = port.parse().map_err(|_| Unfit::Unreadable)?;
    let count: u32 = count.parse().map_err(|_| Unfit::Unreadable)?;
    let is_live = port != 0;
    let proto = proto.to_ascii_uppercase();
    let is_udp = !matches!(proto.split('/').next(), Some("TCP" | "TCPTL" | "DCCP" | "SCTP"));
    if is_live && (!is_udp || count > 1) {
        return Err(Unfit::Transport);
    }
    let told = section.connection.or(session.connection).and_then(address);
    let address = told.filter(|address| !address.is_unspecified());
    if is_live && address.is_some_and(|address| address.is_multicast()) {
        return Err(Unfit::Transport);
    }
    let rtp = address.filter(|_| is_live).map(|address| SocketAddr::new(address, port));
    let is_open = section.is_open.or(session.is_open).unwrap_or(true);
    let keying = if is_live { keying(&proto, session, section) } else { None };
    // With ICE an address of noughts is one that is not known yet (RFC 8840 §4.3.1), no hold.
    let is_web = matches!(&keying, Some(Keying::Dtls(dtls)) if dtls.ice.is_some());
    Ok(Stream {
        kind: kind.to_owned(),
        is_live,
        is_wanted: is_live && (address.is_some() || told.is_none() || is_web),
        rtp,
        rtcp: rtp.and_then(|rtp| section.rtcp.map_or_else(|| next(rtp), |to| said(to, rtp))),
        is_open: (rtp.is_some() || is_web) && is_open,
        proto,
        formats: words.filter_map(|word| format(word, &section.maps)).collect(),
        keying,
        mid: section.mid.map(str::to_owned),
        is_muxed: section.is_muxed,
    })
}

/// A description that offers both has the handshake before its keys, as its name for them says.
fn keying(proto: &str, session: &Section, section: &Section) -> Option<Keying> {
    let sdes = || section.crypto.clone().map(Keying::Sdes);
    if !proto.contains("SAVP") {
        return None;
    }
    let dtls = || {
        let fingerprint = section.fingerprint.clone().or(session.fingerprint.clone())?;
        let setup = section.setup.or(session.setup).unwrap_or(Setup::Active);
        let ice = match (section.ufrag.or(session.ufrag), section.password.or(session.password)) {
            (Some(ufrag), Some(password)) => {
                Some(Credentials { ufrag: ufrag.to_owned(), password: password.to_owned() })
            }
            (None, None) => None,
            _ => return None,
        };
        Some(Keying::Dtls(Dtls { fingerprint, setup, ice }))
    };
    if proto.contains("TLS") { dtls() } else { sdes().or_else(dtls) }
}

/// `IN IP4 224.2.1.1/127`
fn address(connection: &str) -> Option<IpAddr> {
    let text = connection.split_ascii_whitespace().nth(2)?;
    text.split('/').next().unwrap_or(text).parse().ok()
}

/// Reports come to the next port, where nothing else is said (RFC 3550 §11).
fn next(rtp: SocketAddr) -> Option<SocketAddr> {
    Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?))
}

fn said(rtcp: &str, rtp: SocketAddr) -> Option<SocketAddr> {
    let mut words = rtcp.split_ascii_whitespace();
    let port = words.next()?.parse().ok().filter(|port| *port != 0)?;
    let ip = words.nth(2).and_then(|text| text.parse().ok()).unwrap_or(rtp.ip());
    Some(SocketAddr::new(ip, port))
}

/// `111 opus/48000/2`
fn map(value: &str) -> Option<Format> {
    let (payload_type, format) = value.split_once(' ')?;
    let mut parts = format.trim().split('/');
    let name = parts.next()?.to_ascii_lowercase();
    let rate = parts.next().and_then(|rate| rate.parse().ok()).unwrap_or_default();
    let channels = parts.next().and_then(|count| count.parse().ok()).unwrap_or(1);
    Some(Format { payload_type: payload_type.parse().ok()?, name, rate, channels })
}

fn format(word: &str, maps: &[Format]) -> Option<Format> {
    let payload_type = word.parse().ok()?;
    let said = maps.iter().find(|map| map.payload_type == payload_type).cloned();
    Some(said.unwrap_or_else(|| {
        let (name, rate) = fixed(payload_type);
        Format { payload_type, name: name.to_owned(), rate, channels: 1 }
    }))
}

/// What RFC 3551 §6 fixes of a payload type.
fn fixed(payload_type: u8) -> (&'static str, u32) {
    match payload_type {
        0 => ("pcmu", 8_000),
        3 => ("gsm", 8_000),
        8 => ("pcma", 8_000),
        9 => ("g722", 8_000),
        13 => ("cn", 8_000),
        18 => ("g729", 8_000),
        4 | 5 | 7 | 12 | 15 => ("", 8_000),
        6 => ("", 16_000),
        10 | 11 => ("", 44_100),
        14 | 25 | 26 | 28 | 31..=34 => ("", 90_000),
        16 => ("", 11_025),
        17 => ("", 22_050),
        _ => ("", 0),
    }
}
