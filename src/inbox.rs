//! Files that somebody has brought and that are not worked off yet: tables of
//! contacts, in UTF-8 whatever they came in.
//!
//! They hold personal data, unsealed, so a file stays no longer than it is
//! needed; the folder is its node's alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use futures_util::{Stream, StreamExt};
use tokio::task::spawn_blocking;

use crate::domain::ids::ImportId;

/// How much is read at once.
const PIECE: usize = 64 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    #[error("the file is larger than {} MiB", limit >> 20)]
    TooLarge { limit: u64 },
    /// Whoever brought it went away.
    #[error("the file broke off")]
    BrokeOff,
    #[error("the folder of imports does not take a file")]
    Io(#[from] io::Error),
}

/// The folder; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox {
    folder: Arc<PathBuf>,
    /// The longest file that it takes, in bytes.
    limit: u64,
}

impl Inbox {
    /// Makes the folder when it is not there.
    pub fn open(folder: PathBuf, limit: u64) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder: Arc::new(folder), limit })
    }

    fn path(&self, id: ImportId) -> PathBuf {
        self.folder.join(format!("{id}.csv"))
    }

    /// Keeps a file, whole and on the disk when this returns; tells its length.
    pub async fn receive<E>(
        &self,
        id: ImportId,
        mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<u64, InboxError> {
        let part = Unfinished(self.folder.join(format!("{id}.part")));
        let mut file = tokio::fs::File::from_std(create(&part.0)?);
        let mut length = 0;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| InboxError::BrokeOff)?;
            length += piece.len() as u64;
            if length > self.limit {
                return Err(InboxError::TooLarge { limit: self.limit });
            }
            tokio::io::AsyncWriteExt::write_all(&mut file, &piece).await?;
        }
        tokio::io::AsyncWriteExt::flush(&mut file).await?;
        drop(file);
        let path = self.path(id);
        spawn_blocking(move || in_utf8(part, path)).await.map_err(io::Error::other)?.map_err(Into::into)
    }

    /// The file, read from this byte on.
    pub fn read(&self, id: ImportId, from: u64) -> io::Result<impl Read> {
        let mut file = File::open(self.path(id))?;
        file.seek(SeekFrom::Start(from))?;
        Ok(file)
    }

    /// Deletes a file; one that is gone already is gone.
    pub fn delete(&self, id: ImportId) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(failure) if failure.kind() != io::ErrorKind::NotFound => Err(failure),
            _ => Ok(()),
        }
    }

    /// Deletes what no import of these needs; tells how many files that were.
    pub fn sweep(&self, needed: &[ImportId]) -> io::Result<usize> {
        let mut swept = 0;
        for entry in fs::read_dir(&*self.folder)? {
            let path = entry?.path();
            if path.is_file() && !needed.iter().any(|id| self.path(*id) == path) {
                fs::remove_file(path)?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

/// A file that is deleted unless it gets its own name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Gives the file its name, in UTF-8 without a mark of the byte order: Excel writes Windows-1252 or UTF-16.
fn in_utf8(part: Unfinished, path: PathBuf) -> io::Result<u64> {
    let encoding = encoding_of(&part.0)?;
    let mut from = BufReader::new(File::open(&part.0)?);
    let whole = Unfinished(path.with_extension("utf8"));
    let mut to = create(&whole.0)?;
    let mut decoder = encoding.new_decoder();
    let (mut raw, mut text) = (vec![0; PIECE], String::with_capacity(4 * PIECE));
    let mut length = 0;
    loop {
        let read = from.read(&mut raw)?;
        // The room is enough for whatever a piece decodes to.
        let _ = decoder.decode_to_string(&raw[..read], &mut text, read == 0);
        to.write_all(text.as_bytes())?;
        length += text.len() as u64;
        text.clear();
        if read == 0 {
            break;
        }
    }
    to.sync_all()?;
    fs::rename(&whole.0, &path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(length)
}

/// What its mark of the byte order says; or UTF-8 if all of it is; or what French Windows writes.
fn encoding_of(path: &Path) -> io::Result<&'static Encoding> {
    let mut file = BufReader::new(File::open(path)?);
    let (mut raw, mut left) = (vec![0; PIECE], 0);
    let mut is_first = true;
    loop {
        let read = file.read(&mut raw[left..])?;
        let filled = left + read;
        if is_first && let Some((encoding, _)) = Encoding::for_bom(&raw[..filled]) {
            return Ok(encoding);
        }
        is_first = false;
        match std::str::from_utf8(&raw[..filled]) {
            Ok(_) if read == 0 => return Ok(UTF_8),
            Ok(_) => left = 0,
            // A letter goes on in the next piece.
            Err(failure) if failure.error_len().is_none() && read > 0 => {
                raw.copy_within(failure.valid_up_to()..filled, 0);
                left = filled - failure.valid_up_to();
            }
            Err(_) => return Ok(WINDOWS_1252),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn id() -> ImportId {
        ImportId(uuid::Uuid::from_u128(7))
    }

    async fn received(inbox: &Inbox, bytes: Vec<u8>) -> Result<String, InboxError> {
        let pieces: Vec<Result<Bytes, io::Error>> =
            bytes.chunks(3).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let length = inbox.receive(id(), stream::iter(pieces)).await?;
        let mut text = String::new();
        inbox.read(id(), 0)?.read_to_string(&mut text)?;
        assert_eq!(length, text.len() as u64);
        Ok(text)
    }

    #[tokio::test]
    async fn a_file_is_in_utf8_whatever_it_came_in() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(folder.path().join("in"), 1 << 30).unwrap();
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("Zoé €".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        // A letter over the end of a piece.
        let long = format!("{}é", "x".repeat(PIECE - 1));

        for (bytes, text) in [
            ("Zoé €".as_bytes().to_vec(), "Zoé €"),
            ("\u{feff}Zoé €".as_bytes().to_vec(), "Zoé €"),
            (b"Zo\xe9 \x80".to_vec(), "Zoé €"),
            (utf16, "Zoé €"),
            (long.clone().into_bytes(), &long),
            (vec![], ""),
        ] {
            assert_eq!(received(&inbox, bytes).await.unwrap(), text);
        }
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_file_that_will_not_do_or_is_not_needed() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(folder.path().to_owned(), 4).unwrap();

        assert!(matches!(received(&inbox, b"12345".to_vec()).await, Err(InboxError::TooLarge { limit: 4 })));
        let pieces = stream::iter([Ok(Bytes::from("1")), Err("away")]);
        assert!(matches!(inbox.receive(id(), pieces).await, Err(InboxError::BrokeOff)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        received(&inbox, b"1234".to_vec()).await.unwrap();
        assert_eq!(inbox.sweep(&[id()]).unwrap(), 0);
        assert_eq!(inbox.sweep(&[]).unwrap(), 1);
        inbox.delete(id()).unwrap();
        assert!(inbox.read(id(), 0).is_err());
    }
}
