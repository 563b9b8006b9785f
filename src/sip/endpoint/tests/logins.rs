//! Who is let in by a login or a certificate, who is asked, and who hears nothing.

use std::net::SocketAddr;
use std::time::Duration;

use super::gateway::{Gateway, at, statuses};
use crate::call::input::{Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::sip::endpoint::{Dropped, Event, NewCall};
use crate::sip::message::{Auth, Message, Method, Name};
use crate::sip::transport::{Flow, Transport};
use crate::sip::trunk::accept::{Trunk, Trunks};
use crate::sip::trunk::digest::{Algorithm, Challenge, Login};
use crate::sip::trunk::nonce::LIFETIME;
use crate::sip::trunk::out::Outward;
use crate::sip::trunk::strangers::Patience;

const PATIENCE: Patience = Patience { misses: 3, silence: Duration::from_secs(60) };
const PBX: &str = "198.51.100.7:5060";
const ELSEWHERE: &str = "203.0.113.9:5060";
const URI: &[u8] = b"sip:0199001234@192.0.2.2";

fn login(password: &str) -> Login {
    Login { user: "pbx".into(), password: password.into() }
}

/// A trunk with a login, in a range or anywhere, beside a carrier that needs none.
fn gateway(ranges: &[&str]) -> Gateway {
    let trunk = |name: &str, ranges: &[&str]| {
        let ranges = ranges.iter().map(|range| range.parse().unwrap()).collect();
        Trunk::known_by_address(name.parse().unwrap(), ranges, "FR".parse().ok())
    };
    let pbx = Trunk { their_login: Some(login("swordfish")), ..trunk("pbx", ranges) };
    Gateway::of(vec![pbx, trunk("carrier", &["192.0.2.0/24"])], PATIENCE, Outward::default())
}

/// What somebody sends, each time in a transaction of its own.
struct Peer {
    flow: Flow,
    sent: u32,
}

impl Peer {
    fn at(remote: &str) -> Self {
        let remote: SocketAddr = remote.parse().unwrap();
        Self { flow: Flow { transport: Transport::Udp, listener: 0, remote }, sent: 0 }
    }

    fn sends(&mut self, gateway: &mut Gateway, method: &str, lines: &str, ms: i64) -> Vec<Message> {
        self.dials(gateway, method, "0199001234", lines, ms)
    }

    fn dials(
        &mut self,
        gateway: &mut Gateway,
        method: &str,
        number: &str,
        lines: &str,
        ms: i64,
    ) -> Vec<Message> {
        self.sent += 1;
        let (nth, remote) = (self.sent, self.flow.remote);
        let text = format!(
            "{method} sip:{number}@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP {remote};branch=z9hG4bKp{nth}\r\n\
             From: <sip:0639980001@h>;tag=1\r\nTo: <sip:y@h>\r\nCall-ID: c{nth}@{remote}\r\nCSeq: {nth} {method}\r\n\
             Contact: <sip:x@{remote}>\r\n{lines}\r\n"
        );
        gateway.0.receive(text.into(), self.flow, at(ms));
        gateway.sent()
    }

    fn asks_in(&mut self, gateway: &mut Gateway, login: &Login, ms: i64) -> Vec<Message> {
        let asked = self.sends(gateway, "INVITE", "", ms);
        assert_eq!(statuses(&asked), [401]);
        self.sends(gateway, "INVITE", &answer(&asked[0], login, "INVITE", 1), ms)
    }
}

fn answer(asked: &Message, login: &Login, method: &str, count: u32) -> String {
    let challenge = Challenge::strongest(asked, Name::WwwAuthenticate).unwrap();
    authorization(&challenge, login, method, count)
}

fn authorization(challenge: &Challenge, login: &Login, method: &str, count: u32) -> String {
    let method = Method::parse(method.as_bytes()).unwrap();
    let value = challenge.answer(login, &method, URI, b"cnonce", count);
    format!("Authorization: {}\r\n", String::from_utf8(value).unwrap())
}

fn is_stale(asked: &Message) -> bool {
    Challenge::strongest(asked, Name::WwwAuthenticate).unwrap().stale
}

fn trunk_of(gateway: &mut Gateway) -> String {
    gateway.new_call().trunk.to_string()
}

fn drops(gateway: &mut Gateway) -> Vec<Dropped> {
    let dropped = |event| if let Event::Dropped(why) = event { Some(why) } else { None };
    gateway.0.drain_events().filter_map(dropped).collect()
}

#[test]
fn a_trunk_is_asked_for_its_login_and_let_in_with_any_hash_we_know() {
    for algorithm in ["SHA-512-256", "SHA-256", "MD5"] {
        let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));

        let asked = pbx.sends(&mut gateway, "INVITE", "", 0);
        assert_eq!(statuses(&asked), [401]);
        assert_eq!(gateway.0.held(), (0, 0), "a challenge leaves nothing behind");
        let offered: Vec<_> = asked[0]
            .values(Name::WwwAuthenticate)
            .map(|line| {
                String::from_utf8(Auth::read_all(&line)[0].get("algorithm").unwrap().to_vec()).unwrap()
            })
            .collect();
        assert_eq!(offered, ["SHA-512-256", "SHA-256", "MD5"], "the strongest first");

        // The RFC 3261 client knows MD5 only: its choice is the same challenge by another hash.
        let mut challenge = Challenge::strongest(&asked[0], Name::WwwAuthenticate).unwrap();
        challenge.algorithm = match algorithm {
            "MD5" => Algorithm::Md5,
            "SHA-256" => Algorithm::Sha256,
            _ => challenge.algorithm,
        };
        let line = authorization(&challenge, &login("swordfish"), "INVITE", 1);
        let trying = pbx.sends(&mut gateway, "INVITE", &line, 10);

        assert_eq!(statuses(&trying), [100], "{algorithm}");
        assert_eq!(trunk_of(&mut gateway), "pbx");
    }
}

