//! Telephones whose packets are lost, late and out of turn; what is heard of them.

use proptest::prelude::*;

use super::super::codec::{Encoder, FRAME};
use super::*;
use crate::domain::dice::Dice;

const LOUD: i16 = 8_000;

/// A telephone that plays `sound` (a sample for each moment of its own clock)
/// in packets of 20 ms.
struct Telephone {
    codec: Codec,
    encoder: Encoder,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

impl Telephone {
    fn new(codec: Codec) -> Self {
        Self { codec, encoder: Encoder::new(codec), ssrc: 7, sequence: 65_530, timestamp: 4_294_960_000 }
    }

    fn says(&mut self, samples: &[i16; FRAME]) -> (Header, Vec<u8>) {
        let Self { ssrc, sequence, timestamp, .. } = *self;
        let payload = self.encoder.encode(samples);
        self.passes(1);
        (Header { payload_type: 0, sequence, timestamp, ssrc }, payload)
    }

    /// Time goes by and numbers with it.
    fn passes(&mut self, frames: u32) {
        self.sequence = self.sequence.wrapping_add(frames as u16);
        self.timestamp = self.timestamp.wrapping_add(frames * self.codec.clock_rate() / 50);
    }
}

/// When it is loud, in milliseconds: the beginnings.
fn beginnings(samples: &[i16]) -> Vec<i64> {
    let mut quiet = i64::MAX;
    let mut found = vec![];
    for (n, sample) in samples.iter().enumerate() {
        if sample.unsigned_abs() < LOUD as u16 / 3 {
            quiet = quiet.saturating_add(1);
            continue;
        }
        if quiet > 200 * MS {
            found.push(n as i64 / MS);
        }
        quiet = 0;
    }
    found
}

/// 60 ms of a tone at the beginning of each `every` frames, else silence.
fn beep(frame: u32, every: u32) -> [i16; FRAME] {
    let step = std::f64::consts::TAU * 400.0 / f64::from(RATE);
    let loud = frame % every < 3;
    std::array::from_fn(|n| if loud { ((n as f64 * step).sin() * f64::from(LOUD)) as i16 } else { 0 })
}

/// What is heard of packets that come in this order at these times.
fn heard(codec: Codec, mut packets: Vec<(i64, Header, Vec<u8>)>, until_ms: i64) -> Vec<i16> {
    packets.sort_by_key(|(at, ..)| *at);
    let mut packets = packets.into_iter().peekable();
    let mut track = Track::default();
    let mut samples = vec![];
    for now in (0..=until_ms).step_by(20) {
        while let Some((at, header, payload)) = packets.next_if(|(at, ..)| *at <= now) {
            track.packet(header, codec, &payload, at);
        }
        samples.extend(track.play(now - PATIENCE_MS));
    }
    samples
}

#[test]
fn what_is_said_is_heard_when_it_came() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
        let mut telephone = Telephone::new(codec);
        let packets = (0..200_u32).map(|n| {
            let (header, payload) = telephone.says(&beep(n, 50));
            (100 + 20 * i64::from(n), header, payload)
        });

        let found = beginnings(&heard(codec, packets.collect(), 4_500));

        assert_eq!(found.len(), 4, "{codec:?}: {found:?}");
        for (n, at) in found.iter().enumerate() {
            // Filters take up to 10 ms.
            assert!((0..=10).contains(&(at - 100 - 1_000 * n as i64)), "{codec:?}: {found:?}");
        }
    }
}

#[test]
fn what_never_came_is_silence_of_its_length() {
    let mut telephone = Telephone::new(Codec::Pcmu);
    let packets = (0..100_u32).filter_map(|n| {
        let (header, payload) = telephone.says(&[LOUD; FRAME]);
        (!(40..50).contains(&n)).then_some((20 * i64::from(n), header, payload))
    });

    let samples = heard(Codec::Pcmu, packets.collect(), 2_400);

    let is_loud = |ms: i64| samples[(ms * MS) as usize].unsigned_abs() > LOUD as u16 / 2;
    assert!(is_loud(790) && !is_loud(810) && !is_loud(990) && is_loud(1_010));
}

#[test]
fn order_is_that_of_saying_and_what_comes_twice_is_heard_once() {
    let mut telephone = Telephone::new(Codec::G722);
    let said: Vec<_> = (0..100_u32).map(|n| telephone.says(&beep(n, 25))).collect();
    let at = |n: usize| 20 * n as i64;
    let in_turn = said.iter().enumerate().map(|(n, (header, payload))| (at(n), *header, payload.clone()));
    let in_turn: Vec<_> = in_turn.collect();
    // Each third comes 70 ms later and twice.
    let shuffled = in_turn.iter().cloned().enumerate().flat_map(|(n, (at, header, payload))| {
        let late = if n % 3 == 1 { 70 } else { 0 };
        let again = (n % 3 == 1).then(|| (at + 90, header, payload.clone()));
        std::iter::once((at + late, header, payload)).chain(again)
    });

    let (one, other) =
        (heard(Codec::G722, in_turn.clone(), 2_400), heard(Codec::G722, shuffled.collect(), 2_400));

    assert!(one == other);
}

