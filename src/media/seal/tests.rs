//! A sealed side: who is answered, who is heard, and what with.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::media::dtls::Handshake;
use crate::media::ice::tests::{check, ours};
use crate::media::sdp::Dtls;
use crate::media::srtp::{Suite, TRAILER_MAX};

const TAG: usize = TRAILER_MAX;

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn home() -> SocketAddr {
    at("192.0.2.1:4000")
}

fn theirs(browser: &Identity) -> Dtls {
    let ice = Credentials { ufrag: "them".to_owned(), password: "theirs".to_owned() };
    Dtls { fingerprint: browser.fingerprint.clone(), setup: Setup::Active, ice: Some(ice) }
}

/// A browser and the seal of its side, over a wire that loses nothing.
struct Call {
    seal: Seal,
    us: Arc<Identity>,
    own: Arc<Identity>,
    browser: Handshake,
    keys: Option<Keys>,
    now: Timestamp,
    ended: Option<Result<(), Failure>>,
}

impl Call {
    /// `shown`: whose certificate the browser has described.
    fn new(shown: impl FnOnce(&Arc<Identity>) -> Arc<Identity>) -> Self {
        let now = Timestamp::from_ms(1_700_000_000_000);
        let [us, own] = [(); 2].map(|()| Arc::new(Identity::new().unwrap()));
        let mut seal = Seal::default();
        let shown = shown(&own);
        seal.describe(
            &Sealing::Web { theirs: theirs(&shown), ours: ours(), is_answered: true },
            Lane::Rtp,
            &us,
        );
        let browser = Handshake::new(&own, us.fingerprint.clone(), true, now);
        Self { seal, us, own, browser, keys: None, now, ended: None }
    }

    fn comes(&mut self, packet: &[u8], from: SocketAddr) -> (Opened, Vec<(Vec<u8>, SocketAddr)>) {
        let mut sent = Vec::new();
        let mut packet = packet.to_vec();
        let (opened, ended) =
            self.seal.open(&mut packet, from, self.now, &mut |out, to| sent.push((out.to_vec(), to)));
        self.ended = ended.map(|ended| ended.0).or(self.ended.take());
        (opened, sent)
    }

    fn checks(&mut self, from: SocketAddr, is_nominated: bool) -> Opened {
        let (opened, sent) = self.comes(&check(&ours(), "them", is_nominated), from);
        assert!(sent.iter().all(|(_, to)| *to == from));
        opened
    }

    /// The browser shakes hands from there, until it has keys or the time is over.
    fn shakes(&mut self, from: SocketAddr) {
        for _ in 0..40 {
            let mut out = Vec::new();
            if let Ok(keys) = self.browser.wakes(self.now, &mut |bytes| out.push(bytes.to_vec())) {
                self.keys = keys.or(self.keys.take());
            }
            while let Some(datagram) = (!out.is_empty()).then(|| out.remove(0)) {
                for (back, to) in self.comes(&datagram, from).1 {
                    assert_eq!(to, from);
                    if let Ok(keys) = self.browser.hears(&back, self.now, &mut |it| out.push(it.to_vec())) {
                        self.keys = keys.or(self.keys.take());
                    }
                }
            }
            self.now = self.now + Duration::from_millis(50);
        }
    }

    /// A packet of the browser's.
    fn says(&self, context: &mut Context, sequence: u8) -> Vec<u8> {
        let mut packet = vec![0x80, 8, 0, sequence, 0, 0, 0, 160, 0, 0, 0, 7, 1, 2, 3, 4];
        packet.resize(16 + TAG, 0);
        let length = context.seal(&mut packet, 16).unwrap();
        packet.truncate(length);
        packet
    }

    fn outbound(&self) -> Context {
        Context::new(&self.keys.as_ref().unwrap().ours)
    }
}

fn connected() -> Call {
    let mut call = Call::new(Arc::clone);
    assert_eq!(call.checks(home(), true), Opened::Ours { moved: Some(home()) });
    call.shakes(home());
    assert!(matches!(call.ended, Some(Ok(()))), "{:?}", call.ended);
    call
}