#[test]
fn a_lost_challenge_is_given_again() {
    let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));

    for _ in 0..20 {
        let asked = pbx.sends(&mut gateway, "INVITE", "", 0);
        assert_eq!(statuses(&asked), [401], "an address in the range may ask as often as it likes");
    }
    assert_eq!(statuses(&pbx.sends(&mut gateway, "OPTIONS", "", 0)), [401]);
    assert_eq!(statuses(&pbx.sends(&mut gateway, "REGISTER", "", 0)), [401]);
}

#[test]
fn what_belongs_to_a_call_needs_no_login() {
    let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));
    assert_eq!(statuses(&pbx.asks_in(&mut gateway, &login("swordfish"), 0)), [100]);
    let NewCall { call, .. } = gateway.new_call();
    gateway.order(call, Output::Answer { leg: LegId::LINE, payload: Payload::default() }, 1);
    let tag = String::from_utf8(gateway.sent()[0].to().tag().unwrap().to_vec()).unwrap();
    let within = |method: &str, cseq: u32| {
        format!(
            "{method} sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKw{cseq}{method}\r\n\
             From: <sip:0639980001@h>;tag=1\r\nTo: <sip:y@h>;tag={tag}\r\nCall-ID: c2@{PBX}\r\n\
             CSeq: {cseq} {method}\r\n\r\n"
        )
    };

    gateway.0.receive(within("ACK", 2).into(), pbx.flow, at(2));
    gateway.0.receive(within("OPTIONS", 3).into(), pbx.flow, at(3));
    assert_eq!(statuses(&gateway.sent()), [200]);
    gateway.0.receive(within("BYE", 4).into(), pbx.flow, at(4));
    gateway.order(call, Output::Done, 5);

    assert_eq!(statuses(&gateway.sent()), [200]);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn an_answer_that_came_before_is_not_taken_again() {
    let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));
    let asked = pbx.sends(&mut gateway, "INVITE", "", 0).remove(0);
    let first = answer(&asked, &login("swordfish"), "INVITE", 1);
    assert_eq!(statuses(&pbx.sends(&mut gateway, "INVITE", &first, 1)), [100]);
    trunk_of(&mut gateway);

    let replayed = pbx.sends(&mut gateway, "INVITE", &first, 2);
    assert_eq!(statuses(&replayed), [401]);
    assert!(is_stale(&replayed[0]), "an honest peer tries again with the new nonce");
    assert!(gateway.arrived().is_empty());

    // Whoever counts on needs no new challenge.
    let second = answer(&asked, &login("swordfish"), "INVITE", 2);
    assert_eq!(statuses(&pbx.sends(&mut gateway, "INVITE", &second, 3)), [100]);
    // A nonce is good only where it was given, whatever the answer.
    let third = answer(&asked, &login("swordfish"), "INVITE", 3);
    let neighbour = Peer::at("198.51.100.8:5060").sends(&mut gateway, "INVITE", &third, 4);
    assert_eq!(statuses(&neighbour), [401]);
    assert_eq!(gateway.arrived().len(), 1);
}

