//! A mail server on this machine: it takes what it is told to take, and keeps it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use whence::notify::mail::{Config, Mailer, Security};

#[derive(Clone)]
pub struct PostOffice {
    address: SocketAddr,
    /// What it says to the next addresses instead of taking them: replies of RFC 5321.
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
    /// Whom mail was for, and the mail as it came.
    taken: Arc<Mutex<Vec<(String, String)>>>,
    /// Who vouches for it, PEM.
    authority: String,
}

impl PostOffice {
    pub async fn open() -> Self {
        let (tls, authority) = certificate();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let office = Self { address, refusals: Arc::default(), taken: Arc::default(), authority };
        let counter = office.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counter, tls) = (counter.clone(), tls.clone());
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    stream.write_all(b"220 post.example\r\n").await.expect("somebody listens");
                    if counter.serve(&mut stream, true).await
                        && let Ok(sealed) = tls.accept(stream.into_inner()).await
                    {
                        counter.serve(&mut BufReader::new(sealed), false).await;
                    }
                });
            }
        });
        office
    }

    /// Somebody who hands mail over to it, in the clear or not.
    pub fn mailer(&self, security: Security, authorities: Option<Vec<u8>>) -> Mailer {
        Mailer::new(Config {
            server: "localhost".into(),
            port: self.address.port(),
            security,
            login: Some(("bakery".into(), "crumbs".into())),
            hello: "bakery.example".into(),
            from: "bonjour@bakery.example".parse().expect("an address"),
            from_name: "Boulangerie d’Été".into(),
            reply_to: Some("privacy@bakery.example".parse().expect("an address")),
            timeout: Duration::from_secs(10),
            authorities,
        })
        .expect("mail can be sent so")
    }

    pub fn authority(&self) -> Vec<u8> {
        self.authority.clone().into_bytes()
    }

    pub fn refuse_next(&self, reply: &'static str) {
        self.refusals.lock().expect("no test panics in here").push_back(reply);
    }

    /// What has come since it was last asked.
    pub fn collect(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.taken.lock().expect("no test panics in here"))
    }

    /// `true`: TLS follows.
    async fn serve(
        &self,
        stream: &mut (impl AsyncBufReadExt + AsyncRead + AsyncWrite + Unpin),
        offers_tls: bool,
    ) -> bool {
        let (mut recipient, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return false;
            }
            let verb = line.split([' ', '\r', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let reply = match verb.as_str() {
                "EHLO" if offers_tls => {
                    "250-post.example\r\n250-8BITMIME\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n".to_owned()
                }
                "EHLO" => "250-post.example\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n".to_owned(),
                // \0bakery\0crumbs
                "AUTH" if line.trim_end().ends_with("AGJha2VyeQBjcnVtYnM=") => "235 welcome\r\n".to_owned(),
                "AUTH" => "535 who are you\r\n".to_owned(),
                "STARTTLS" => "220 go ahead\r\n".to_owned(),
                "RCPT" => {
                    let refusal = self.refusals.lock().expect("no test panics in here").pop_front();
                    recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    refusal.map_or_else(|| "250 fine\r\n".to_owned(), |reply| format!("{reply}\r\n"))
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.expect("somebody listens");
                    let mut mail = String::new();
                    while !mail.ends_with("\r\n.\r\n") {
                        stream.read_line(&mut mail).await.expect("the mail is whole");
                    }
                    let mut taken = self.taken.lock().expect("no test panics in here");
                    taken.push((recipient.clone(), mail));
                    "250 taken\r\n".to_owned()
                }
                "QUIT" => "221 bye\r\n".to_owned(),
                _ => "250 fine\r\n".to_owned(),
            };
            if stream.write_all(reply.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                return false;
            }
            if verb == "STARTTLS" {
                return true;
            }
        }
    }
}

/// A certificate for `localhost`, and the authority that vouches for it.
fn certificate() -> (TlsAcceptor, String) {
    let (ca_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = ca.self_signed(&ca_key).expect("an authority");
    let names = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let leaf = names.signed_by(&key, &Issuer::new(ca, ca_key)).expect("a certificate");
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], secret)
        .expect("a server");
    (TlsAcceptor::from(Arc::new(config)), root.pem())
}

/// The text of a mail with its lines put together again (quoted-printable, RFC 2045 §6.7).
pub fn unfolded(mail: &str) -> String {
    mail.replace("=\r\n", "")
}
