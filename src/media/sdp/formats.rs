//! A description with formats left out of its streams, or added behind those that they have.

use super::Format;
use super::answer::map;

/// What is put otherwise in one `m=` line and what belongs to it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Formats {
    /// Payload types.
    pub without: Vec<u8>,
    pub with: Vec<Format>,
}

impl Formats {
    /// What is liked best of `formats` then.
    pub fn first<'a>(&'a self, formats: &'a [Format]) -> Option<&'a Format> {
        let mut left = formats.iter().filter(|format| !self.without.contains(&format.payload_type));
        left.next().or(self.with.first())
    }

    fn line(&self, media: &str) -> String {
        let mut words = media.split(' ');
        let head: Vec<&str> = words.by_ref().take(3).collect();
        let is_left = |word: &&str| word.parse().is_ok_and(|number| !self.without.contains(&number));
        let with = self.with.iter().map(|format| format.payload_type.to_string());
        let formats: Vec<String> = words.filter(is_left).map(str::to_owned).chain(with).collect();
        format!("m={} {}", head.join(" "), formats.join(" "))
    }

    fn is_about_another(&self, line: &str) -> bool {
        let attributes = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"];
        let about = attributes.iter().find_map(|name| line.strip_prefix(name));
        let payload_type = about.and_then(|about| about.split(' ').next()?.parse().ok());
        payload_type.is_some_and(|payload_type| self.without.contains(&payload_type))
    }
}

/// `formats`: for each `m=` line, where it is not as it was.
pub fn reformat(body: &[u8], formats: &[Option<Formats>]) -> Vec<u8> {
    let mut new = Vec::with_capacity(body.len() + 128);
    let (mut rest, mut own) = (formats.iter(), None::<&Formats>);
    let put = |new: &mut Vec<u8>, own: Option<&Formats>| {
        let with = own.iter().flat_map(|own| &own.with);
        with.for_each(|format| new.extend_from_slice(described(format).as_bytes()));
    };
    for whole in body.split_inclusive(|b| *b == b'\n') {
        let line = whole.trim_ascii_end();
        // What is no text says nothing of formats.
        let text = str::from_utf8(line).unwrap_or_default();
        if let Some(media) = text.strip_prefix("m=") {
            put(&mut new, own.take());
            own = rest.next().and_then(Option::as_ref);
            if let Some(own) = own {
                new.extend_from_slice(own.line(media).as_bytes());
                new.extend_from_slice(&whole[line.len()..]);
                continue;
            }
        } else if own.is_some_and(|own| own.is_about_another(text)) {
            continue;
        }
        new.extend_from_slice(whole);
    }
    // The last line may have been without an end.
    if own.is_some() && !new.ends_with(b"\n") {
        new.extend_from_slice(b"\r\n");
    }
    put(&mut new, own);
    new
}

/// Opus is narrow here, as telephones are (RFC 7587 §6.1).
fn described(format: &Format) -> String {
    let more = match format.name.as_str() {
        "opus" => "maxplaybackrate=8000;sprop-maxcapturerate=8000;useinbandfec=1",
        "telephone-event" => "0-15",
        _ => return map(format),
    };
    format!("{}a=fmtp:{} {more}\r\n", map(format), format.payload_type)
}
