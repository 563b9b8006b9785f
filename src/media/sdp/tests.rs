//! Descriptions as telephones, carriers and browsers write them.

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;

const OFFER: &str = "v=0\r\no=ada 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
     m=audio 4000 RTP/AVP 8 111 101\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n\
     a=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";

fn ours() -> IpAddr {
    "198.51.100.7".parse().unwrap()
}

fn anew(address: IpAddr, ports: &[[u16; 2]]) -> Anew<'_> {
    Anew { address, ports, origin: [7, 1], first: None }
}

fn rewritten(body: &str, address: IpAddr, ports: &[[u16; 2]]) -> String {
    String::from_utf8(rewrite(body.as_bytes(), &anew(address, ports))).unwrap()
}

fn only(body: &str) -> Stream {
    let streams = Description::read(body.as_bytes()).unwrap().streams;
    assert_eq!(streams.len(), 1);
    streams.into_iter().next().unwrap()
}

#[test]
fn a_telephone_is_read() {
    let stream = only(OFFER);

    assert_eq!(stream.rtp, Some("192.0.2.1:4000".parse().unwrap()));
    assert_eq!(stream.rtcp, Some("192.0.2.1:4001".parse().unwrap()));
    assert!(stream.is_live && stream.is_open && !stream.is_sealed());
    assert_eq!([8, 111, 101, 96].map(|of| stream.rate(of)), [Some(8_000), Some(48_000), Some(8_000), None]);
}

#[test]
fn where_reports_go_may_be_said() {
    for (said, port) in
        [("a=rtcp:53020\r\n", "192.0.2.1:53020"), ("a=rtcp:53020 IN IP4 192.0.2.9\r\n", "192.0.2.9:53020")]
    {
        assert_eq!(only(&format!("{OFFER}{said}")).rtcp, Some(port.parse().unwrap()), "{said}");
    }
}

#[test]
fn who_is_on_hold_is_not_open() {
    for (old, new) in [
        ("a=sendrecv", "a=sendonly"),
        ("a=sendrecv", "a=inactive"),
        ("a=sendrecv", "a=recvonly"),
        ("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0"),
        ("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n"),
    ] {
        let held = OFFER.replace(old, new);
        // What stands at the stream counts more than what stands above.
        let held = if new.starts_with("t=") { held.replace("a=sendrecv\r\n", "") } else { held };

        assert!(!only(&held).is_open, "{held}");
    }
}

#[test]
fn what_cannot_be_relayed_is_told() {
    for (old, new, why) in [
        ("RTP/AVP", "TCP/MSRP", Unfit::Transport),
        ("audio 4000", "audio 4000/2", Unfit::Transport),
        ("c=IN IP4 192.0.2.1", "c=IN IP4 224.2.1.1/127", Unfit::Transport),
        ("v=0", "hello", Unfit::Unreadable),
        ("audio 4000", "audio 99999", Unfit::Unreadable),
        ("audio 4000", "audio +4000", Unfit::Unreadable),
    ] {
        let odd = OFFER.replace(old, new);
        assert_eq!(Description::read(odd.as_bytes()).unwrap_err(), why, "{odd}");
    }
    let many = format!("{OFFER}{}", "m=video 5000 RTP/AVP 34\r\n".repeat(STREAMS_MAX));
    assert_eq!(Description::read(many.as_bytes()).unwrap_err(), Unfit::TooMany);
}

#[test]
fn a_host_name_is_no_place_and_can_be_relayed() {
    let named = OFFER.replace("c=IN IP4 192.0.2.1", "c=IN IP4 phone.example");

    let stream = only(&named);

    assert_eq!((stream.rtp, stream.is_live), (None, true));
    assert!(rewritten(&named, ours(), &[[30_000, 30_001]]).contains("c=IN IP4 198.51.100.7\r\n"));
}

