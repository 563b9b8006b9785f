//! How the ends of a stream agree on its keys: in the description itself (SDES,
//! RFC 4568), or by a handshake whose certificate the description vouches for
//! (DTLS-SRTP, RFC 5763): with ICE as browsers have it (RFC 8839), or without.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::media::ice::Credentials;
use crate::media::srtp::{Master, Suite};

/// How what a side sends can be opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Keying {
    /// The first of its `a=crypto` lines that we know.
    Sdes(Crypto),
    Dtls(Dtls),
}

/// One `a=crypto` line: the key of what its writer sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crypto {
    /// By which an answer names it.
    pub tag: u32,
    pub master: Master,
}

/// Who will be at the other end of the handshake, and by which way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dtls {
    pub fingerprint: Fingerprint,
    pub setup: Setup,
    /// `None`: it is where its description says, or where it is heard.
    pub ice: Option<Credentials>,
}

/// Who of the two begins the handshake (RFC 4145 §4, RFC 5763 §5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setup {
    /// The writer, which is so where nothing is said.
    Active,
    /// We do: the writer waits.
    Passive,
    /// Who answers chooses: the writer, since we choose to wait.
    Either,
}

impl Setup {
    pub fn read(value: &str) -> Self {
        match value.trim() {
            "passive" => Setup::Passive,
            "actpass" => Setup::Either,
            _ => Setup::Active,
        }
    }
}

impl Crypto {
    /// `1 AES_CM_128_HMAC_SHA1_80 inline:WVNf…|2^20|1:4`; `None`: a suite or
    /// parameter that is not known here, as is a key that has an identifier.
    pub fn read(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next()?.parse().ok()?;
        let suite = Suite::named(words.next()?)?;
        let (key, more) = words.next()?.split_once(':').filter(|(way, _)| *way == "inline").map(|it| {
            let (key, more) = it.1.split_once('|').unwrap_or((it.1, ""));
            (key, more)
        })?;
        // A lifetime says nothing; several keys, or one with an identifier, are more than is done here.
        if more.contains(':') || key.contains(';') || words.next().is_some() {
            return None;
        }
        let bytes = STANDARD.decode(key).or_else(|_| UNPADDED.decode(key)).ok()?;
        Some(Self { tag, master: Master::new(suite, &bytes)? })
    }

    /// What stands behind `a=crypto:`.
    pub fn write(&self) -> String {
        let (suite, key) = (self.master.suite.as_str(), STANDARD.encode(self.master.reveal()));
        format!("{} {suite} inline:{key}", self.tag)
    }
}

/// RFC 4568 §9.2 leaves the padding away; most write it.
const UNPADDED: base64::engine::GeneralPurpose = base64::engine::general_purpose::STANDARD_NO_PAD;

/// The hash of a certificate (RFC 8122 §5).
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint {
    hash: Hash,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Fingerprint {
    /// Ours of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        Self { hash: Hash::Sha256, bytes: Hash::Sha256.of(certificate) }
    }

    /// `sha-256 12:DF:…`; `None`: broken, or a hash that proves nothing any more (SHA-1).
    pub fn read(value: &str) -> Option<Self> {
        let (name, hex) = value.trim().split_once(' ')?;
        let hash = match name.to_ascii_lowercase().as_str() {
            "sha-256" => Hash::Sha256,
            "sha-384" => Hash::Sha384,
            "sha-512" => Hash::Sha512,
            _ => return None,
        };
        let is_byte = |two: &&str| two.len() == 2 && two.bytes().all(|b| b.is_ascii_hexdigit());
        let bytes = hex.trim().split(':').map(|two| u8::from_str_radix(Some(two).filter(is_byte)?, 16).ok());
        let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
        (bytes.len() == hash.of(b"").len()).then_some(Self { hash, bytes })
    }

    /// Whether it is that of this certificate, in DER.
    pub fn is_of(&self, certificate: &[u8]) -> bool {
        self.hash.of(certificate) == self.bytes
    }
}

impl Hash {
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Hash::Sha256 => Sha256::digest(bytes).to_vec(),
            Hash::Sha384 => Sha384::digest(bytes).to_vec(),
            Hash::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// As it stands in a description.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.hash {
            Hash::Sha256 => "sha-256",
            Hash::Sha384 => "sha-384",
            Hash::Sha512 => "sha-512",
        };
        let hex: Vec<String> = self.bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        write!(f, "{name} {}", hex.join(":"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
