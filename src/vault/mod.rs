//! Recordings as files: each sealed with a key of its own, written once, read by the range.
//!
//! ```text
//!   <folder>/open/<id>    is being written, or was when the gateway went down
//!   <folder>/kept/<id>    finished
//!   <folder>/keys/<id>    its data key, wrapped by a key of the key file
//! ```
//!
//! Whoever takes the wrapped key away has deleted the recording: what is left are bytes that
//! nobody can read. Whoever changes the key file's key rewraps the small files alone.

mod keys;
mod sealed;
mod writer;

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::ids::RecordingId;

pub use writer::Writer;

/// Where recordings are kept.
#[derive(Clone, Debug)]
pub struct Config {
    pub folder: PathBuf,
    /// Holds the keys that wrap each recording's own; made when it is not there.
    pub key_file: PathBuf,
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
    /// The bytes are not those that were written.
    #[error("the recording is damaged")]
    Damaged,
    /// Anything else that the disk reports.
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

/// Recordings as files; cheap to clone.
#[derive(Clone, Debug)]
pub struct Vault(Arc<Config>);

impl Vault {
    /// Makes the folders and the key file where they are missing.
    pub fn open(config: Config) -> Result<Self, VaultError> {
        for folder in ["open", "kept", "keys"] {
            fs::create_dir_all(config.folder.join(folder))?;
        }
        keys::make_if_missing(&config.key_file)?;
        keys::read(&config.key_file)?;
        Ok(Self(Arc::new(config)))
    }

    /// Begins the file of a recording; blocks.
    pub fn create(&self, id: RecordingId) -> Result<Writer, VaultError> {
        let secret = keys::new_secret()?;
        let wrapped = keys::read(&self.0.key_file)?.wrap(id, &secret)?;
        keys::put(&self.path("keys", id), &wrapped)?;
        let file = File::options().write(true).create_new(true).open(self.path("open", id))?;
        Writer::begin(self.clone(), id, file, sealed::Cipher::new(&secret))
    }

    fn path(&self, state: &str, id: RecordingId) -> PathBuf {
        self.0.folder.join(state).join(id.to_string())
    }

    /// The file is whole: from `open` to `kept`.
    fn keep(&self, id: RecordingId) -> io::Result<()> {
        fs::rename(self.path("open", id), self.path("kept", id))?;
        File::open(self.0.folder.join("kept"))?.sync_all()
    }
}
