//! The certificate that a PASSporT names: a chain from the signer to one of our
//! trust anchors, valid now, and for which numbers it is.
//!
//! The path is checked by rustls, with the time handed in: signatures, dates,
//! who may sign for whom. What it does not know is the list of numbers.

use std::time::Duration;

use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::numbers::{NumberList, TN_AUTH_LIST};
use crate::domain::time::Timestamp;

/// A signer, its authority, and two between them.
const CHAIN_MAX: usize = 4;

/// A text that holds no usable certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("holds no certificate in PEM that can be read")]
pub struct BadPem;

/// Whose certificates are believed.
#[derive(Debug)]
pub struct Anchors(RootCertStore);

impl Anchors {
    pub fn read(texts: &[Vec<u8>]) -> Result<Self, BadPem> {
        let mut roots = RootCertStore::empty();
        add_all(&mut roots, texts)?;
        Ok(Self(roots))
    }
}

/// Adds every certificate of these texts, each of which has one at least.
pub(super) fn add_all(roots: &mut RootCertStore, texts: &[Vec<u8>]) -> Result<(), BadPem> {
    for text in texts {
        let found: Vec<_> =
            CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>().map_err(|_| BadPem)?;
        if found.is_empty() {
            return Err(BadPem);
        }
        for certificate in found {
            roots.add(certificate).map_err(|_| BadPem)?;
        }
    }
    Ok(())
}

/// A certificate with those that lead to its authority; not yet believed.
#[derive(Debug)]
pub struct Chain {
    leaf: CertificateDer<'static>,
    between: Vec<CertificateDer<'static>>,
    /// The point of its public key.
    key: Vec<u8>,
    /// `None`: it names no numbers and no provider.
    numbers: Option<NumberList>,
}

impl Chain {
    /// Reads a chain in PEM, the signer's first, or one certificate in DER.
    pub fn read(bytes: &[u8]) -> Result<Self, BadPem> {
        let mut all: Vec<CertificateDer<'static>> = if bytes.first() == Some(&0x30) {
            vec![CertificateDer::from(bytes.to_vec())]
        } else {
            CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>().map_err(|_| BadPem)?
        };
        if all.is_empty() || all.len() > CHAIN_MAX {
            return Err(BadPem);
        }
        let between = all.split_off(1);
        let leaf = all.remove(0);
        let parsed = Certificate::from_der(&leaf).map_err(|_| BadPem)?;
        let parsed = parsed.tbs_certificate();
        let key = parsed.subject_public_key_info().subject_public_key.raw_bytes().to_vec();
        let extensions = parsed.extensions().into_iter().flatten();
        let listed = extensions.into_iter().find(|it| it.extn_id.to_string() == TN_AUTH_LIST);
        let numbers = listed.map(|it| NumberList::read(it.extn_value.as_bytes()));
        Ok(Self { leaf, between, key, numbers })
    }

    #[cfg(test)]
    pub fn leaf(&self) -> &[u8] {
        &self.leaf
    }

    /// Whether it leads to one of the anchors, and every part of the way is valid now.
    pub fn is_trusted(&self, anchors: &Anchors, now: Timestamp) -> bool {
        let Ok(leaf) = ParsedCertificate::try_from(&self.leaf) else { return false };
        let now = UnixTime::since_unix_epoch(Duration::from_millis(now.as_ms().max(0) as u64));
        let algorithms = default_provider().signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&leaf, &anchors.0, &self.between, now, algorithms).is_ok()
    }

    /// ES256: ECDSA on P-256 with SHA-256, r and s side by side.
    pub fn has_signed(&self, input: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.key).verify(input, signature).is_ok()
    }

    /// Whether it may speak for this number, in digits. One for a provider
    /// speaks for all numbers of that provider, which only the provider knows.
    pub fn covers(&self, digits: &str) -> bool {
        self.numbers.as_ref().is_none_or(|numbers| numbers.covers(digits))
    }
}
