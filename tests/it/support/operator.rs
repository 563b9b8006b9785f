//! A telephone operator that signs for its callers: a chain of P-256
//! certificates made on the spot, and PASSporTs signed with it. The unit tests
//! of `sip/identity` read this file too.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

pub const CALLER: &str = "+33612345678";
pub const CALLED: &str = "+33199002001";
/// Sunday, 22 November 2026, noon in UTC.
pub const NOW_S: i64 = 1_795_348_800;

/// A root, an authority under it, and an operator under that.
pub struct Operator {
    /// The trust anchor, PEM.
    pub root: String,
    /// The operator's certificate and the authority's, PEM.
    pub chain: String,
    key: KeyPair,
}

impl Operator {
    pub fn new() -> Self {
        Self::with_numbers(Some(provider("1234")))
    }

    /// `numbers` is the TNAuthList of its certificate.
    pub fn with_numbers(numbers: Option<Vec<u8>>) -> Self {
        let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let (root_key, between_key, leaf_key) = (key(), key(), key());
        let (root_of, between_of) = (authority("root"), authority("authority"));
        let root = root_of.self_signed(&root_key).expect("a root");
        let root_issuer = Issuer::new(root_of, root_key);
        let between = between_of.signed_by(&between_key, &root_issuer).expect("an authority");
        let between_issuer = Issuer::new(between_of, between_key);
        let mut leaf_of = CertificateParams::default();
        leaf_of.distinguished_name.push(DnType::CommonName, "SHAKEN 1234");
        leaf_of.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let extension = |der| CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 26], der);
        leaf_of.custom_extensions = numbers.into_iter().map(extension).collect();
        let leaf = leaf_of.signed_by(&leaf_key, &between_issuer).expect("a certificate");
        Self { root: root.pem(), chain: format!("{}{}", leaf.pem(), between.pem()), key: leaf_key }
    }

    /// r and s side by side, as JOSE has them.
    fn sign(&self, input: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, self.key.serialized_der(), &random);
        key.expect("a key").sign(&random, input.as_bytes()).expect("a signature").as_ref().to_vec()
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut of = CertificateParams::default();
    of.distinguished_name.push(DnType::CommonName, name);
    of.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    of.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    of
}

/// A TNAuthList with the code of a provider.
pub fn provider(code: &str) -> Vec<u8> {
    tagged(0x30, &tagged(0xa0, &tagged(0x16, code.as_bytes())))
}

/// A PASSporT to be.
#[derive(Clone)]
pub struct Token {
    pub x5u: String,
    pub issued_s: i64,
    pub caller: &'static str,
    pub called: &'static str,
    /// `None`: without an extension.
    pub attest: Option<&'static str>,
}

impl Token {
    pub fn shaken(attest: &'static str) -> Self {
        Self {
            x5u: "https://certs.example.org/1234.pem".to_owned(),
            issued_s: NOW_S,
            caller: CALLER,
            called: CALLED,
            attest: Some(attest),
        }
    }

    fn input(&self) -> String {
        let Self { x5u, issued_s, .. } = self;
        let (orig, dest) = (&self.caller[1..], &self.called[1..]);
        let (header, claims) = match self.attest {
            Some(attest) => (
                format!(r#"{{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"{x5u}"}}"#),
                format!(
                    r#"{{"attest":"{attest}","dest":{{"tn":["{dest}"]}},"iat":{issued_s},"orig":{{"tn":"{orig}"}},"origid":"123e4567-e89b-12d3-a456-426655440000"}}"#
                ),
            ),
            None => (
                format!(r#"{{"alg":"ES256","typ":"passport","x5u":"{x5u}"}}"#),
                format!(r#"{{"dest":{{"tn":["{dest}"]}},"iat":{issued_s},"orig":{{"tn":"{orig}"}}}}"#),
            ),
        };
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    /// As it stands in an Identity header.
    pub fn by(&self, operator: &Operator) -> String {
        self.with(&operator.sign(&self.input()))
    }

    /// The same with a signature that somebody made up.
    pub fn with(&self, signature: &[u8]) -> String {
        let ppt = if self.attest.is_some() { ";ppt=shaken" } else { "" };
        let signature = URL_SAFE_NO_PAD.encode(signature);
        format!("{}.{signature};info=<{}>;alg=ES256{ppt}", self.input(), self.x5u)
    }
}

/// A value of DER.
pub fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).expect("a short value")], content].concat()
}
