//! Tones there and back, packet by packet, and what becomes of those that are lost or late.

use proptest::prelude::*;

use super::*;

const SOURCE: u32 = 0xfeed_beef;
const OPUS: Target = Target { codec: Codec::Opus, payload_type: 96, keys: Some((97, 48_000)) };
const PCMA: Target = Target { codec: Codec::Pcma, payload_type: 8, keys: Some((101, 8_000)) };
const SECOND: usize = telephone::RATE as usize;

/// A packet that came out.
#[derive(Clone, PartialEq, Debug)]
struct Out {
    is_marked: bool,
    payload_type: u8,
    number: u16,
    clock: u32,
    payload: Vec<u8>,
}

fn rtp(payload_type: u8, number: u16, clock: u32, payload: &[u8]) -> Vec<u8> {
    let head =
        [&[0x80, payload_type][..], &number.to_be_bytes(), &clock.to_be_bytes(), &SOURCE.to_be_bytes()];
    [&head.concat(), payload].concat()
}

fn passes(conversion: &mut Conversion, packet: &[u8], held: Held) -> Vec<Out> {
    let mut out = Vec::new();
    conversion.packet(packet, held, &mut |bytes, length| {
        assert!(bytes.len() >= length + TRAILER_MAX, "there is room for a seal");
        let Packet::Rtp(header) = Packet::read(&bytes[..length]) else { panic!("no packet") };
        assert_eq!(header.ssrc, SOURCE);
        out.push(Out {
            is_marked: bytes[1] >> 7 == 1,
            payload_type: header.payload_type,
            number: header.sequence,
            clock: header.timestamp,
            payload: packet::payload(&bytes[..length]).unwrap().to_vec(),
        });
    });
    out
}

/// 440 Hz at a third of full scale.
fn tone(samples: usize) -> Vec<i16> {
    let step = std::f64::consts::TAU * 440.0 / f64::from(telephone::RATE);
    (0..samples).map(|n| ((n as f64 * step).sin() * 10_000.0) as i16).collect()
}

/// How much of the tone there is, as its amplitude.
fn heard(samples: &[i16]) -> f64 {
    let step = std::f64::consts::TAU * 440.0 / f64::from(telephone::RATE);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = (n as f64 * step).sin_cos();
        (re, im) = (re + f64::from(*sample) * cos, im + f64::from(*sample) * sin);
    }
    2.0 * f64::hypot(re, im) / samples.len() as f64
}

fn is_the_tone(samples: &[i16]) -> bool {
    (6_000.0..13_000.0).contains(&heard(samples))
}

fn law_packets(law: Law, samples: &[i16], each: usize) -> Vec<Vec<u8>> {
    let payload_type = if law == Law::A { 8 } else { 0 };
    let packet = |(nth, samples): (usize, &[i16])| {
        let mut payload = vec![0; samples.len()];
        law.encode(samples, &mut payload);
        rtp(payload_type, 65_530_u16.wrapping_add(nth as u16), (nth * each) as u32, &payload)
    };
    samples.chunks(each).enumerate().map(packet).collect()
}

fn opus_packets(samples: &[i16], each: usize) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::default();
    let packet = |(nth, samples): (usize, &[i16])| {
        let mut payload = [0; 1_276];
        let length = encoder.encode(samples, &mut payload);
        let clock = 4_294_960_000_u32.wrapping_add((nth * each) as u32 * TICKS);
        rtp(96, 65_530_u16.wrapping_add(nth as u16), clock, &payload[..length])
    };
    samples.chunks_exact(each).enumerate().map(packet).collect()
}

/// What a telephone with Opus hears.
fn opus_heard(packets: &[Out]) -> Vec<Vec<i16>> {
    let mut decoder = Decoder::default();
    let mut samples = [0; PACKET_MAX];
    let heard = packets.iter().map(|packet| {
        let count = decoder.decode(&packet.payload, &mut samples).unwrap();
        samples[..count].to_vec()
    });
    heard.collect()
}

