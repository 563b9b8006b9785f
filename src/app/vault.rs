//! The vault of recordings as the settings name it, and `whence vault`.

use super::StartError;
use super::run::{Failed, settings};
use crate::cli;
use crate::config::VaultConfig;
use crate::vault::{Bucket, Config, Vault};

pub(super) async fn open(config: &VaultConfig) -> Result<Vault, StartError> {
    let bucket = config.bucket.clone().map(|bucket| Bucket {
        name: bucket.name,
        region: bucket.region,
        endpoint: bucket.endpoint,
        prefix: bucket.prefix,
        access_key_id: bucket.access_key_id,
        secret_access_key: bucket.secret_access_key,
    });
    let (folder, key_file) = (config.folder.clone(), config.keys.clone());
    Vault::open(Config { folder, key_file, bucket })
        .await
        .map_err(|source| StartError::Vault { folder: config.folder.clone(), source })
}

pub(super) async fn vault(command: &cli::Vault) -> Result<(), Failed> {
    let cli::Vault::Rotate(from) = command;
    let config = settings(from)?;
    let vault = open(&config.vault).await.map_err(Failed::start)?;
    let rotated = vault.rotate().await.map_err(Failed::tried)?;
    println!("The key {} wraps {} recordings now.", rotated.key, rotated.rewrapped);
    println!("Keep a copy of {} apart from the recordings.", config.vault.keys.display());
    if vault.has_bucket() {
        println!("Other nodes that use the bucket need the same file now: copy it there.");
    }
    println!("Before an old key is taken out, run this again when the calls that go on now are over.");
    Ok(())
}
