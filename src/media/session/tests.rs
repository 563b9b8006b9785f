//! Packets through a session: who is heard by whom, and what is learned.

use proptest::prelude::*;

use super::*;
use crate::media::codec::Codec;
use crate::media::dtmf::tests::keys_in_pcma;
use crate::media::sdp::Description;

const CALLER: LegId = LegId::CALLER;
const LINE: LegId = LegId::LINE;

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn streams(place: &str, port: u16) -> Vec<Stream> {
    let body = format!(
        "v=0\r\no=- 1 1 IN IP4 {place}\r\ns=-\r\nc=IN IP4 {place}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n\
         a=rtpmap:101 telephone-event/8000\r\n"
    );
    Description::read(body.as_bytes()).unwrap().streams
}

/// A caller at 192.0.2.1:4000 (place 0) and a line at 198.51.100.1:6000 (place 1).
fn session() -> Session {
    let mut session = Session::default();
    for leg in [CALLER, LINE] {
        session.add(leg, 0);
    }
    session.describe(CALLER, &streams("192.0.2.1", 4_000), &Arc::from([]));
    session.describe(LINE, &streams("198.51.100.1", 6_000), &Arc::from([]));
    session.join(CALLER, LINE);
    session
}

fn rtp(sequence: u16) -> Vec<u8> {
    let mut bytes = vec![0x80, 0];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend((u32::from(sequence) * 160).to_be_bytes());
    bytes.extend([0, 0, 0, 7]);
    bytes
}

fn passes(session: &mut Session, place: usize, from: &str, bytes: &[u8]) -> Result<Onward, Dropped> {
    session.packet(place, Lane::Rtp, at(from), bytes, Timestamp::from_ms(0))
}

#[test]
fn a_packet_of_each_side_goes_to_the_other() {
    let mut session = session();

    let out = passes(&mut session, 0, "192.0.2.1:4000", &rtp(1)).unwrap();
    assert_eq!(out, Onward { side: 1, lane: Lane::Rtp, to: at("198.51.100.1:6000") });
    let back = passes(&mut session, 1, "198.51.100.1:6000", &rtp(1)).unwrap();
    assert_eq!((back.side, back.to), (0, at("192.0.2.1:4000")));
}

#[test]
fn what_is_said_is_told_apart_by_side_and_content() {
    let sound = Content::Sound(Codec::Pcmu);
    let mut session = session();
    let keys = [&[0x80, 101][..], &rtp(1)[2..]].concat();

    assert_eq!(session.sound(0, &rtp(1)), Some((true, sound)));
    assert_eq!(session.sound(1, &rtp(1)), Some((false, sound)));
    assert_eq!(session.sound(1, &keys), Some((false, Content::Silence)));
    assert_eq!(session.sound(1, &[0x80, 200, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0]), None, "a report");

    let sealed = "v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n\
                  m=video 6002 RTP/AVP 0\r\nm=audio 6000 RTP/SAVP 0\r\nm=audio 6004 RTP/AVP 0\r\n";
    let streams = Description::read(sealed.as_bytes()).unwrap().streams;
    session.add(LINE, 1);
    session.add(LINE, 2);
    session.describe(LINE, &streams, &Arc::from([]));
    let heard = [1, 2, 3].map(|place| session.sound(place, &rtp(1)));
    assert_eq!(heard, [None, Some((false, Content::Sealed)), None], "the first that carries sound");
}

/// A key as a tone of 60 ms in A-law, a packet each 20 ms.
fn tone(key: &str) -> Vec<Vec<u8>> {
    let sound = keys_in_pcma(key, 60, 40);
    let packet = |(n, payload): (usize, &[u8])| [&[0x80, 8], &rtp(n as u16)[2..], payload].concat();
    sound.chunks(160).enumerate().map(packet).collect()
}

/// The keys that are heard of a side that plays one.
fn plays(session: &mut Session, place: usize, key: &str) -> Vec<(LegId, Key)> {
    let from = ["192.0.2.1:4000", "198.51.100.1:6000"][place];
    for packet in tone(key) {
        passes(session, place, from, &packet).unwrap();
    }
    session.pressed().collect()
}

fn without_events(place: &str, port: u16) -> Vec<Stream> {
    let mut streams = streams(place, port);
    streams[0].formats.retain(|format| format.name != "telephone-event");
    streams
}

