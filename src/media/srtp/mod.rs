//! Secure RTP: packets sealed and opened where they lie (RFC 3711, RFC 6188, RFC 7714).
//!
//! ```text
//!   master key and salt ─ key derivation ─▶ keys of RTP │ keys of RTCP
//!   packet ─ which of its source's ─▶ index ─ not seen before, authentic ─▶ opened
//! ```
//!
//! Primitives are those of libraries; the protocol is ours, since the libraries
//! that have it allocate for each packet and keep a record of each source that a
//! packet names before they know it to be authentic. Here nothing is allocated
//! for a packet, and nothing is remembered of one that is not authentic.

mod cipher;
mod index;
#[cfg(test)]
mod tests;

use std::fmt;

use cipher::{Cipher, SALT};
use index::Sources;

use super::rtp::packet::{self, Packet};

/// A packet that is sealed grows by no more than this.
pub const TRAILER_MAX: usize = TAG_MAX + WORD;
const TAG_MAX: usize = 16;
/// The fixed header of a report, which is not encrypted, and the word with its index.
const REPORT: usize = 8;
const WORD: usize = 4;
/// Marks the index of a report that is encrypted (RFC 3711 §3.4).
const ENCRYPTED: u32 = 1 << 31;
/// The greatest key and salt together.
pub const MASTER_MAX: usize = 32 + SALT;

/// How packets are encrypted and authenticated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Suite {
    AesCm128Sha1_80,
    AesCm128Sha1_32,
    AesCm256Sha1_80,
    AesCm256Sha1_32,
    AeadAes128Gcm,
    AeadAes256Gcm,
}

impl Suite {
    const ALL: [Suite; 6] = [
        Suite::AesCm128Sha1_80,
        Suite::AesCm128Sha1_32,
        Suite::AesCm256Sha1_80,
        Suite::AesCm256Sha1_32,
        Suite::AeadAes128Gcm,
        Suite::AeadAes256Gcm,
    ];

    /// Its name in a description (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14).
    pub const fn as_str(self) -> &'static str {
        match self {
            Suite::AesCm128Sha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Suite::AesCm128Sha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Suite::AesCm256Sha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Suite::AesCm256Sha1_32 => "AES_256_CM_HMAC_SHA1_32",
            Suite::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Suite::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.as_str().eq_ignore_ascii_case(name))
    }

    /// In bytes.
    pub const fn key_len(self) -> usize {
        match self {
            Suite::AesCm128Sha1_80 | Suite::AesCm128Sha1_32 | Suite::AeadAes128Gcm => 16,
            Suite::AesCm256Sha1_80 | Suite::AesCm256Sha1_32 | Suite::AeadAes256Gcm => 32,
        }
    }

    /// In bytes.
    pub const fn salt_len(self) -> usize {
        if self.is_aead() { 12 } else { SALT }
    }

    const fn is_aead(self) -> bool {
        matches!(self, Suite::AeadAes128Gcm | Suite::AeadAes256Gcm)
    }

    /// Of the tag of a packet, and of that of a report, which is never the short one.
    const fn tag_lens(self) -> [usize; 2] {
        match self {
            Suite::AesCm128Sha1_80 | Suite::AesCm256Sha1_80 => [10, 10],
            Suite::AesCm128Sha1_32 | Suite::AesCm256Sha1_32 => [4, 10],
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => [16, 16],
        }
    }
}

/// What both ends know of one direction: a suite with its master key and salt.
#[derive(Clone, PartialEq, Eq)]
pub struct Master {
    pub suite: Suite,
    /// The key, and the salt behind it; the rest is nought.
    bytes: [u8; MASTER_MAX],
}

impl Master {
    /// `bytes`: the key and the salt behind it; `None`: it is not as long as those of the suite.
    pub fn new(suite: Suite, bytes: &[u8]) -> Option<Self> {
        let mut all = [0; MASTER_MAX];
        let is_whole = bytes.len() == suite.key_len() + suite.salt_len();
        is_whole.then(|| {
            all[..bytes.len()].copy_from_slice(bytes);
            Self { suite, bytes: all }
        })
    }

    /// Key and salt, for a description.
    pub fn reveal(&self) -> &[u8] {
        &self.bytes[..self.suite.key_len() + self.suite.salt_len()]
    }

    fn key(&self) -> &[u8] {
        &self.bytes[..self.suite.key_len()]
    }

    /// Filled up with noughts where the suite has a short one (RFC 7714 §11).
    fn salt(&self) -> [u8; SALT] {
        std::array::from_fn(|at| self.bytes[self.suite.key_len() + at])
    }
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Master({})", self.suite.as_str())
    }
}

