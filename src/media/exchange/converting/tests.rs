//! Who shares a codec is told of no other; who shares none is told of one's own.

use super::super::tests::{CALLER, LINE, OTHER, exchange, passes, plenty};
use super::super::{Change, Given};
use bytes::Bytes;

const OPUS: &str = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n";
const KEYS: &str = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n";
const WIDE_KEYS: &str = "a=rtpmap:110 telephone-event/48000\r\n";

fn said(who: &str, formats: &str, more: &str) -> Bytes {
    format!(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns={who}\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
         m=audio 4000 {formats}\r\n{more}"
    )
    .into()
}

/// The formats of the first stream, and what is said of them.
fn told(given: &Given) -> String {
    let text = String::from_utf8(given.body.to_vec()).unwrap();
    let (_, stream) = text.split_once("m=audio ").unwrap();
    let (port, rest) = stream.split_once(' ').unwrap();
    assert_eq!(port.len(), 5);
    rest.replace("\r\n", "\n").trim_end().to_owned()
}

const NARROW: &str = "maxplaybackrate=8000;sprop-maxcapturerate=8000;useinbandfec=1";

#[test]
fn an_offer_gains_what_its_side_lacks_behind_what_it_has() {
    for (formats, more, gains) in [
        ("RTP/AVP 8 0", "", ("RTP/AVP 8 0 96", format!("a=rtpmap:96 opus/48000/2\na=fmtp:96 {NARROW}"))),
        ("RTP/AVP 18 8", "", ("RTP/AVP 18 8 96", format!("a=rtpmap:96 opus/48000/2\na=fmtp:96 {NARROW}"))),
        ("RTP/AVP 0 101", KEYS, (
            "RTP/AVP 0 101 96 97",
            format!("a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=rtpmap:96 opus/48000/2\na=fmtp:96 {NARROW}\n\
                     a=rtpmap:97 telephone-event/48000\na=fmtp:97 0-15"),
        )),
        ("RTP/AVP 96 0", "a=rtpmap:96 telephone-event/8000\r\n", (
            "RTP/AVP 96 0 97 98",
            format!("a=rtpmap:96 telephone-event/8000\na=rtpmap:97 opus/48000/2\na=fmtp:97 {NARROW}\n\
                     a=rtpmap:98 telephone-event/48000\na=fmtp:98 0-15"),
        )),
        ("RTP/AVP 111", OPUS, (
            "RTP/AVP 111 8 0",
            "a=rtpmap:111 opus/48000/2\na=fmtp:111 useinbandfec=1\na=rtpmap:8 pcma/8000\na=rtpmap:0 pcmu/8000".to_owned(),
        )),
        ("RTP/AVP 111 110", WIDE_KEYS, ("RTP/AVP 111 110", "a=rtpmap:110 telephone-event/48000".to_owned())),
    ] {
        let given = passes(&mut exchange(), CALLER, LINE, &said("ada", formats, more), false);

        assert_eq!(told(&given), format!("{}\n{}", gains.0, gains.1).trim_end());
    }
}

#[test]
fn who_has_both_or_neither_or_cannot_be_opened_is_offered_as_it_is() {
    for (formats, more) in [
        ("RTP/AVP 8 111", OPUS),
        ("RTP/AVP 18 9", ""),
        ("RTP/SAVP 8", "a=crypto:1 UNKNOWN inline:x\r\n"),
        ("RTP/AVP 111", "a=rtpmap:111 opus/16000\r\n"),
    ] {
        let given = passes(&mut exchange(), CALLER, LINE, &said("ada", formats, more), false);

        assert_eq!(told(&given), format!("{formats}\n{more}").replace("\r\n", "\n").trim_end());
    }
}

/// What the caller is told of an answer to its offer.
fn answered(offer: (&str, &str), answer: (&str, &str)) -> String {
    let mut exchange = exchange();
    passes(&mut exchange, CALLER, LINE, &said("ada", offer.0, offer.1), false);
    told(&passes(&mut exchange, LINE, CALLER, &said("bob", answer.0, answer.1), false))
}

#[test]
fn an_answer_with_what_was_offered_is_told_without_what_was_added() {
    let added = "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtpmap:97 telephone-event/48000\r\na=ptime:20\r\n";
    for (answer, told) in [
        (("RTP/AVP 8 101", KEYS), "RTP/AVP 8 101\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16"),
        (("RTP/AVP 8 96 97", added), "RTP/AVP 8\na=ptime:20"),
        (("RTP/AVP 96 8 97", added), "RTP/AVP 8\na=ptime:20"),
        (("RTP/AVP 18", ""), "RTP/AVP 18"),
    ] {
        assert_eq!(answered(("RTP/AVP 8 0 101", KEYS), answer), told);
    }
}

#[test]
fn an_answer_with_what_was_added_alone_is_told_as_what_was_offered() {
    for (offer, answer, told) in [
        (
            ("RTP/AVP 0 8 101", KEYS),
            (
                "RTP/AVP 96 97",
                "a=rtpmap:96 opus/48000/2\r\na=ptime:20\r\na=rtpmap:97 telephone-event/48000\r\n",
            ),
            "RTP/AVP 0 101\na=ptime:20\na=rtpmap:0 pcmu/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15",
        ),
        // Keys in the clock of telephones, as many have them alone.
        (
            ("RTP/AVP 8 101", KEYS),
            ("RTP/AVP 96 101", "a=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"),
            "RTP/AVP 8 101\na=rtpmap:8 pcma/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15",
        ),
        // By another number than it was offered.
        (
            ("RTP/AVP 8", ""),
            ("RTP/AVP 120", "a=rtpmap:120 opus/48000/2\r\n"),
            "RTP/AVP 8\na=rtpmap:8 pcma/8000",
        ),
    ] {
        assert_eq!(answered(offer, answer), told);
    }
    let opus = "RTP/AVP 111\na=rtpmap:111 opus/48000/2\na=fmtp:111 ";
    assert_eq!(answered(("RTP/AVP 111", OPUS), ("RTP/AVP 0", "")), format!("{opus}{NARROW}"));
}

