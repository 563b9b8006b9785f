//! The keys of one kind of packet and what is done with them: AES in counter
//! mode with HMAC-SHA1 (RFC 3711 §4), or AES-GCM (RFC 7714).

use aes::cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper};
use aes::{Aes128, Aes256};
use ctr::{CtrCore, flavors};
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, Tag, UnboundKey};
use ring::hmac;
use subtle::ConstantTimeEq;

use super::{REPORT, Refused, TAG_MAX, WORD};

/// The longest salt, in bytes.
pub const SALT: usize = 14;
/// Of the key that authenticates (RFC 3711 §5.2).
const AUTHENTICATION: usize = 20;

pub enum Cipher {
    Counter { aes: Aes, salt: [u8; SALT], authentication: hmac::Key },
    Gcm { key: Box<LessSafeKey>, salt: [u8; 12] },
}

pub enum Aes {
    Of128(Box<Aes128>),
    Of256(Box<Aes256>),
}

impl Aes {
    fn new(key: &[u8]) -> Self {
        match key.len() {
            16 => Aes::Of128(Box::new(Aes128::new_from_slice(key).expect("16 bytes"))),
            _ => Aes::Of256(Box::new(Aes256::new_from_slice(key).expect("16 or 32 bytes"))),
        }
    }

    /// Encrypts or decrypts.
    fn apply(&self, iv: &[u8; 16], text: &mut [u8]) {
        let iv = iv.into();
        match self {
            Aes::Of128(aes) => {
                let core = CtrCore::<_, flavors::Ctr128BE>::inner_iv_init(&**aes, iv);
                StreamCipherCoreWrapper::from_core(core).apply_keystream(text);
            }
            Aes::Of256(aes) => {
                let core = CtrCore::<_, flavors::Ctr128BE>::inner_iv_init(&**aes, iv);
                StreamCipherCoreWrapper::from_core(core).apply_keystream(text);
            }
        }
    }
}

/// The keystream that a label of RFC 3711 §4.3.1 stands for.
fn derived(master: &Aes, salt: &[u8; SALT], label: u8, key: &mut [u8]) {
    let mut iv = [0; 16];
    iv[..SALT].copy_from_slice(salt);
    iv[7] ^= label;
    key.fill(0);
    master.apply(&iv, key);
}

impl Cipher {
    /// `labels`: of the key that encrypts, of the one that authenticates, of the salt.
    pub fn derive(is_aead: bool, key: &[u8], salt: &[u8; SALT], labels: [u8; 3]) -> Self {
        let master = Aes::new(key);
        let (mut own, mut own_salt, mut authentication) = ([0; 32], [0; SALT], [0; AUTHENTICATION]);
        let own = &mut own[..key.len()];
        derived(&master, salt, labels[0], own);
        derived(&master, salt, labels[1], &mut authentication);
        derived(&master, salt, labels[2], &mut own_salt);
        if is_aead {
            let algorithm = if own.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
            let key = UnboundKey::new(algorithm, own).expect("a key of the algorithm's length");
            let salt = std::array::from_fn(|at| own_salt[at]);
            return Cipher::Gcm { key: Box::new(LessSafeKey::new(key)), salt };
        }
        let authentication = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &authentication);
        Cipher::Counter { aes: Aes::new(own), salt: own_salt, authentication }
    }

    /// Encrypts from `body` to `end` and puts the tag behind it.
    pub fn seal_packet(&self, buffer: &mut [u8], body: usize, end: usize, tag: usize, ssrc: u32, index: u64) {
        match self {
            Cipher::Counter { aes, salt, authentication } => {
                aes.apply(&counter(salt, ssrc, index), &mut buffer[body..end]);
                let whole = authentic(authentication, &buffer[..end], &rollovers(index));
                buffer[end..end + tag].copy_from_slice(&whole.as_ref()[..tag]);
            }
            Cipher::Gcm { key, salt } => {
                let (header, rest) = buffer.split_at_mut(body);
                sealed(key, packet_nonce(salt, ssrc, index), header, &mut rest[..end - body + TAG_MAX]);
            }
        }
    }

    /// `end`: where the tag begins.
    pub fn open_packet(
        &self,
        packet: &mut [u8],
        body: usize,
        end: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), Refused> {
        match self {
            Cipher::Counter { aes, salt, authentication } => {
                let (text, tag) = packet.split_at_mut(end);
                verified(authentication, text, &rollovers(index), tag)?;
                aes.apply(&counter(salt, ssrc, index), &mut text[body..]);
                Ok(())
            }
            Cipher::Gcm { key, salt } => {
                let (header, rest) = packet.split_at_mut(body);
                opened(key, packet_nonce(salt, ssrc, index), header, rest)
            }
        }
    }

    /// `word`: its index, marked as encrypted.
    pub fn seal_report(&self, buffer: &mut [u8], end: usize, tag: usize, ssrc: u32, word: [u8; WORD]) {
        match self {
            Cipher::Counter { aes, salt, authentication } => {
                aes.apply(&counter(salt, ssrc, report_index(word)), &mut buffer[REPORT..end]);
                buffer[end..end + WORD].copy_from_slice(&word);
                let whole = authentic(authentication, &buffer[..end + WORD], &[]);
                buffer[end + WORD..end + WORD + tag].copy_from_slice(&whole.as_ref()[..tag]);
            }
            Cipher::Gcm { key, salt } => {
                let header = report_header(buffer, word);
                let nonce = report_nonce(salt, ssrc, word);
                sealed(key, nonce, &header, &mut buffer[REPORT..end + TAG_MAX]);
                buffer[end + TAG_MAX..end + TAG_MAX + WORD].copy_from_slice(&word);
            }
        }
    }

    /// `end`: where the tag or the index begins, whichever is first.
    pub fn open_report(
        &self,
        report: &mut [u8],
        end: usize,
        ssrc: u32,
        word: [u8; WORD],
    ) -> Result<(), Refused> {
        match self {
            Cipher::Counter { aes, salt, authentication } => {
                let (text, tag) = report.split_at_mut(end + WORD);
                verified(authentication, text, &[], tag)?;
                aes.apply(&counter(salt, ssrc, report_index(word)), &mut text[REPORT..end]);
                Ok(())
            }
            Cipher::Gcm { key, salt } => {
                let header = report_header(report, word);
                let nonce = report_nonce(salt, ssrc, word);
                opened(key, nonce, &header, &mut report[REPORT..end + TAG_MAX])
            }
        }
    }
}

