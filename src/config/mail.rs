//! `[mail]`: the server that mail leaves by.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::reader::Section;
use super::value::{Checked, Value, optional, parsed, seconds, whole, word};
use crate::domain::people::email::Email;

/// `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct MailConfig {
    pub server: String,
    pub port: u16,
    pub security: Security,
    /// User and password.
    pub login: Option<(String, String)>,
    pub from: Email,
    pub from_name: String,
    pub reply_to: Option<Email>,
    pub timeout: Duration,
    /// A file (PEM); `None`: the authorities that browsers trust.
    pub authorities: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    StartTls,
    Implicit,
    Clear,
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailConfig").field("server", &self.server).finish_non_exhaustive()
    }
}

impl MailConfig {
    pub(super) fn read(section: &mut Section) -> Option<Self> {
        let words: &'static [(&str, Security)] =
            &[("starttls", Security::StartTls), ("implicit", Security::Implicit), ("none", Security::Clear)];
        let email = || parsed("an e-mail address");
        let server = section.get("server", String::new(), any);
        let port = section.get("port", 587, whole(1..=65_535));
        let security = section.get("security", Security::StartTls, word(words));
        let authorities = section.get("authorities", String::new(), any);
        let user = section.get("user", String::new(), any);
        let password = section.get("password", String::new(), any);
        let from: Option<Email> = section.get("from", None, optional(email()));
        let from_name = section.get("from_name", String::new(), any);
        let reply_to = section.get("reply_to", None, optional(email()));
        let timeout = section.get("timeout_s", Duration::from_secs(30), seconds(1..=300));
        if server.is_empty() {
            return None;
        }
        if from.is_none() {
            section.complain("server", "needs `from`, the address that mail comes from");
        }
        if security == Security::Clear && !is_here(&server) {
            section.complain("security", "\"none\" is for a server on this machine, such as 127.0.0.1");
        }
        if user.is_empty() != password.is_empty() {
            section.complain("user", "needs `password`");
            section.complain("password", "needs `user`");
        }
        Some(Self {
            server,
            port: u16::try_from(port).unwrap_or(u16::MAX),
            security,
            login: (!user.is_empty()).then_some((user, password)),
            from: from?,
            from_name,
            reply_to,
            timeout,
            authorities: Some(PathBuf::from(authorities)).filter(|path| !path.as_os_str().is_empty()),
        })
    }
}

fn is_here(server: &str) -> bool {
    server == "localhost" || server.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn any(value: Value) -> Checked<String> {
    value.text().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn mail_needs_a_sender_and_goes_in_the_clear_nowhere_but_here() {
        let parse = |text: &str| Config::parse(Path::new("x.toml"), &format!("[mail]\n{text}\n"), []);
        for (text, complaint) in [
            ("server = \"mx.example\"", "server: needs `from`"),
            (
                "server = \"mx.example\"\nfrom = \"a@b.example\"\nsecurity = \"none\"",
                "security: \"none\" is for",
            ),
            ("server = \"mx.example\"\nfrom = \"a@b.example\"\nuser = \"a\"", "user: needs `password`"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(complaint), "{error}");
        }
        assert_eq!(parse("port = 25").unwrap().mail, None);
        let text = "server = \"127.0.0.1\"\nfrom = \"a@b.example\"\nsecurity = \"none\"\nuser = \"a\"\npassword = \"hush\"";
        let config = parse(text).unwrap();
        assert!(config.mail.is_some());
        assert!(!format!("{config:?}").contains("hush"));
    }
}