#[test]
fn a_browser_is_where_it_was_checked_and_heard_once_hands_are_shaken() {
    let mut call = connected();
    assert!(!call.seal.is_shaking());
    let mut outbound = call.outbound();

    let packet = call.says(&mut outbound, 1);

    assert_eq!(call.comes(&packet, home()).0, Opened::Packet { length: 16, from: home() });
    assert_eq!(call.comes(&packet, home()).0, Opened::Unauthentic, "it came before");
}

#[test]
fn what_is_sent_to_a_browser_is_what_it_can_open() {
    let mut call = connected();
    let mut inbound = Context::new(&call.keys.as_ref().unwrap().theirs);
    let plain = [0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 9, 5, 6, 7, 8];
    let mut buffer = [&plain[..], &[0; TAG]].concat();

    let length = call.seal.seal(&mut buffer, plain.len()).unwrap();

    assert_eq!(inbound.open(&mut buffer[..length]), Ok(plain.len()));
    assert_eq!(buffer[..plain.len()], plain);
    assert_eq!(call.seal.seal(&mut [0; 60], 40), None, "what is no RTP is not sealed");
}

#[test]
fn another_certificate_than_described_passes_nothing() {
    let mut call = Call::new(|_| Arc::new(Identity::new().unwrap()));
    call.checks(home(), true);

    call.shakes(home());

    assert!(matches!(call.ended, Some(Err(Failure::Stranger))), "{:?}", call.ended);
    assert!(!call.seal.is_shaking());
    let packet = [0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7, 1, 2, 3, 4].repeat(2);
    assert_eq!(call.comes(&packet, home()).0, Opened::Unsealed);
    assert_eq!(call.seal.seal(&mut packet.repeat(3), 32), None);
}

#[test]
fn a_stranger_takes_nothing_over() {
    let mut call = connected();
    let mut outbound = call.outbound();
    let stranger = at("203.0.113.9:4000");

    // It has seen a packet, a datagram of the handshake, and guesses a password.
    let packet = call.says(&mut outbound, 1);
    assert_eq!(call.comes(&packet, stranger).0, Opened::Stranger);
    assert_eq!(call.comes(&[22, 254, 253, 0], stranger), (Opened::Stranger, vec![]));
    let guessed = Credentials { password: "guessed guessed guessed".to_owned(), ..ours() };
    assert_eq!(call.comes(&check(&guessed, "them", true), stranger), (Opened::Stranger, vec![]));

    assert_eq!(call.comes(&packet, home()).0, Opened::Packet { length: 16, from: home() });
}

#[test]
fn a_browser_moves_by_nominating_and_is_heard_on_each_of_its_ways() {
    let mut call = connected();
    let (mut outbound, other) = (call.outbound(), at("198.51.100.1:5000"));

    assert_eq!(call.checks(other, false), Opened::Ours { moved: None }, "it only tries");
    let packet = call.says(&mut outbound, 1);
    assert_eq!(call.comes(&packet, other).0, Opened::Packet { length: 16, from: home() });
    assert_eq!(call.checks(other, true), Opened::Ours { moved: Some(other) });
    let packet = call.says(&mut outbound, 2);
    assert_eq!(call.comes(&packet, home()).0, Opened::Packet { length: 16, from: other });
}

#[test]
fn a_restart_of_ice_leaves_the_keys_and_another_certificate_does_not() {
    let mut call = connected();
    let mut outbound = call.outbound();
    let seen = Dtls { fingerprint: call.seal.hands.as_ref().unwrap().theirs.clone(), ..theirs(&call.us) };
    let renewed = Credentials { ufrag: "anew".to_owned(), password: "anew".to_owned() };
    let restarted = Dtls { ice: Some(renewed.clone()), ..seen.clone() };

    call.seal.describe(
        &Sealing::Web { theirs: restarted, ours: renewed.clone(), is_answered: true },
        Lane::Rtp,
        &call.us,
    );
    let packet = call.says(&mut outbound, 1);
    assert_eq!(call.comes(&packet, home()).0, Opened::Packet { length: 16, from: home() });
    assert_eq!(call.checks(home(), true), Opened::Stranger, "by the old password");

    let other = Identity::new().unwrap();
    let another = Dtls { fingerprint: other.fingerprint.clone(), ..seen };
    call.seal.describe(
        &Sealing::Web { theirs: another, ours: renewed, is_answered: true },
        Lane::Rtp,
        &call.us,
    );
    assert!(call.seal.is_shaking());
    let packet = call.says(&mut outbound, 2);
    assert_eq!(call.comes(&packet, home()).0, Opened::Stranger);
}