fn law_heard(law: Law, packets: &[Out]) -> Vec<i16> {
    let heard = packets.iter().flat_map(|packet| {
        let mut samples = vec![0; packet.payload.len()];
        law.decode(&packet.payload, &mut samples);
        samples
    });
    heard.collect()
}

#[test]
fn a_tone_in_g711_is_the_same_tone_in_opus_whatever_its_packets_hold() {
    for (law, codec) in [(Law::A, Codec::Pcma), (Law::Mu, Codec::Pcmu)] {
        for each in [40, 80, 160, 164, 240, 320, 400, 480, 800, 960] {
            let mut conversion = Conversion::new(OPUS).unwrap();

            let packets = law_packets(law, &tone(SECOND), each);
            let out: Vec<Out> =
                packets.iter().flat_map(|it| passes(&mut conversion, it, Held::Sound(codec))).collect();

            let heard = opus_heard(&out);
            let whole = heard.concat();
            assert!(whole.len() + 80 >= SECOND, "{each}: {}", whole.len());
            assert!(
                is_the_tone(&whole[SECOND / 4..]),
                "{codec:?} {each}: {}",
                self::heard(&whole[SECOND / 4..])
            );
            assert_eq!(out.len(), if each < 80 { packets.len() / 2 } else { packets.len() }, "{each}");
            let mut clock = 0;
            for (nth, (packet, heard)) in out.iter().zip(&heard).enumerate() {
                assert_eq!((packet.number, packet.payload_type), (65_530_u16.wrapping_add(nth as u16), 96));
                assert_eq!(packet.clock, clock, "{each}: one follows the other");
                clock += heard.len() as u32 * TICKS;
            }
        }
    }
}

#[test]
fn a_tone_in_opus_is_the_same_tone_in_g711_and_its_clock_may_begin_anew() {
    for (law, target) in
        [(Law::A, PCMA), (Law::Mu, Target { codec: Codec::Pcmu, payload_type: 0, keys: None })]
    {
        for each in [80, 160, 320, 480] {
            let mut conversion = Conversion::new(target).unwrap();

            let packets = opus_packets(&tone(SECOND), each);
            let out: Vec<Out> =
                packets.iter().flat_map(|it| passes(&mut conversion, it, Held::Sound(Codec::Opus))).collect();

            assert!(is_the_tone(&law_heard(law, &out)[SECOND / 4..]), "{each}");
            assert_eq!(out.len(), SECOND / each);
            let first = out[0].clock;
            for (nth, packet) in out.iter().enumerate() {
                let (number, clock) = (65_530_u16.wrapping_add(nth as u16), first + (nth * each) as u32);
                assert_eq!((packet.number, packet.clock), (number, clock), "{each}");
                assert_eq!((packet.payload_type, packet.payload.len()), (target.payload_type, each));
            }
        }
    }
}

#[test]
fn what_is_made_of_g711_can_be_made_g711_again() {
    let (mut there, mut back) = (Conversion::new(OPUS).unwrap(), Conversion::new(PCMA).unwrap());
    let mut out = Vec::new();
    for packet in law_packets(Law::A, &tone(40 * 240), 240) {
        for opus in passes(&mut there, &packet, Held::Sound(Codec::Pcma)) {
            let opus = rtp(96, opus.number, opus.clock, &opus.payload);
            out.extend(passes(&mut back, &opus, Held::Sound(Codec::Opus)));
        }
    }

    assert!(is_the_tone(&law_heard(Law::A, &out)[SECOND / 4..]));
    assert!(out.iter().all(|packet| packet.payload.len() == 240));
}

