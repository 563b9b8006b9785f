//! Writes a recording's file, from the recorder's own thread.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::mem;

use super::sealed::{Cipher, FRAME_MAX, HEAD_LEN, LENGTH_LEN, Place, head};
use super::{Vault, VaultError};
use crate::domain::ids::RecordingId;

/// Collects what is written; [`Write::flush`] seals it as one frame and hands it to the disk.
///
/// Blocks. After the first failure nothing more is taken, and what was kept until then can still
/// be finished. Dropped unfinished, the file is repaired when the gateway starts again.
pub struct Writer {
    vault: Vault,
    id: RecordingId,
    file: File,
    cipher: Cipher,
    /// Room for a length, then what was collected.
    frame: Vec<u8>,
    /// The clear length of each frame on disk.
    frames: Vec<u32>,
    /// How long the file is up to its last whole frame.
    length: u64,
    failed: bool,
    #[cfg(test)]
    room: u64,
}

impl Writer {
    pub(super) fn begin(
        vault: Vault,
        id: RecordingId,
        mut file: File,
        cipher: Cipher,
    ) -> Result<Self, VaultError> {
        file.write_all(&head(id))?;
        Ok(Self::resume(vault, id, file, cipher, Vec::new(), HEAD_LEN as u64))
    }

    /// `file` stands after these frames, and has nothing else.
    pub(super) fn resume(
        vault: Vault,
        id: RecordingId,
        file: File,
        cipher: Cipher,
        frames: Vec<u32>,
        length: u64,
    ) -> Self {
        Self {
            vault,
            id,
            file,
            cipher,
            frame: vec![0; LENGTH_LEN],
            frames,
            length,
            failed: false,
            #[cfg(test)]
            room: u64::MAX,
        }
    }

    /// What is on disk, in the clear.
    pub fn bytes(&self) -> u64 {
        self.frames.iter().map(|&length| u64::from(length)).sum()
    }

    /// Seals what is left and the index, and gives [`Writer::bytes`]; on return the recording
    /// survives a power cut.
    ///
    /// A last frame that does not fit is left out; whoever wants to know flushes before.
    pub fn finish(mut self) -> Result<u64, VaultError> {
        let _ = self.flush();
        let mut index = vec![0; LENGTH_LEN];
        self.frames.iter().for_each(|length| index.extend_from_slice(&length.to_be_bytes()));
        self.cipher.seal(Place::Index(self.count()), &mut index);
        let length = u32::try_from(index.len()).expect("an index is a few bytes a frame");
        index.extend_from_slice(&length.to_be_bytes());
        self.file.write_all(&index)?;
        self.file.sync_all()?;
        self.vault.keep(self.id)?;
        Ok(self.bytes())
    }

    /// From so many bytes on the disk is full for it.
    #[cfg(test)]
    pub fn with_room(mut self, bytes: u64) -> Self {
        self.room = bytes;
        self
    }

    fn put(&mut self, frame: &[u8]) -> io::Result<()> {
        #[cfg(test)]
        if self.length + frame.len() as u64 > self.room {
            self.file.write_all(&frame[..frame.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write_all(frame)
    }

    fn may_write(&self) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("an earlier write of this recording failed"));
        }
        Ok(())
    }

    fn count(&self) -> u32 {
        u32::try_from(self.frames.len()).expect("a recording has fewer frames than that")
    }
}

impl Write for Writer {
    fn write(&mut self, sound: &[u8]) -> io::Result<usize> {
        self.may_write()?;
        let room = FRAME_MAX - (self.frame.len() - LENGTH_LEN);
        let taken = room.min(sound.len());
        self.frame.extend_from_slice(&sound[..taken]);
        if taken == room {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.may_write()?;
        let clear = self.frame.len() - LENGTH_LEN;
        if clear == 0 {
            return Ok(());
        }
        let mut frame = mem::replace(&mut self.frame, vec![0; LENGTH_LEN]);
        self.cipher.seal(Place::Frame(self.count()), &mut frame);
        if let Err(failure) = self.put(&frame) {
            // Its number is used up: another frame under the same nonce would betray both.
            self.failed = true;
            self.file.set_len(self.length)?;
            self.file.seek(io::SeekFrom::Start(self.length))?;
            return Err(failure);
        }
        self.length += frame.len() as u64;
        self.frames.push(clear as u32);
        Ok(())
    }
}