#[test]
fn only_places_change() {
    let new = rewritten(OFFER, ours(), &[[30_000, 30_001]]);

    let expected = OFFER
        .replace("c=IN IP4 192.0.2.1", "c=IN IP4 198.51.100.7")
        .replace("o=ada 1 1 IN IP4 192.0.2.1", "o=- 7 1 IN IP4 198.51.100.7")
        .replace("audio 4000", "audio 30000");
    assert_eq!(new, expected);
}

#[test]
fn the_format_that_is_liked_best_comes_first() {
    let ports = [[30_000, 30_001]];
    for (first, formats) in [(111, "111 8 101"), (101, "101 8 111"), (8, "8 111 101"), (0, "8 111 101")] {
        let new = rewrite(OFFER.as_bytes(), &Anew { first: Some(first), ..anew(ours(), &ports) });
        let new = String::from_utf8(new).unwrap();

        assert!(new.contains(&format!("m=audio 30000 RTP/AVP {formats}\r\n")), "{new}");
    }
}

#[test]
fn a_fault_in_what_nobody_asks_about_keeps_nothing_from_being_read() {
    let mut latin = OFFER.replace("s=-", "s=Acc").into_bytes();
    let name = latin.windows(3).position(|w| w == b"Acc").unwrap();
    latin[name + 2] = 0xe8;
    for odd in [
        latin,
        OFFER.replace("s=-\r\n", "").into_bytes(),
        OFFER.replace("t=0 0\r\n", "t=\r\nx=1\r\n").into_bytes(),
        OFFER.replace(" 8 111 101", "").into_bytes(),
    ] {
        let stream = Description::read(&odd).unwrap().streams.remove(0);
        assert_eq!(stream.rtp, Some("192.0.2.1:4000".parse().unwrap()), "{}", String::from_utf8_lossy(&odd));
    }
}

#[test]
fn the_gateway_takes_one_format_and_keys_and_refuses_the_rest() {
    let offer = format!("{OFFER}m=video 5000 RTP/AVP 34\r\na=rtpmap:34 H263/90000\r\n");
    let offer = Description::read(offer.as_bytes()).unwrap();
    let chosen = &offer.streams[0].formats[0];

    let said = answer(&offer, 0, chosen, &anew(ours(), &[[30_000, 30_001], [30_002, 30_003]]));

    let expected = "v=0\r\no=- 7 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n\
         m=audio 30000 RTP/AVP 8 101\r\na=rtpmap:8 pcma/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
         a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\nm=video 0 RTP/AVP 34\r\n";
    assert_eq!(said, expected);
}

#[test]
fn from_one_family_to_the_other() {
    let six: IpAddr = "2001:db8::7".parse().unwrap();
    for (old, new) in [("c=IN IP4 192.0.2.1", "c=IN IP6 2001:db8::7"), ("c=IN IP4 0.0.0.0", "c=IN IP6 ::")] {
        let offer = OFFER.replace("c=IN IP4 192.0.2.1", old);
        assert!(rewritten(&offer, six, &[[30_000, 30_001]]).contains(new), "{old}");
    }
}

#[test]
fn each_stream_has_its_own_port_and_a_refused_one_stays_so() {
    let two = format!("{OFFER}m=video 0 RTP/AVP 34\r\nm=image 4010 udptl t38\r\nc=IN IP4 192.0.2.3\r\n");
    let new = rewritten(&two, ours(), &[[30_000, 30_001], [30_002, 30_003], [30_004, 30_005]]);

    assert!(new.contains("m=audio 30000 RTP/AVP"));
    assert!(new.contains("m=video 0 RTP/AVP 34\r\nm=image 30004 udptl t38\r\nc=IN IP4 198.51.100.7\r\n"));
}