/// Why a packet is not opened or sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It is neither RTP nor RTCP, or cut off.
    Malformed,
    /// It was seen before, or is too old to tell.
    Replayed,
    /// It is not of who has the key.
    Unauthentic,
}

/// The cryptographic context of one direction (RFC 3711 §3.2.3): it either seals or opens.
pub struct Context {
    suite: Suite,
    rtp: Cipher,
    rtcp: Cipher,
    packets: Sources,
    reports: Sources,
    /// Of the latest report that was sealed.
    report: u32,
}

impl Context {
    pub fn new(master: &Master) -> Self {
        let cipher = |labels| Cipher::derive(master.suite.is_aead(), master.key(), &master.salt(), labels);
        Self {
            suite: master.suite,
            // RFC 3711 §4.3.2: key, authentication, salt.
            rtp: cipher([0, 1, 2]),
            rtcp: cipher([3, 4, 5]),
            packets: Sources::default(),
            reports: Sources::default(),
            report: 0,
        }
    }

    /// Seals the packet or report that `buffer` begins with and gives its new length.
    ///
    /// As in any other implementation, what was sealed once is not again: of a
    /// source that goes back, packets are refused until it is ahead.
    ///
    /// # Panics
    /// If the buffer has no room for [`TRAILER_MAX`] bytes behind it.
    pub fn seal(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, Refused> {
        assert!(buffer.len() >= length + TRAILER_MAX, "room for the tag");
        match Packet::read(&buffer[..length]) {
            Packet::Rtp(header) => {
                let index = self.packets.fresh(header.ssrc, header.sequence)?;
                let body = packet::body_at(&buffer[..length]).ok_or(Refused::Malformed)?;
                let tag = self.suite.tag_lens()[0];
                self.rtp.seal_packet(buffer, body, length, tag, header.ssrc, index);
                self.packets.saw(header.ssrc, index)?;
                Ok(length + tag)
            }
            Packet::Rtcp => {
                // After 2^31 of them a new key is due (RFC 3711 §9.2): 300 years of a report each 5 s.
                self.report = (self.report + 1) & !ENCRYPTED;
                let tag = self.suite.tag_lens()[1];
                let word = (self.report | ENCRYPTED).to_be_bytes();
                self.rtcp.seal_report(buffer, length, tag, ssrc_of(buffer), word);
                Ok(length + WORD + tag)
            }
            Packet::Other => Err(Refused::Malformed),
        }
    }

    /// Opens a packet or report where it lies and gives its new length. One that
    /// is refused may be spoilt.
    pub fn open(&mut self, packet: &mut [u8]) -> Result<usize, Refused> {
        let [tag, report_tag] = self.suite.tag_lens();
        match Packet::read(packet) {
            Packet::Rtp(header) => {
                let end = packet.len().checked_sub(tag).ok_or(Refused::Malformed)?;
                let body = packet::body_at(&packet[..end]).ok_or(Refused::Malformed)?;
                let index = self.packets.fresh(header.ssrc, header.sequence)?;
                self.rtp.open_packet(packet, body, end, header.ssrc, index)?;
                self.packets.saw(header.ssrc, index)?;
                Ok(end)
            }
            Packet::Rtcp => {
                let end = packet.len().checked_sub(WORD + report_tag).filter(|end| *end >= REPORT);
                let end = end.ok_or(Refused::Malformed)?;
                // With a tag inside the encryption the index stands last, otherwise before the tag.
                let word_at = if self.suite.is_aead() { packet.len() - WORD } else { end };
                let word: [u8; WORD] = std::array::from_fn(|at| packet[word_at + at]);
                let index = u32::from_be_bytes(word);
                // That reports are left in the clear would have to be agreed on (RFC 4568 §6.3.2).
                if index & ENCRYPTED == 0 {
                    return Err(Refused::Unauthentic);
                }
                let (ssrc, index) = (ssrc_of(packet), u64::from(index & !ENCRYPTED));
                self.reports.is_new(ssrc, index)?;
                self.rtcp.open_report(packet, end, ssrc, word)?;
                self.reports.saw(ssrc, index)?;
                Ok(end)
            }
            Packet::Other => Err(Refused::Malformed),
        }
    }
}

/// Who reports: the second word, which every report has.
fn ssrc_of(report: &[u8]) -> u32 {
    u32::from_be_bytes(std::array::from_fn(|at| report[4 + at]))
}