#[test]
fn a_tone_is_a_key_while_keys_are_waited_for_and_where_there_are_no_events() {
    let mut session = session();
    let one = Key::new(b'1').unwrap();

    session.heeds(CALLER, true);
    assert_eq!(plays(&mut session, 0, "1"), [], "it names events");
    session.describe(CALLER, &without_events("192.0.2.1", 4_000), &Arc::from([]));
    assert_eq!(plays(&mut session, 0, "1"), [(CALLER, one)]);
    assert_eq!(plays(&mut session, 1, "1"), [], "nobody waits for the line's");
    session.heeds(CALLER, false);
    assert_eq!(plays(&mut session, 0, "1"), []);
}

#[test]
fn a_line_without_events_steers_by_tones_which_the_caller_hears() {
    let mut session = session();
    session.describe(LINE, &without_events("198.51.100.1", 6_000), &Arc::from([]));
    session.describe(CALLER, &without_events("192.0.2.1", 4_000), &Arc::from([]));
    let seven = Key::new(b'7').unwrap();

    session.withhold(vec![seven]);

    // `plays` sees that every packet passes.
    assert_eq!(plays(&mut session, 1, "7"), [(LINE, seven)]);
    assert_eq!(plays(&mut session, 0, "7"), [], "the caller steers nothing");
}

#[test]
fn what_is_no_rtp_passes_too() {
    let mut session = session();

    assert!(passes(&mut session, 0, "192.0.2.1:4000", b"").is_ok());
    assert!(passes(&mut session, 0, "192.0.2.1:4000", &[0x16, 0xfe, 0xff]).is_ok());
    assert_eq!(session.quality(), []);
}

#[test]
fn a_stranger_is_dropped_and_counted_and_changes_nothing() {
    let mut session = session();

    assert_eq!(passes(&mut session, 0, "203.0.113.9:4000", &rtp(1)), Err(Dropped::Stranger));

    let back = passes(&mut session, 1, "198.51.100.1:6000", &rtp(1)).unwrap();
    assert_eq!(back.to, at("192.0.2.1:4000"));
    assert_eq!((session.quality()[0].strangers, session.quality()[0].received), (1, 0));
}

#[test]
fn what_comes_before_a_side_is_described_is_nobodys() {
    let mut session = session();
    session.add(LegId(2), 0);

    assert_eq!(passes(&mut session, 2, "198.51.100.2:6000", &rtp(1)), Err(Dropped::Undescribed));
    assert_eq!(session.quality(), []);
}

#[test]
fn who_is_allowed_besides_may_send_from_there() {
    let mut session = session();
    let trunk: IpNet = "203.0.113.0/24".parse().unwrap();
    session.describe(CALLER, &streams("10.0.0.1", 4_000), &Arc::from([trunk]));

    passes(&mut session, 0, "203.0.113.9:4000", &rtp(1)).unwrap();

    let back = passes(&mut session, 1, "198.51.100.1:6000", &rtp(1)).unwrap();
    assert_eq!(back.to, at("203.0.113.9:4000"));
}

#[test]
fn of_lines_that_ring_together_the_caller_hears_the_one_it_is_joined_with() {
    let mut session = session();
    let other = LegId(2);
    session.add(other, 0);
    session.describe(other, &streams("198.51.100.2", 6_000), &Arc::from([]));

    assert_eq!(passes(&mut session, 2, "198.51.100.2:6000", &rtp(1)), Err(Dropped::Unheard));
    session.join(CALLER, other);
    assert_eq!(passes(&mut session, 2, "198.51.100.2:6000", &rtp(2)).unwrap().side, 0);
    assert_eq!(passes(&mut session, 1, "198.51.100.1:6000", &rtp(1)), Err(Dropped::Unheard));
    assert_eq!(passes(&mut session, 0, "192.0.2.1:4000", &rtp(1)).unwrap().side, 2);
}

#[test]
fn who_holds_by_an_address_of_noughts_is_sent_nothing() {
    let mut session = session();
    session.describe(CALLER, &streams("0.0.0.0", 4_000), &Arc::from([IpNet::from(at("192.0.2.1:1").ip())]));

    assert_eq!(passes(&mut session, 1, "198.51.100.1:6000", &rtp(1)), Err(Dropped::Nowhere));
    assert!(passes(&mut session, 0, "192.0.2.1:4000", &rtp(1)).is_ok());
}

/// A sender report whose clock is `clock`, or a receiver report about it, held for `held` units.
fn sends(clock: u32) -> Vec<u8> {
    let words = [0x80c8_0006, 7, clock >> 16, clock << 16, 0, 1, 160];
    words.iter().flat_map(|word: &u32| word.to_be_bytes()).collect()
}