#[test]
fn an_old_nonce_is_called_stale_and_a_new_one_lets_in() {
    let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));
    let asked = pbx.sends(&mut gateway, "INVITE", "", 0).remove(0);
    assert!(!is_stale(&asked));
    let later = i64::try_from(LIFETIME.as_millis()).unwrap();

    let old = answer(&asked, &login("swordfish"), "INVITE", 1);
    let again = pbx.sends(&mut gateway, "INVITE", &old, later).remove(0);
    assert!(is_stale(&again));
    let new = answer(&again, &login("swordfish"), "INVITE", 1);

    assert_eq!(statuses(&pbx.sends(&mut gateway, "INVITE", &new, later)), [100]);
}

#[test]
fn who_guesses_a_password_is_shut_out_for_a_while() {
    let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));
    for guess in 0..PATIENCE.misses {
        let again = pbx.asks_in(&mut gateway, &login(&format!("guess{guess}")), 0);
        assert_eq!(statuses(&again), [401]);
        assert!(!is_stale(&again[0]), "the password is wrong");
    }
    let asked = pbx.sends(&mut gateway, "INVITE", "", 1).remove(0);
    drops(&mut gateway);

    let right = answer(&asked, &login("swordfish"), "INVITE", 1);
    assert!(pbx.sends(&mut gateway, "INVITE", &right, 2).is_empty(), "not even a right one is looked at");
    assert_eq!(drops(&mut gateway), [Dropped::Silenced]);
    assert_eq!(gateway.0.strangers(at(2))[0].wrong_logins, PATIENCE.misses);

    assert_eq!(statuses(&pbx.sends(&mut gateway, "INVITE", &right, 60_000)), [100]);
}

#[test]
fn outside_its_range_a_login_is_nothing_and_a_stranger_hears_nothing() {
    let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));
    let asked = pbx.sends(&mut gateway, "INVITE", "", 0).remove(0);
    let right = answer(&asked, &login("swordfish"), "INVITE", 1);
    let mut stranger = Peer::at(ELSEWHERE);
    gateway.0.drain_events();

    for (method, lines) in
        [("INVITE", ""), ("INVITE", &right), ("OPTIONS", ""), ("REGISTER", ""), ("BYE", "")]
    {
        assert!(stranger.sends(&mut gateway, method, lines, 1).is_empty(), "{method} {lines}");
    }
    gateway.0.receive("INVITE broken SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n".into(), stranger.flow, at(1));

    assert!(gateway.sent().is_empty());
    assert_eq!(drops(&mut gateway), [Dropped::Stranger; 6]);
    assert_eq!(gateway.0.strangers(at(1))[0].ignored, 6);
    assert_eq!(gateway.0.held(), (0, 0));
}

