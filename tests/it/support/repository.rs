//! A server that certificates are fetched from, over HTTPS on this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub struct Repository {
    pub address: SocketAddr,
    /// Who vouches for this server: itself, PEM.
    pub web_anchor: String,
    asked: Arc<AtomicUsize>,
    /// Whether it answers, or lets everybody wait.
    answers: watch::Sender<bool>,
}

impl Repository {
    /// Gives `body` for whatever is asked, once it answers.
    pub async fn start(body: String, answers: bool) -> Self {
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an address is a name");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the usual versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the key is the certificate's");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (asked, answers) = (Arc::new(AtomicUsize::new(0)), watch::Sender::new(answers));
        let (counted, answering) = (Arc::clone(&asked), answers.subscribe());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, body) = (acceptor.clone(), body.clone());
                let (counted, mut answering) = (Arc::clone(&counted), answering.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = stream.read_u8().await else { return };
                        head.push(byte);
                    }
                    counted.fetch_add(1, Ordering::Relaxed);
                    let _ = answering.wait_for(|answers| *answers).await;
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/pem-certificate-chain\r\n\
                         Cache-Control: max-age=3600\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { address, web_anchor: certificate.pem(), asked, answers }
    }

    /// Where the certificate is.
    pub fn url(&self) -> String {
        format!("https://{}/1234.pem", self.address)
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    pub fn answer(&self) {
        self.answers.send_replace(true);
    }
}
