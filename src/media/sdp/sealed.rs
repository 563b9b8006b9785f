//! A plain description with what its reader needs to know to open what we send.

/// How one `m=` line is put.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dress {
    /// `UDP/TLS/RTP/SAVPF`; `None`: what it was.
    pub proto: Option<String>,
    /// It is not carried: its port is 0 (RFC 3264 §6).
    pub is_refused: bool,
    /// `a=…`, without the end of a line.
    pub attributes: Vec<String>,
}

/// `session`: attributes of the whole; `dresses`: for each `m=` line, where it
/// is not as it was.
pub fn sealed(body: &[u8], session: &[String], dresses: &[Option<Dress>]) -> Vec<u8> {
    let mut new = Vec::with_capacity(body.len() + 1_024);
    let (mut rest, mut pending) = (dresses.iter(), session);
    let put = |new: &mut Vec<u8>, lines: &[String]| {
        // The last line may have been without an end.
        if !lines.is_empty() && !new.ends_with(b"\n") {
            new.extend_from_slice(b"\r\n");
        }
        lines.iter().for_each(|line| new.extend_from_slice(format!("{line}\r\n").as_bytes()));
    };
    for whole in body.split_inclusive(|b| *b == b'\n') {
        let Some(media) = whole.strip_prefix(b"m=") else {
            new.extend_from_slice(whole);
            continue;
        };
        put(&mut new, pending);
        pending = &[];
        let Some(Some(dress)) = rest.next() else {
            new.extend_from_slice(whole);
            continue;
        };
        let mut words = media.splitn(4, |b| *b == b' ');
        let [kind, port, proto, formats] = std::array::from_fn(|_| words.next().unwrap_or_default());
        let port = if dress.is_refused { b"0" } else { port };
        let proto = dress.proto.as_ref().map_or(proto, |proto| proto.as_bytes());
        new.extend_from_slice(&[b"m=", kind, b" ", port, b" ", proto, b" ", formats].concat());
        pending = &dress.attributes;
    }
    put(&mut new, pending);
    new
}

#[cfg(test)]
pub mod tests;
