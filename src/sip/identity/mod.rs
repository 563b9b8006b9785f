//! STIR/SHAKEN: whether the operator that brought a call vouches for its caller.
//!
//! ```text
//!   Identity header ─▶ passport (RFC 8225, 8588) ─┐
//!   x5u ─▶ certificates (cache) ─▶ fetch (HTTPS) ─┼─▶ verify ─▶ Identity
//!   trust anchors ─▶ certificate (chain, numbers)─┘
//! ```
//!
//! Everything but [`fetch`] and the cache in front of it is pure and is handed
//! the time. A call waits for a certificate no longer than the configured
//! patience: a slow server makes it *unchecked*, and the certificate is there
//! for the next one.

pub mod certificate;
mod certificates;
mod fetch;
pub mod numbers;
pub mod passport;
pub mod verify;

#[cfg(test)]
mod testing;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::domain::calling::identity::{Identity, Signature, Why};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use certificate::{Anchors, BadPem};
use certificates::Certificates;
pub use certificates::{CERTIFICATES_MAX, FETCHES_MAX};
use fetch::Fetcher;
pub use fetch::{BadHost, Host};
use passport::{Kind, Passport};

/// More Identity headers than this are not looked at: each forwarding adds one.
pub const IDENTITIES_MAX: usize = 8;
/// A PASSporT has a few hundred bytes.
pub const IDENTITY_LEN_MAX: usize = 4_096;

/// So many calls may wait for certificates at a time; further ones go on unchecked.
pub const WAITING_MAX: usize = 256;

/// What an INVITE says of itself to whoever checks its signature.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Signed {
    /// The values of its Identity headers.
    pub identities: Vec<Bytes>,
    pub date: Option<Timestamp>,
    /// The numbers that the caller goes by: From, then what the network asserts.
    /// A caller who withholds theirs has it here too, for comparison alone.
    pub callers: Vec<Phone>,
    /// To, then the Request-URI: a forwarded call has two.
    pub called: Vec<Phone>,
}

/// What is told at the start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Trust anchors, PEM: whose certificates are believed.
    pub anchors: Vec<Vec<u8>>,
    /// Where certificates are fetched from, and nowhere else.
    pub hosts: Vec<Host>,
    /// Who vouches for these servers besides the public authorities, PEM.
    pub web_anchors: Vec<Vec<u8>>,
    /// How long a call may wait for a certificate.
    pub patience: Duration,
    /// Whether calls without a good signature are to be refused.
    pub must_be_signed: bool,
}

/// Looks at the signatures of calls; cheap to clone.
#[derive(Clone)]
pub struct Inspector(Arc<Inner>);

struct Inner {
    clock: Clock,
    anchors: Anchors,
    certificates: Certificates,
    patience: Duration,
    must_be_signed: bool,
    /// Calls that may wait at the same time.
    waiting: Semaphore,
}

impl Inspector {
    pub fn new(config: &Config, clock: Clock) -> Result<Self, BadPem> {
        let fetcher = Fetcher::new(config.hosts.clone(), &config.web_anchors)?;
        let inner = Inner {
            anchors: Anchors::read(&config.anchors)?,
            certificates: Certificates::new(fetcher, clock.clone()),
            clock,
            patience: config.patience,
            must_be_signed: config.must_be_signed,
            waiting: Semaphore::new(WAITING_MAX),
        };
        Ok(Self(Arc::new(inner)))
    }

    pub fn must_be_signed(&self) -> bool {
        self.0.must_be_signed
    }

    /// What the signature of a call says; `None`: it has none.
    pub async fn inspect(&self, signed: Option<&Signed>) -> Identity {
        let Some(signed) = signed else { return Identity::of(Signature::Absent, None) };
        let read: Vec<Result<Passport, Why>> =
            signed.identities.iter().map(|value| Passport::read(value, signed)).collect();
        let good = || read.iter().flatten();
        let diversions = good().filter(|passport| passport.kind == Kind::Diverted).count();
        let vouches = good().find(|passport| passport.kind != Kind::Diverted);
        let found = match vouches {
            Some(passport) => self.judge(passport, signed).await,
            None => Err(read.iter().find_map(|it| it.as_ref().err().copied()).unwrap_or(Why::Unsupported)),
        };
        let identity = match (found, vouches) {
            (Ok(()), Some(passport)) => Identity {
                attestation: passport.attestation,
                origination: passport.origination.clone(),
                ..Identity::of(Signature::Verified, None)
            },
            (Err(why @ (Why::Slow | Why::NoCaller)), _) => Identity::of(Signature::Unchecked, Some(why)),
            (Err(why), _) => Identity::of(Signature::Failed, Some(why)),
            (Ok(()), None) => Identity::unchecked(),
        };
        Identity { diversions: u32::try_from(diversions).unwrap_or(u32::MAX), ..identity }
    }

    async fn judge(&self, passport: &Passport, signed: &Signed) -> Result<(), Why> {
        let inner = &self.0;
        // What costs nothing comes first: nothing is fetched for a call that cannot pass.
        verify::fits(passport, signed, inner.clock.now())?;
        let _waits = inner.waiting.try_acquire().map_err(|_| Why::Slow)?;
        let chain = inner.certificates.get(&passport.x5u, inner.patience).await?;
        verify::is_vouched_for(passport, &chain, &inner.anchors, inner.clock.now())
    }
}
