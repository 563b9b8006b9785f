//! The trunks as the settings have them, without what is secret.

use crate::domain::calling::tolls::Exit;
use crate::domain::ids::TrunkId;
use crate::domain::phone::Country;

/// A trunk of the settings. Passwords stay there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrunkSettings {
    pub id: TrunkId,
    pub country: Country,
    pub calls_at_once: Option<u32>,
    /// Ranges of addresses that its calls come from; none: anywhere.
    pub from: Vec<String>,
    /// It proves to know a password.
    pub has_their_password: bool,
    /// The name in its certificate.
    pub their_certificate: Option<String>,
    /// Where calls go, in the order in which hops are tried.
    pub to: Vec<String>,
    /// As whom.
    pub user: Option<String>,
    pub registers: bool,
    /// What numbers must begin with; none: anything.
    pub prefixes: Vec<String>,
    pub calls_per_day: Option<u32>,
    /// Media to it are encrypted.
    pub is_sealed: bool,
}

impl TrunkSettings {
    /// What it lets out.
    pub fn exit(&self) -> Exit {
        Exit {
            trunk: self.id.clone(),
            leads_out: !self.to.is_empty(),
            prefixes: self.prefixes.clone(),
            calls_per_day: self.calls_per_day,
        }
    }
}
