//! The key file, and how its keys wrap the data keys of recordings.
//!
//! ```text
//!   # whence vault keys: …
//!   4f1c09ab  <32 bytes in base64>     an old key: still unwraps
//!   9d02e7f3  <32 bytes in base64>     the newest: wraps
//! ```
//!
//! A wrapped key is the wrapping key's name (8), a nonce (12), and the data key under AES-256-GCM
//! (32 + 16), bound to the recording's id. The file is read anew each time: it is small, and
//! whoever changes it need not tell the gateway.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::VaultError;
use super::sealed::SECRET_LEN;
use crate::domain::ids::RecordingId;

const HEAD: &str = "# whence vault keys: each line a name and a key, the newest last.\n\
                    # Without this file no recording can be heard again: keep a copy apart from them.\n";
const NAME_LEN: usize = 8;

/// The keys of the file, the newest last; never empty.
pub(super) struct Keys(Vec<(String, LessSafeKey)>);

impl Keys {
    /// Seals a data key under the newest key.
    pub fn wrap(&self, id: RecordingId, secret: &[u8; SECRET_LEN]) -> Result<Vec<u8>, VaultError> {
        let (name, key) = self.0.last().ok_or(VaultError::KeyFile { line: 1 })?;
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = secret.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(id.0.as_bytes()),
            &mut sealed,
        )
        .map_err(|_| VaultError::Damaged)?;
        Ok([name.as_bytes(), &nonce, &sealed].concat())
    }

    /// The data key again.
    pub fn unwrap(&self, id: RecordingId, wrapped: &[u8]) -> Result<[u8; SECRET_LEN], VaultError> {
        let (name, rest) = wrapped.split_at_checked(NAME_LEN).ok_or(VaultError::Damaged)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(VaultError::Damaged)?;
        let name = String::from_utf8_lossy(name);
        let key = self.0.iter().find(|(known, _)| *known == name);
        let (_, key) = key.ok_or_else(|| VaultError::KeyMissing { key: name.into_owned() })?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Damaged)?;
        let mut sealed = sealed.to_vec();
        let clear = key.open_in_place(nonce, Aad::from(id.0.as_bytes()), &mut sealed);
        clear.ok().and_then(|clear| (&*clear).try_into().ok()).ok_or(VaultError::Damaged)
    }
}

/// Reads the key file.
pub(super) fn read(path: &Path) -> Result<Keys, VaultError> {
    let text = fs::read_to_string(path).map_err(VaultError::Storage)?;
    let mut keys = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        keys.push(read_line(line).ok_or(VaultError::KeyFile { line: at + 1 })?);
    }
    if keys.is_empty() { Err(VaultError::KeyFile { line: 1 }) } else { Ok(Keys(keys)) }
}

fn read_line(line: &str) -> Option<(String, LessSafeKey)> {
    let (name, key) = line.split_once(' ')?;
    let key = STANDARD.decode(key.trim()).ok()?;
    let key = UnboundKey::new(&AES_256_GCM, &key).ok()?;
    (name.len() == NAME_LEN).then(|| (name.to_owned(), LessSafeKey::new(key)))
}

/// A first key.
pub(super) fn make_file(path: &Path) -> Result<(), VaultError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    put(path, format!("{HEAD}{}", new_line()?.1).as_bytes())
}

/// A new key at the end of the file; gives its name.
pub(super) fn add_to_file(path: &Path) -> Result<String, VaultError> {
    let mut text = fs::read_to_string(path).map_err(VaultError::Storage)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let (name, line) = new_line()?;
    put(path, (text + &line).as_bytes())?;
    Ok(name)
}

fn new_line() -> Result<(String, String), VaultError> {
    let name = format!("{:08x}", u32::from_be_bytes(random()?));
    let line = format!("{name} {}\n", STANDARD.encode(new_secret()?));
    Ok((name, line))
}

/// A key drawn at random.
pub(super) fn new_secret() -> Result<[u8; SECRET_LEN], VaultError> {
    random()
}

fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|failure| VaultError::Storage(io::Error::other(failure)))?;
    Ok(bytes)
}

/// Writes a small file whole or not at all, readable by the owner alone.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let new = path.with_extension("new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    // Whoever adds a key as root leaves the file to the gateway's user.
    if let Ok(old) = fs::metadata(path) {
        fchown(&file, Some(old.uid()), Some(old.gid()))?;
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
