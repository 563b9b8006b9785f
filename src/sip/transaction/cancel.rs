//! What a CANCEL does to the INVITE that it names (RFC 3261 §9.2).
//!
//! The CANCEL is answered in a [`Server`](super::Server) of its own, whatever
//! becomes of the INVITE; find that with
//! [`ServerKey::of_cancelled`](super::ServerKey::of_cancelled).

use super::InviteServer;

/// How a CANCEL is to be treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Withdrawal {
    /// The INVITE waits: 200 to the CANCEL, 487 to the INVITE, both with the
    /// To tag that its provisional responses had.
    Ends,
    /// The INVITE has its final response: 200 to the CANCEL, and no more.
    TooLate,
    /// No such INVITE: 481 to the CANCEL.
    Unknown,
}

impl Withdrawal {
    /// The status that answers the CANCEL itself.
    pub const fn status(self) -> u16 {
        match self {
            Withdrawal::Ends | Withdrawal::TooLate => 200,
            Withdrawal::Unknown => 481,
        }
    }
}

/// Judges a CANCEL by the INVITE that its key leads to.
pub fn judge_cancel(invite: Option<&InviteServer>) -> Withdrawal {
    match invite {
        Some(invite) if invite.is_pending() => Withdrawal::Ends,
        Some(_) => Withdrawal::TooLate,
        None => Withdrawal::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::transaction::invite_server::Input;
    use crate::sip::transaction::testing::{at, bytes};
    use crate::sip::transaction::{Class, Outputs, Wire};

    fn after(code: u16) -> InviteServer {
        let mut invite = InviteServer::start(Wire::Datagram);
        let input = Input::Respond { class: Class::of(code), response: bytes("…") };
        invite.handle(input, at(0), &mut Outputs::new());
        invite
    }

    #[test]
    fn a_cancel_counts_until_the_final_response() {
        assert_eq!(judge_cancel(Some(&InviteServer::start(Wire::Stream))), Withdrawal::Ends);
        assert_eq!(judge_cancel(Some(&after(180))), Withdrawal::Ends);
        assert_eq!(judge_cancel(Some(&after(200))), Withdrawal::TooLate);
        assert_eq!(judge_cancel(Some(&after(486))), Withdrawal::TooLate);
        assert_eq!(judge_cancel(None), Withdrawal::Unknown);
    }
}
