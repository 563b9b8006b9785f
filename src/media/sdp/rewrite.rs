//! A description with the relay's places in it; the rest stays byte for byte.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What stands in the place of what a leg has said.
#[derive(Clone, Copy, Debug)]
pub struct Anew<'a> {
    pub address: IpAddr,
    /// For the n-th `m=` line: RTP, RTCP.
    pub ports: &'a [[u16; 2]],
    /// Whose session it is, and which version of it (RFC 8866 §5.2). All that
    /// one leg is given is one session, whoever has said it.
    pub origin: [u64; 2],
    /// The payload type that is to be liked best.
    pub first: Option<u8>,
}

/// Puts the relay's places in the place of what stands there.
///
/// A stream of port 0 stays refused and `0.0.0.0` stays a hold. Candidates of
/// ICE go (RFC 8839): they are ways round the relay, and it does not speak ICE;
/// without them the other side does not either (RFC 8839 §4.2.5).
pub fn rewrite(body: &[u8], anew: &Anew<'_>) -> Vec<u8> {
    let address = anew.address;
    let mut new = Vec::with_capacity(body.len() + 32);
    let (mut streams, mut port) = (anew.ports.iter(), None::<[u16; 2]>);
    let mut own = 0;
    for whole in body.split_inclusive(|b| *b == b'\n') {
        let line = whole.trim_ascii_end();
        let end = &whole[line.len()..];
        if is_ice(line) {
            continue;
        }
        match line {
            [b'm', b'=', rest @ ..] => {
                let mut words = rest.splitn(3, |b| *b == b' ');
                let [kind, old, more] = std::array::from_fn(|_| words.next().unwrap_or_default());
                own = number(old);
                port = streams.next().copied().filter(|_| own != 0);
                match port {
                    Some([rtp, _]) => {
                        new.extend_from_slice(b"m=");
                        new.extend_from_slice(kind);
                        new.extend_from_slice(format!(" {rtp} ").as_bytes());
                        new.extend_from_slice(&liked(more, anew.first));
                    }
                    None => new.extend_from_slice(line),
                }
            }
            [b'o', b'=', ..] => {
                let [id, version] = anew.origin;
                new.extend_from_slice(format!("o=- {id} {version} {}", place(address)).as_bytes());
            }
            [b'c', b'=', rest @ ..] => new.extend_from_slice(connection(rest, address).as_bytes()),
            _ if let (Some(rest), Some(ports)) = (line.strip_prefix(b"a=rtcp:"), port) => {
                // Reports on the port of the stream itself stay there (RFC 5761 §5.1.1).
                let ours = ports[usize::from(number(rest) != own)];
                new.extend_from_slice(format!("a=rtcp:{ours}").as_bytes());
                if rest.contains(&b' ') {
                    new.extend_from_slice(format!(" {}", place(address)).as_bytes());
                }
            }
            _ => new.extend_from_slice(line),
        }
        new.extend_from_slice(end);
    }
    new
}

/// `RTP/AVP 0 8 101`, with the format that is to come first.
fn liked(more: &[u8], first: Option<u8>) -> Vec<u8> {
    let Some(first) = first.map(|payload_type| payload_type.to_string().into_bytes()) else {
        return more.to_vec();
    };
    let mut words: Vec<&[u8]> = more.split(|b| *b == b' ').collect();
    if let Some(at) = words.iter().skip(1).position(|word| *word == first) {
        words[1..=at + 1].rotate_right(1);
    }
    words.join(&b' ')
}

fn is_ice(line: &[u8]) -> bool {
    const NAMES: [&[u8]; 4] = [b"a=candidate:", b"a=ice-", b"a=remote-candidates:", b"a=end-of-candidates"];
    NAMES.iter().any(|name| line.starts_with(name))
}

fn connection(old: &[u8], address: IpAddr) -> String {
    let told = old.rsplit(|b| *b == b' ').next().and_then(|text| std::str::from_utf8(text).ok());
    let told = told.and_then(|text| text.split('/').next());
    let is_hold = told.and_then(|text| text.parse::<IpAddr>().ok()).is_some_and(|ip| ip.is_unspecified());
    let nowhere = match address {
        IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
    };
    format!("c={}", place(if is_hold { nowhere } else { address }))
}

pub(super) fn place(address: IpAddr) -> String {
    format!("IN {} {address}", if address.is_ipv6() { "IP6" } else { "IP4" })
}

/// The digits that a text begins with; 0 when there are none.
fn number(text: &[u8]) -> u16 {
    let digits = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    std::str::from_utf8(&text[..digits]).ok().and_then(|digits| digits.parse().ok()).unwrap_or_default()
}