#[test]
fn what_was_lost_of_opus_is_made_up_for_g711_and_what_comes_late_is_dropped() {
    let packets = opus_packets(&tone(SECOND), USUAL);
    let mut conversion = Conversion::new(PCMA).unwrap();
    let mut out = Vec::new();
    for (nth, packet) in packets.iter().enumerate().filter(|(nth, _)| !matches!(nth, 10 | 20 | 21 | 30)) {
        out.extend(passes(&mut conversion, packet, Held::Sound(Codec::Opus)));
        if nth == 31 {
            assert_eq!(passes(&mut conversion, &packets[30], Held::Sound(Codec::Opus)), [], "late");
            assert_eq!(passes(&mut conversion, packet, Held::Sound(Codec::Opus)), [], "twice");
        }
    }

    let numbers: Vec<u16> = out.iter().map(|packet| packet.number).collect();
    assert_eq!(numbers, (0..50).map(|nth| 65_530_u16.wrapping_add(nth)).collect::<Vec<_>>());
    let clocks = out.windows(2).map(|two| two[1].clock - two[0].clock);
    assert!(clocks.into_iter().all(|step| step as usize == USUAL));
    for lost in [10, 20, 21, 30] {
        let heard = heard(&law_heard(Law::A, &out[lost..=lost]));
        assert!(heard > 2_500.0, "{lost}: {heard}");
    }
}

#[test]
fn who_says_nothing_for_a_while_has_lost_nothing() {
    let packets = opus_packets(&tone(SECOND), USUAL);
    let mut conversion = Conversion::new(PCMA).unwrap();
    passes(&mut conversion, &packets[0], Held::Sound(Codec::Opus));

    // The next number, but a second later; then a gap that is too long.
    let mut later = rtp(96, 65_531, 4_294_960_000_u32.wrapping_add(48_000), &packets[1][HEAD..]);
    later[1] |= 0x80;
    let out = passes(&mut conversion, &later, Held::Sound(Codec::Opus));
    assert_eq!((out.len(), out[0].is_marked), (1, true));
    let gone = rtp(
        96,
        65_531_u16.wrapping_add(7),
        4_294_960_000_u32.wrapping_add(48_000 + 7 * 960),
        &packets[2][HEAD..],
    );
    assert_eq!(passes(&mut conversion, &gone, Held::Sound(Codec::Opus)).len(), 1);
}

#[test]
fn a_packet_of_opus_without_sound_is_as_long_as_it_says() {
    let packets = opus_packets(&tone(SECOND), USUAL);
    let mut conversion = Conversion::new(PCMA).unwrap();
    for packet in &packets[..10] {
        passes(&mut conversion, packet, Held::Sound(Codec::Opus));
    }

    for (nth, payload, samples) in [(10, &packets[9][HEAD..=HEAD], 160), (11, &[][..], 160)] {
        let packet = rtp(96, 65_530_u16.wrapping_add(nth), u32::from(nth) * 960, payload);
        let out = passes(&mut conversion, &packet, Held::Sound(Codec::Opus));
        assert_eq!(out.iter().map(|it| it.payload.len()).collect::<Vec<_>>(), [samples]);
    }
}

#[test]
fn a_key_stays_one_in_the_clock_of_the_sound() {
    for (target, held, clocks, lengths) in [
        (OPUS, Held::Key(8_000), [1_600, 9_600], [800_u16, 4_800]),
        (OPUS, Held::Key(8_000), [1_600, 9_600], [20_000, u16::MAX]),
        (Target { keys: Some((101, 8_000)), ..OPUS }, Held::Key(8_000), [1_600, 9_600], [800, 800]),
        (PCMA, Held::Key(48_000), [9_600, 1_600], [4_800, 800]),
        (PCMA, Held::Key(8_000), [9_600, 1_600], [800, 800]),
    ] {
        let mut conversion = Conversion::new(target).unwrap();
        let [high, low] = lengths[0].to_be_bytes();
        let mut packet = rtp(101, 7, clocks[0], &[5, 0x8a, high, low]);
        packet[1] |= 0x80;

        let out = passes(&mut conversion, &packet, held);

        let [high, low] = lengths[1].to_be_bytes();
        let payload_type = target.keys.unwrap().0;
        let payload = vec![5, 0x8a, high, low];
        assert_eq!(out, [Out { is_marked: true, payload_type, number: 7, clock: clocks[1], payload }]);
    }
    let mut deaf = Conversion::new(Target { keys: None, ..OPUS }).unwrap();
    assert_eq!(passes(&mut deaf, &rtp(101, 7, 0, &[5, 10, 0, 160]), Held::Key(8_000)), []);
    assert_eq!(passes(&mut deaf, &rtp(101, 8, 0, &[5, 10]), Held::Key(8_000)), []);
}

