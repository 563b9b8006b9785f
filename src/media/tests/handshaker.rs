//! A telephone that shakes hands for its keys, without ICE. Its SRTP is by another implementation
//! than ours; that its handshake is understood by others, `sip-test/dtls_user_agents` shows.

use std::sync::Arc;

use webrtc_srtp::context::Context as Srtp;
use webrtc_srtp::protection_profile::ProtectionProfile;

use super::{Clock, Telephone};
use crate::media::dtls::{self, Handshake, Identity, Keys};
use crate::media::sdp::Fingerprint;
use crate::media::srtp::{Master, Suite};

pub struct Handshaker {
    pub identity: Arc<Identity>,
    /// For packets and, where it has one of its own, for reports.
    pub lanes: Vec<Lane>,
    pub clock: Clock,
}

pub struct Lane {
    pub telephone: Telephone,
    handshake: Option<Handshake>,
    keys: Option<Keys>,
    /// What came that is no handshake.
    pub heard: Vec<Vec<u8>>,
}

impl Handshaker {
    pub fn new(is_muxed: bool) -> Self {
        let lane = || Lane { telephone: Telephone::new(), handshake: None, keys: None, heard: vec![] };
        let lanes = (0..if is_muxed { 1 } else { 2 }).map(|_| lane()).collect();
        Self { identity: Arc::new(Identity::new().unwrap()), lanes, clock: Clock::system() }
    }

    /// What it says of itself; `fingerprint`: of whom it shows.
    pub fn describes(&self, setup: &str, fingerprint: &Fingerprint) -> String {
        let reports = match self.lanes.get(1) {
            Some(lane) => format!("a=rtcp:{}\r\n", lane.telephone.socket.local_addr().unwrap().port()),
            None => "a=rtcp-mux\r\n".to_owned(),
        };
        let more = format!("{reports}a=fingerprint:{fingerprint}\r\na=setup:{setup}\r\n");
        self.lanes[0].telephone.describes("UDP/TLS/RTP/SAVP", &more)
    }

    /// It has been given a description, in which the other side waits or begins.
    pub fn is_given(&mut self, body: &str) {
        let after = |name: &str| body.split(name).nth(1).unwrap().lines().next().unwrap();
        let begins = after("a=setup:") != "active";
        let theirs = Fingerprint::read(after("a=fingerprint:")).unwrap();
        for (nth, lane) in self.lanes.iter_mut().enumerate() {
            lane.telephone.is_given(body);
            let at = lane.telephone.relay.as_mut().unwrap();
            at.set_port(at.port() + nth as u16);
            lane.handshake = Some(Handshake::new(&self.identity, theirs.clone(), begins, self.clock.now()));
        }
    }

    /// Sends what is to be sent and takes what has come; `true`: it has all its keys.
    pub fn turns(&mut self) -> bool {
        let now = self.clock.now();
        for Lane { telephone, handshake, keys, heard } in &mut self.lanes {
            let Some(hands) = handshake else { continue };
            let mut out = Vec::new();
            let taken = hands.wakes(now, &mut |bytes| out.push(bytes.to_vec()));
            *keys = taken.ok().flatten().or(keys.take());
            while let Some(packet) = telephone.hears() {
                if dtls::is_one(&packet) {
                    let taken = hands.hears(&packet, now, &mut |bytes| out.push(bytes.to_vec()));
                    *keys = taken.ok().flatten().or(keys.take());
                } else {
                    heard.push(packet);
                }
            }
            out.iter().for_each(|bytes| telephone.says(bytes));
        }
        self.lanes.iter().all(|lane| lane.keys.is_some())
    }
}

impl Lane {
    /// Of what it sends, and of what it is sent.
    pub fn contexts(&self) -> [Srtp; 2] {
        let Keys { ours, theirs } = self.keys.as_ref().unwrap();
        [ours, theirs].map(context)
    }
}

fn context(master: &Master) -> Srtp {
    let profile = match master.suite {
        Suite::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        Suite::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
        _ => ProtectionProfile::Aes128CmHmacSha1_80,
    };
    let (key, salt) = master.reveal().split_at(master.suite.key_len());
    Srtp::new(key, salt, profile, None, None).unwrap()
}