/// RFC 3711 §4.1.1.
fn counter(salt: &[u8; SALT], ssrc: u32, index: u64) -> [u8; 16] {
    let mut iv = [0; 16];
    iv[..SALT].copy_from_slice(salt);
    xor(&mut iv[4..8], &ssrc.to_be_bytes());
    xor(&mut iv[8..14], &index.to_be_bytes()[2..]);
    iv
}

/// RFC 7714 §8.1: its index is the rollover counter and the number of the header.
fn packet_nonce(salt: &[u8; 12], ssrc: u32, index: u64) -> Nonce {
    let mut iv = *salt;
    xor(&mut iv[2..6], &ssrc.to_be_bytes());
    xor(&mut iv[6..12], &index.to_be_bytes()[2..]);
    Nonce::assume_unique_for_key(iv)
}

/// RFC 7714 §9.1.
fn report_nonce(salt: &[u8; 12], ssrc: u32, word: [u8; WORD]) -> Nonce {
    let mut iv = *salt;
    xor(&mut iv[2..6], &ssrc.to_be_bytes());
    xor(&mut iv[8..12], &(report_index(word) as u32).to_be_bytes());
    Nonce::assume_unique_for_key(iv)
}

/// What a report's tag answers for besides what is encrypted (RFC 7714 §9.2).
fn report_header(report: &[u8], word: [u8; WORD]) -> [u8; REPORT + WORD] {
    std::array::from_fn(|at| if at < REPORT { report[at] } else { word[at - REPORT] })
}

fn report_index(word: [u8; WORD]) -> u64 {
    u64::from(u32::from_be_bytes(word) & !super::ENCRYPTED)
}

fn rollovers(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}

fn xor(into: &mut [u8], other: &[u8]) {
    into.iter_mut().zip(other).for_each(|(a, b)| *a ^= b);
}

fn authentic(key: &hmac::Key, text: &[u8], more: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(text);
    context.update(more);
    context.sign()
}

fn verified(key: &hmac::Key, text: &[u8], more: &[u8], tag: &[u8]) -> Result<(), Refused> {
    let whole = authentic(key, text, more);
    let is_authentic = whole.as_ref()[..tag.len()].ct_eq(tag);
    if is_authentic.into() { Ok(()) } else { Err(Refused::Unauthentic) }
}

/// `text`: with room for the tag behind it.
fn sealed(key: &LessSafeKey, nonce: Nonce, header: &[u8], text: &mut [u8]) {
    let (text, room) = text.split_at_mut(text.len() - TAG_MAX);
    let tag: Tag =
        key.seal_in_place_separate_tag(nonce, Aad::from(header), text).expect("shorter than 64 GB");
    room.copy_from_slice(tag.as_ref());
}

/// `text`: with its tag behind it.
fn opened(key: &LessSafeKey, nonce: Nonce, header: &[u8], text: &mut [u8]) -> Result<(), Refused> {
    key.open_in_place(nonce, Aad::from(header), text).map(|_| ()).map_err(|_| Refused::Unauthentic)
}
