//! The sealed file: frames, an index of them, and how each is enciphered (pure).
//!
//! ```text
//!   "WHENCE1\n"  recording id (16 bytes)
//!   length │ frame 0          length: 4 bytes, big-endian, of what follows it
//!   length │ frame 1          frame: AES-256-GCM with its tag of 16 bytes
//!   …
//!   length │ index            the clear length of each frame, 4 bytes each
//!   length of the index with its own 4 bytes: a reader begins at the end
//! ```
//!
//! The nonce of a frame is its number, and whether it is the index: a frame that is moved, left
//! out or cut off at the end does not open, and no two frames of a key share a nonce. The key
//! seals one file, so that nothing else has to be drawn (as in STREAM, Hoang and others 2015).

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, Tag, UnboundKey};

use super::VaultError;
use crate::domain::ids::RecordingId;

pub(super) const SECRET_LEN: usize = 32;
/// What a frame is longer sealed than in the clear: length and tag.
pub(super) const FRAME_EXTRA: usize = LENGTH_LEN + TAG_LEN;
/// What a frame holds at the most, in the clear.
pub(super) const FRAME_MAX: usize = 1 << 20;
pub(super) const LENGTH_LEN: usize = 4;
pub(super) const HEAD_LEN: usize = 24;
const TAG_LEN: usize = 16;

/// What stands before the frames.
pub(super) fn head(id: RecordingId) -> [u8; HEAD_LEN] {
    let mut head = *b"WHENCE1\n................";
    head[8..].copy_from_slice(id.0.as_bytes());
    head
}

/// Which frame of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Frame(u32),
    /// After so many frames.
    Index(u32),
}

/// The cipher of one recording.
pub(super) struct Cipher(LessSafeKey);

impl Cipher {
    pub fn new(secret: &[u8; SECRET_LEN]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, secret).expect("32 bytes are a key of AES-256");
        Self(LessSafeKey::new(key))
    }

    /// `frame` is room for its length, then the clear bytes; it becomes what is written.
    pub fn seal(&self, place: Place, frame: &mut Vec<u8>) {
        let clear = &mut frame[LENGTH_LEN..];
        let tag: Tag = self
            .0
            .seal_in_place_separate_tag(nonce(place), Aad::empty(), clear)
            .expect("a frame is far below what GCM takes");
        frame.extend_from_slice(tag.as_ref());
        let length = u32::try_from(frame.len() - LENGTH_LEN).expect("a frame is bounded");
        frame[..LENGTH_LEN].copy_from_slice(&length.to_be_bytes());
    }

    /// `sealed` is a frame without its length; gives the clear bytes.
    pub fn open<'a>(&self, place: Place, sealed: &'a mut [u8]) -> Result<&'a mut [u8], VaultError> {
        self.0.open_in_place(nonce(place), Aad::empty(), sealed).map_err(|_| VaultError::Damaged)
    }
}

/// `sealed` is the index with its length before it; gives where each frame ends, in the clear.
pub(super) fn read_index(cipher: &Cipher, sealed: &mut [u8]) -> Result<Vec<u64>, VaultError> {
    let clear = sealed.len().checked_sub(FRAME_EXTRA).ok_or(VaultError::Damaged)?;
    let count = u32::try_from(clear / LENGTH_LEN).map_err(|_| VaultError::Damaged)?;
    let clear = cipher.open(Place::Index(count), &mut sealed[LENGTH_LEN..])?;
    let lengths =
        clear.as_chunks::<LENGTH_LEN>().0.iter().map(|&length| u64::from(u32::from_be_bytes(length)));
    Ok(lengths
        .scan(0, |end, length| {
            *end += length;
            Some(*end)
        })
        .collect())
}

fn nonce(place: Place) -> Nonce {
    let (number, is_index) = match place {
        Place::Frame(number) => (number, 0),
        Place::Index(number) => (number, 1),
    };
    let mut nonce = [0; 12];
    nonce[..4].copy_from_slice(&number.to_be_bytes());
    nonce[11] = is_index;
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(place: Place) -> Vec<u8> {
        let mut frame = vec![0; LENGTH_LEN];
        frame.extend_from_slice(b"a second of sound");
        Cipher::new(&[7; 32]).seal(place, &mut frame);
        frame
    }

    #[test]
    fn a_frame_says_its_length_and_opens_where_it_was_sealed() {
        let mut frame = sealed(Place::Frame(3));

        assert_eq!(frame.len(), FRAME_EXTRA + 17);
        assert_eq!(frame[..4], 33_u32.to_be_bytes());
        let clear = Cipher::new(&[7; 32]).open(Place::Frame(3), &mut frame[4..]).unwrap();
        assert_eq!(clear, b"a second of sound");
    }

    #[test]
    fn a_frame_opens_neither_elsewhere_nor_changed_nor_with_another_key() {
        let own = Cipher::new(&[7; 32]);
        for place in [Place::Frame(2), Place::Index(3)] {
            assert!(own.open(place, &mut sealed(Place::Frame(3))[4..]).is_err(), "{place:?}");
        }
        assert!(Cipher::new(&[8; 32]).open(Place::Frame(3), &mut sealed(Place::Frame(3))[4..]).is_err());
        for at in 4..sealed(Place::Frame(3)).len() {
            let mut changed = sealed(Place::Frame(3));
            changed[at] ^= 1;
            assert!(own.open(Place::Frame(3), &mut changed[4..]).is_err(), "byte {at}");
        }
    }
}
