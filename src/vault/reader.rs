//! Reads a finished recording by the range: only the frames that hold it are fetched and opened.

use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use object_store::GetRange;
use object_store::path::Path;

use super::sealed::{Cipher, FRAME_EXTRA, HEAD_LEN, LENGTH_LEN, Place, read_index};
use super::{Vault, VaultError, object};
use crate::domain::ids::RecordingId;

/// Fetched from the end at first: holds the index of four hours.
const TAIL: u64 = 64 << 10;
/// About so much is opened at a time.
const PIECE: u64 = 256 << 10;

/// A finished recording.
pub struct Reader {
    vault: Vault,
    object: Path,
    cipher: Cipher,
    /// Where each frame ends, in the clear.
    ends: Vec<u64>,
}

impl Vault {
    /// Finds a finished recording; [`VaultError::NotFound`] while it is being written.
    pub async fn read(&self, id: RecordingId) -> Result<Reader, VaultError> {
        let (wrapped, _) = self.get(&object("keys", id), None).await?;
        let cipher = Cipher::new(&self.keys()?.unwrap(id, &wrapped)?);
        let object = object("kept", id);
        let (mut tail, length) = self.get(&object, Some(GetRange::Suffix(TAIL))).await?;
        let (_, index_length) = tail.split_last_chunk().ok_or(VaultError::Damaged)?;
        let index_length = u64::from(u32::from_be_bytes(*index_length));
        let index_at = length.checked_sub(LENGTH_LEN as u64 + index_length).ok_or(VaultError::Damaged)?;
        let needed = length - index_at;
        if needed > tail.len() as u64 {
            (tail, _) = self.get(&object, Some(GetRange::Suffix(needed))).await?;
        }
        let index = tail.len().checked_sub(needed as usize).ok_or(VaultError::Damaged)?;
        let mut index = tail[index..tail.len() - LENGTH_LEN].to_vec();
        let ends = read_index(&cipher, &mut index)?;
        Ok(Reader { vault: self.clone(), object, cipher, ends })
    }
}

impl Reader {
    /// How long it is in the clear.
    pub fn length(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The clear bytes of a range, which is cut to what there is, in pieces.
    pub fn bytes(self, range: Range<u64>) -> impl Stream<Item = Result<Bytes, VaultError>> + Send + 'static {
        let range = range.start..range.end.min(self.length());
        stream::try_unfold((self, range), async |(reader, range)| {
            if range.is_empty() {
                return Ok(None);
            }
            let piece = reader.piece(&range).await?;
            let rest = range.start + piece.len() as u64..range.end;
            Ok(Some((piece, (reader, rest))))
        })
    }

    /// The beginning of a range that is not empty.
    async fn piece(&self, range: &Range<u64>) -> Result<Bytes, VaultError> {
        let first = self.ends.partition_point(|&end| end <= range.start);
        let enough = range.end.min(self.start(first) + PIECE);
        let after = self.ends.partition_point(|&end| end < enough) + 1;
        let sealed = GetRange::Bounded(self.offset(first)..self.offset(after));
        let (sealed, _) = self.vault.get(&self.object, Some(sealed)).await?;
        let mut sealed = Vec::from(sealed);
        let mut rest = &mut *sealed;
        let mut clear = Vec::with_capacity((self.start(after) - self.start(first)) as usize);
        for number in first..after {
            let length = FRAME_EXTRA + (self.ends[number] - self.start(number)) as usize;
            let (frame, others) = rest.split_at_mut_checked(length).ok_or(VaultError::Damaged)?;
            clear.extend_from_slice(self.cipher.open(Place::Frame(number as u32), &mut frame[LENGTH_LEN..])?);
            rest = others;
        }
        let from = range.start - self.start(first);
        let until = range.end.min(self.start(after)) - self.start(first);
        Ok(Bytes::from(clear).slice(from as usize..until as usize))
    }

    /// Where a frame begins in the clear.
    fn start(&self, frame: usize) -> u64 {
        frame.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// Where a frame begins in the file.
    fn offset(&self, frame: usize) -> u64 {
        (HEAD_LEN + frame * FRAME_EXTRA) as u64 + self.start(frame)
    }
}
