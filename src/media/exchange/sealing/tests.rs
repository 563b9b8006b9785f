//! Legs of different profiles through one exchange: what each is given, and
//! what the worker is told.

use super::*;
use crate::media::exchange::Given;
use crate::media::sdp::tests_sealed::{CHROME, DTLS as HANDS, SDES};

pub(in crate::media::exchange) const CALLER: LegId = LegId::CALLER;
pub(in crate::media::exchange) const LINE: LegId = LegId::LINE;
pub(in crate::media::exchange) const OTHER: LegId = LegId(2);

pub(in crate::media::exchange) fn exchange() -> Exchange {
    Exchange::new(0, Secrets::new(&[7; 32], Fingerprint::of(b"ours")))
}

pub(in crate::media::exchange) fn plenty(leg: LegId, stream: u8, _: bool) -> Option<Place> {
    let rtp = 30_000 + 1_000 * u16::from(leg.0) + 2 * u16::from(stream);
    Some(Place { address: "198.51.100.7".parse().unwrap(), ports: [rtp, rtp + 1] })
}

pub(in crate::media::exchange) fn passes(
    exchange: &mut Exchange,
    from: LegId,
    to: LegId,
    body: &str,
    is_asked: bool,
) -> (String, Vec<Change>) {
    let body = Bytes::copy_from_slice(body.as_bytes());
    exchange.says(from, body.clone());
    let Given { body, changes } = exchange.gives(to, &body, is_asked, plenty).unwrap().unwrap();
    (String::from_utf8(body.to_vec()).unwrap(), changes)
}

pub(in crate::media::exchange) fn plain(formats: &str, more: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP {formats}\r\n{more}"
    )
}

pub(in crate::media::exchange) fn sealings(changes: &[Change]) -> Vec<&Sealing> {
    changes
        .iter()
        .filter_map(|change| if let Change::Seal(_, 0, sealing) = change { Some(sealing) } else { None })
        .collect()
}

pub(in crate::media::exchange) fn line<'a>(body: &'a str, name: &str) -> &'a str {
    body.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {body}"))
}

/// A browser's answer to what it was offered.
fn answer(ufrag: &str) -> String {
    CHROME.replace("actpass", "active").replace("dImP", ufrag).split("m=video").next().unwrap().to_owned()
}

#[test]
fn a_browser_that_calls_is_answered_in_its_profile_and_the_line_hears_of_none() {
    let mut exchange = exchange();

    let (offered, changes) = passes(&mut exchange, CALLER, LINE, CHROME, false);
    assert!(
        offered.contains("m=audio 31000 RTP/AVP 111 9 0 8 13 110 126\r\n") && offered.contains("m=video 0 ")
    );
    assert!(offered.contains("c=IN IP4 198.51.100.7") && !offered.contains("fingerprint"));
    assert!(matches!(sealings(&changes)[..], [Sealing::Web { .. }]));

    let (answered, _) = passes(
        &mut exchange,
        LINE,
        CALLER,
        &plain("8 126", "a=rtpmap:126 telephone-event/8000\r\nm=video 0 RTP/AVP 96\r\n"),
        false,
    );
    let [Sealing::Web { ours, .. }] = sealings(&changes)[..] else { panic!() };
    let print = Fingerprint::of(b"ours");
    let expected = format!(
        "v=0\r\no=- 0 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-lite\r\n\
         m=audio 30000 UDP/TLS/RTP/SAVPF 8 126\r\na=rtpmap:126 telephone-event/8000\r\na=mid:0\r\n\
         a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=fingerprint:{print}\r\na=setup:passive\r\na=rtcp-mux\r\n\
         a=candidate:1 1 udp 2130706431 198.51.100.7 30000 typ host\r\na=end-of-candidates\r\n\
         m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n",
        ours.ufrag, ours.password
    );
    assert_eq!(answered, expected);
    assert!(exchange.is_open());
}

