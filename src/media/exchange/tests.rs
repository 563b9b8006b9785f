//! Offers and answers through the relay: who is given what, and who hears whom.

use super::*;
use crate::media::sdp::Fingerprint;

pub(super) const CALLER: LegId = LegId::CALLER;
pub(super) const LINE: LegId = LegId::LINE;
pub(super) const OTHER: LegId = LegId(2);

pub(super) fn exchange() -> Exchange {
    Exchange::new(0, secrets())
}

fn secrets() -> Secrets {
    Secrets::new(&[7; 32], Fingerprint::of(b"ours"))
}

fn said(who: &str, port: u16, more: &str) -> Bytes {
    format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns={who}\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n{more}")
        .into()
}

/// Ports for everybody: leg 1 has 31000, leg 2 32000 …, each stream two more.
pub(super) fn plenty(leg: LegId, stream: u8, is_ipv6: bool) -> Option<Place> {
    let rtp = 30_000 + 1_000 * u16::from(leg.0) + 2 * u16::from(stream);
    let address = if is_ipv6 { "2001:db8::7" } else { "198.51.100.7" };
    Some(Place { address: address.parse().unwrap(), ports: [rtp, rtp + 1] })
}

/// A leg says something, which is given to another.
pub(super) fn passes(exchange: &mut Exchange, from: LegId, to: LegId, body: &Bytes, is_asked: bool) -> Given {
    exchange.says(from, body.clone());
    exchange.gives(to, body, is_asked, plenty).unwrap().unwrap()
}

/// A caller at 4000 talks to a line at 6000.
fn talk() -> Exchange {
    let mut exchange = exchange();
    passes(&mut exchange, CALLER, LINE, &said("ada", 4_000, ""), false);
    passes(&mut exchange, LINE, CALLER, &said("bob", 6_000, ""), false);
    exchange
}

fn has(given: &Given, words: &str) -> bool {
    String::from_utf8_lossy(&given.body).contains(words)
}

#[test]
fn each_side_is_given_the_ports_that_face_it() {
    let mut exchange = exchange();

    let offered = passes(&mut exchange, CALLER, LINE, &said("ada", 4_000, ""), false);
    let answered = passes(&mut exchange, LINE, CALLER, &said("bob", 6_000, ""), false);

    assert!(has(&offered, "s=ada") && has(&offered, "audio 31000") && has(&offered, "c=IN IP4 198.51.100.7"));
    assert!(has(&answered, "s=bob") && has(&answered, "audio 30000"));
    assert!(matches!(offered.changes[..], [Change::Describe(CALLER, _)]));
    assert!(matches!(answered.changes[..], [Change::Describe(LINE, _), Change::Join(CALLER, LINE)]));
    assert!(exchange.is_open());
}

#[test]
fn of_lines_that_ring_together_the_one_that_was_given_last_is_heard() {
    let mut exchange = exchange();
    let offer = said("ada", 4_000, "");
    exchange.says(CALLER, offer.clone());
    for (line, port) in [(LINE, "audio 31000"), (OTHER, "audio 32000")] {
        assert!(has(&exchange.gives(line, &offer, false, plenty).unwrap().unwrap(), port));
    }

    // Both say the same to the byte.
    let ringing = said("pbx", 6_000, "");
    let first = passes(&mut exchange, LINE, CALLER, &ringing, false);
    let second = passes(&mut exchange, OTHER, CALLER, &ringing, false);

    assert_eq!(first.changes.last(), Some(&Change::Join(CALLER, LINE)));
    assert_eq!(second.changes.last(), Some(&Change::Join(CALLER, OTHER)));
}

#[test]
fn an_offer_that_comes_late_is_answered_in_the_ack() {
    let mut exchange = exchange();

    let offered = passes(&mut exchange, LINE, CALLER, &said("bob", 6_000, ""), false);
    let answered = passes(&mut exchange, CALLER, LINE, &said("ada", 4_000, ""), false);

    assert!(has(&offered, "audio 30000") && has(&answered, "audio 31000"));
    assert!(exchange.is_open());
}