#[test]
fn timestamps_that_jump_and_sources_that_change_go_on_at_once() {
    for how in ["back", "ahead", "source", "stopped"] {
        let mut telephone = Telephone::new(Codec::Pcma);
        let mut packets = vec![];
        for n in 0..400_u32 {
            if n == 200 {
                match how {
                    "back" => telephone.timestamp = telephone.timestamp.wrapping_sub(900_000),
                    "ahead" => telephone.timestamp = telephone.timestamp.wrapping_add(80_000_000),
                    "source" => (telephone.ssrc, telephone.timestamp, telephone.sequence) = (9, 5, 5),
                    _ => {}
                }
            }
            // A clock that stands still for 700 ms while nothing is sent.
            let pause = if how == "stopped" && n >= 200 { 700 } else { 0 };
            let (header, payload) = telephone.says(&beep(n, 50));
            packets.push((20 * i64::from(n) + pause, header, payload));
        }

        let found = beginnings(&heard(Codec::Pcma, packets, 9_500));

        let last = if how == "stopped" { 7_700 } else { 7_000 };
        assert!(found.last().is_some_and(|at| (last..last + 40).contains(at)), "{how}: {found:?}");
        assert_eq!(found.len(), 8, "{how}: {found:?}");
    }
}

#[test]
fn a_late_packet_of_a_time_that_is_far_off_is_not_heard() {
    for off in [8_000 * 60, -8_000 * 60] {
        let mut telephone = Telephone::new(Codec::Pcmu);
        let mut track = Track::default();
        let packets: Vec<_> = (0..10).map(|_| telephone.says(&[LOUD; FRAME])).collect();
        for (n, (header, payload)) in packets.iter().enumerate() {
            track.packet(*header, Codec::Pcmu, payload, 20 * n as i64);
        }
        let before = track.waiting.len();

        let (mut header, payload) = packets[5].clone();
        header.sequence = header.sequence.wrapping_sub(20);
        header.timestamp = header.timestamp.wrapping_add_signed(off);
        track.packet(header, Codec::Pcmu, &payload, 200);

        assert_eq!(track.waiting.len(), before, "{off}");
    }
}

#[test]
fn a_codec_that_changes_in_the_middle_is_heard() {
    let (mut one, mut other) = (Telephone::new(Codec::Pcmu), Telephone::new(Codec::Opus));
    let mut track = Track::default();
    let mut samples = vec![];
    for n in 0..200_u32 {
        let telephone = if n < 100 { &mut one } else { &mut other };
        let (header, payload) = telephone.says(&beep(n, 50));
        track.packet(header, telephone.codec, &payload, 20 * i64::from(n));
        samples.extend(track.play(20 * i64::from(n) - PATIENCE_MS));
    }
    samples.extend(track.play(4_000));

    assert_eq!(beginnings(&samples).len(), 4);
}

/// 60 ms of a tone at the beginning of each five seconds, else silence; a packet's samples, from `at_ms` on.
fn beep_at(at_ms: i64) -> [i16; FRAME] {
    let step = std::f64::consts::TAU * 400.0 / f64::from(RATE);
    std::array::from_fn(|n| {
        let sample = (at_ms * MS + n as i64) % (5_000 * MS);
        if sample < 60 * MS { ((sample as f64 * step).sin() * f64::from(LOUD)) as i16 } else { 0 }
    })
}

/// Ten minutes of a call: how far apart two beeps are that were said at once.
///
/// No packet with a beginning is lost: how late a beep is then heard says nothing of its place.
fn apart(seed: u64, clocks_ppm: [i64; 2], jitter_ms: u64) -> Vec<i64> {
    let mut dice = Dice::new(seed);
    let found = clocks_ppm.map(|ppm| {
        let mut telephone = Telephone::new(Codec::Pcmu);
        let mut packets = vec![];
        for n in 0..30_000_i64 {
            // Sound is that of real time; the telephone's clock cuts it as it goes.
            let sent = 20 * n + 20 * n * ppm / 1_000_000;
            let (header, payload) = telephone.says(&beep_at(sent));
            let begins = !(20..4_980).contains(&(sent % 5_000));
            if begins || dice.next_u64() % 100 >= 2 {
                let late = dice.next_u64() % (jitter_ms + 1)
                    + if dice.next_u64().is_multiple_of(50) { 45 } else { 0 };
                packets.push((sent + late as i64, header, payload));
            }
        }
        beginnings(&heard(Codec::Pcmu, packets, 600_000))
    });
    let near = |at: i64| found[1].iter().map(|other| at - other).min_by_key(|apart| apart.abs());
    found[0].iter().filter_map(|at| near(*at)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn after_ten_minutes_of_loss_and_disorder_the_sides_are_beside_each_other(
        seed in any::<u64>(), one in -200_i64..200, other in -200_i64..200, jitter_ms in 0_u64..30,
    ) {
        let apart = apart(seed, [one, other], jitter_ms);

        prop_assert!(apart.len() >= 110, "{}", apart.len());
        prop_assert!(apart.iter().all(|ms| ms.abs() < 50), "{apart:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes whenever: as many samples as time has passed, and little is kept.
    #[test]
    fn time_is_kept(
        packets in proptest::collection::vec(
            (any::<u16>(), any::<u32>(), 0_u32..3, 0_i64..60, proptest::collection::vec(any::<u8>(), 0..80), 0_usize..4),
            0..120,
        ),
    ) {
        let codecs = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];
        let mut track = Track::default();
        let (mut now, mut count) = (0, 0);
        for (sequence, timestamp, ssrc, wait, payload, codec) in packets {
            now += wait;
            track.packet(Header { payload_type: 0, sequence, timestamp, ssrc }, codecs[codec], &payload, now);
            count += track.play(now - PATIENCE_MS).len();
            prop_assert!(track.ready.len() <= 2 * 1_920 && track.waiting.len() <= WAITING_MAX);
        }
        prop_assert_eq!(count as i64, (now - PATIENCE_MS).max(0) * MS);
    }
}
