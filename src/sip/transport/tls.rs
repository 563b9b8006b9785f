//! TLS: which certificates we show, whose word we take for those of others,
//! and whom a connection has reached.
//!
//! The files are read at the start, and again when they change or when
//! somebody asks: a connection that stands keeps what it has agreed on.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::{
    ClientHello, ParsedCertificate, ResolvesServerCert, VerifierBuilderError, WebPkiClientVerifier,
};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig,
    SignatureScheme,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use tracing::{info, warn};

use super::domains::{Domains, Visit};
use super::identity::{names, serves, stands_for};

/// How often it is looked whether the files have changed.
const WATCH_EVERY: Duration = Duration::from_secs(60);

/// The files, all PEM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// What we show. The first is for peers that ask for no server by name or
    /// for none of ours, and for those that we connect to.
    pub certificates: Vec<Certificate>,
    /// Who may vouch for peers that connect to us; without one they are not asked.
    pub client_ca: Option<PathBuf>,
    /// Who may vouch for peers that we connect to.
    pub trusts: Vec<Trust>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    pub chain: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trust {
    /// The authorities that browsers trust.
    Public,
    File(PathBuf),
}

impl Default for Config {
    fn default() -> Self {
        Self { certificates: vec![], client_ca: None, trusts: vec![Trust::Public] }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {path}")]
    Unreadable { path: PathBuf, source: pem::Error },
    #[error("there is no certificate in {path}")]
    Empty { path: PathBuf },
    #[error("{path} cannot be used")]
    Unusable { path: PathBuf, source: Error },
    #[error("{path} holds no authority for clients")]
    NoAuthority { path: PathBuf, source: VerifierBuilderError },
}

/// Does the handshakes; cheap to clone.
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

struct Inner {
    live: ArcSwap<Live>,
    domains: Domains,
}

/// What the files held when they were read last.
struct Live {
    config: Config,
    /// `None` without a certificate of ours.
    acceptor: Option<TlsAcceptor>,
    connector: TlsConnector,
}

impl Tls {
    pub fn new(config: Config) -> Result<Self, TlsError> {
        let live = ArcSwap::from_pointee(Live::read(config)?);
        Ok(Self(Arc::new(Inner { live, domains: Domains::default() })))
    }

    /// Reads these files from now on. On an error everything stays as it was.
    pub fn change(&self, config: Config) -> Result<(), TlsError> {
        self.0.live.store(Arc::new(Live::read(config)?));
        Ok(())
    }

    /// Reads the files again. On an error everything stays as it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.change(self.0.live.load().config.clone())
    }

    /// Reads the files again when they change, until it is dropped.
    pub async fn watch(self) {
        let mut seen = self.changed_at();
        loop {
            tokio::time::sleep(WATCH_EVERY).await;
            let now = self.changed_at();
            if now == seen {
                continue;
            }
            seen = now;
            match self.reload() {
                Ok(()) => info!("the certificates have changed and were read again"),
                Err(failure) => warn!(
                    error = &failure as &dyn std::error::Error,
                    "the certificates have changed and cannot be used; the earlier ones stay"
                ),
            }
        }
    }

    fn changed_at(&self) -> Vec<Option<SystemTime>> {
        let live = self.0.live.load();
        let config = &live.config;
        let ours = config.certificates.iter().flat_map(|ours| [&ours.chain, &ours.key]);
        let trusts = config.trusts.iter().filter_map(|trust| match trust {
            Trust::Public => None,
            Trust::File(path) => Some(path),
        });
        let files = ours.chain(&config.client_ca).chain(trusts);
        files.map(|path| path.metadata().and_then(|file| file.modified()).ok()).collect()
    }

    pub fn domains(&self) -> &Domains {
        &self.0.domains
    }

    /// Whether there is a certificate to show.
    pub fn can_accept(&self) -> bool {
        self.0.live.load().acceptor.is_some()
    }

    /// The handshake with a peer that has connected; it may have proven names.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<(server::TlsStream<S>, Vec<String>)>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let acceptor = self.0.live.load().acceptor.clone().ok_or(io::ErrorKind::Unsupported)?;
        let stream = acceptor.accept(stream).await?;
        let names = proven(stream.get_ref().1.peer_certificates());
        Ok((stream, names))
    }

    /// The handshake with a peer that we have connected to, which must be the
    /// one expected there.
    pub(super) async fn connect<S>(
        &self,
        stream: S,
        visit: &Visit,
    ) -> io::Result<(client::TlsStream<S>, Vec<String>)>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = match visit.domain() {
            Some(domain) => ServerName::try_from(domain.trim_end_matches('.').to_owned())
                .map_err(|_| io::ErrorKind::InvalidInput)?,
            None => ServerName::IpAddress(visit.address().ip().to_canonical().into()),
        };
        let connector = self.0.live.load().connector.clone();
        let stream = connector.connect(name, stream).await?;
        let names = proven(stream.get_ref().1.peer_certificates());
        Ok((stream, names))
    }
}