#[test]
fn who_takes_what_was_added_by_another_number_may_send_both() {
    let mut exchange = exchange();
    passes(&mut exchange, CALLER, LINE, &said("ada", "RTP/AVP 8", ""), false);

    let opus = "a=rtpmap:120 opus/48000/2\r\n";
    let given = passes(&mut exchange, LINE, CALLER, &said("bob", "RTP/AVP 120", opus), false);

    let Change::Describe(LINE, streams) = &given.changes[0] else { panic!("{given:?}") };
    let numbers: Vec<_> = streams[0].formats.iter().map(|it| (it.payload_type, it.name.as_str())).collect();
    assert_eq!(numbers, [(120, "opus"), (96, "opus")]);
}

#[test]
fn numbers_stay_what_they_are_in_later_offers() {
    let mut exchange = exchange();
    let first = passes(&mut exchange, CALLER, LINE, &said("ada", "RTP/AVP 8 101", KEYS), false);
    passes(&mut exchange, LINE, CALLER, &said("bob", "RTP/AVP 96", "a=rtpmap:96 opus/48000/2\r\n"), false);

    let hold = format!("{KEYS}a=sendonly\r\n");
    let again = passes(&mut exchange, CALLER, LINE, &said("ada", "RTP/AVP 8 101", &hold), true);
    assert_eq!(told(&again).replace("\na=sendonly", ""), told(&first));

    // The other side may have come to need one of them itself: then it is another, never that of something else.
    let keys = "a=rtpmap:96 telephone-event/8000\r\n";
    let moved = passes(&mut exchange, CALLER, LINE, &said("ada", "RTP/AVP 8 96", keys), true);
    assert!(told(&moved).starts_with("RTP/AVP 8 96 98 97\n"), "{}", told(&moved));
}

#[test]
fn a_caller_who_is_spoken_to_has_agreed_where_the_line_takes_what_was_added() {
    for (line, agrees) in [
        (("RTP/AVP 96", "a=rtpmap:96 opus/48000/2\r\n"), true),
        (("RTP/AVP 8 96", "a=rtpmap:96 opus/48000/2\r\n"), true),
        (("RTP/AVP 0", ""), false),
    ] {
        let mut exchange = exchange();
        let offer = said("ada", "RTP/AVP 8 0", "");
        exchange.says(CALLER, offer.clone());
        exchange.attends(CALLER, plenty).unwrap();
        exchange.gives(LINE, &offer, false, plenty).unwrap().unwrap();
        let answer = said("bob", line.0, line.1);
        exchange.says(LINE, answer.clone());

        assert_eq!(exchange.has_agreed(CALLER, &answer), agrees, "{line:?}");
    }
}

#[test]
fn after_a_transfer_each_side_is_given_what_it_has_until_neither_says_anything_new() {
    let mut exchange = exchange();
    let ada = said("ada", "RTP/AVP 8", "");
    passes(&mut exchange, CALLER, LINE, &ada, false);
    passes(&mut exchange, LINE, CALLER, &said("bob", "RTP/AVP 8", ""), false);
    let session = exchange.given_to(LINE).unwrap();

    exchange.gives(OTHER, &session, false, plenty).unwrap().unwrap();
    let eve = said("eve", "RTP/AVP 96", "a=rtpmap:96 opus/48000/2\r\n");
    let asked = passes(&mut exchange, OTHER, CALLER, &eve, true);
    assert!(told(&asked).starts_with("RTP/AVP 96 8 0\n"), "{}", told(&asked));
    exchange.replies(CALLER, true);
    let aligned = passes(&mut exchange, CALLER, OTHER, &said("ada", "RTP/AVP 8", "a=x\r\n"), true);
    assert!(told(&aligned).starts_with("RTP/AVP 8 96\n"), "{}", told(&aligned));
    exchange.replies(OTHER, true);

    let again = passes(&mut exchange, OTHER, CALLER, &eve, true);
    assert_eq!(again.body, asked.body, "it need not be asked");
}

#[test]
fn an_answer_with_no_sound_that_was_offered_is_vain() {
    for (answer, is_vain) in [
        (("RTP/AVP 18 101", KEYS), true),
        (("RTP/AVP 18 8", ""), false),
        (("RTP/AVP 120", "a=rtpmap:120 opus/48000/2\r\n"), false),
        (("RTP/AVP 120", "a=rtpmap:120 speex/8000\r\n"), true),
        (("RTP/AVP 96", ""), false),
    ] {
        let mut exchange = exchange();
        passes(&mut exchange, CALLER, LINE, &said("ada", "RTP/AVP 8 101", KEYS), false);

        let answer = said("bob", answer.0, answer.1);
        assert_eq!(exchange.is_vain(LINE, &answer), is_vain, "{answer:?}");
        let refused = String::from_utf8(answer.to_vec()).unwrap().replace("audio 4000", "audio 0");
        assert!(!exchange.is_vain(LINE, refused.as_bytes()));
        assert!(!exchange.is_vain(OTHER, &answer));
    }
}
