//! A ZIP file that is taken away while it is written (APPNOTE 6.3.10, with data descriptors: sizes follow the files).

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tracing::error;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::Step;
use crate::http::error::HttpError;

pub struct Pack {
    /// `None`: it is at its end.
    zip: Option<ZipWriter<StreamWriter<Spool>>>,
    spool: Spool,
}

/// What is packed and not taken away yet.
#[derive(Clone, Default)]
struct Spool(Arc<Mutex<Vec<u8>>>);

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pack {
    pub fn new() -> Self {
        let spool = Spool::default();
        Self { zip: Some(ZipWriter::new_stream(spool.clone())), spool }
    }

    /// The file before ends, and one of this name begins.
    pub fn begin(&mut self, name: &str) -> Result<(), PackError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        Ok(self.zip()?.start_file(name, options)?)
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), PackError> {
        Ok(self.zip()?.write_all(bytes)?)
    }

    /// Takes a step, and gives what is packed since the last one.
    pub fn take(&mut self, step: Step) -> Result<Bytes, PackError> {
        match step {
            Step::Begin(name) => self.begin(&name)?,
            Step::Write(bytes) => self.write(&bytes)?,
            Step::End => {
                let zip = self.zip.take().ok_or(PackError::AtEnd)?;
                zip.finish()?;
            }
        }
        Ok(mem::take(&mut *self.spool.0.lock().unwrap_or_else(PoisonError::into_inner)).into())
    }

    fn zip(&mut self) -> Result<&mut ZipWriter<StreamWriter<Spool>>, PackError> {
        self.zip.as_mut().ok_or(PackError::AtEnd)
    }
}

/// Why nothing more is packed; memory takes what is written, so this is a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("the archive is at its end")]
    AtEnd,
    #[error("the archive cannot be written")]
    Zip(#[from] zip::result::ZipError),
    #[error("the archive cannot be written")]
    Write(#[from] io::Error),
}

impl From<PackError> for HttpError {
    fn from(failure: PackError) -> Self {
        error!(error = &failure as &dyn std::error::Error, "an archive cannot be packed");
        Self::Internal
    }
}
