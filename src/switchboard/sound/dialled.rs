//! What is known of whoever is dialled before they say anything of their media: in
//! which family, and whether those have to be sealed.

use tracing::warn;

use crate::call::input::{Input, Unreachable};
use crate::call::output::Output;
use crate::domain::calling::routing::{Target, Way};
use crate::domain::ids::CallId;
use crate::media::Relay;
use crate::media::exchange::Profile;
use crate::sip::message::{Host, Uri};
use crate::switchboard::Switchboard;

/// Whether any line of a way is one that has no media unless they are sealed.
pub fn encrypts(board: &Switchboard, way: &Way) -> bool {
    let mut lines = way.steps.iter().flat_map(|step| step.lines());
    lines.any(|line| profile(board, &line.target) != Profile::Plain)
}

/// In which profile media are offered.
pub fn profile(board: &Switchboard, to: &Target) -> Profile {
    match to {
        Target::Console => Profile::WebRtc,
        Target::Number { trunk, .. } => {
            board.inner.config.load().sealed_trunks.get(trunk).copied().unwrap_or_default()
        }
        Target::Uri(_) => Profile::Plain,
    }
}

/// A call to where media have to be sealed, and that has been offered none that
/// are, does not leave: what becomes of it.
pub fn unsealed(board: &Switchboard, call: CallId, relay: Option<&Relay>, output: &Output) -> Option<Input> {
    let (Output::Dial { leg, to, .. } | Output::Redial { leg, to, .. }) = output else { return None };
    let is_offered = relay.is_some_and(|relay| relay.given_to(*leg).is_some());
    if is_offered || profile(board, to) == Profile::Plain {
        return None;
    }
    warn!(call.id = %call, "media would not be encrypted, so nobody is called");
    Some(Input::Unreachable { leg: *leg, why: Unreachable::Unsealed })
}

/// Whether whoever is dialled is at an IPv6 address, where that is known.
pub fn family(board: &Switchboard, to: &Target) -> Option<bool> {
    match to {
        Target::Uri(uri) => is_ipv6(uri),
        Target::Number { trunk, .. } => board.inner.config.load().ipv6_trunks.get(trunk).copied(),
        // As browsers say it themselves.
        Target::Console => Some(false),
    }
}

/// Whether a SIP URI leads to an IPv6 address; `None`: to a name.
pub fn is_ipv6(uri: &str) -> Option<bool> {
    match Uri::parse(uri.as_bytes()).ok()?.host? {
        Host::Ip(address) => Some(address.is_ipv6()),
        Host::Name(_) => None,
    }
}