#[test]
fn comfort_noise_is_20_ms_of_silence_to_opus() {
    let mut conversion = Conversion::new(OPUS).unwrap();

    let out = passes(&mut conversion, &rtp(13, 7, 160, &[70]), Held::Noise);

    let heard = opus_heard(&out).concat();
    assert_eq!((out[0].payload_type, out[0].number, out[0].clock, heard.len()), (96, 7, 960, USUAL));
    assert!(heard.iter().all(|sample| sample.unsigned_abs() < 100));
}

#[test]
fn a_report_is_put_in_the_clock_and_the_counts_of_what_was_sent() {
    let mut conversion = Conversion::new(OPUS).unwrap();
    let packets = law_packets(Law::A, &tone(4 * USUAL), USUAL);
    let out: Vec<Out> =
        packets.iter().flat_map(|it| passes(&mut conversion, it, Held::Sound(Codec::Pcma))).collect();

    let octets = out.iter().map(|packet| packet.payload.len() as u32).sum::<u32>();
    assert_eq!(conversion.reported(700), [4_200, 4, octets]);
    assert_eq!(conversion.jitter(600), 100);

    let mut back = Conversion::new(PCMA).unwrap();
    passes(&mut back, &rtp(96, 1, 4_294_967_290, &[]), Held::Sound(Codec::Opus));
    let first = back.reported(4_294_967_290)[0];
    assert_eq!(
        back.reported(4_294_967_290_u32.wrapping_add(960))[0],
        first + 160,
        "past the end of the clock"
    );
    assert_eq!(back.jitter(100), 600);
}

#[test]
fn another_source_is_not_late() {
    let mut conversion = Conversion::new(PCMA).unwrap();
    let packets = opus_packets(&tone(SECOND), USUAL);
    passes(&mut conversion, &packets[5], Held::Sound(Codec::Opus));

    let mut other = rtp(96, 3, 0, &packets[6][HEAD..]);
    other[8..HEAD].fill(9);
    let mut count = 0;
    conversion.packet(&other, Held::Sound(Codec::Opus), &mut |bytes, _| {
        assert_eq!(bytes[8..HEAD], [9; 4]);
        count += 1;
    });
    assert_eq!(count, 1);
}

#[test]
fn nothing_is_converted_to_g722() {
    assert!(Conversion::new(Target { codec: Codec::G722, ..OPUS }).is_none());
}

fn held() -> impl Strategy<Value = Held> {
    prop_oneof![
        prop_oneof![Just(Codec::Pcma), Just(Codec::Pcmu), Just(Codec::Opus), Just(Codec::G722)]
            .prop_map(Held::Sound),
        prop_oneof![Just(0), Just(8_000), Just(48_000)].prop_map(Held::Key),
        Just(Held::Noise),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_comes_what_goes_is_whole_and_no_longer_than_passes_anywhere(
        to_opus: bool,
        packets in proptest::collection::vec(
            (held(), 0_u16..20, any::<u32>(), proptest::collection::vec(any::<u8>(), 0..1_200)), 1..12),
    ) {
        let mut conversion = Conversion::new(if to_opus { OPUS } else { PCMA }).unwrap();
        for (held, number, clock, payload) in packets {
            for out in passes(&mut conversion, &rtp(1, number, clock, &payload), held) {
                prop_assert!(HEAD + out.payload.len() <= OUT_MAX);
                if to_opus && out.payload_type == 96 {
                    prop_assert!(Decoder::default().decode(&out.payload, &mut [0; PACKET_MAX]).is_ok());
                }
            }
        }
    }
}
