//! Digest authentication, both ways: what a challenge asks, what answers it,
//! and whether an answer is right (RFC 3261 §22, RFC 7616, RFC 8760).
//!
//! ```text
//!   we are asked   401, 407 ─▶ Challenge::strongest ─▶ answer ─▶ Authorization
//!   we ask         Challenge::write ─▶ 401 … Authorization ─▶ Credentials ─▶ proves
//! ```
//!
//! Only algebra: which nonce is fresh, and how often one may be used, is
//! decided by whoever gave it out. Of the quality of protection there is
//! `auth`, and none for peers of RFC 2069; nobody on the wire offers
//! `auth-int` alone, since every proxy that touches a body would break it.

use std::fmt;

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

use crate::sip::message::{Auth, Message, Method, Name};

/// A name and a password, the peer's or ours.
///
/// `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// The hashes of RFC 8760 §2.2, from the weakest to the strongest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Algorithm {
    Md5,
    Sha256,
    Sha512_256,
}

impl Algorithm {
    pub const STRONGEST_FIRST: [Self; 3] = [Self::Sha512_256, Self::Sha256, Self::Md5];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512_256 => "SHA-512-256",
        }
    }

    /// Missing it means MD5 (RFC 7616 §3.3); one that is not known cannot be answered.
    fn read(word: Option<&[u8]>) -> Option<Self> {
        let Some(word) = word else { return Some(Self::Md5) };
        Self::STRONGEST_FIRST.into_iter().find(|one| word.eq_ignore_ascii_case(one.as_str().as_bytes()))
    }

    /// The hash in hexadecimal of these parts with colons between them.
    fn hash(self, parts: &[&[u8]]) -> String {
        match self {
            Self::Md5 => hash::<Md5>(parts),
            Self::Sha256 => hash::<Sha256>(parts),
            Self::Sha512_256 => hash::<Sha512_256>(parts),
        }
    }
}

fn hash<D: Digest>(parts: &[&[u8]]) -> String {
    let mut digest = D::new();
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            digest.update(b":");
        }
        digest.update(part);
    }
    digest.finalize().iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex).collect()
}

fn hex(nibble: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(nibble)])
}

/// What a 401 or 407 asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    pub realm: Box<[u8]>,
    pub nonce: Box<[u8]>,
    pub opaque: Option<Box<[u8]>>,
    pub algorithm: Algorithm,
    /// `auth` is offered; without it the asker is one of RFC 2069.
    pub qop: bool,
    /// The password was right, only the nonce was old: to be answered anew
    /// without asking anybody.
    pub stale: bool,
}

impl Challenge {
    /// The strongest challenge of a response that we can answer (RFC 8760 §2.4);
    /// `name` is WWW-Authenticate for a 401 and Proxy-Authenticate for a 407.
    /// Of two equals the first counts.
    pub fn strongest(response: &Message, name: Name) -> Option<Self> {
        let mut best: Option<Self> = None;
        for line in response.values(name) {
            for one in Auth::read_all(&line).iter().filter_map(Self::read) {
                if best.as_ref().is_none_or(|best| one.algorithm > best.algorithm) {
                    best = Some(one);
                }
            }
        }
        best
    }

    /// `None` for a scheme, an algorithm or a protection that is not ours.
    fn read(auth: &Auth<'_>) -> Option<Self> {
        let is_word = |list: &[u8], word: &str| {
            list.split(|b| *b == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
        };
        let qop = auth.get("qop").map(|list| is_word(list, "auth"));
        if !auth.scheme.eq_ignore_ascii_case(b"Digest") || qop == Some(false) {
            return None;
        }
        Some(Self {
            realm: auth.get("realm")?.into(),
            nonce: auth.get("nonce")?.into(),
            opaque: auth.get("opaque").map(Into::into),
            algorithm: Algorithm::read(auth.get("algorithm"))?,
            qop: qop.is_some(),
            stale: auth.get("stale").is_some_and(|word| word.eq_ignore_ascii_case(b"true")),
        })
    }

    /// As it stands in WWW-Authenticate or Proxy-Authenticate.
    pub fn write(&self) -> Vec<u8> {
        let mut text = Text::new();
        text.quoted("realm", &self.realm).quoted("nonce", &self.nonce);
        if let Some(opaque) = &self.opaque {
            text.quoted("opaque", opaque);
        }
        if self.stale {
            text.bare("stale", b"true");
        }
        text.bare("algorithm", self.algorithm.as_str().as_bytes());
        if self.qop {
            text.quoted("qop", b"auth");
        }
        text.0
    }

    /// The value of Authorization or Proxy-Authorization that answers it.
    ///
    /// `count` tells how often its nonce has been answered, this one included:
    /// whoever answers with it again counts on, with the same or another `cnonce`.
    pub fn answer(&self, login: &Login, method: &Method, uri: &[u8], cnonce: &[u8], count: u32) -> Vec<u8> {
        let count = format!("{count:08x}");
        let credentials = Credentials {
            user: login.user.as_bytes(),
            realm: &self.realm,
            nonce: &self.nonce,
            uri,
            response: b"",
            algorithm: self.algorithm,
            counted: self.qop.then_some(Counted { text: count.as_bytes(), cnonce }),
        };
        let mut text = Text::new();
        text.quoted("username", credentials.user)
            .quoted("realm", credentials.realm)
            .quoted("nonce", credentials.nonce)
            .quoted("uri", credentials.uri)
            .quoted("response", credentials.expected(login, method).as_bytes());
        if self.algorithm != Algorithm::Md5 {
            text.bare("algorithm", self.algorithm.as_str().as_bytes());
        }
        if self.qop {
            text.quoted("cnonce", cnonce).bare("qop", b"auth").bare("nc", count.as_bytes());
        }
        if let Some(opaque) = &self.opaque {
            text.quoted("opaque", opaque);
        }
        text.0
    }
}

/// What stands in an Authorization: somebody's claim to know a password.
#[derive(Clone)]
pub struct Credentials<'a> {
    pub user: &'a [u8],
    pub realm: &'a [u8],
    pub nonce: &'a [u8],
    pub uri: &'a [u8],
    response: &'a [u8],
    pub algorithm: Algorithm,
    /// With qop; `None` from a peer of RFC 2069.
    counted: Option<Counted<'a>>,
}

