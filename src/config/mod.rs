//! Configuration: one file and the environment become checked values, once, at the start.
//!
//! ```text
//! whence.toml ──┐
//!               ├─→ Reader ─→ Config ─→ handed down, part by part
//! WHENCE_* ─────┘      └────→ ConfigError: everything that is wrong, with its place
//! ```
//!
//! Infrastructure stands here: listeners, trunks, the database. What the
//! business decides (outlets, sites, pools, numbers) lives in the database.
//!
//! The code that reads a section is its schema: a key that no `read` asks for
//! does not exist, and naming it is an error. So a typing mistake cannot pass
//! for a default, and nobody keeps a second list of keys.

mod audit;
mod calls;
mod consent;
mod database;
mod environment;
mod error;
mod http;
mod identity;
mod imports;
mod log;
mod mail;
mod media;
mod oidc;
mod quality;
mod reader;
mod sip;
mod strangers;
mod trunk;
mod value;
mod vault;
mod webhook;

use std::ffi::OsString;
use std::path::Path;

pub use audit::AuditConfig;
pub use calls::CallsConfig;
pub use consent::ConsentConfig;
pub use database::DatabaseConfig;
pub use error::ConfigError;
pub use http::HttpConfig;
pub use identity::IdentityConfig;
pub use imports::ImportsConfig;
pub use log::LogConfig;
pub use mail::{MailConfig, Security};
pub use media::MediaConfig;
pub use quality::QualityConfig;
pub use sip::SipConfig;
pub use strangers::StrangersConfig;
pub use trunk::{Inbound, TrunkConfig};
pub use vault::{BucketConfig, VaultConfig};
pub use webhook::WebhookConfig;

use environment::Environment;
use error::Problem;
use reader::Reader;

/// Everything an operator decides about this node.
#[derive(Clone, PartialEq, Debug)]
pub struct Config {
    /// Tells this node's calls from those of other nodes on the same database.
    pub node: String,
    pub http: HttpConfig,
    pub sip: SipConfig,
    /// Who may send calls; without one, every call is a stranger's.
    pub trunks: Vec<TrunkConfig>,
    pub media: MediaConfig,
    /// Where recordings are kept.
    pub vault: VaultConfig,
    /// Where tables of contacts wait.
    pub imports: ImportsConfig,
    pub strangers: StrangersConfig,
    /// Whose signatures of callers are believed (STIR/SHAKEN).
    pub identity: IdentityConfig,
    pub calls: CallsConfig,
    /// Who has asked for what of people.
    pub audit: AuditConfig,
    /// How mail leaves; `None`: none does.
    pub mail: Option<MailConfig>,
    /// The identity provider of the company; `None`: people sign in by password.
    pub oidc: Option<crate::oidc::Config>,
    pub consent: ConsentConfig,
    /// What is asked of others about what is known of people.
    pub quality: QualityConfig,
    /// What messages to webhooks are signed with.
    pub webhooks: Vec<WebhookConfig>,
    pub database: DatabaseConfig,
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            node: "whence".to_owned(),
            http: HttpConfig::default(),
            sip: SipConfig::default(),
            trunks: Vec::new(),
            media: MediaConfig::default(),
            vault: VaultConfig::default(),
            imports: ImportsConfig::default(),
            strangers: StrangersConfig::default(),
            identity: IdentityConfig::default(),
            calls: CallsConfig::default(),
            audit: AuditConfig::default(),
            mail: None,
            oidc: None,
            consent: ConsentConfig::default(),
            quality: QualityConfig::default(),
            webhooks: Vec::new(),
            database: DatabaseConfig::default(),
            log: LogConfig::default(),
        }
    }
}

impl Config {
    /// Reads `file`, then lets the environment (usually `std::env::vars_os()`)
    /// have the last word. Without a file, defaults and environment count.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let Some(path) = file else { return Self::parse(Path::new("(no file)"), "", environment) };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text, environment),
            Err(cause) => Err(ConfigError::one(Problem::unreadable(path, &cause))),
        }
    }

    /// As [`Config::load`], from a text; `path` is what the messages call it.
    pub fn parse(
        path: &Path,
        text: &str,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        Reader::run(path, text, Environment::new(environment), Self::read)
    }

    fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let sip = reader.section("sip", SipConfig::read);
        Self {
            node: reader.section("", |s| s.get("node", default.node, value::slug)),
            http: reader.section("http", HttpConfig::read),
            trunks: TrunkConfig::read_all(reader, sip.tls.client_ca.is_some()),
            media: reader.section("media", |section| MediaConfig::read(section, &sip)),
            vault: reader.section("vault", VaultConfig::read),
            imports: reader.section("imports", ImportsConfig::read),
            sip,
            strangers: reader.section("strangers", StrangersConfig::read),
            identity: reader.section("identity", IdentityConfig::read),
            calls: reader.section("calls", CallsConfig::read),
            audit: reader.section("audit", AuditConfig::read),
            mail: reader.section("mail", MailConfig::read),
            oidc: reader.section("oidc", oidc::read),
            consent: reader.section("consent", ConsentConfig::read),
            quality: reader.section("quality", QualityConfig::read),
            webhooks: WebhookConfig::read_all(reader),
            database: reader.section("database", DatabaseConfig::read),
            log: reader.section("log", LogConfig::read),
        }
    }
}

#[cfg(test)]
mod tests;