#[test]
fn a_trunk_that_may_be_anywhere_has_an_invite_asked_a_few_times_and_nothing_else() {
    let (mut gateway, mut stranger) = (gateway(&[]), Peer::at(ELSEWHERE));
    for method in ["OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE", "BYE", "CANCEL"] {
        assert!(stranger.sends(&mut gateway, method, "", 0).is_empty(), "{method}");
    }

    let asked: Vec<_> = (0..5).flat_map(|_| stranger.sends(&mut gateway, "INVITE", "", 1)).collect();
    assert_eq!(statuses(&asked), [401; PATIENCE.misses as usize], "then it hears nothing more");

    // The limit is for those who do not answer: a burst of calls is none.
    let right = answer(&asked[0], &login("swordfish"), "INVITE", 1);
    assert_eq!(statuses(&stranger.sends(&mut gateway, "INVITE", &right, 2)), [100]);
    assert_eq!(trunk_of(&mut gateway), "pbx");
    assert_eq!(statuses(&stranger.sends(&mut gateway, "INVITE", "", 3)), [401]);
    assert_eq!(statuses(&stranger.sends(&mut gateway, "OPTIONS", "", 3)), [401], "a peer may ping");
}

#[test]
fn a_carrier_that_is_known_by_its_range_needs_no_login_and_is_never_silenced() {
    let (mut gateway, mut carrier) = (gateway(&[]), Peer::at("192.0.2.9:5060"));

    for nth in 0..50 {
        let number = format!("01990099{nth:02}");
        assert_eq!(statuses(&carrier.dials(&mut gateway, "INVITE", &number, "", nth)), [100]);
        let call = gateway.new_call().call;
        gateway.order(call, Output::NoSuchNumber, nth);
        assert_eq!(statuses(&gateway.sent()), [404]);
        gateway.order(call, Output::Done, nth);
    }

    assert!(gateway.0.strangers(at(100)).is_empty());
}

#[test]
fn a_login_that_tries_numbers_hears_nothing_for_them_and_ours_still_ring() {
    let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));
    let asked = pbx.sends(&mut gateway, "INVITE", "", 0).remove(0);
    let mut count = 0;
    let mut dial = |gateway: &mut Gateway, number: &str| {
        count += 1;
        let line = answer(&asked, &login("swordfish"), "INVITE", count);
        let sent = pbx.dials(gateway, "INVITE", number, &line, 10);
        (statuses(&sent), gateway.new_call().call)
    };
    let mut refuse = |gateway: &mut Gateway, number: &str| {
        let (mut heard, call) = dial(gateway, number);
        gateway.order(call, Output::NoSuchNumber, 11);
        heard.extend(statuses(&gateway.sent()));
        gateway.order(call, Output::Done, 11);
        heard
    };

    for number in ["0199009991", "0199009991", "0199009992", "0199009991", "0199009993"] {
        assert_eq!(refuse(&mut gateway, number), [100, 404], "{number}");
    }
    assert_eq!(refuse(&mut gateway, "0199009994"), [0u16; 0], "one too many");
    assert_eq!(drops(&mut gateway), [Dropped::Silenced]);

    let (heard, call) = dial(&mut gateway, "0199001234");
    assert_eq!(heard, [0u16; 0], "until it is known whether it is ours");
    let ringing = Status::new(180, "Ringing");
    gateway.order(
        call,
        Output::Progress { leg: LegId::LINE, status: ringing, payload: Payload::default() },
        12,
    );
    assert_eq!(statuses(&gateway.sent()), [180]);
    gateway.order(call, Output::Refuse { status: Status::new(486, ""), payload: Payload::default() }, 13);
    gateway.order(call, Output::Done, 13);
    gateway.holds_nothing_in_the_end();
}

