//! `[identity]`: which operators' signatures (STIR/SHAKEN) are believed, and
//! whether calls without a good one are taken.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::Section;
use super::value::{Checked, Value, list, milliseconds, parsed, text, word};
use crate::sip::identity::Host;

const MODES: &[(&str, bool)] = &[("check", false), ("refuse", true)];

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityConfig {
    /// Files of trust anchors, PEM; without one nobody looks at signatures.
    pub anchors: Vec<PathBuf>,
    /// The servers that certificates are fetched from.
    pub hosts: Vec<Host>,
    /// Files of authorities for these servers, besides the public ones.
    pub web_anchors: Vec<PathBuf>,
    /// How long a call waits for a certificate.
    pub patience: Duration,
    /// Calls without a good signature are refused.
    pub must_be_signed: bool,
}

fn file(value: Value) -> Checked<PathBuf> {
    text(value).map(PathBuf::from)
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self {
            anchors: Vec::new(),
            hosts: Vec::new(),
            web_anchors: Vec::new(),
            patience: Duration::from_millis(500),
            must_be_signed: false,
        }
    }
}

impl IdentityConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        let host = parsed("a host, or a host and a port, for instance \"certificates.example.org\"");
        let config = Self {
            anchors: section.get("anchors", default.anchors, list(file)),
            hosts: section.get("hosts", default.hosts, list(host)),
            web_anchors: section.get("web_anchors", default.web_anchors, list(file)),
            patience: section.get("patience_ms", default.patience, milliseconds(1..=5_000)),
            must_be_signed: section.get("mode", default.must_be_signed, word(MODES)),
        };
        if !config.anchors.is_empty() && config.hosts.is_empty() {
            section.complain("anchors", "say in `hosts` which servers certificates are fetched from");
        }
        if config.must_be_signed && config.anchors.is_empty() {
            section.complain("mode", "without `anchors` no signature could be good, and every call refused");
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn what_could_never_work_is_told_with_its_key() {
        for (text, told) in [
            ("anchors = [\"a.pem\"]", "anchors: say in `hosts` which servers certificates are fetched from"),
            (
                "mode = \"refuse\"",
                "mode: without `anchors` no signature could be good, and every call refused",
            ),
            ("hosts = [\"https://a\"]", "hosts: expected a host, or a host and a port"),
            ("patience_ms = 0", "patience_ms: 0 is not within 1 to 5000"),
            ("mode = \"refuce\"", "did you mean \"refuse\"?"),
        ] {
            let error = Config::parse(Path::new("x.toml"), &format!("[identity]\n{text}\n"), []).unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
        }
    }
}