#[test]
fn the_same_answer_given_again_is_an_answer_still() {
    let mut exchange = exchange();
    passes(&mut exchange, CALLER, LINE, CHROME, false);

    let twice = [(); 2].map(|()| passes(&mut exchange, LINE, CALLER, &plain("8", ""), false).0);

    assert_eq!(line(&twice[1], "a=setup"), "a=setup:passive");
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn a_browser_that_is_dialled_is_offered_its_profile_before_it_has_said_anything() {
    let mut exchange = exchange();
    exchange.dials(LINE, None, Profile::WebRtc);

    let (offered, _) =
        passes(&mut exchange, CALLER, LINE, &plain("8 0", "m=image 6002 udptl t38\r\n"), false);
    for has in [
        "m=audio 31000 UDP/TLS/RTP/SAVPF 8 0 96\r\n",
        "a=mid:0\r\n",
        "a=group:BUNDLE 0\r\n",
        "a=setup:actpass\r\n",
        "a=rtcp-mux\r\n",
        "m=image 0 udptl t38\r\n",
    ] {
        assert!(offered.contains(has), "{has} in {offered}");
    }
    let (answered, changes) = passes(&mut exchange, LINE, CALLER, &answer("them"), false);
    assert!(answered.contains("m=audio 30000 RTP/AVP") && !answered.contains("ice"));
    let [Sealing::Web { ours, theirs, .. }] = sealings(&changes)[..] else { panic!("{changes:?}") };
    assert_eq!(line(&offered, "a=ice-ufrag"), format!("a=ice-ufrag:{}", ours.ufrag));
    assert_eq!(theirs.ice.as_ref().unwrap().ufrag, "them");
}

#[test]
fn a_browser_that_is_dialled_and_has_answered_is_spoken_to_in_its_profile() {
    let mut exchange = exchange();
    exchange.dials(LINE, Some(false), Profile::WebRtc);
    passes(&mut exchange, CALLER, LINE, &plain("8", ""), false);
    exchange.says(LINE, Bytes::from(answer("line")));

    let changes = exchange.turns_to(LINE).unwrap();

    assert!(matches!(sealings(&changes)[..], [Sealing::Web { .. }]), "{changes:?}");
}

#[test]
fn a_browser_that_is_asked_keeps_its_way_and_one_that_restarts_gets_another() {
    let mut exchange = exchange();
    passes(&mut exchange, CALLER, LINE, CHROME, false);
    let (first, _) = passes(&mut exchange, LINE, CALLER, &plain("8", ""), false);

    let (asked, _) = passes(&mut exchange, LINE, CALLER, &plain("8", "a=sendonly\r\n"), true);
    assert_eq!(line(&asked, "a=setup"), "a=setup:actpass");
    assert_eq!(line(&asked, "a=ice-pwd"), line(&first, "a=ice-pwd"));
    assert!(asked.contains("a=sendonly\r\n") && asked.contains("a=mid:0\r\n"));
    passes(&mut exchange, CALLER, LINE, &answer("dImP"), false);
    exchange.replies(CALLER, true);

    let restart = CHROME.replace("dImP", "anew");
    passes(&mut exchange, CALLER, LINE, &restart, true);
    let (again, _) = passes(&mut exchange, LINE, CALLER, &plain("8", ""), false);
    assert_ne!(line(&again, "a=ice-pwd"), line(&first, "a=ice-pwd"));
    // It is declined: all is as before, the way too.
    let changes = exchange.replies(LINE, false);
    let [Sealing::Web { ours, .. }] = sealings(&changes)[..] else { panic!("{changes:?}") };
    assert_eq!(line(&first, "a=ice-ufrag"), format!("a=ice-ufrag:{}", ours.ufrag));
}

#[test]
fn a_telephone_with_keys_is_answered_with_ours_of_the_same_suite() {
    let mut exchange = exchange();

    let (offered, changes) = passes(&mut exchange, CALLER, LINE, SDES, false);
    assert!(offered.contains("m=audio 31000 RTP/AVP 0 102 101\r\n") && !offered.contains("crypto"));
    let [Sealing::Sdes { theirs, ours }] = sealings(&changes)[..] else { panic!("{changes:?}") };
    assert_eq!((theirs.suite, ours.suite), (Suite::AeadAes256Gcm, Suite::AeadAes256Gcm));

    let (answered, _) = passes(&mut exchange, LINE, CALLER, &plain("0", ""), false);
    assert!(answered.contains("m=audio 30000 RTP/SAVP 0\r\n"));
    let key = STANDARD.encode(ours.reveal());
    assert_eq!(line(&answered, "a=crypto"), format!("a=crypto:2 AEAD_AES_256_GCM inline:{key}"));
    assert!(!answered.contains("mux"), "reports have a port of their own");
}

#[test]
fn two_that_are_sealed_have_keys_of_their_own() {
    let mut exchange = exchange();
    exchange.dials(LINE, None, Profile::Sdes);

    let (offered, web) = passes(&mut exchange, CALLER, LINE, CHROME, false);
    assert!(offered.contains("m=audio 31000 RTP/SAVP 111 9 0 8 13 110 126\r\n"));
    assert!(line(&offered, "a=crypto").starts_with("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
    let key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
    let (answered, sdes) =
        passes(&mut exchange, LINE, CALLER, &plain("8", key).replace("RTP/AVP", "RTP/SAVP"), false);

    assert!(answered.contains("UDP/TLS/RTP/SAVPF 8\r\n") && !answered.contains("crypto"));
    assert!(matches!(
        (&sealings(&web)[..], &sealings(&sdes)[..]),
        ([Sealing::Web { .. }], [Sealing::Sdes { .. }, Sealing::Web { .. }])
    ));
}

#[test]
fn who_has_chosen_keys_may_choose_to_have_none() {
    let mut exchange = exchange();
    let key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
    passes(&mut exchange, CALLER, LINE, &plain("8", key).replace("RTP/AVP", "RTP/SAVP"), false);
    passes(&mut exchange, LINE, CALLER, &plain("8", ""), false);

    passes(&mut exchange, CALLER, LINE, &plain("8", ""), true);
    assert_eq!(sealings(&exchange.replies(LINE, true)), [&Sealing::Plain]);
}

#[test]
fn the_gateway_itself_answers_a_browser_and_a_telephone_with_keys() {
    for (offer, proto, key) in [
        (CHROME, "UDP/TLS/RTP/SAVPF 111 110", "a=fingerprint"),
        (SDES, "RTP/SAVP 0 101", "a=crypto"),
        (HANDS, "UDP/TLS/RTP/SAVP 8 101", "a=fingerprint"),
    ] {
        let mut exchange = exchange();
        exchange.says(CALLER, Bytes::from_static(offer.as_bytes()));

        let Given { body, changes } = exchange.attends(CALLER, plenty).unwrap();

        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(&format!("m=audio 30000 {proto}\r\n")), "{body}");
        line(&body, key);
        assert!(!matches!(sealings(&changes)[..], [] | [Sealing::Plain | Sealing::Unkeyed]));
    }
}

#[test]
fn what_only_its_ends_can_open_passes_as_it_is() {
    let mut exchange = exchange();
    let odd = plain("8", "a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA\r\n").replace("RTP/AVP", "RTP/SAVP");

    let (offered, changes) = passes(&mut exchange, CALLER, LINE, &odd, false);

    assert!(offered.contains("m=audio 31000 RTP/SAVP 8\r\na=crypto:1 F8_128"));
    assert!(matches!(changes[..], [Change::Describe(CALLER, _)]));
}

#[test]
fn a_session_that_is_asked_for_is_sealed_so_once_it_is_accepted() {
    let mut exchange = exchange();
    passes(&mut exchange, CALLER, LINE, SDES, false);
    passes(&mut exchange, LINE, CALLER, &plain("0", ""), false);

    let (_, changes) = passes(&mut exchange, CALLER, LINE, &plain("0", "a=sendonly\r\n"), true);
    assert!(sealings(&changes).is_empty(), "until then nothing goes out in the clear");
    let declined = exchange.replies(LINE, false);
    assert!(matches!(sealings(&declined)[..], [Sealing::Sdes { .. }]));

    passes(&mut exchange, CALLER, LINE, &plain("0", "a=sendonly\r\n"), true);
    assert_eq!(sealings(&exchange.replies(LINE, true)), [&Sealing::Plain]);
}

#[test]
fn a_telephone_that_shakes_hands_is_answered_so_and_the_line_hears_of_none() {
    for (setup, ours) in [("actpass", "passive"), ("active", "passive"), ("passive", "active")] {
        let mut exchange = exchange();
        let offer = HANDS.replace("actpass", setup);

        let (offered, changes) = passes(&mut exchange, CALLER, LINE, &offer, false);
        assert!(
            offered.contains("m=audio 31000 RTP/AVP 8 101") && !offered.contains("fingerprint"),
            "{offered}"
        );
        let [Sealing::Dtls { at, is_answered: false, is_muxed: true, .. }] = sealings(&changes)[..] else {
            panic!("{changes:?}")
        };
        assert_eq!(*at, ["192.0.2.5:4002", "192.0.2.5:4003"].map(|at| Some(at.parse().unwrap())));

        let (answered, changes) = passes(&mut exchange, LINE, CALLER, &plain("8", ""), false);
        assert!(answered.contains("m=audio 30000 UDP/TLS/RTP/SAVP 8\r\n"), "{answered}");
        assert_eq!(line(&answered, "a=setup"), format!("a=setup:{ours}"));
        assert_eq!(line(&answered, "a=fingerprint"), format!("a=fingerprint:{}", Fingerprint::of(b"ours")));
        assert!(
            answered.contains("a=rtcp-mux\r\n") && !answered.contains("ice") && !answered.contains("mid")
        );
        let is_answered = matches!(sealings(&changes)[..], [Sealing::Dtls { is_answered: true, .. }]);
        assert!(is_answered, "from now on either may begin: {changes:?}");
    }
    let alone = HANDS.replace("a=rtcp-mux\r\n", "");
    let mut exchange = exchange();
    let (_, changes) = passes(&mut exchange, CALLER, LINE, &alone, false);
    assert!(matches!(sealings(&changes)[..], [Sealing::Dtls { is_muxed: false, .. }]));
    assert!(!passes(&mut exchange, LINE, CALLER, &plain("8", ""), false).0.contains("mux"));
}

#[test]
fn who_offers_both_roles_again_keeps_its_own_unless_it_is_another() {
    let again = HANDS.replace("4002", "4004");
    for (offer, ours) in [
        (again.clone(), "a=setup:active"),
        (again.replace("actpass", "active"), "a=setup:passive"),
        (again.replace(":8F", ":8E"), "a=setup:passive"),
    ] {
        let mut exchange = exchange();
        passes(&mut exchange, CALLER, LINE, &HANDS.replace("actpass", "passive"), false);
        passes(&mut exchange, LINE, CALLER, &plain("8", ""), false);

        passes(&mut exchange, CALLER, LINE, &offer, true);
        let (answered, _) = passes(&mut exchange, LINE, CALLER, &plain("8", ""), false);

        assert_eq!(line(&answered, "a=setup"), ours);
        assert!(matches!(sealings(&exchange.replies(LINE, true))[..], [Sealing::Dtls { .. }]));
    }
}

#[test]
fn who_asks_for_another_role_and_is_declined_has_the_one_of_before() {
    let mut exchange = exchange();
    let (_, before) = passes(&mut exchange, CALLER, LINE, HANDS, false);
    passes(&mut exchange, LINE, CALLER, &plain("8", ""), false);
    passes(&mut exchange, CALLER, LINE, &HANDS.replace("actpass", "passive"), true);

    let changes = exchange.replies(LINE, false);

    let setup = |changes: &[Change]| match sealings(changes)[..] {
        [Sealing::Dtls { theirs, .. }] => theirs.setup,
        _ => panic!("{changes:?}"),
    };
    assert_eq!(setup(&changes), setup(&before));
}

#[test]
fn a_line_that_is_dialled_with_a_handshake_is_offered_that_alone() {
    let mut exchange = exchange();
    exchange.dials(LINE, None, Profile::Dtls);
    let (offered, _) = passes(&mut exchange, CALLER, LINE, &plain("8 0", ""), false);
    assert!(offered.contains("m=audio 31000 UDP/TLS/RTP/SAVP 8 0 96\r\n"), "{offered}");
    assert_eq!(line(&offered, "a=setup"), "a=setup:actpass");
    assert!(offered.contains("a=rtcp-mux\r\n") && !offered.contains("crypto") && !offered.contains("ice"));

    let (_, changes) = passes(&mut exchange, LINE, CALLER, &HANDS.replace("actpass", "active"), false);
    assert!(matches!(sealings(&changes)[..], [Sealing::Dtls { is_answered: true, .. }]), "{changes:?}");
}