#[derive(Clone, Copy)]
struct Counted<'a> {
    /// Eight hexadecimal digits, as they stood.
    text: &'a [u8],
    cnonce: &'a [u8],
}

impl<'a> Credentials<'a> {
    /// Reads the value of one Authorization line, unfolded; `None` for what
    /// cannot be the answer to a challenge of ours.
    pub fn read(line: &'a [u8]) -> Option<Self> {
        let auth = Auth::read_all(line).into_iter().next()?;
        if !auth.scheme.eq_ignore_ascii_case(b"Digest") {
            return None;
        }
        let counted = match auth.get("qop") {
            Some(word) if word.eq_ignore_ascii_case(b"auth") => {
                Some(Counted { text: auth.get("nc")?, cnonce: auth.get("cnonce")? })
            }
            Some(_) => return None,
            None => None,
        };
        Some(Self {
            user: auth.get("username")?,
            realm: auth.get("realm")?,
            nonce: auth.get("nonce")?,
            uri: auth.get("uri")?,
            response: auth.get("response")?,
            algorithm: Algorithm::read(auth.get("algorithm"))?,
            counted,
        })
    }

    /// How often the nonce has been answered, by the answerer's own count;
    /// `None` from a peer of RFC 2069, `Some(0)` where it is no number.
    pub fn count(&self) -> Option<u32> {
        let digits = std::str::from_utf8(self.counted?.text).ok().filter(|text| text.len() == 8);
        Some(digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0))
    }

    /// Whether they were made by somebody who knows this login.
    ///
    /// The URI that was hashed is theirs and not compared with the
    /// Request-URI, which any proxy between us may rewrite.
    pub fn proves(&self, login: &Login, method: &Method) -> bool {
        self.user == login.user.as_bytes()
            && is_same(self.expected(login, method).as_bytes(), &self.response.to_ascii_lowercase())
    }

    fn expected(&self, login: &Login, method: &Method) -> String {
        let hash = |parts: &[&[u8]]| self.algorithm.hash(parts);
        let secret = hash(&[self.user, self.realm, login.password.as_bytes()]);
        let request = hash(&[method.as_bytes(), self.uri]);
        match self.counted {
            Some(Counted { text, cnonce }) => {
                hash(&[secret.as_bytes(), self.nonce, text, cnonce, b"auth", request.as_bytes()])
            }
            None => hash(&[secret.as_bytes(), self.nonce, request.as_bytes()]),
        }
    }
}

/// Looks at every byte, so that the time tells nobody how many were right.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}

/// `Digest a="b", c=d` in the making.
struct Text(Vec<u8>);

impl Text {
    fn new() -> Self {
        Self(b"Digest".to_vec())
    }

    /// A value that has backslashes or quotes has them as its sender wrote
    /// them; a quote that would end it early is left out.
    fn quoted(&mut self, name: &str, value: &[u8]) -> &mut Self {
        let mut is_escaped = false;
        let mut inside: Vec<u8> = Vec::with_capacity(value.len());
        for byte in value {
            if *byte != b'"' || is_escaped {
                inside.push(*byte);
            }
            is_escaped = *byte == b'\\' && !is_escaped;
        }
        if is_escaped {
            inside.pop();
        }
        self.bare(name, &[b"\"", &inside[..], b"\""].concat())
    }

    fn bare(&mut self, name: &str, value: &[u8]) -> &mut Self {
        self.0.extend_from_slice(if self.0.len() == b"Digest".len() { b" " } else { b", " });
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'=');
        self.0.extend_from_slice(value);
        self
    }
}

#[cfg(test)]
mod tests;
