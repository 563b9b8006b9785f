//! A description without what is only between its writer and the gateway: keys,
//! ICE, bundles, and what browsers tell each other. What is left is plain RTP.

use std::net::IpAddr;

use super::{Format, Stream};

/// Attributes that say how packets travel or are sealed, or that a telephone
/// has no use for (RFC 8839, 4568, 5763, 8842, 5761, 9143, 8830, 5576, 8285, 4585, 5506).
const BETWEEN_US: [&str; 26] = [
    "bundle-only",
    "candidate",
    "crypto",
    "end-of-candidates",
    "extmap",
    "extmap-allow-mixed",
    "fingerprint",
    "group",
    "ice-lite",
    "ice-options",
    "ice-pacing",
    "ice-pwd",
    "ice-ufrag",
    "identity",
    "mid",
    "msid",
    "msid-semantic",
    "rtcp",
    "rtcp-fb",
    "rtcp-mux",
    "rtcp-mux-only",
    "rtcp-rsize",
    "setup",
    "ssrc",
    "ssrc-group",
    "tls-id",
];

/// The codecs of telephones, of all that a browser has.
const TELEPHONE: [&str; 6] = ["pcmu", "pcma", "g722", "opus", "telephone-event", "cn"];

/// `streams`: what the description was read as. Those of them that can be opened
/// are `RTP/AVP`; those that are not carried are refused. `address`: ours, where
/// a browser does not know its own yet.
pub fn bare(body: &[u8], streams: &[Stream], address: IpAddr) -> Vec<u8> {
    let is_web = streams.iter().any(Stream::is_web);
    let mut new = Vec::with_capacity(body.len());
    let (mut rest, mut kept) = (streams.iter(), None::<Vec<u8>>);
    for whole in body.split_inclusive(|b| *b == b'\n') {
        let line = whole.trim_ascii_end();
        let end = &whole[line.len()..];
        // What is no text says nothing of these, and stays.
        let text = str::from_utf8(line).unwrap_or_default();
        if let Some(media) = text.strip_prefix("m=") {
            let stream = rest.next();
            kept = stream.filter(|stream| stream.is_web()).map(telephones);
            new.extend_from_slice(media_line(media, stream, kept.as_deref()).as_bytes());
        } else if is_web && text.starts_with("c=") {
            let family = if address.is_ipv6() { "IP6" } else { "IP4" };
            new.extend_from_slice(format!("c=IN {family} {address}").as_bytes());
        } else if is_between_us(text) || kept.as_deref().is_some_and(|kept| is_of_another(text, kept)) {
            continue;
        } else {
            new.extend_from_slice(line);
        }
        new.extend_from_slice(end);
    }
    new
}

fn media_line(media: &str, stream: Option<&Stream>, kept: Option<&[u8]>) -> String {
    let mut words = media.splitn(4, ' ');
    let [kind, port, proto, formats] = std::array::from_fn(|_| words.next().unwrap_or_default());
    let Some(stream) = stream else { return format!("m={media}") };
    let port = if stream.is_live { port } else { "0" };
    let proto = if stream.keying.is_some() { "RTP/AVP" } else { proto };
    let formats = match kept {
        Some(kept) => kept.iter().map(u8::to_string).collect::<Vec<_>>().join(" "),
        None => formats.to_owned(),
    };
    format!("m={kind} {port} {proto} {formats}")
}

/// The payload types that telephones have; all of them, if there are none.
fn telephones(stream: &Stream) -> Vec<u8> {
    let is_known = |format: &&Format| TELEPHONE.contains(&format.name.as_str());
    let is_sound =
        |format: &&Format| is_known(format) && !matches!(format.name.as_str(), "telephone-event" | "cn");
    let all = stream.formats.iter();
    let has_sound = all.clone().any(|format| is_sound(&format));
    all.filter(|format| !has_sound || is_known(format)).map(|format| format.payload_type).collect()
}

fn is_between_us(line: &str) -> bool {
    let Some(attribute) = line.strip_prefix("a=") else { return false };
    let name = attribute.split(':').next().unwrap_or_default();
    BETWEEN_US.contains(&name)
}

/// Whether a line is about a payload type that is not kept.
fn is_of_another(line: &str, kept: &[u8]) -> bool {
    let about = line.strip_prefix("a=rtpmap:").or_else(|| line.strip_prefix("a=fmtp:"));
    let payload_type = about.and_then(|about| about.split(' ').next()?.parse().ok());
    payload_type.is_some_and(|payload_type: u8| !kept.contains(&payload_type))
}