#[test]
fn a_key_that_stays_goes_on_counting_and_a_new_one_begins_anew() {
    let master = |byte| Master::new(Suite::AesCm128Sha1_80, &[byte; 30]).unwrap();
    let sdes = |theirs, ours| Sealing::Sdes { theirs: master(theirs), ours: master(ours) };
    let identity = Arc::new(Identity::new().unwrap());
    let mut seal = Seal::default();
    seal.describe(&sdes(1, 2), Lane::Rtp, &identity);
    let packet = [0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 9, 5, 6, 7, 8];
    let sent = |seal: &mut Seal| seal.seal(&mut [&packet[..], &[0; TAG]].concat(), packet.len());
    assert!(sent(&mut seal).is_some());

    seal.describe(&sdes(3, 2), Lane::Rtp, &identity);
    assert_eq!(sent(&mut seal), None, "it was sealed with this key before");
    seal.describe(&sdes(3, 4), Lane::Rtp, &identity);
    assert!(sent(&mut seal).is_some());
    for (meanwhile, passes) in [(Sealing::Unkeyed, None), (Sealing::Plain, Some(packet.len()))] {
        seal.describe(&meanwhile, Lane::Rtp, &identity);
        assert_eq!(sent(&mut seal), passes);
        seal.describe(&sdes(3, 4), Lane::Rtp, &identity);
        assert_eq!(sent(&mut seal), None, "the key is the one of before, and so is its count");
    }
}

/// How a telephone without ICE is sealed that begins itself.
fn without_ice(telephone: &Identity, place: SocketAddr) -> Sealing {
    let theirs = Dtls { fingerprint: telephone.fingerprint.clone(), setup: Setup::Active, ice: None };
    Sealing::Dtls { theirs, at: [Some(place), None], is_answered: true, is_muxed: true }
}

impl Call {
    /// A telephone without ICE in the browser's place.
    fn of_telephone() -> Self {
        let mut call = Self::new(Arc::clone);
        call.seal = Seal::default();
        call.seal.describe(&without_ice(&call.own, home()), Lane::Rtp, &call.us);
        call
    }
}

#[test]
fn a_telephone_that_waits_is_begun_with_once_it_has_its_answer() {
    let [us, own] = [(); 2].map(|()| Arc::new(Identity::new().unwrap()));
    let mut now = Timestamp::from_ms(1_700_000_000_000);
    let theirs = Dtls { fingerprint: own.fingerprint.clone(), setup: Setup::Passive, ice: None };
    let sealing = |is_answered| Sealing::Dtls {
        theirs: theirs.clone(),
        at: [Some(home()), None],
        is_answered,
        is_muxed: true,
    };
    let mut seal = Seal::default();
    let sent = |seal: &mut Seal, now| {
        let mut sent = vec![];
        assert!(seal.wakes(now, &mut |out, to| sent.push((out.to_vec(), to))).is_none());
        sent
    };

    seal.describe(&sealing(false), Lane::Rtp, &us);
    for _ in 0..3 {
        assert_eq!(sent(&mut seal, now), []);
        // A line may ring for longer than a handshake may take.
        now = now + Duration::from_secs(60);
    }
    seal.describe(&sealing(true), Lane::Rtp, &us);
    let begun = sent(&mut seal, now);
    assert!(matches!(&begun[..], [(datagram, to)] if dtls::is_one(datagram) && *to == home()), "{begun:?}");
}

