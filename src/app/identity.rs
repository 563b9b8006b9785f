//! From the files of `[identity]` to whoever looks at the signatures of calls.

use std::path::{Path, PathBuf};
use std::slice;
use std::{fs, io};

use crate::clock::Clock;
use crate::config::IdentityConfig;
use crate::sip::identity::certificate::{Anchors, BadPem};
use crate::sip::identity::{Config, Inspector};

/// Why nobody can look at signatures.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    #[error("cannot read {path} of [identity]")]
    Unreadable { path: String, source: io::Error },
    #[error("{path} of [identity] {source}")]
    Bad { path: String, source: BadPem },
}

/// `None`: without anchors there is nothing to hold a signature against.
pub(super) fn inspector(config: &IdentityConfig, clock: &Clock) -> Result<Option<Inspector>, AnchorError> {
    if config.anchors.is_empty() {
        return Ok(None);
    }
    let told = Config {
        anchors: read(&config.anchors)?,
        hosts: config.hosts.clone(),
        web_anchors: read(&config.web_anchors)?,
        patience: config.patience,
        must_be_signed: config.must_be_signed,
    };
    let path = "a file".to_owned();
    Inspector::new(&told, clock.clone()).map(Some).map_err(|source| AnchorError::Bad { path, source })
}

/// Each file, which must hold certificates.
fn read(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, AnchorError> {
    paths.iter().map(|path| text(path)).collect()
}

fn text(path: &Path) -> Result<Vec<u8>, AnchorError> {
    let named = || path.display().to_string();
    let text = fs::read(path).map_err(|source| AnchorError::Unreadable { path: named(), source })?;
    Anchors::read(slice::from_ref(&text)).map_err(|source| AnchorError::Bad { path: named(), source })?;
    Ok(text)
}