#[test]
fn reports_are_told_their_new_place_and_stay_where_the_stream_is_if_they_were_there() {
    for (old, new) in [
        ("a=rtcp:53020\r\n", "a=rtcp:30001\r\n"),
        ("a=rtcp:53020 IN IP4 192.0.2.9\r\n", "a=rtcp:30001 IN IP4 198.51.100.7\r\n"),
        ("a=rtcp:4000\r\na=rtcp-mux\r\n", "a=rtcp:30000\r\na=rtcp-mux\r\n"),
    ] {
        let said = rewritten(&format!("{OFFER}{old}"), ours(), &[[30_000, 30_001]]);
        assert!(said.ends_with(new), "{said}");
    }
}

#[test]
fn candidates_go() {
    let ice = "a=ice-ufrag:a\r\na=ice-pwd:b\r\na=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n\
               a=end-of-candidates\r\na=ice-options:trickle\r\n";
    let plain = rewritten(OFFER, ours(), &[[30_000, 30_001]]);

    assert_eq!(rewritten(&format!("{OFFER}{ice}"), ours(), &[[30_000, 30_001]]), plain);
}

#[test]
fn line_ends_stay_as_they_are() {
    let bare = OFFER.replace("\r\n", "\n");
    let new = rewritten(&bare, ours(), &[[30_000, 30_001]]);

    assert!(!new.contains('\r') && new.contains("m=audio 30000 RTP/AVP 8 111 101\n"));
}

proptest! {
    /// However a description is spoilt: one that can be read can be read anew,
    /// and what is live in it is at the relay's places.
    #[test]
    fn a_spoilt_description_is_unfit_or_relayed_whole(
        spoils in proptest::collection::vec((0_usize..400, prop::sample::select(&b" \r\n\t/0:=acm19x\0"[..]), any::<bool>()), 1..4),
    ) {
        let mut body = format!("{OFFER}a=rtcp:4001 IN IP4 192.0.2.1\r\nm=video 5000/1 RTP/SAVP 34\r\nc=IN IP6 ::/3\r\n").into_bytes();
        for (at, byte, inserts) in spoils {
            let at = at % body.len();
            if inserts { body.insert(at, byte) } else { body[at] = byte }
        }
        let Ok(old) = Description::read(&body) else { return Ok(()) };
        let own: Vec<[u16; 2]> = (0..8).map(|n| [30_000 + 2 * n, 30_001 + 2 * n]).collect();

        let new = Description::read(&rewrite(&body, &anew(ours(), &own))).expect("it is one still");

        prop_assert_eq!(old.streams.len(), new.streams.len());
        for ((old, new), [rtp, _]) in old.streams.iter().zip(&new.streams).zip(&own) {
            prop_assert_eq!((old.is_live, &old.kind, old.is_open && new.is_open), (new.is_live, &new.kind, old.is_open));
            if let Some(place) = new.rtp {
                prop_assert_eq!(place, SocketAddr::new(ours(), *rtp), "{}", String::from_utf8_lossy(&body));
            }
        }
    }

    /// Whatever comes: reading and writing end, and what is no place stays.
    #[test]
    fn any_bytes(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Description::read(&body);
        let _ = rewrite(&body, &anew(ours(), &[[30_000, 30_001]]));
    }

    #[test]
    fn what_is_written_can_be_read_and_names_the_relay(
        ports in proptest::collection::vec((1_u16..65_534, any::<bool>()), 1..STREAMS_MAX),
    ) {
        let lines = ports.iter().map(|(port, live)| format!("m=audio {} RTP/AVP 0\r\n", if *live { *port } else { 0 }));
        let body = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n{}", lines.collect::<String>());
        let own: Vec<[u16; 2]> = (0..ports.len() as u16).map(|n| [30_000 + 2 * n, 30_001 + 2 * n]).collect();

        let read = Description::read(&rewrite(body.as_bytes(), &anew(ours(), &own))).unwrap();

        for ((stream, [rtp, rtcp]), (_, live)) in read.streams.iter().zip(&own).zip(&ports) {
            prop_assert_eq!(stream.rtp, live.then_some(SocketAddr::new(ours(), *rtp)));
            prop_assert_eq!(stream.rtcp, live.then_some(SocketAddr::new(ours(), *rtcp)));
        }
    }
}
