//! What a session description (RFC 8866) says of where media go, and the same
//! description with other places in it.
//!
//! A library reads; what is written is the text itself, line by line, so that
//! everything that is not about a place passes byte for byte.

mod rewrite;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Attribute, Connection, Media, Session};

use super::codec::Content;
pub use rewrite::rewrite;

/// A description with more streams than this is nobody's telephone call.
pub const STREAMS_MAX: usize = 8;

/// What one side of a call says of its media: a stream for each `m=` line, in their order.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Description {
    pub streams: Vec<Stream>,
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
    /// Its packets are encrypted (RFC 3711, RFC 5764), so that reports cannot be read.
    pub is_sealed: bool,
    /// Each payload type that it names: what it holds, and its clock rate.
    formats: Vec<(u8, Content, u32)>,
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
        let session = Session::parse(body).map_err(|_| Unfit::Unreadable)?;
        if session.medias.len() > STREAMS_MAX {
            return Err(Unfit::TooMany);
        }
        let streams = session.medias.iter().map(|media| stream(&session, media));
        Ok(Self { streams: streams.collect::<Result<_, _>>()? })
    }

    /// Whether it is an IPv6 address that its media are received at; `None`: it names none.
    pub fn is_ipv6(&self) -> Option<bool> {
        self.streams.iter().find_map(|stream| stream.rtp).map(|address| address.is_ipv6())
    }
}

impl Stream {
    /// The clock rate of a payload type in Hz; `None`: neither said here nor
    /// fixed by RFC 3551 §6.
    pub fn rate(&self, payload_type: u8) -> Option<u32> {
        let said = self.formats.iter().find(|(of, ..)| *of == payload_type).map(|(.., rate)| *rate);
        said.or(match payload_type {
            0 | 3..=5 | 7..=9 | 12 | 13 | 15 | 18 => Some(8_000),
            6 => Some(16_000),
            10 | 11 => Some(44_100),
            14 | 25 | 26 | 28 | 31..=34 => Some(90_000),
            16 => Some(11_025),
            17 => Some(22_050),
            _ => None,
        })
    }

    /// What a packet of this payload type holds.
    pub fn content(&self, payload_type: u8) -> Content {
        if self.is_sealed {
            return Content::Sealed;
        }
        let said = self.formats.iter().find(|(of, ..)| *of == payload_type).map(|(_, content, _)| *content);
        said.unwrap_or_else(|| Content::of_payload_type(payload_type))
    }
}

fn stream(session: &Session, media: &Media) -> Result<Stream, Unfit> {
    let is_live = media.port != 0;
    let proto = media.proto.to_ascii_uppercase();
    let is_udp = !matches!(proto.split('/').next(), Some("TCP" | "TCPTL" | "DCCP" | "SCTP"));
    if is_live && (!is_udp || media.num_ports.unwrap_or(1) > 1) {
        return Err(Unfit::Transport);
    }
    let connection = media.connections.first().or(session.connection.as_ref());
    let told = connection.and_then(address);
    let address = told.filter(|address| !address.is_unspecified());
    if is_live && address.is_some_and(|address| address.is_multicast()) {
        return Err(Unfit::Transport);
    }
    let rtp = address.filter(|_| is_live).map(|address| SocketAddr::new(address, media.port));
    let directions = || media.attributes.iter().chain(&session.attributes).find_map(is_open);
    Ok(Stream {
        kind: media.media.clone(),
        is_live,
        is_wanted: is_live && (address.is_some() || told.is_none()),
        rtp,
        rtcp: rtp
            .and_then(|rtp| value(&media.attributes, "rtcp").map_or_else(|| next(rtp), |to| said(to, rtp))),
        is_open: rtp.is_some() && directions().unwrap_or(true),
        is_sealed: proto.contains("SAVP"),
        formats: media.attributes.iter().filter_map(format).collect(),
    })
}

fn address(connection: &Connection) -> Option<IpAddr> {
    let text = connection.connection_address.as_str();
    text.split('/').next().unwrap_or(text).parse().ok()
}

/// Reports come to the next port, where nothing else is said (RFC 3550 §11).
fn next(rtp: SocketAddr) -> Option<SocketAddr> {
    Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?))
}

/// `53020`, or `53020 IN IP4 192.0.2.1` (RFC 3605 §2.1).
fn said(value: &str, rtp: SocketAddr) -> Option<SocketAddr> {
    let mut words = value.split_ascii_whitespace();
    let port = words.next()?.parse().ok().filter(|port| *port != 0)?;
    let ip = words.nth(2).and_then(|text| text.parse().ok()).unwrap_or(rtp.ip());
    Some(SocketAddr::new(ip, port))
}

fn is_open(attribute: &Attribute) -> Option<bool> {
    match attribute.attribute.as_str() {
        "sendrecv" => Some(true),
        "sendonly" | "recvonly" | "inactive" => Some(false),
        _ => None,
    }
}

fn value<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.attribute == name)?.value.as_deref()
}

/// `rtpmap:111 opus/48000/2`
fn format(attribute: &Attribute) -> Option<(u8, Content, u32)> {
    let value = attribute.value.as_deref().filter(|_| attribute.attribute == "rtpmap")?;
    let (payload_type, format) = value.split_once(' ')?;
    let (name, rest) = format.split_once('/')?;
    let rate = rest.split('/').next()?.trim().parse().ok().filter(|rate| *rate > 0)?;
    Some((payload_type.parse().ok()?, Content::named(name.trim()), rate))
}
