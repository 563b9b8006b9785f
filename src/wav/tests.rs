//! Files of every kind that is read, and of some that are not.

use std::f64::consts::TAU;

use super::*;

/// Half a second of 1,000 Hz at a tenth of full scale.
fn tone(spec: WavSpec) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut file, spec).unwrap();
    for at in 0..spec.sample_rate / 2 {
        let value = 0.1 * (TAU * 1_000.0 * f64::from(at) / f64::from(spec.sample_rate)).sin();
        for _ in 0..spec.channels {
            match spec.sample_format {
                SampleFormat::Float => writer.write_sample(value as f32).unwrap(),
                SampleFormat::Int => {
                    let full = f64::from(1_u32 << (spec.bits_per_sample - 1)) - 1.0;
                    writer.write_sample((value * full).round() as i32).unwrap();
                }
            }
        }
    }
    writer.finalize().unwrap();
    file.into_inner()
}

fn spec(sample_rate: u32, channels: u16, bits_per_sample: u16) -> WavSpec {
    WavSpec { channels, sample_rate, bits_per_sample, sample_format: SampleFormat::Int }
}

/// How much of a frequency is in samples, from 0 to 1 of full scale.
fn level(samples: &[i16], hertz: f64) -> f64 {
    let turn = TAU * hertz / f64::from(RATE);
    let (mut re, mut im) = (0.0, 0.0);
    for (at, sample) in samples.iter().enumerate() {
        let value = f64::from(*sample) / 32_768.0;
        re += value * (turn * at as f64).cos();
        im += value * (turn * at as f64).sin();
    }
    2.0 * re.hypot(im) / samples.len() as f64
}

#[test]
fn files_of_every_kind_become_the_same_sound() {
    let float = WavSpec { sample_format: SampleFormat::Float, ..spec(44_100, 2, 32) };
    let kinds = [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000].map(|rate| spec(rate, 1, 16));
    let sizes = [spec(16_000, 1, 8), spec(16_000, 2, 24), spec(48_000, 2, 32), float];
    for kind in kinds.into_iter().chain(sizes) {
        let sound = read(&tone(kind)).unwrap();

        assert!(length(&sound).as_millis().abs_diff(500) <= 1, "{kind:?}: {:?}", length(&sound));
        let level = level(&sound, 1_000.0);
        assert!((0.47..0.51).contains(&level), "{kind:?}: {level}");
        let peak = sound.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!((16_300..=16_390).contains(&peak), "{kind:?}: {peak}");
    }
}

#[test]
fn what_telephones_cannot_say_does_not_come_back_as_something_else() {
    let mut file = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut file, spec(48_000, 1, 16)).unwrap();
    for at in 0..48_000 {
        let time = f64::from(at) / 48_000.0;
        let value = 8_000.0 * (TAU * 1_000.0 * time).sin() + 8_000.0 * (TAU * 11_000.0 * time).sin();
        writer.write_sample(value as i16).unwrap();
    }
    writer.finalize().unwrap();

    let sound = read(&file.into_inner()).unwrap();

    // 11 kHz would be heard as 5 kHz.
    assert!(level(&sound, 1_000.0) > 0.4 && level(&sound, 5_000.0) < 0.001);
}

#[test]
fn what_is_barely_there_is_not_made_loud() {
    let mut quiet = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut quiet, spec(16_000, 1, 16)).unwrap();
    (0..16_000_i32).for_each(|at| writer.write_sample(at % 7).unwrap());
    writer.finalize().unwrap();

    let sound = read(&quiet.into_inner()).unwrap();

    assert!(sound.iter().all(|sample| *sample <= 60));
}

#[test]
fn a_file_that_cannot_be_a_prompt_is_refused_with_why() {
    let whole = tone(spec(16_000, 1, 16));
    let mut alaw = whole.clone();
    alaw[20] = 6;
    let silent = write(&[0; 16_000]);
    let long = tone(spec(8_000, 1, 8));
    let mut told_long = long.clone();
    // 301 s are told of.
    told_long[40..44].copy_from_slice(&(301_u32 * 8_000).to_le_bytes());

    for (file, why) in [
        (&b"ID3"[..], WavError::Unreadable),
        (&whole[..whole.len() / 2], WavError::Unreadable),
        (&alaw, WavError::Unreadable),
        (&tone(spec(16_000, 3, 16)), WavError::Channels(3)),
        (&tone(spec(96_000, 1, 16)), WavError::Rate(96_000)),
        (&told_long, WavError::TooLong),
        (&silent, WavError::Silent),
        (&write(&[]), WavError::Silent),
    ] {
        assert_eq!(read(file), Err(why), "{why}");
    }
}

#[test]
fn what_was_written_is_read_again() {
    let sound: Vec<i16> = (0..1_600).map(|at| if at % 16 < 8 { 16_384 } else { -16_384 }).collect();

    let again = read(&write(&sound)).unwrap();

    assert!(sound.iter().zip(&again).all(|(was, is)| was.abs_diff(*is) <= 1));
}

proptest::proptest! {
    #[test]
    fn no_bytes_are_too_wild(mut head in proptest::collection::vec(0_u8.., 44), tail in proptest::collection::vec(0_u8.., 0..200)) {
        head[..4].copy_from_slice(b"RIFF");
        head[8..16].copy_from_slice(b"WAVEfmt ");
        let _ = read(&[head, tail].concat());
    }
}