#[test]
fn who_never_begins_is_told_of_again_and_again_and_may_begin_all_the_same() {
    let mut call = Call::of_telephone();
    let wakes = |call: &mut Call| call.seal.wakes(call.now, &mut |_, _| panic!("nothing is sent"));

    assert!(wakes(&mut call).is_none());
    call.now = call.now + LASTS - Duration::from_millis(1);
    assert!(wakes(&mut call).is_none());
    for _ in 0..3 {
        call.now = call.now + Duration::from_secs(1);
        assert!(matches!(wakes(&mut call), Some(Ended(Err(Failure::Unbegun)))));
        assert!(wakes(&mut call).is_none());
    }

    call.browser = Handshake::new(&call.own, call.us.fingerprint.clone(), true, call.now);
    call.shakes(home());
    assert!(matches!(call.ended, Some(Ok(()))), "{:?}", call.ended);
}

#[test]
fn who_begins_with_nonsense_and_stops_is_late() {
    let mut call = Call::of_telephone();
    call.comes(&[22, 254, 253, 0], home());

    call.now = call.now + LASTS;

    let ended = call.seal.wakes(call.now, &mut |_, _| panic!("nothing is sent"));
    assert!(matches!(ended, Some(Ended(Err(Failure::Late)))), "{ended:?}");
}

#[test]
fn who_has_not_been_told_who_we_are_is_not_waited_for() {
    let mut call = Call::of_telephone();
    let Sealing::Dtls { theirs, at, is_muxed, .. } = without_ice(&call.own, home()) else { unreachable!() };
    call.seal.describe(&Sealing::Dtls { theirs, at, is_muxed, is_answered: false }, Lane::Rtp, &call.us);

    for _ in 0..3 {
        call.now = call.now + LASTS;
        assert!(call.seal.wakes(call.now, &mut |_, _| panic!("nothing is sent")).is_none());
    }
}

#[test]
fn a_telephone_that_moves_keeps_its_keys_until_it_shakes_hands_anew() {
    let mut call = Call::of_telephone();
    call.shakes(home());
    let (mut outbound, elsewhere) = (call.outbound(), at("192.0.2.1:4004"));

    call.seal.describe(&without_ice(&call.own, elsewhere), Lane::Rtp, &call.us);

    let packet = call.says(&mut outbound, 1);
    assert_eq!(call.comes(&packet, elsewhere).0, Opened::Packet { length: 16, from: elsewhere });
    let before = call.keys.take();
    call.browser = Handshake::new(&call.own, call.us.fingerprint.clone(), true, call.now);
    call.shakes(elsewhere);
    assert!(call.keys.is_some() && call.keys != before);
    let mut outbound = call.outbound();
    let packet = call.says(&mut outbound, 2);
    assert_eq!(call.comes(&packet, elsewhere).0, Opened::Packet { length: 16, from: elsewhere });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever else comes, twice and in any order, nothing is heard before hands are shaken, and they are.
    #[test]
    fn what_is_no_handshake_holds_up_none(
        noise in proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 0..60)), 0..12),
        doubles in any::<u8>(),
    ) {
        let mut call = Call::of_telephone();
        let mut noise = noise.into_iter();
        let mut sent = 0;
        for _ in 0..40 {
            let mut out = Vec::new();
            if let Ok(keys) = call.browser.wakes(call.now, &mut |bytes| out.push(bytes.to_vec())) {
                call.keys = keys.or(call.keys.take());
            }
            while let Some(datagram) = out.pop() {
                if let Some((first, rest)) = noise.next() {
                    let is_packet = matches!(call.comes(&[&[first], &rest[..]].concat(), home()).0, Opened::Packet { .. });
                    prop_assert!(!is_packet);
                }
                sent += 1;
                let times = 1 + usize::from(doubles >> (sent % 8) & 1);
                for (back, _) in (0..times).flat_map(|_| call.comes(&datagram, home()).1).collect::<Vec<_>>() {
                    if let Ok(keys) = call.browser.hears(&back, call.now, &mut |it| out.push(it.to_vec())) {
                        call.keys = keys.or(call.keys.take());
                    }
                }
            }
            call.now = call.now + Duration::from_millis(100);
        }
        prop_assert!(matches!(call.ended, Some(Ok(()))), "{:?}", call.ended);
        let mut outbound = call.outbound();
        let packet = call.says(&mut outbound, 1);
        let opened = call.comes(&packet, home()).0;
        prop_assert_eq!(opened, Opened::Packet { length: 16, from: home() });
    }
}
