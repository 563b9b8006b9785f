//! What a call's signature says of its caller (STIR/SHAKEN), in the words that
//! are written down.
//!
//! Who signs is the caller's operator, and what it signs is how well it knows
//! the caller ([`Attestation`]). A signature that fails says nothing at all, so
//! only a verified one has an attestation.

use serde::{Deserialize, Serialize};

use super::outcome::words;

/// What was found out about the signature of a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identity {
    pub signature: Signature,
    /// Why it is not verified.
    #[serde(default)]
    pub why: Option<Why>,
    #[serde(default)]
    pub attestation: Option<Attestation>,
    /// Who brought the call into the network, as its operator numbers them (`origid`).
    #[serde(default)]
    pub origination: Option<String>,
    /// How often the call was forwarded by operators that signed for it (`div`, RFC 8946).
    #[serde(default)]
    pub diversions: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signature {
    /// Signed by an operator under one of our trust anchors, for this call, just now.
    Verified,
    Failed,
    Absent,
    /// Nobody looked, or the certificate did not come in time.
    Unchecked,
}

/// How well the operator that signs knows the caller (RFC 8588 §4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Attestation {
    /// It knows the customer and that the number is theirs.
    A,
    /// It knows the customer, not the number.
    B,
    /// It only knows where the call came into its network.
    C,
}

/// Why a signature is not verified.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The Identity header cannot be read.
    Malformed,
    /// Of a kind (`ppt`, `alg`) that we do not know.
    Unsupported,
    /// Signed for a moment that is over, or yet to come.
    Stale,
    /// For another caller than the call's.
    Caller,
    /// For another number than the one that was called.
    Called,
    /// It does not fit the certificate: something was changed on the way.
    Signature,
    /// The certificate is at no place that we fetch from, or was not to be had.
    Unreachable,
    /// The certificate leads to none of our trust anchors, or is not valid now.
    Untrusted,
    /// The certificate is for other numbers.
    NotCovered,
    /// The certificate had not come when the call had to go on.
    Slow,
    /// The call names no caller to compare with.
    NoCaller,
}

impl Identity {
    pub const fn of(signature: Signature, why: Option<Why>) -> Self {
        Self { signature, why, attestation: None, origination: None, diversions: 0 }
    }

    /// Nobody looked.
    pub const fn unchecked() -> Self {
        Self::of(Signature::Unchecked, None)
    }

    /// What RFC 8224 §6.2.2 answers to such a call, where only signed ones are wanted.
    pub const fn refusal(&self) -> Option<u16> {
        match (self.signature, self.why) {
            (Signature::Verified | Signature::Unchecked, _) => None,
            (Signature::Absent, _) | (Signature::Failed, Some(Why::Unsupported)) => Some(428),
            (Signature::Failed, Some(Why::Stale)) => Some(403),
            (Signature::Failed, Some(Why::Unreachable)) => Some(436),
            (Signature::Failed, Some(Why::Untrusted | Why::NotCovered)) => Some(437),
            (Signature::Failed, _) => Some(438),
        }
    }
}

words! { Signature:
    Verified = "verified",
    Failed = "failed",
    Absent = "absent",
    Unchecked = "unchecked",
}

words! { Attestation:
    A = "A",
    B = "B",
    C = "C",
}

words! { Why:
    Malformed = "malformed",
    Unsupported = "unsupported",
    Stale = "stale",
    Caller = "caller",
    Called = "called",
    Signature = "signature",
    Unreachable = "unreachable",
    Untrusted = "untrusted",
    NotCovered = "not_covered",
    Slow = "slow",
    NoCaller = "no_caller",
}
