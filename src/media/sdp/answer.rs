//! What the gateway itself answers to an offer, to say something to a caller.

use super::rewrite::place;
use super::{Anew, Description, Format, Stream};

/// Takes the `chosen` stream with one `format` of it, and keys if they are
/// offered; the others are refused (RFC 3264 §6).
pub fn answer(offer: &Description, chosen: usize, format: &Format, anew: &Anew<'_>) -> String {
    let ([id, version], place) = (anew.origin, place(anew.address));
    let mut body = format!("v=0\r\no=- {id} {version} {place}\r\ns=-\r\nc={place}\r\nt=0 0\r\n");
    for (at, stream) in offer.streams.iter().enumerate() {
        match anew.ports.get(at).filter(|_| at == chosen) {
            Some([port, _]) => body += &taken(stream, format, *port),
            None => body += &refused(stream),
        }
    }
    body
}

fn taken(stream: &Stream, format: &Format, port: u16) -> String {
    let (mut formats, mut maps) = (format.payload_type.to_string(), map(format));
    // Keys are told in the clock of the sound that they are among (RFC 4733 §2.1).
    if let Some(keys) = stream.keys().find(|keys| keys.rate == format.rate).or(stream.keys().next()) {
        formats += &format!(" {}", keys.payload_type);
        maps += &format!("{}a=fmtp:{} 0-15\r\n", map(keys), keys.payload_type);
    }
    // To be inactive is a lawful answer to every hold (RFC 3264 §6.1).
    let direction = if stream.is_open { "sendrecv" } else { "inactive" };
    let (kind, proto) = (&stream.kind, &stream.proto);
    format!("m={kind} {port} {proto} {formats}\r\n{maps}a=ptime:20\r\na={direction}\r\n")
}

pub(super) fn map(format: &Format) -> String {
    let Format { payload_type, name, rate, channels } = format;
    let channels = if *channels > 1 { format!("/{channels}") } else { String::new() };
    format!("a=rtpmap:{payload_type} {name}/{rate}{channels}\r\n")
}

fn refused(stream: &Stream) -> String {
    let format =
        stream.formats.first().map_or_else(|| "0".to_owned(), |format| format.payload_type.to_string());
    format!("m={} 0 {} {format}\r\n", stream.kind, stream.proto)
}
