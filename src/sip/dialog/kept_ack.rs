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
