//! Tones there and back through each codec.

use proptest::prelude::*;

use super::*;

const ALL: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

/// A tone of a third of full scale.
fn tone(hz: f64, samples: usize) -> Vec<Sample> {
    let step = std::f64::consts::TAU * hz / f64::from(RATE);
    (0..samples).map(|n| ((n as f64 * step).sin() * 10_000.0) as Sample).collect()
}

/// How much of a frequency there is, as the amplitude of its tone.
fn amplitude(samples: &[Sample], hz: f64) -> f64 {
    let step = std::f64::consts::TAU * hz / f64::from(RATE);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = (n as f64 * step).sin_cos();
        (re, im) = (re + f64::from(*sample) * cos, im + f64::from(*sample) * sin);
    }
    2.0 * f64::hypot(re, im) / samples.len() as f64
}

fn there_and_back(codec: Codec, samples: &[Sample]) -> Vec<Sample> {
    let (mut encoder, mut decoder) = (Encoder::new(codec), Decoder::new(codec));
    let frames = samples.as_chunks::<FRAME>().0;
    frames.iter().flat_map(|frame| decoder.decode(&encoder.encode(frame)).unwrap()).collect()
}

#[test]
fn a_tone_is_the_same_tone_after_each_codec() {
    for codec in ALL {
        let heard = there_and_back(codec, &tone(440.0, 50 * FRAME));

        assert_eq!(heard.len(), 50 * FRAME, "{codec:?}");
        let (same, other) = (amplitude(&heard[8_000..], 440.0), amplitude(&heard[8_000..], 1_000.0));
        assert!((7_000.0..11_000.0).contains(&same) && other < 300.0, "{codec:?}: {same} {other}");
    }
}

#[test]
fn wideband_is_heard_where_the_codec_has_it() {
    for (codec, has_it) in [(Codec::Pcmu, false), (Codec::G722, true), (Codec::Opus, true)] {
        let heard = there_and_back(codec, &tone(5_000.0, 50 * FRAME));

        assert_eq!(amplitude(&heard[8_000..], 5_000.0) > 3_000.0, has_it, "{codec:?}");
    }
}

#[test]
fn the_values_of_g711_are_those_of_its_table() {
    // ITU-T G.711: the ends and the middle of both laws.
    let cases = [
        (pcmu::PcmuDecoder::new().decode(&[0x00, 0x80, 0x7f, 0xff]), [-32_124, 32_124, 0, 0]),
        (pcma::PcmaDecoder::new().decode(&[0x2a, 0xaa, 0x55, 0xd5]), [-32_256, 32_256, -8, 8]),
    ];
    for (heard, expected) in cases {
        assert_eq!(heard, expected);
    }
}

#[test]
fn a_codec_is_known_by_its_name_in_any_case_and_by_its_fixed_payload_type() {
    let named = ["pcmu", "PCMA", "G722", "OPUS", "G729"].map(Codec::named);
    assert_eq!(named, [Some(Codec::Pcmu), Some(Codec::Pcma), Some(Codec::G722), Some(Codec::Opus), None]);

    let fixed = [0, 8, 9, 18, 96].map(Codec::of_payload_type);
    assert_eq!(fixed, [Some(Codec::Pcmu), Some(Codec::Pcma), Some(Codec::G722), None, None]);
}

proptest! {
    /// Whatever comes is heard or refused, and never longer than a packet can be.
    #[test]
    fn any_payload_ends(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..20)) {
        for codec in ALL {
            let mut decoder = Decoder::new(codec);
            for payload in &payloads {
                let heard = decoder.decode(payload).unwrap_or_default();
                prop_assert!(heard.len() <= usize::max(2 * payload.len(), 1_920));
            }
        }
    }
}
