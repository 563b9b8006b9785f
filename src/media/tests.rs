//! The relay on loopback, with the sockets and the thread that it has in
//! service: a browser by another implementation of WebRTC, and telephones with
//! and without keys.

mod browser;
mod converted;
mod handshaker;
mod handshakes;
mod recorded;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use webrtc_srtp::context::Context as Srtp;
use webrtc_srtp::protection_profile::ProtectionProfile;

use super::exchange::Profile;
use super::*;
use crate::domain::calling::key::Key;
use browser::Browser;

const CALLER: LegId = LegId::CALLER;
const LINE: LegId = LegId::LINE;
/// Turns that everything has to be done in; each waits for a packet, a moment at most.
const TURNS: usize = 2_000;

/// A relay on ports of its own, and where what it keeps is.
async fn media(ports: RangeInclusive<u16>) -> (Media, Metrics, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (vault, key_file) = (folder.path().join("vault"), folder.path().join("vault.key"));
    let vault = crate::vault::Config { folder: vault, key_file, bucket: None };
    let here: IpAddr = "127.0.0.1".parse().unwrap();
    let config = Config { faces: vec![(here, here)], ports, idle: Duration::ZERO };
    let metrics = Metrics::new();
    let vault = Vault::open(vault).await.unwrap();
    (Media::start(&config, vault, Clock::system(), metrics.clone()).unwrap(), metrics, folder)
}

fn call(media: &Media) -> Relay {
    media.relay(CallId(Clock::system().new_id()))
}

/// What one leg says, as the other is given it.
async fn gives(relay: &mut Relay, from: LegId, to: LegId, body: &str) -> String {
    relay.says(from, body.as_bytes());
    let given = relay.gives(to, &Bytes::copy_from_slice(body.as_bytes()), false).await.unwrap().unwrap();
    String::from_utf8(given.to_vec()).unwrap()
}

/// A telephone that says and hears plain RTP.
struct Telephone {
    socket: UdpSocket,
    relay: Option<SocketAddr>,
}

impl Telephone {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, relay: None }
    }

    fn describes(&self, proto: &str, more: &str) -> String {
        let port = self.socket.local_addr().unwrap().port();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} {proto} 8 101\r\n\
             a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n{more}"
        )
    }

    fn is_given(&mut self, body: &str) {
        let media = body.split("m=audio ").nth(1).unwrap_or_else(|| panic!("no sound in {body}"));
        let port = media.split(' ').next().unwrap();
        self.relay = Some(format!("127.0.0.1:{port}").parse().unwrap());
    }

    fn says(&self, packet: &[u8]) {
        self.socket.send_to(packet, self.relay.unwrap()).unwrap();
    }

    fn hears(&self) -> Option<Vec<u8>> {
        let mut buffer = [0; 2_048];
        match self.socket.recv(&mut buffer) {
            Ok(length) => Some(buffer[..length].to_vec()),
            Err(cause) if cause.kind() == ErrorKind::WouldBlock => None,
            Err(cause) => panic!("{cause}"),
        }
    }
}

/// 20 ms of a tone, of which each packet knows its number.
fn tone(sequence: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend(sequence.to_be_bytes());
    packet.extend((u32::from(sequence) * 160).to_be_bytes());
    packet.extend([0, 0, 0, 9]);
    packet.extend((0..160_u16).map(|n| (n * 7 + sequence) as u8));
    packet
}

fn sequence(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[2], packet[3]])
}