#[test]
fn copies_of_an_ignored_invite_make_no_new_call() {
    let (mut gateway, mut pbx) = (gateway(&["198.51.100.0/24"]), Peer::at(PBX));
    let asked = pbx.sends(&mut gateway, "INVITE", "", 0).remove(0);
    for nth in 1..=4 {
        let line = answer(&asked, &login("swordfish"), "INVITE", nth);
        pbx.dials(&mut gateway, "INVITE", &format!("019900999{nth}"), &line, 1);
        let call = gateway.new_call().call;
        gateway.order(call, Output::NoSuchNumber, 1);
        gateway.order(call, Output::Done, 1);
    }
    gateway.sent();

    pbx.sent -= 1;
    let line = answer(&asked, &login("swordfish"), "INVITE", 4);
    assert!(pbx.dials(&mut gateway, "INVITE", "0199009994", &line, 500).is_empty());

    assert!(gateway.arrived().is_empty());
    gateway.holds_nothing_in_the_end();
}

#[test]
fn a_trunk_is_known_by_the_certificate_of_its_connection() {
    let mut trunk = Trunk::known_by_address("tls".parse().unwrap(), vec![], "FR".parse().ok());
    trunk.their_certificate = Some("sip.carrier.example".into());
    let mut gateway = Gateway::of(vec![trunk], PATIENCE, Outward::default());
    let mut peer = Peer::at(ELSEWHERE);
    assert!(peer.sends(&mut gateway, "INVITE", "", 0).is_empty(), "over UDP there is no certificate");

    peer.flow.transport = Transport::Tls;
    assert!(peer.sends(&mut gateway, "INVITE", "", 1).is_empty(), "nor on a connection that showed none");
    gateway.0.flow_opened(peer.flow, vec!["sip.carrier.example".into()]);

    assert_eq!(statuses(&peer.sends(&mut gateway, "INVITE", "", 2)), [100]);
    assert_eq!(trunk_of(&mut gateway), "tls");
}

#[test]
fn a_hash_that_is_not_offered_is_not_taken() {
    let mut gateway = gateway(&["198.51.100.0/24"]);
    let ranges = vec!["198.51.100.0/24".parse().unwrap()];
    let mut trunk = Trunk::known_by_address("pbx".parse().unwrap(), ranges, None);
    trunk.their_login = Some(login("swordfish"));
    trunk.their_digests = vec![Algorithm::Sha256];
    gateway.0.change("Whence".into(), Trunks::new(vec![trunk]), Duration::ZERO, false);
    let mut pbx = Peer::at(PBX);
    let asked = pbx.sends(&mut gateway, "INVITE", "", 0).remove(0);
    assert_eq!(asked.values(Name::WwwAuthenticate).count(), 1);
    let mut challenge = Challenge::strongest(&asked, Name::WwwAuthenticate).unwrap();
    assert_eq!(challenge.algorithm, Algorithm::Sha256);

    challenge.algorithm = Algorithm::Md5;
    let weak = authorization(&challenge, &login("swordfish"), "INVITE", 1);
    assert_eq!(statuses(&pbx.sends(&mut gateway, "INVITE", &weak, 1)), [401]);
    challenge.algorithm = Algorithm::Sha256;
    let good = authorization(&challenge, &login("swordfish"), "INVITE", 1);

    assert_eq!(statuses(&pbx.sends(&mut gateway, "INVITE", &good, 2)), [100]);
}

#[test]
fn a_login_that_nobody_asked_for_changes_nothing() {
    let (mut gateway, mut carrier) = (gateway(&["198.51.100.0/24"]), Peer::at("192.0.2.9:5060"));
    let line = "Authorization: Digest username=\"pbx\", realm=\"whence\", nonce=\"n\", uri=\"u\", response=\"r\"\r\n";

    assert_eq!(statuses(&carrier.sends(&mut gateway, "INVITE", line, 0)), [100]);
    assert_eq!(trunk_of(&mut gateway), "carrier");
}