fn hears(clock: u32, held: u32, lost: u32, jitter: u32) -> Vec<u8> {
    let words = [0x81c9_0007, 9, 7, lost, 100, jitter, clock, held];
    words.iter().flat_map(|word: &u32| word.to_be_bytes()).collect()
}

#[test]
fn reports_tell_loss_jitter_and_the_round_trip_between_the_relay_and_each_side() {
    let mut session = session();
    let report = |session: &mut Session, place, from: &str, bytes: &[u8], ms| {
        session.packet(place, Lane::Rtcp, at(from), bytes, Timestamp::from_ms(ms)).unwrap()
    };
    passes(&mut session, 0, "192.0.2.1:4000", &rtp(1)).unwrap();

    let onward = report(&mut session, 0, "192.0.2.1:4001", &sends(0x5555_0000), 1_000);
    assert_eq!((onward.side, onward.lane, onward.to), (1, Lane::Rtcp, at("198.51.100.1:6001")));
    // It kept the report for half a second.
    report(&mut session, 1, "198.51.100.1:6001", &hears(0x5555_0000, 0x8000, 3, 80), 1_540);

    let line = &session.quality()[1];
    let heard = Heard { lost: 3, jitter_us: Some(10_000), round_trip_us: Some(40_000) };
    assert_eq!((line.leg, line.heard), (1, Some(heard)));
    // A report about none of ours tells the rest, and the round trip that was known.
    report(&mut session, 1, "198.51.100.1:6001", &hears(0, 0, 4, 0), 2_000);
    assert_eq!(session.quality()[1].heard.unwrap().round_trip_us, Some(40_000));
}

#[test]
fn reports_in_cipher_are_passed_on_unread() {
    let mut session = session();
    let mut sealed = streams("198.51.100.1", 6_000);
    sealed[0].proto = "RTP/SAVP".to_owned();
    session.describe(LINE, &sealed, &Arc::from([]));

    session
        .packet(1, Lane::Rtcp, at("198.51.100.1:6001"), &hears(1, 0, 9, 9), Timestamp::from_ms(0))
        .unwrap();

    assert_eq!(session.quality(), []);
}

#[test]
fn what_was_lost_is_told_for_each_side() {
    let mut session = session();
    for sequence in [1, 2, 5] {
        passes(&mut session, 0, "192.0.2.1:4000", &rtp(sequence)).unwrap();
    }

    let [caller, line] = &session.quality()[..] else { panic!("two sides") };
    assert_eq!((caller.received, caller.lost, caller.sent), (3, 2, 0));
    assert_eq!((line.received, line.lost, line.sent, line.kind.as_str()), (0, 0, 3, "audio"));
}

proptest! {
    /// Whatever comes from wherever to whichever port: it goes to where one of
    /// the two sides is, or nowhere.
    #[test]
    fn nothing_leaves_but_to_the_two_sides(
        packets in proptest::collection::vec(
            (0_usize..3, any::<bool>(), any::<bool>(), any::<[u8; 4]>(), proptest::collection::vec(any::<u8>(), 0..60)), 0..60
        ),
    ) {
        let mut session = session();
        for (place, is_rtcp, is_known, octets, bytes) in packets {
            let lane = if is_rtcp { Lane::Rtcp } else { Lane::Rtp };
            let port = if is_rtcp { 4_001 } else { 4_000 };
            let from = if is_known { SocketAddr::from(([192, 0, 2, 1], port)) } else { SocketAddr::from((octets, port)) };
            if let Ok(onward) = session.packet(place, lane, from, &bytes, Timestamp::from_ms(0)) {
                let ip = onward.to.ip().to_string();
                prop_assert!(ip == "192.0.2.1" || ip == "198.51.100.1");
                prop_assert_ne!(onward.side, place);
            }
        }
    }
}

#[test]
fn a_key_is_heard_once_however_often_its_packets_come() {
    let mut session = session();
    let event = |sequence: u16, begun: u32, key: u8, ends: u8| {
        let mut bytes = vec![0x80, 101];
        bytes.extend(sequence.to_be_bytes());
        bytes.extend(begun.to_be_bytes());
        bytes.extend([0, 0, 0, 7, key, ends, 0, 160]);
        bytes
    };
    let five = [event(1, 160, 5, 0), event(2, 160, 5, 0), event(3, 160, 5, 0x80), event(3, 160, 5, 0x80)];
    let again = [event(4, 1_600, 5, 0), event(5, 4_800, 11, 0), event(6, 8_000, 16, 0)];
    for packet in five.iter().chain(&again) {
        passes(&mut session, 0, "192.0.2.1:4000", packet).unwrap();
    }

    let pressed: Vec<_> = session.pressed().collect();

    let key = |key| (CALLER, Key::new(key).unwrap());
    assert_eq!(pressed, [key(b'5'), key(b'5'), key(b'#')]);
    assert_eq!(session.pressed().count(), 0);
}

