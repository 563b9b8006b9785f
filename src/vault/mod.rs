//! Recordings as files: each sealed with a key of its own, written once, read by the range.
//!
//! ```text
//!   <folder>/open/<id>    is being written, or was when the gateway went down
//!   <folder>/kept/<id>    finished
//!   <folder>/keys/<id>    its data key, wrapped by a key of the key file
//! ```
//!
//! With a bucket, `kept` and `keys` move there under the same names. Whoever takes the wrapped key
//! away has deleted the recording: what is left are bytes that nobody can read. Whoever changes
//! the key file's key rewraps the small files alone.

mod bucket;
mod keys;
mod moving;
mod reader;
mod repair;
mod rotation;
mod sealed;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};
use tokio::sync::Mutex;

use crate::domain::ids::RecordingId;

pub use bucket::Bucket;
pub use reader::Reader;
pub use repair::Repaired;
pub use rotation::Rotated;
pub use writer::Writer;

/// Where recordings are kept.
#[derive(Clone, Debug)]
pub struct Config {
    /// Of this gateway alone.
    pub folder: PathBuf,
    /// Holds the keys that wrap each recording's own; made when neither it nor a recording is there.
    pub key_file: PathBuf,
    /// Where finished recordings go.
    pub bucket: Option<Bucket>,
}

/// Why the vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Nothing more can be kept until somebody makes room.
    #[error("no space is left for recordings")]
    NoSpace(#[source] io::Error),
    /// There is no such recording here, or no longer.
    #[error("no such recording in the vault")]
    NotFound,
    /// The key file does not hold the key that this recording needs.
    #[error("the key {key} is not in the vault's key file")]
    KeyMissing { key: String },
    /// The key file is not one.
    #[error("the vault's key file cannot be understood in line {line}")]
    KeyFile { line: usize },
    /// The key file is gone, and a new one could open nothing of what is there.
    #[error("the vault's key file is missing, and there are recordings that need it")]
    KeyFileMissing,
    /// The bytes are not those that were written.
    #[error("the recording is damaged")]
    Damaged,
    /// The bucket cannot be asked, or does not take what it is given.
    #[error("the vault's bucket failed")]
    Bucket(#[source] io::Error),
    /// Anything else that the disk reports, or the bucket to whoever reads.
    #[error("the vault's storage failed")]
    Storage(#[source] io::Error),
}

impl From<io::Error> for VaultError {
    fn from(failure: io::Error) -> Self {
        match failure.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace(failure),
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Storage(failure),
        }
    }
}

impl From<object_store::Error> for VaultError {
    fn from(failure: object_store::Error) -> Self {
        match failure {
            object_store::Error::NotFound { .. } => Self::NotFound,
            other => Self::Storage(io::Error::other(other)),
        }
    }
}

impl VaultError {
    /// What a bucket says, told apart from what the disk does.
    fn of_bucket(failure: object_store::Error) -> Self {
        match Self::from(failure) {
            Self::Storage(failure) => Self::Bucket(failure),
            other => other,
        }
    }
}

/// Recordings as files; cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    config: Config,
    folder: Arc<dyn ObjectStore>,
    bucket: Option<Arc<dyn ObjectStore>>,
    /// A recording is moved or deleted, not both at once.
    moving: Mutex<()>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.0.config.folder.display())
    }
}

impl Vault {
    /// Makes the folders and the key file where they are missing; blocks for as long as the disk takes.
    ///
    /// # Errors
    /// [`VaultError::KeyFileMissing`], [`VaultError::KeyFile`]. [`VaultError::Bucket`]: without a key
    /// file the bucket is asked whether it holds recordings that need one.
    pub async fn open(config: Config) -> Result<Self, VaultError> {
        let bucket = config.bucket.as_ref().map(Bucket::connect).transpose()?;
        Self::open_with(config, bucket).await
    }

    /// The same with any store as the bucket.
    pub async fn open_with(config: Config, bucket: Option<Arc<dyn ObjectStore>>) -> Result<Self, VaultError> {
        for folder in ["open", "kept", "keys"] {
            fs::create_dir_all(config.folder.join(folder))?;
        }
        if !config.key_file.exists() {
            if fs::read_dir(config.folder.join("keys"))?.next().is_some() {
                return Err(VaultError::KeyFileMissing);
            }
            if let Some(bucket) = &bucket {
                let first = bucket.list(Some(&Path::from("keys"))).try_next().await;
                if first.map_err(VaultError::of_bucket)?.is_some() {
                    return Err(VaultError::KeyFileMissing);
                }
            }
            keys::make_file(&config.key_file)?;
        }
        keys::read(&config.key_file)?;
        let folder = Arc::new(LocalFileSystem::new_with_prefix(&config.folder)?.with_fsync(true));
        Ok(Self(Arc::new(Inner { config, folder, bucket, moving: Mutex::default() })))
    }

    /// Whether finished recordings go to a bucket.
    pub fn has_bucket(&self) -> bool {
        self.0.bucket.is_some()
    }

    /// Begins the file of a recording; blocks.
    pub fn create(&self, id: RecordingId) -> Result<Writer, VaultError> {
        let secret = keys::new_secret()?;
        let wrapped = self.keys()?.wrap(id, &secret)?;
        let file = File::options().write(true).create_new(true).open(self.file("open", id))?;
        keys::put(&self.file("keys", id), &wrapped)?;
        Writer::begin(self.clone(), id, file, sealed::Cipher::new(&secret))
    }

    fn keys(&self) -> Result<keys::Keys, VaultError> {
        keys::read(&self.0.config.key_file)
    }

    fn file(&self, state: &str, id: RecordingId) -> PathBuf {
        self.0.config.folder.join(state).join(id.to_string())
    }

    /// The file is whole: from `open` to `kept`.
    fn keep(&self, id: RecordingId) -> io::Result<()> {
        fs::rename(self.file("open", id), self.file("kept", id))?;
        File::open(self.0.config.folder.join("kept"))?.sync_all()
    }

    /// Where a finished recording may be, the nearest first.
    fn places(&self) -> impl Iterator<Item = &Arc<dyn ObjectStore>> {
        std::iter::once(&self.0.folder).chain(&self.0.bucket)
    }

    /// Some bytes of an object from wherever it is, and how long the whole is.
    async fn get(&self, object: &Path, range: Option<GetRange>) -> Result<(Bytes, u64), VaultError> {
        for place in self.places() {
            match place.get_opts(object, GetOptions::new().with_range(range.clone())).await {
                Ok(found) => {
                    let length = found.meta.size;
                    return Ok((found.bytes().await?, length));
                }
                Err(object_store::Error::NotFound { .. }) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(VaultError::NotFound)
    }
}

/// The name of a recording's part in the folder and in the bucket.
fn object(state: &str, id: RecordingId) -> Path {
    Path::from_iter([state.to_owned(), id.to_string()])
}
