//! The handshake by which a browser or a telephone and the gateway agree on keys
//! (DTLS-SRTP, RFC 5764). Its library is a machine without I/O: datagrams and the time go
//! in, datagrams and keys come out.
//!
//! No key is given away before the peer has shown the certificate that its
//! description vouches for (RFC 5763 §5): whoever else answers is a stranger.

use std::sync::Arc;
use std::time::Instant;

use dimpl::{DtlsCertificate, KeyingMaterial, Output, SrtpProfile};
use rcgen::{CertificateParams, DnType, KeyPair};

use super::sdp::Fingerprint;
use super::srtp::{Master, Suite};
use crate::domain::time::Timestamp;

/// The longest datagram of a handshake: the MTU of those who shake hands is far below.
pub const DATAGRAM: usize = 2_048;

/// Who the gateway is to all who shake hands, until it is started anew.
pub struct Identity {
    pub fingerprint: Fingerprint,
    certificate: DtlsCertificate,
    config: Arc<dimpl::Config>,
    /// The library counts in instants; this one stands for 1970.
    epoch: Instant,
}

/// Why the gateway has no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("cannot make a certificate for media")]
    Certificate(#[from] rcgen::Error),
    #[error("cannot set up the handshake for media")]
    Library(#[source] Box<dimpl::Error>),
}

impl Identity {
    pub fn new() -> Result<Self, IdentityError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Whence");
        let certificate = params.self_signed(&key)?.der().to_vec();
        // A cookie proves an address (RFC 6347 §4.2.1): a check of ICE has done that already, and
        // without ICE nobody is answered but whose call it is.
        let config = dimpl::Config::builder().use_server_cookie(false).build();
        #[allow(clippy::disallowed_methods, reason = "an origin that times are added to, not a time")]
        let epoch = Instant::now();
        Ok(Self {
            fingerprint: Fingerprint::of(&certificate),
            certificate: DtlsCertificate { certificate, private_key: key.serialize_der() },
            config: Arc::new(config.map_err(|cause| IdentityError::Library(Box::new(cause)))?),
            epoch,
        })
    }

    fn instant(&self, now: Timestamp) -> Instant {
        self.epoch + now.since(Timestamp::from_ms(0))
    }
}

/// What both directions are sealed with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keys {
    /// Of what the peer sends.
    pub theirs: Master,
    pub ours: Master,
}

/// Why there will be no keys.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("its certificate is not the one that it has described")]
    Stranger,
    #[error("the handshake takes too long")]
    Late,
    /// It has never begun; it still may.
    #[error("the handshake has not begun in time")]
    Unbegun,
    #[error("the handshake has agreed on nothing that seals sound")]
    Keyless,
    #[error("the handshake failed")]
    Library(#[source] Box<dimpl::Error>),
}

impl Failure {
    /// The word of `/metrics`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Failure::Stranger => "stranger",
            Failure::Late | Failure::Unbegun => "late",
            Failure::Keyless => "keyless",
            Failure::Library(_) => "failed",
        }
    }
}

/// Whether a datagram is of a handshake (RFC 7983 §7).
pub fn is_one(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(20..=63))
}

/// What comes before it makes sense, since the wire has mixed it up: the peer sends it again.
pub fn is_only_early(cause: &dimpl::Error) -> bool {
    use dimpl::{Error, UnexpectedMessageError};
    matches!(cause, Error::UnexpectedMessage(UnexpectedMessageError::UnrecognizedAutoServerResponse))
}

/// One handshake.
pub struct Handshake {
    identity: Arc<Identity>,
    dtls: dimpl::Dtls,
    theirs: Fingerprint,
    is_known: bool,
    is_connected: bool,
    keys: Option<Keys>,
    has_keys: bool,
}

impl Handshake {
    /// `begins`: we do, since the peer waits for us.
    pub fn new(identity: &Arc<Identity>, theirs: Fingerprint, begins: bool, now: Timestamp) -> Self {
        let (config, certificate) = (Arc::clone(&identity.config), identity.certificate.clone());
        let mut dtls = dimpl::Dtls::new_auto(config, certificate, identity.instant(now));
        dtls.set_active(begins);
        let identity = Arc::clone(identity);
        Self { identity, dtls, theirs, is_known: false, is_connected: false, keys: None, has_keys: false }
    }

    /// Takes a datagram of the peer's; `send` gets what is to be sent. Gives keys once.
    pub fn hears(
        &mut self,
        datagram: &[u8],
        now: Timestamp,
        send: &mut dyn FnMut(&[u8]),
    ) -> Result<Option<Keys>, Failure> {
        self.dtls.handle_timeout(self.identity.instant(now)).map_err(failed)?;
        self.drain(send)?;
        self.dtls.handle_packet(datagram).map_err(failed)?;
        self.drain(send)
    }

    /// Time has passed: what is lost is sent again.
    pub fn wakes(&mut self, now: Timestamp, send: &mut dyn FnMut(&[u8])) -> Result<Option<Keys>, Failure> {
        self.dtls.handle_timeout(self.identity.instant(now)).map_err(failed)?;
        self.drain(send)
    }

