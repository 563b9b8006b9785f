//! `[oidc]`: the company's identity provider, by which people sign in at the console.

use url::Url;

use super::reader::Section;
use super::value::{Checked, Value, flag};
use crate::oidc::Config;

/// `None`: people sign in by password alone.
pub(super) fn read(section: &mut Section) -> Option<Config> {
    let issuer = section.get("issuer", String::new(), address);
    let client_id = section.get("client_id", String::new(), any);
    let client_secret = section.get("client_secret", String::new(), any);
    let name = section.get("name", String::new(), any);
    let trusts_email = section.get("trusts_email", false, flag);
    if issuer.is_empty() {
        return None;
    }
    if client_id.is_empty() {
        section.complain("issuer", "needs `client_id`, which the provider has given this gateway");
    }
    let name = if name.is_empty() { Url::parse(&issuer).ok()?.host_str()?.to_owned() } else { name };
    Some(Config { issuer, client_id, client_secret, name, trusts_email })
}

fn any(value: Value) -> Checked<String> {
    value.text().map(str::to_owned)
}

/// As tokens name it, but for a slash at the end.
fn address(value: Value) -> Checked<String> {
    let text = value.text()?;
    let is_plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none()
    };
    match Url::parse(text) {
        _ if text.is_empty() => Ok(String::new()),
        Ok(url) if is_plain(&url) => Ok(text.trim_end_matches('/').to_owned()),
        _ => value.bad(format!(
            "expected the provider's address, for instance \"https://login.example.org\", found {text:?}"
        )),
    }
}
