//! `[vault]`: where recordings are kept.

use std::fmt;
use std::path::PathBuf;

use super::reader::Section;
use super::value::{Checked, Value, text};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VaultConfig {
    /// Recordings that are being made, and without a bucket all of them.
    pub folder: PathBuf,
    /// The file of the keys that every recording is sealed with in the end.
    pub keys: PathBuf,
    /// Where finished recordings go; `None`: they stay in the folder.
    pub bucket: Option<BucketConfig>,
}

/// A bucket that speaks S3.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketConfig {
    pub name: String,
    pub region: String,
    /// `None`: Amazon's own of the region.
    pub endpoint: Option<String>,
    /// Before each name in the bucket; may be empty.
    pub prefix: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

/// Without the secret.
impl fmt::Debug for BucketConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketConfig").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Default for VaultConfig {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("data/recordings"),
            keys: PathBuf::from("data/vault.keys"),
            bucket: None,
        }
    }
}

impl VaultConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        let name = section.get("bucket", String::new(), any);
        let region = section.get("region", "us-east-1".to_owned(), text);
        let endpoint = section.get("endpoint", None, endpoint);
        let prefix = section.get("prefix", String::new(), any);
        let access_key_id = section.get("access_key_id", String::new(), any);
        let secret_access_key = section.get("secret_access_key", String::new(), any);
        if !name.is_empty() && (access_key_id.is_empty() || secret_access_key.is_empty()) {
            section.complain("bucket", "needs `access_key_id` and `secret_access_key`");
        }
        let bucket = BucketConfig { name, region, endpoint, prefix, access_key_id, secret_access_key };
        Self {
            folder: section.get("folder", default.folder, |value| text(value).map(PathBuf::from)),
            keys: section.get("keys", default.keys, |value| text(value).map(PathBuf::from)),
            bucket: Some(bucket).filter(|bucket| !bucket.name.is_empty()),
        }
    }
}

fn any(value: Value) -> Checked<String> {
    value.text().map(str::to_owned)
}

fn endpoint(value: Value) -> Checked<Option<String>> {
    match value.text()? {
        "" => Ok(None),
        url if url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) => {
            Ok(Some(url.to_owned()))
        }
        _ => value.bad("expected an http or https address, for instance \"https://s3.example.org\""),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn a_bucket_needs_its_keys_and_shows_them_nowhere() {
        let parse = |text: &str| Config::parse(Path::new("x.toml"), &format!("[vault]\n{text}\n"), []);

        let error = parse("bucket = \"calls\"").unwrap_err().to_string();
        assert!(error.contains("bucket: needs `access_key_id` and `secret_access_key`"), "{error}");
        let error = parse("endpoint = \"s3.example.org\"").unwrap_err().to_string();
        assert!(error.contains("endpoint: expected an http or https address"), "{error}");
        let well = "bucket = \"calls\"\naccess_key_id = \"a\"\nsecret_access_key = \"hush\"";
        assert!(!format!("{:?}", parse(well).unwrap()).contains("hush"));
    }
}