    fn drain(&mut self, send: &mut dyn FnMut(&[u8])) -> Result<Option<Keys>, Failure> {
        let mut buffer = [0; DATAGRAM];
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => send(packet),
                Output::PeerCert(certificate) => {
                    if !self.theirs.is_of(certificate) {
                        return Err(Failure::Stranger);
                    }
                    self.is_known = true;
                }
                Output::KeyingMaterial(material, profile) => {
                    self.keys = keys(&material, profile, self.dtls.is_active());
                    self.has_keys = self.keys.is_some();
                }
                Output::Connected => self.is_connected = true,
                Output::Timeout(_) => break,
                // Nothing but keys is asked of it.
                _ => {}
            }
        }
        if !self.is_known || !self.is_connected {
            return Ok(None);
        }
        // Keys come with the end of the handshake, if there are any.
        if self.has_keys { Ok(self.keys.take()) } else { Err(Failure::Keyless) }
    }
}

/// RFC 5764 §4.2: both keys, then both salts, the client's first.
fn keys(material: &KeyingMaterial, profile: SrtpProfile, is_client: bool) -> Option<Keys> {
    let suite = match profile {
        SrtpProfile::AES128_CM_SHA1_80 => Suite::AesCm128Sha1_80,
        SrtpProfile::AEAD_AES_128_GCM => Suite::AeadAes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => Suite::AeadAes256Gcm,
        _ => return None,
    };
    let (keys, salts) = material.split_at_checked(2 * suite.key_len())?;
    let mut keys = keys.chunks_exact(suite.key_len());
    let mut salts = salts.chunks_exact(suite.salt_len());
    let mut next = || Master::new(suite, &[keys.next()?, salts.next()?].concat());
    let (client, server) = (next()?, next()?);
    Some(if is_client {
        Keys { theirs: server, ours: client }
    } else {
        Keys { theirs: client, ours: server }
    })
}

fn failed(cause: dimpl::Error) -> Failure {
    Failure::Library(Box::new(cause))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Ends {
        ends: [Handshake; 2],
        keys: [Option<Keys>; 2],
        now: Timestamp,
    }

    /// A browser that begins (0) and we (1); each takes the other for whom `described` says.
    fn ends(own: &[Arc<Identity>; 2], described: [&Identity; 2]) -> Ends {
        let now = Timestamp::from_ms(1_700_000_000_000);
        let end = |at: usize| Handshake::new(&own[at], described[1 - at].fingerprint.clone(), at == 0, now);
        Ends { ends: [end(0), end(1)], keys: [None, None], now }
    }

    impl Ends {
        /// They talk until both have keys or the time is over; `loses` tells which datagram is.
        fn talk(&mut self, mut loses: impl FnMut(usize) -> bool) -> Result<(), (usize, Failure)> {
            let mut sent = 0;
            for _ in 0..400 {
                let mut under_way: [Vec<Vec<u8>>; 2] = Default::default();
                for (end, out) in under_way.iter_mut().enumerate() {
                    let keys = self.ends[end].wakes(self.now, &mut |bytes| out.push(bytes.to_vec()));
                    let keys = keys.map_err(|failure| (end, failure))?;
                    self.keys[end] = keys.or(self.keys[end].take());
                }
                while let Some(from) = under_way.iter().position(|out| !out.is_empty()) {
                    let datagram = under_way[from].remove(0);
                    let (to, now) = (1 - from, self.now);
                    sent += 1;
                    if loses(sent) {
                        continue;
                    }
                    let out = &mut under_way[to];
                    let keys = self.ends[to].hears(&datagram, now, &mut |bytes| out.push(bytes.to_vec()));
                    self.keys[to] = keys.map_err(|failure| (to, failure))?.or(self.keys[to].take());
                }
                if self.keys.iter().all(Option::is_some) {
                    return Ok(());
                }
                self.now = self.now + Duration::from_millis(50);
            }
            panic!("no keys in 20 s");
        }
    }

    fn own() -> [Arc<Identity>; 2] {
        [(); 2].map(|()| Arc::new(Identity::new().unwrap()))
    }

    #[test]
    fn both_ends_have_the_same_keys() {
        let own = own();
        let mut ends = ends(&own, [&own[0], &own[1]]);

        ends.talk(|_| false).unwrap();

        let [Some(browser), Some(us)] = ends.keys else { panic!("both") };
        assert_eq!((browser.ours, browser.theirs), (us.theirs, us.ours));
    }

    #[test]
    fn what_is_lost_is_sent_again_in_time() {
        for lost in 1..=6 {
            let own = own();

            ends(&own, [&own[0], &own[1]]).talk(|sent| sent == lost).unwrap();
        }
    }

    #[test]
    fn another_certificate_than_described_gives_no_key() {
        let (own, another) = (own(), Identity::new().unwrap());
        let mut ends = ends(&own, [&another, &own[1]]);

        let failed = ends.talk(|_| false).unwrap_err();

        assert!(matches!(failed, (1, Failure::Stranger)), "{failed:?}");
        assert_eq!(ends.keys[1], None);
    }
}