/// A browser calls, a telephone answers.
async fn connect(media: &Media) -> (Relay, Browser, Telephone) {
    let (mut relay, mut browser, mut telephone) = (call(media), Browser::new(), Telephone::new());
    telephone.is_given(&gives(&mut relay, CALLER, LINE, &browser.offers()).await);
    let answer = gives(&mut relay, LINE, CALLER, &telephone.describes("RTP/AVP", "")).await;
    browser.is_answered(&answer);
    (relay, browser, telephone)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_and_a_telephone_hear_each_other_and_no_packet_is_lost() {
    let (media, _, _folder) = media(33_100..=33_199).await;
    let (mut relay, mut browser, telephone) = connect(&media).await;
    assert!((0..TURNS).any(|_| browser.turns() && browser.is_connected()), "it connects");

    let (mut there, mut back) = (BTreeSet::new(), BTreeSet::new());
    for at in 0..TURNS as u16 {
        if at < 200 {
            browser.says(8, at, &tone(at)[12..]);
            telephone.says(&tone(at));
        }
        browser.turns();
        while let Some(packet) = telephone.hears() {
            if packet[1] & 0x7f == 8 {
                assert_eq!(packet[12..], tone(sequence(&packet))[12..], "plain, and the same");
                there.insert(sequence(&packet));
            }
        }
        back.extend(browser.heard().into_iter().map(|(sequence, payload)| {
            assert_eq!(payload[..], tone(sequence)[12..]);
            sequence
        }));
        if there.len() == 200 && back.len() == 200 {
            break;
        }
    }
    assert_eq!((there.len(), back.len()), (200, 200));

    browser.says(101, 300, &[5, 0x80, 0, 160]);
    browser.turns();
    for told in [Told::Sealed(CALLER), Told::Pressed(CALLER, Key::new(b'5').unwrap())] {
        let next = tokio::time::timeout(Duration::from_secs(5), relay.told()).await;
        assert_eq!(next.unwrap_or_else(|_| panic!("not {told:?}: {}", browser.offers())), told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_with_another_certificate_than_described_is_not_heard() {
    let (media, metrics, _folder) = media(33_200..=33_299).await;
    let (mut relay, mut browser, mut telephone) = (call(&media), Browser::new(), Telephone::new());
    let offer = browser.offers();
    let at = offer.find("a=fingerprint:sha-256 ").unwrap() + "a=fingerprint:sha-256 ".len();
    let other = if &offer[at..at + 2] == "00" { "01" } else { "00" };
    let offer = format!("{}{other}{}", &offer[..at], &offer[at + 2..]);
    telephone.is_given(&gives(&mut relay, CALLER, LINE, &offer).await);
    let answer = gives(&mut relay, LINE, CALLER, &telephone.describes("RTP/AVP", "")).await;
    browser.is_answered(&answer);

    let is_refused =
        |metrics: &Metrics| metrics.render().contains("media_handshakes_total{how=\"stranger\"} 1");
    assert!((0..TURNS).any(|_| browser.turns() && is_refused(&metrics)), "{}", metrics.render());

    telephone.says(&tone(1));
    for _ in 0..50 {
        browser.turns();
    }
    assert!(!browser.is_connected() && browser.heard().is_empty() && telephone.hears().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_browsers_call_at_once() {
    let (media, _, _folder) = media(33_300..=33_999).await;
    let mut calls = Vec::new();
    for _ in 0..100 {
        calls.push((connect(&media).await, BTreeSet::new(), BTreeSet::new()));
    }
    for _ in 0..TURNS {
        calls.iter_mut().for_each(|((_, browser, _), ..)| {
            browser.turns();
        });
        if calls.iter().all(|((_, browser, _), ..)| browser.is_connected()) {
            break;
        }
    }
    let connected = calls.iter().filter(|((_, browser, _), ..)| browser.is_connected()).count();
    assert_eq!(connected, 100);

    for at in 0..TURNS as u16 {
        for ((_, browser, telephone), there, back) in &mut calls {
            if at < 50 {
                browser.says(8, at, &tone(at)[12..]);
                telephone.says(&tone(at));
            }
            browser.turns();
            there.extend(std::iter::from_fn(|| telephone.hears()).map(|packet| sequence(&packet)));
            back.extend(browser.heard().into_iter().map(|(sequence, _)| sequence));
        }
        if calls.iter().all(|(_, there, back)| there.len() == 50 && back.len() == 50) {
            return;
        }
    }
    panic!("{:?}", calls.iter().map(|(_, there, back)| (there.len(), back.len())).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_with_keys_and_one_without_hear_each_other() {
    let (media, metrics, _folder) = media(34_000..=34_099).await;
    let (mut relay, mut sealed, mut plain) = (call(&media), Telephone::new(), Telephone::new());
    // The key of RFC 4568 §9.2's example.
    let crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
    let mut out = srtp("WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz");
    plain.is_given(&gives(&mut relay, CALLER, LINE, &sealed.describes("RTP/SAVP", crypto)).await);
    let answer = gives(&mut relay, LINE, CALLER, &plain.describes("RTP/AVP", "")).await;
    sealed.is_given(&answer);
    let mut into = srtp(answer.split("inline:").nth(1).unwrap().trim_end());

    // Packets may come before the worker has looked at what the line said last.
    let ready = tokio::net::UdpSocket::from_std(sealed.socket.try_clone().unwrap()).unwrap();
    while sealed.hears().is_none() {
        plain.says(&tone(0));
        let _ = tokio::time::timeout(Duration::from_millis(20), ready.readable()).await;
    }
    drop(ready);
    // A stranger's packets come first.
    sealed.says(&tone(1));
    sealed.says(&srtp("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").encrypt_rtp(&tone(1)).unwrap());
    for at in 1..=50 {
        sealed.says(&out.encrypt_rtp(&tone(at)).unwrap());
        plain.says(&tone(at));
    }
    let (there, back) = (hears(&plain, 50).await, hears(&sealed, 50).await);

    assert_eq!(there, (1..=50).map(tone).collect::<Vec<_>>());
    let opened: Vec<Vec<u8>> = back.iter().map(|packet| into.decrypt_rtp(packet).unwrap().to_vec()).collect();
    assert_eq!(opened, there);
    assert!(
        metrics.render().contains("media_packets_dropped_total{why=\"unauthentic\"} 2"),
        "{}",
        metrics.render()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_itself_speaks_to_a_browser() {
    let (media, _, _folder) = media(34_100..=34_199).await;
    let (mut relay, mut browser) = (call(&media), Browser::new());
    relay.says(CALLER, browser.offers().as_bytes());
    let answer = relay.attends(CALLER).await.unwrap();
    browser.is_answered(std::str::from_utf8(&answer).unwrap());
    assert!((0..TURNS).any(|_| browser.turns() && browser.is_connected()), "it connects");

    assert!(relay.speaks(CALLER, &[prompts::beep()], true).await);

    let mut heard = 0;
    assert!((0..TURNS).any(|_| {
        browser.turns();
        heard += browser.heard().len();
        heard > 9
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_dialled_answers_a_telephone() {
    let (media, _, _folder) = media(34_200..=34_299).await;
    let (mut relay, mut browser, mut telephone) = (call(&media), Browser::new(), Telephone::new());
    relay.dials(LINE, None, Profile::WebRtc);
    let offer = gives(&mut relay, CALLER, LINE, &telephone.describes("RTP/AVP", "")).await;
    let answer = browser.answers(&offer);
    telephone.is_given(&gives(&mut relay, LINE, CALLER, &answer).await);
    assert!((0..TURNS).any(|_| browser.turns() && browser.is_connected()), "it connects");

    browser.says(8, 1, &tone(1)[12..]);
    telephone.says(&tone(2));

    assert!(
        (0..TURNS).any(|_| browser.turns() && telephone.hears().is_some_and(|it| it[12..] == tone(1)[12..]))
    );
    assert!((0..TURNS).any(|_| browser.turns() && browser.heard() == [(2, tone(2)[12..].to_vec())]));
}

fn srtp(key: &str) -> Srtp {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(key).unwrap();
    Srtp::new(&bytes[..16], &bytes[16..], ProtectionProfile::Aes128CmHmacSha1_80, None, None).unwrap()
}

/// So many packets, in the order in which they came.
async fn hears(telephone: &Telephone, count: usize) -> Vec<Vec<u8>> {
    let mut heard = Vec::new();
    let socket = tokio::net::UdpSocket::from_std(telephone.socket.try_clone().unwrap()).unwrap();
    while heard.len() < count {
        tokio::time::timeout(Duration::from_secs(5), socket.readable()).await.expect("a packet").unwrap();
        let mut buffer = [0; 2_048];
        if let Ok(length) = socket.try_recv(&mut buffer) {
            heard.push(buffer[..length].to_vec());
        }
    }
    heard
}
