//! ICE as a gateway with an address of its own needs it: the lite side (RFC 8445
//! §2.5), which names one candidate, checks nothing itself and answers whoever
//! proves to know its password. Where such a check comes from, the peer is.

use std::fmt;
use std::net::SocketAddr;

use is::stun::StunMessage;
use ring::hmac;

/// Room enough for what is replied to a check.
pub const REPLY_MAX: usize = 128;

/// What one side's checks are addressed and authenticated with (RFC 8839 §5.4).
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub ufrag: String,
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.ufrag)
    }
}

/// A check that is authentic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Check {
    /// The peer has chosen this pair (USE-CANDIDATE).
    pub is_nominated: bool,
    /// How much there is to reply.
    pub reply: usize,
}

/// Reads a check and writes what is replied to it; `None`: it is no check of
/// the peer's, and nothing is replied.
pub fn answer(
    ours: &Credentials,
    their_ufrag: &str,
    packet: &[u8],
    from: SocketAddr,
    reply: &mut [u8; REPLY_MAX],
) -> Option<Check> {
    let message = StunMessage::parse(packet).ok().filter(StunMessage::is_binding_request)?;
    let is_to_us = message.split_username()? == (ours.ufrag.as_str(), their_ufrag);
    let password = ours.password.as_bytes();
    if !is_to_us || !message.verify(password, sha1) {
        return None;
    }
    let is_nominated = message.use_candidate();
    let success = StunMessage::binding_reply(message.trans_id(), from);
    let reply = success.to_bytes(Some(password), reply, sha1).ok()?;
    Some(Check { is_nominated, reply })
}

/// HMAC-SHA1, which RFC 8489 §14.5 asks for.
fn sha1(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key));
    parts.iter().for_each(|part| context.update(part));
    std::array::from_fn({
        let tag = context.sign();
        move |at| tag.as_ref()[at]
    })
}

#[cfg(test)]
pub mod tests {
    use is::stun::{StunMessageBuilder, TransId};
    use proptest::prelude::*;

    use super::*;

    pub fn ours() -> Credentials {
        Credentials { ufrag: "ours".to_owned(), password: "a password of 22 chars".to_owned() }
    }

    /// A check as a browser sends it.
    pub fn check(ours: &Credentials, their_ufrag: &str, is_nominated: bool) -> Vec<u8> {
        let name = format!("{}:{their_ufrag}", ours.ufrag);
        let builder =
            StunMessageBuilder::new().binding().request().username(&name).prio(7).ice_controlling(1);
        let builder = if is_nominated { builder.use_candidate() } else { builder };
        let mut bytes = [0; 256];
        let message = builder.build(TransId::new());
        let length = message.to_bytes(Some(ours.password.as_bytes()), &mut bytes, sha1).unwrap();
        bytes[..length].to_vec()
    }

    fn from() -> SocketAddr {
        "192.0.2.1:4000".parse().unwrap()
    }

    fn answered(packet: &[u8]) -> Option<Vec<u8>> {
        let mut reply = [0; REPLY_MAX];
        let check = answer(&ours(), "them", packet, from(), &mut reply)?;
        Some(reply[..check.reply].to_vec())
    }

    #[test]
    fn a_check_is_told_where_it_came_from() {
        for is_nominated in [false, true] {
            let mut reply = [0; REPLY_MAX];
            let packet = check(&ours(), "them", is_nominated);

            let check = answer(&ours(), "them", &packet, from(), &mut reply).unwrap();

            assert_eq!(check.is_nominated, is_nominated);
            let said = StunMessage::parse(&reply[..check.reply]).unwrap();
            assert!(said.is_successful_binding_response() && said.verify(ours().password.as_bytes(), sha1));
            assert_eq!(said.mapped_address(), Some(from()));
            assert_eq!(said.trans_id(), StunMessage::parse(&packet).unwrap().trans_id());
        }
    }

    #[test]
    fn who_does_not_know_the_password_is_not_answered() {
        let guessed = Credentials { password: "another of 22 letters.".to_owned(), ..ours() };
        assert_eq!(answered(&check(&guessed, "them", true)), None);
        let elsewhere = Credentials { ufrag: "else".to_owned(), ..ours() };
        assert_eq!(answered(&check(&elsewhere, "them", true)), None);
        assert_eq!(answered(&check(&ours(), "another", true)), None);
    }

    #[test]
    fn an_answer_or_an_indication_is_not_answered() {
        let mut reply = answered(&check(&ours(), "them", true)).unwrap();
        assert_eq!(answered(&reply), None);
        reply[0] = 0;
        assert_eq!(answered(&reply), None);
    }

    proptest! {
        #[test]
        fn a_check_that_is_spoilt_is_none(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut packet = check(&ours(), "them", true);
            // The fingerprint behind is no proof of anything.
            let at = at.index(packet.len() - 8);
            packet[at] ^= 1 << bit;

            prop_assert_eq!(answered(&packet), None);
        }

        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            prop_assert_eq!(answered(&bytes), None);
        }
    }
}
