//! How whoever is dialled takes its sound, as far as that is known before it answers.

use crate::call::input::{Input, Payload, Status, Unreachable};
use crate::call::output::Output;
use crate::domain::calling::routing::Target;
use crate::media::exchange::Profile;
use crate::sip::message::{Host, Uri};
use crate::switchboard::Switchboard;

/// Whether whoever is dialled is at an IPv6 address, where that is known.
pub(super) fn family(board: &Switchboard, to: &Target) -> Option<bool> {
    match to {
        Target::Uri(uri) => is_ipv6(uri),
        Target::Number { trunk, .. } => board.inner.config.load().ipv6_trunks.get(trunk).copied(),
        // As browsers say it themselves.
        Target::Console => Some(false),
    }
}

/// In which way it is offered media.
pub(super) fn profile(to: &Target) -> Profile {
    if *to == Target::Console { Profile::WebRtc } else { Profile::Plain }
}

/// A console whose sound would go past us is not dialled.
pub(super) fn past_console(output: &Output) -> Option<Input> {
    match output {
        Output::Dial { leg, to: Target::Console, .. } => {
            Some(Input::Unreachable { leg: *leg, why: Unreachable::Transport })
        }
        // Who asked for it is told that it is for the sound.
        Output::Redial { leg, to: Target::Console, .. } => {
            let (status, payload) = (Status::new(488, "Not Acceptable Here"), Payload::default());
            Some(Input::Refused { leg: *leg, status, payload })
        }
        _ => None,
    }
}

/// Whether a SIP URI leads to an IPv6 address; `None`: to a name.
pub fn is_ipv6(uri: &str) -> Option<bool> {
    match Uri::parse(uri.as_bytes()).ok()?.host? {
        Host::Ip(address) => Some(address.is_ipv6()),
        Host::Name(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::call::leg::LegId;

    #[test]
    fn a_console_without_relayed_sound_is_not_there_and_nobody_is_sent_to_it() {
        let redial = |to| Output::Redial {
            leg: LegId(2),
            to,
            destination: "desk".parse().unwrap(),
            instead_of: LegId::LINE,
            session: None,
            headers: Bytes::new(),
        };

        let told = past_console(&redial(Target::Console));

        assert!(matches!(told, Some(Input::Refused { leg: LegId(2), status, .. }) if status.code == 488));
        assert_eq!(past_console(&redial(Target::Uri("sip:desk@pbx".into()))), None);
    }
}
