//! What a gateway left open when it went down is finished: its whole frames count, a torn last one
//! is dropped.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};

use super::sealed::{Cipher, FRAME_EXTRA, FRAME_MAX, HEAD_LEN, LENGTH_LEN, Place, head};
use super::{Vault, VaultError, Writer};
use crate::domain::ids::RecordingId;

/// A recording that an earlier run left open.
#[derive(Debug)]
pub struct Repaired {
    pub recording: RecordingId,
    /// How many clear bytes it has; an error leaves it as it was.
    pub bytes: Result<u64, VaultError>,
}

impl Vault {
    /// Finishes the files that nobody writes to any more; blocks, and is for the start alone.
    pub fn repair(&self) -> Result<Vec<Repaired>, VaultError> {
        let mut repaired = Vec::new();
        for entry in fs::read_dir(self.0.config.folder.join("open"))? {
            let name = entry?.file_name();
            let Some(recording) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            match self.repair_one(recording) {
                // It had only just begun, or is deleted.
                Err(VaultError::NotFound) => {}
                bytes => repaired.push(Repaired { recording, bytes }),
            }
        }
        Ok(repaired)
    }

    fn repair_one(&self, id: RecordingId) -> Result<u64, VaultError> {
        let wrapped = match fs::read(self.file("keys", id)) {
            // Without it nobody can read the file.
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => {
                fs::remove_file(self.file("open", id))?;
                return Err(VaultError::NotFound);
            }
            wrapped => wrapped?,
        };
        let cipher = Cipher::new(&self.keys()?.unwrap(id, &wrapped)?);
        let mut file = File::options().read(true).write(true).open(self.file("open", id))?;
        let frames = scan(id, &cipher, &mut file)?;
        let Some(frames) = frames else {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            return Writer::begin(self.clone(), id, file, cipher)?.finish();
        };
        let sealed: u64 = frames.iter().map(|&clear| FRAME_EXTRA as u64 + u64::from(clear)).sum();
        let length = HEAD_LEN as u64 + sealed;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        Writer::resume(self.clone(), id, file, cipher, frames, length).finish()
    }
}

/// The clear lengths of the whole frames; `None`: not even the head is there.
fn scan(id: RecordingId, cipher: &Cipher, file: &mut File) -> Result<Option<Vec<u32>>, VaultError> {
    let mut start = [0; HEAD_LEN];
    if !read_whole(file, &mut start)? {
        return Ok(None);
    }
    if start != head(id) {
        return Err(VaultError::Damaged);
    }
    let mut frames = Vec::new();
    let mut length = [0; LENGTH_LEN];
    let mut sealed = Vec::new();
    while read_whole(file, &mut length)? {
        let length = u32::from_be_bytes(length) as usize;
        if length > FRAME_MAX + FRAME_EXTRA {
            break;
        }
        sealed.resize(length, 0);
        let place = Place::Frame(frames.len() as u32);
        if !read_whole(file, &mut sealed)? {
            break;
        }
        let Ok(clear) = cipher.open(place, &mut sealed) else { break };
        frames.push(clear.len() as u32);
    }
    Ok(Some(frames))
}

/// `false` when the file ends before.
fn read_whole(file: &mut File, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(failure) if failure.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(failure) => Err(failure),
    }
}
