//! The ACK to a 2xx, kept so that it can be sent again (RFC 3261 §13.2.2.4).
//!
//! The other side repeats its 2xx until an ACK arrives. Ours may not exist
//! yet when the first copy comes (it can carry an answer that the caller has
//! still to give), and any copy of it may be lost.

use bytes::Bytes;

/// What a 2xx to one of our INVITEs means.
#[derive(Clone, PartialEq, Eq)]
pub enum OkHeard {
    /// For the user; an ACK is owed.
    New,
    /// Heard before: send this ACK again; `None` when it is not given yet.
    Repeated(Option<Bytes>),
}

/// Knows the latest INVITE of the dialog only: the next one may not begin
/// before this one is acknowledged.
#[derive(Clone)]
pub(super) enum KeptAck {
    Nothing,
    Owed { cseq: u32 },
    Given { cseq: u32, ack: Bytes },
}

impl KeptAck {
    pub(super) fn hear(&mut self, cseq: u32) -> OkHeard {
        match self {
            KeptAck::Given { cseq: kept, ack } if *kept == cseq => OkHeard::Repeated(Some(ack.clone())),
            // A copy that was long in the network belongs to an INVITE that is over.
            KeptAck::Owed { cseq: kept } | KeptAck::Given { cseq: kept, .. } if cseq <= *kept => {
                OkHeard::Repeated(None)
            }
            KeptAck::Nothing | KeptAck::Owed { .. } | KeptAck::Given { .. } => {
                *self = KeptAck::Owed { cseq };
                OkHeard::New
            }
        }
    }

    /// Keeps the ACK that was just sent.
    pub(super) fn give(&mut self, cseq: u32, ack: Bytes) {
        *self = KeptAck::Given { cseq, ack };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_new(heard: OkHeard) -> bool {
        matches!(heard, OkHeard::New)
    }

    fn resent(heard: OkHeard) -> Option<Bytes> {
        match heard {
            OkHeard::New => panic!("heard before"),
            OkHeard::Repeated(ack) => ack,
        }
    }

    #[test]
    fn a_repeated_answer_gets_the_same_ack_again() {
        let mut kept = KeptAck::Nothing;
        assert!(is_new(kept.hear(1)));
        kept.give(1, Bytes::from_static(b"ACK"));

        assert_eq!(resent(kept.hear(1)), Some(Bytes::from_static(b"ACK")));
        assert_eq!(resent(kept.hear(1)), Some(Bytes::from_static(b"ACK")));
    }

    #[test]
    fn an_answer_that_comes_again_before_the_ack_exists_is_passed_over() {
        let mut kept = KeptAck::Nothing;
        kept.hear(1);

        assert_eq!(resent(kept.hear(1)), None);
    }

    #[test]
    fn the_next_invite_has_an_ack_of_its_own() {
        let mut kept = KeptAck::Nothing;
        kept.hear(1);
        kept.give(1, Bytes::from_static(b"ACK"));

        assert!(is_new(kept.hear(2)));
        assert_eq!(resent(kept.hear(1)), None);
    }
}