#[test]
fn ports_stay_the_same_and_a_new_stream_gets_new_ones() {
    let mut exchange = talk();

    let more = passes(&mut exchange, CALLER, LINE, &said("ada", 4_000, "m=video 4002 RTP/AVP 34\r\n"), true);
    assert!(has(&more, "audio 31000") && has(&more, "video 31002"));
    let refused = passes(&mut exchange, LINE, CALLER, &said("bob", 6_000, "m=video 0 RTP/AVP 34\r\n"), false);
    assert!(has(&refused, "audio 30000") && has(&refused, "video 0"));
}

#[test]
fn who_holds_is_not_waited_for() {
    let mut exchange = talk();

    passes(&mut exchange, LINE, CALLER, &said("bob", 6_000, "a=sendonly\r\n"), true);
    passes(&mut exchange, CALLER, LINE, &said("ada", 4_000, "a=recvonly\r\n"), false);
    exchange.replies(CALLER, true);
    assert!(!exchange.is_open());

    passes(&mut exchange, LINE, CALLER, &said("bob", 6_000, ""), true);
    passes(&mut exchange, CALLER, LINE, &said("ada", 4_000, ""), false);
    assert!(exchange.is_open());
}

#[test]
fn what_is_declined_has_never_been() {
    let mut exchange = talk();
    let moved = passes(&mut exchange, CALLER, LINE, &said("ada", 9_000, ""), true);
    let [Change::Describe(CALLER, new)] = &moved.changes[..] else { panic!("{moved:?}") };
    assert_eq!(new[0].rtp.unwrap().port(), 9_000);

    let changes = exchange.replies(LINE, false);

    let [Change::Describe(CALLER, old)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(old[0].rtp.unwrap().port(), 4_000);
    assert_eq!(exchange.replies(LINE, false), []);
}

#[test]
fn a_transfer_moves_the_caller_and_a_failed_one_moves_it_back() {
    let mut exchange = talk();
    let session = exchange.given_to(LINE).unwrap();
    assert_eq!(session, said("ada", 4_000, ""));
    let offered = exchange.gives(OTHER, &session, false, plenty).unwrap().unwrap();
    assert!(has(&offered, "s=ada") && has(&offered, "audio 32000"));

    let moved = passes(&mut exchange, OTHER, CALLER, &said("eve", 7_000, ""), true);
    assert_eq!(moved.changes.last(), Some(&Change::Join(CALLER, OTHER)));
    assert_eq!(exchange.replies(CALLER, false), [Change::Join(CALLER, LINE)]);
    assert!(exchange.is_open());
}

#[test]
fn what_cannot_be_relayed_goes_past_with_all_that_follows() {
    let mut exchange = exchange();
    let odd = said("ada", 4_000, "").to_vec();
    let odd = Bytes::from(String::from_utf8(odd).unwrap().replace("RTP/AVP", "TCP/RTP/AVP"));
    exchange.says(CALLER, odd.clone());

    assert_eq!(exchange.gives(LINE, &odd, false, plenty), Err(Past::Unfit(Unfit::Transport)));

    let answer = said("bob", 6_000, "");
    exchange.says(LINE, answer.clone());
    assert_eq!(exchange.gives(CALLER, &answer, false, plenty), Ok(None));
    assert!(!exchange.is_open());
}

#[test]
fn a_talk_that_goes_past_from_now_on_is_not_waited_for() {
    let mut exchange = talk();
    let odd = said("ada", 4_000, "m=message 9 TCP/MSRP *\r\n");
    exchange.says(CALLER, odd.clone());

    assert_eq!(exchange.gives(LINE, &odd, true, plenty), Err(Past::Unfit(Unfit::Transport)));

    assert!(!exchange.is_open());
}

#[test]
fn without_a_port_one_line_goes_past_and_another_may_be_relayed() {
    let mut exchange = exchange();
    let offer = said("ada", 4_000, "");
    exchange.says(CALLER, offer.clone());

    let none_left = exchange.gives(LINE, &offer, false, |leg, stream, six| {
        (leg == CALLER).then(|| plenty(leg, stream, six)).flatten()
    });
    assert_eq!(none_left, Err(Past::NoPort));

    assert!(exchange.gives(OTHER, &offer, false, plenty).unwrap().is_some());
    let answer = said("bob", 6_000, "");
    exchange.says(LINE, answer.clone());
    assert_eq!(exchange.gives(CALLER, &answer, false, plenty), Ok(None));
}

#[test]
fn what_nobody_said_goes_past() {
    let mut exchange = talk();

    assert_eq!(exchange.gives(LINE, &said("eve", 1, ""), false, plenty), Err(Past::Unsaid));
}

#[test]
fn a_line_is_met_in_its_own_family() {
    for (is_ipv6, words) in [(Some(true), "c=IN IP6 2001:db8::7"), (None, "c=IN IP4 198.51.100.7")] {
        let mut exchange = exchange();
        exchange.dials(LINE, is_ipv6, Profile::Plain);

        let offered = passes(&mut exchange, CALLER, LINE, &said("ada", 4_000, ""), false);
        let answered = passes(&mut exchange, LINE, CALLER, &said("bob", 6_000, ""), false);

        assert!(has(&offered, words), "{offered:?}");
        assert!(has(&answered, "c=IN IP4 198.51.100.7"));
    }
}

#[test]
fn who_is_gone_has_said_nothing() {
    let mut exchange = talk();
    exchange.leaves(LINE);

    assert!(!exchange.is_open());
    assert_eq!(exchange.gives(CALLER, &said("bob", 6_000, ""), false, plenty), Err(Past::Unsaid));
}

#[test]
fn an_offer_that_another_has_followed_is_still_the_callers() {
    let mut exchange = exchange();
    let offer = said("ada", 4_000, "");
    passes(&mut exchange, CALLER, LINE, &offer, false);
    passes(&mut exchange, CALLER, LINE, &said("ada", 4_002, ""), true);

    let hunted = exchange.gives(OTHER, &offer, false, plenty).unwrap().unwrap();

    assert!(has(&hunted, "audio 32000"));
}

#[test]
fn what_cannot_be_relayed_and_is_declined_takes_nothing_past() {
    let mut exchange = talk();
    let with_tcp = said("ada", 4_000, "m=application 9 TCP/BFCP *\r\n");
    exchange.says(CALLER, with_tcp.clone());
    assert!(exchange.gives(LINE, &with_tcp, true, plenty).is_err());

    exchange.replies(LINE, false);

    let hold = passes(&mut exchange, CALLER, LINE, &said("ada", 4_000, "a=sendonly\r\n"), true);
    assert!(has(&hold, "audio 31000"));
}

#[test]
fn what_cannot_be_relayed_and_is_accepted_goes_past_from_then_on() {
    let mut exchange = talk();
    let with_tcp = said("ada", 4_000, "m=application 9 TCP/BFCP *\r\n");
    exchange.says(CALLER, with_tcp.clone());
    assert!(exchange.gives(LINE, &with_tcp, true, plenty).is_err());

    exchange.replies(LINE, true);

    let hold = said("ada", 4_000, "a=sendonly\r\n");
    exchange.says(CALLER, hold.clone());
    assert_eq!(exchange.gives(LINE, &hold, true, plenty), Ok(None));
}

#[test]
fn a_decline_joins_nobody_to_a_line_that_is_gone() {
    let mut exchange = exchange();
    let offer = said("ada", 4_000, "");
    passes(&mut exchange, CALLER, LINE, &offer, false);
    passes(&mut exchange, LINE, CALLER, &said("early", 6_000, ""), false);
    passes(&mut exchange, LINE, CALLER, &said("early", 6_002, ""), true);
    exchange.leaves(LINE);
    exchange.gives(OTHER, &offer, false, plenty).unwrap();
    passes(&mut exchange, OTHER, CALLER, &said("bob", 7_000, ""), false);

    assert_eq!(exchange.replies(CALLER, false), []);
}

fn offering(formats: &str, more: &str) -> Bytes {
    let body = said("ada", 4_000, &format!("a=rtpmap:111 opus/48000/2\r\n{more}"));
    String::from_utf8(body.to_vec()).unwrap().replace("AVP 0", &format!("AVP {formats}")).into()
}

#[test]
fn who_is_spoken_to_is_answered_in_the_first_format_that_we_speak() {
    for (formats, taken) in [("8 0", Some("AVP 8\r\n")), ("18 111 0", Some("AVP 111\r\n")), ("18 3", None)] {
        let mut exchange = Exchange::new(7_000, secrets());
        exchange.says(CALLER, offering(formats, ""));

        let given = exchange.attends(CALLER, plenty);

        match taken {
            Some(taken) => {
                let given = given.unwrap();
                assert!(has(&given, &format!("m=audio 30000 RTP/{taken}")) && has(&given, "o=- 7000 1 "));
                assert!(matches!(given.changes[..], [Change::Describe(CALLER, _)]));
            }
            None => assert_eq!(given.unwrap_err(), Past::Unspoken),
        }
    }
}

#[test]
fn a_line_is_offered_first_what_the_caller_was_answered_in_and_who_takes_it_is_joined() {
    let mut exchange = Exchange::new(7_000, secrets());
    let offer = offering("18 8 0", "");
    exchange.says(CALLER, offer.clone());
    exchange.attends(CALLER, plenty).unwrap();

    assert!(has(&exchange.gives(LINE, &offer, false, plenty).unwrap().unwrap(), "RTP/AVP 8 18 0 96\r\n"));
    for (formats, more, agreed) in [
        ("8", "", true),
        ("8 0", "", true),
        ("0 8", "", false),
        ("8", "a=sendonly\r\n", false),
        ("8", "m=video 5000 RTP/AVP 34\r\n", false),
        ("8", "m=video 0 RTP/AVP 34\r\n", true),
    ] {
        assert_eq!(exchange.has_agreed(CALLER, &offering(formats, more)), agreed, "{formats} {more}");
    }
    let answer = offering("8", "s=bob\r\n");
    exchange.says(LINE, answer.clone());
    let given = exchange.gives(CALLER, &answer, false, plenty).unwrap().unwrap();

    assert!(has(&given, "o=- 7000 2 "), "the second version of one session");
    assert_eq!(given.changes[1..], [Change::Join(CALLER, LINE), Change::Hush(CALLER)]);
    assert_eq!(exchange.spoken(CALLER), None);
}

#[test]
fn who_declines_is_as_if_it_had_not_been_asked() {
    let mut exchange = talk();
    let before = exchange.given_to(CALLER);

    passes(&mut exchange, LINE, CALLER, &said("bob", 6_002, ""), true);
    exchange.replies(CALLER, false);

    assert_eq!(exchange.given_to(CALLER), before);
}

#[test]
fn who_cannot_hear_us_is_not_spoken_to() {
    for hold in ["a=inactive\r\n", "a=sendonly\r\n"] {
        let mut exchange = Exchange::new(7_000, secrets());
        exchange.says(CALLER, offering("8", hold));

        assert_eq!(exchange.attends(CALLER, plenty).unwrap_err(), Past::Unspoken, "{hold}");
    }
}

#[test]
fn who_agrees_on_another_format_meanwhile_is_spoken_to_anew_and_offered_to_lines_as_they_are_now() {
    let mut exchange = Exchange::new(7_000, secrets());
    exchange.says(CALLER, offering("8 0", ""));
    exchange.attends(CALLER, plenty).unwrap();
    exchange.says(CALLER, offering("0", "a=rtpmap:101 telephone-event/8000\r\n"));

    let given = exchange.attends(CALLER, plenty).unwrap();

    assert!(given.changes.contains(&Change::Hush(CALLER)));
    assert_eq!(exchange.offered(CALLER), Some(offering("0", "a=rtpmap:101 telephone-event/8000\r\n")));
}

#[test]
fn what_a_line_says_that_goes_past_us_is_never_what_the_caller_has_agreed_on() {
    let mut exchange = Exchange::new(7_000, secrets());
    let offer = offering("8", "");
    exchange.says(CALLER, offer.clone());
    exchange.attends(CALLER, plenty).unwrap();
    exchange.dials(LINE, None, Profile::Plain);
    let nothing_free = |leg, stream, is_ipv6| if leg == CALLER { plenty(leg, stream, is_ipv6) } else { None };
    assert_eq!(exchange.gives(LINE, &offer, false, nothing_free).unwrap_err(), Past::NoPort);
    let answer = offering("8", "s=bob\r\n");
    exchange.says(LINE, answer.clone());

    assert!(!exchange.has_agreed(CALLER, &answer));
    assert_eq!(exchange.hushes(CALLER), Some(Change::Hush(CALLER)));
    assert_eq!(exchange.hushes(CALLER), None);
}