/// The names in what a peer has shown, and the handshake has found good.
fn proven(shown: Option<&[CertificateDer<'static>]>) -> Vec<String> {
    shown.and_then(<[_]>::first).map(|shown| names(shown)).unwrap_or_default()
}

impl Live {
    fn read(config: Config) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let ours: Vec<(Shown, &Certificate)> = config
            .certificates
            .iter()
            .map(|files| Ok((Shown::read(files, &provider)?, files)))
            .collect::<Result<_, TlsError>>()?;

        let verifier = Arc::new(ByDomain {
            roots: trusted(&config.trusts)?,
            algorithms: provider.signature_verification_algorithms,
        });
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let client = match ours.first() {
            None => client.with_no_client_auth(),
            Some((_, files)) => client
                .with_client_auth_cert(chain(&files.chain)?, key(&files.key)?)
                .map_err(|source| TlsError::Unusable { path: files.chain.clone(), source })?,
        };
        let acceptor = if ours.is_empty() {
            None
        } else {
            let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
                .with_safe_default_protocol_versions()
                .expect("the provider knows TLS 1.2 and 1.3");
            let server = match &config.client_ca {
                None => server.with_no_client_auth(),
                Some(path) => {
                    let verifier =
                        WebPkiClientVerifier::builder_with_provider(Arc::new(authorities(path)?), provider)
                            .allow_unauthenticated()
                            .build()
                            .map_err(|source| TlsError::NoAuthority { path: path.clone(), source })?;
                    server.with_client_cert_verifier(verifier)
                }
            };
            let ours = ours.into_iter().map(|(shown, _)| shown).collect();
            Some(TlsAcceptor::from(Arc::new(server.with_cert_resolver(Arc::new(ByServer(ours))))))
        };
        Ok(Self { config, acceptor, connector: TlsConnector::from(Arc::new(client)) })
    }
}

fn chain(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |source| TlsError::Unreadable { path: path.clone(), source };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    if found.is_empty() { Err(TlsError::Empty { path: path.clone() }) } else { Ok(found) }
}

fn key(path: &PathBuf) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|source| TlsError::Unreadable { path: path.clone(), source })
}

fn authorities(path: &PathBuf) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(path)? {
        roots.add(certificate).map_err(|source| TlsError::Unusable { path: path.clone(), source })?;
    }
    Ok(roots)
}

fn trusted(trusts: &[Trust]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for trust in trusts {
        match trust {
            Trust::Public => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Trust::File(path) => roots.extend(authorities(path)?.roots),
        }
    }
    Ok(roots)
}

/// A certificate of ours, and the servers it is for.
#[derive(Debug)]
struct Shown {
    names: Vec<String>,
    key: Arc<CertifiedKey>,
}

impl Shown {
    fn read(files: &Certificate, provider: &CryptoProvider) -> Result<Self, TlsError> {
        let chain = chain(&files.chain)?;
        let names = names(&chain[0]);
        let key = CertifiedKey::from_der(chain, key(&files.key)?, provider)
            .map_err(|source| TlsError::Unusable { path: files.key.clone(), source })?;
        Ok(Self { names, key: Arc::new(key) })
    }
}

/// Shows the certificate of the server that the peer asks for (SNI), or the first.
#[derive(Debug)]
struct ByServer(Vec<Shown>);

impl ResolvesServerCert for ByServer {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked =
            hello.server_name().and_then(|server| self.0.iter().find(|ours| serves(&ours.names, server)));
        asked.or(self.0.first()).map(|shown| Arc::clone(&shown.key))
    }
}

/// Takes a certificate that somebody we trust has signed, if it stands for the
/// SIP domain (RFC 5922 §7.2) or, where there is none, for the address.
struct ByDomain {
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl fmt::Debug for ByDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByDomain").field("roots", &self.roots.len()).finish()
    }
}

impl ServerCertVerifier for ByDomain {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        expected: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(shown)?;
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&certificate, &self.roots, intermediates, now, algorithms)?;
        match expected {
            ServerName::DnsName(domain) if !stands_for(&names(shown), domain.as_ref()) => {
                Err(CertificateError::NotValidForName.into())
            }
            ServerName::DnsName(_) => Ok(ServerCertVerified::assertion()),
            _ => verify_server_name(&certificate, expected).map(|()| ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, shown, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