fn described(formats: &str, place: &str, port: u16) -> Vec<Stream> {
    let body = format!(
        "v=0\r\no=- 1 1 IN IP4 {place}\r\ns=-\r\nc=IN IP4 {place}\r\nt=0 0\r\nm=audio {port} RTP/AVP {formats}\r\n\
         a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\n"
    );
    Description::read(body.as_bytes()).unwrap().streams
}

/// What becomes of a packet of this payload type: the type it goes on with, or that it goes as it is.
fn turned(session: &mut Session, place: usize, payload_type: u8) -> Option<Vec<u8>> {
    let mut packet = rtp(1);
    packet[1] = payload_type;
    packet.extend(if matches!(payload_type, 97 | 101) { vec![5, 10, 0, 160] } else { vec![0xd5; 161] });
    let mut sent = vec![];
    session.convert(place, &packet, &mut |out, _| sent.push(out[1] & 0x7f)).map(|_| sent)
}

#[test]
fn only_what_the_other_side_lacks_is_converted() {
    for (caller, line, expected) in [
        // They share none.
        (
            "0 8 13 101",
            "96 97",
            vec![(0, 0, Some(96)), (0, 8, Some(96)), (0, 101, Some(97)), (0, 13, Some(96))],
        ),
        ("0 101", "96 97", vec![(1, 96, Some(0)), (1, 97, Some(101))]),
        ("9 8", "96", vec![(0, 8, Some(96)), (0, 9, None), (1, 96, Some(8))]),
        // They share one, and the line may say another all the same.
        (
            "8 0 101",
            "8 96 101 97",
            vec![(0, 8, None), (0, 0, None), (1, 8, None), (1, 96, Some(8)), (1, 97, Some(101))],
        ),
        // Nothing is made of one law for the other.
        ("0", "8", vec![(0, 0, None), (1, 8, None)]),
        ("18", "96", vec![(0, 18, None), (1, 96, None)]),
    ] {
        for (place, payload_type, to) in expected {
            let mut session = session();
            session.describe(CALLER, &described(caller, "192.0.2.1", 4_000), &Arc::from([]));
            session.describe(LINE, &described(line, "198.51.100.1", 6_000), &Arc::from([]));
            let from = ["192.0.2.1:4000", "198.51.100.1:6000"][place];
            passes(&mut session, place, from, &rtp(1)).unwrap();

            let case = format!("{caller} and {line}: {payload_type} of {place}");
            assert_eq!(turned(&mut session, place, payload_type), to.map(|to| vec![to]), "{case}");
        }
    }
}

#[test]
fn a_line_that_comes_to_share_a_codec_is_converted_for_no_more() {
    let mut session = session();
    session.describe(LINE, &described("96", "198.51.100.1", 6_000), &Arc::from([]));
    passes(&mut session, 0, "192.0.2.1:4000", &rtp(1)).unwrap();
    assert!(session.may_convert(0) && session.may_convert(1));
    assert_eq!(turned(&mut session, 0, 0), Some(vec![96]));

    session.describe(LINE, &described("0", "198.51.100.1", 6_000), &Arc::from([]));

    assert!(!session.may_convert(0) && !session.may_convert(1));
    assert_eq!(turned(&mut session, 0, 0), None);
}

#[test]
fn what_is_heard_of_a_converted_stream_is_told_in_the_clock_of_who_sends_it() {
    let mut session = session();
    session.describe(LINE, &described("96", "198.51.100.1", 6_000), &Arc::from([]));
    passes(&mut session, 0, "192.0.2.1:4000", &rtp(1)).unwrap();
    turned(&mut session, 0, 0);

    let words = [0x81c9_0007_u32, 7, 9, 0, 0, 4_800, 0, 0];
    let mut report: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    let onward = session.packet(1, Lane::Rtcp, at("198.51.100.1:6001"), &report, Timestamp::from_ms(0));
    assert_eq!(onward.unwrap().side, 0);
    session.convert_report(1, &mut report);

    assert_eq!(report[20..24], 800_u32.to_be_bytes(), "100 ms");
    assert_eq!(session.quality()[1].heard.unwrap().jitter_us, Some(100_000));
}
