//! A call with a tone on each side, recorded into a vault.

use std::time::Duration;

use futures_util::{FutureExt, TryStreamExt};

use super::super::super::codec::{Codec, Encoder};
use super::super::tape::{Side, Tap};
use super::*;
use crate::domain::calling::recording::length_ms;
use crate::domain::ids::uuid_v7;
use crate::vault::{Config, Vault};

const BEGAN: Timestamp = Timestamp::from_ms(1_000_000);
/// What the caller's side is heard as, and the line's.
const SOUND: [Content; 2] = [Content::Sound(Codec::Pcmu), Content::Sound(Codec::G722)];
const TONES: [f64; 2] = [440.0, 1_000.0];

/// A call with a tone on each side, and a vault.
struct Stage {
    vault: Vault,
    recording: Recording,
    encoders: [Encoder; 2],
    now_ms: i64,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new(format: Format) -> Self {
        Self::with_room(format, u64::MAX)
    }

    /// The disk is full for it from so many bytes on.
    fn with_room(format: Format, bytes: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (vault, key_file) = (folder.path().join("vault"), folder.path().join("vault.key"));
        let vault = Vault::open(Config { folder: vault, key_file, bucket: None });
        let vault = vault.now_or_never().expect("no bucket is waited for").unwrap();
        let id = RecordingId(uuid_v7(BEGAN, &[2; 10]));
        let file = vault.create(id).map(|file| file.with_room(bytes));
        let recording = Recording::begin(CallId(id.0), id, BEGAN, format, file);
        let encoders = [Encoder::new(Codec::Pcmu), Encoder::new(Codec::G722)];
        Self { vault, recording, encoders, now_ms: 0, _folder: folder }
    }

    fn now(&self) -> Timestamp {
        BEGAN + Duration::from_millis(self.now_ms.unsigned_abs())
    }

    /// Time goes on, both sides say their tones, and it is written every half second.
    fn talks(&mut self, contents: [Content; 2], ms: i64) {
        for _ in 0..ms / 20 {
            for (n, side) in [Side::Left, Side::Right].into_iter().enumerate() {
                let step = std::f64::consts::TAU * TONES[n] / f64::from(RATE);
                let first = self.now_ms as usize * 16;
                let samples = std::array::from_fn(|k| (((first + k) as f64 * step).sin() * 8_000.0) as i16);
                let (sequence, timestamp) = ((self.now_ms / 20) as u16, self.now_ms as u32 * 8);
                let head =
                    [&[0x80, 0][..], &sequence.to_be_bytes(), &timestamp.to_be_bytes(), &[7; 4]].concat();
                let packet = [head, self.encoders[n].encode(&samples)].concat();
                let passed = Passed { tap: Tap(0), side, content: contents[n], at: self.now() };
                self.recording.packet(passed, &packet);
            }
            self.now_ms += 20;
            if self.now_ms % 500 == 0 {
                self.recording.play(self.now());
            }
        }
    }

    /// What is to be written down, and the bytes in the vault.
    async fn finished(mut self) -> (RecordingEnded, Vec<u8>) {
        self.recording.end(self.now());
        assert!(self.recording.play(self.now() + Duration::from_secs(1)));
        let ended = self.recording.finish(BEGAN);
        let reader = self.vault.read(ended.recording).await.unwrap();
        let length = reader.length();
        let pieces: Vec<bytes::Bytes> = reader.bytes(0..length).try_collect().await.unwrap();
        (ended, pieces.concat())
    }
}

fn tracks(wav: &[u8]) -> [Vec<i16>; 2] {
    let samples: Vec<i16> = wav.as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
    [0, 1].map(|n| samples.iter().skip(n).step_by(2).copied().collect())
}

/// How much of a frequency there is, as the amplitude of its tone.
fn amplitude(samples: &[i16], hz: f64) -> f64 {
    let step = std::f64::consts::TAU * hz / f64::from(RATE);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = (n as f64 * step).sin_cos();
        (re, im) = (re + f64::from(*sample) * cos, im + f64::from(*sample) * sin);
    }
    2.0 * f64::hypot(re, im) / samples.len() as f64
}

#[tokio::test]
async fn each_side_is_on_its_track_from_beginning_to_end() {
    let mut stage = Stage::new(Format::Wav);
    stage.talks(SOUND, 5_010);

    let (ended, bytes) = stage.finished().await;

    assert_eq!((ended.length_ms, ended.bytes, ended.failure), (5_000, bytes.len() as u64, None));
    assert_eq!(bytes.len(), 5_000 * 16 * 2 * 2);
    let tracks = tracks(&bytes);
    for (n, track) in tracks.iter().enumerate() {
        let [own, other] = [n, 1 - n].map(|n| amplitude(&track[1_600..78_400], TONES[n]));
        assert!(own > 6_000.0 && other < 100.0, "track {n}: {own} {other}");
    }
    assert_eq!(ended.peaks.len(), 50);
    assert!(ended.peaks[1..49].iter().flatten().all(|peak| (50..70).contains(peak)), "{:?}", ended.peaks);
}

#[tokio::test]
async fn what_is_said_in_a_pause_is_nowhere_and_time_goes_on() {
    let mut stage = Stage::new(Format::Wav);
    stage.talks(SOUND, 2_000);
    stage.recording.pause(stage.now());
    stage.recording.pause(stage.now() + Duration::from_millis(100));
    stage.talks(SOUND, 1_000);
    stage.recording.resume(stage.now());
    stage.talks(SOUND, 1_000);
    stage.recording.pause(stage.now());
    stage.talks(SOUND, 500);

    let (ended, bytes) = stage.finished().await;

    assert_eq!(
        ended.paused,
        [Pause { from_ms: 2_000, to_ms: 3_000 }, Pause { from_ms: 4_000, to_ms: 4_500 }]
    );
    assert_eq!(ended.length_ms, 4_500);
    for track in tracks(&bytes) {
        let is_loud = |from_ms: usize, to_ms: usize| track[from_ms * 16..to_ms * 16].iter().any(|s| *s != 0);
        assert!(
            is_loud(1_900, 2_000)
                && !is_loud(2_000, 3_000)
                && is_loud(3_000, 3_100)
                && !is_loud(4_000, 4_500)
        );
    }
    assert!(ended.peaks[20..30].iter().all(|peaks| *peaks == [0, 0]));
}

#[tokio::test]
async fn ogg_opus_is_less_than_a_tenth_of_wav() {
    let [mut small, mut large] = [Format::OggOpus, Format::Wav].map(Stage::new);
    for stage in [&mut small, &mut large] {
        stage.talks(SOUND, 10_000);
    }
    let ((small, bytes), (large, _)) = (small.finished().await, large.finished().await);

    assert!(bytes.starts_with(b"OggS") && small.length_ms == 10_000);
    assert!(small.bytes * 10 < large.bytes, "{} of {}", small.bytes, large.bytes);
    assert_eq!(small.peaks, large.peaks);
}

#[tokio::test]
async fn what_cannot_be_heard_is_a_failure_and_what_could_is_kept() {
    for (content, failure) in
        [(Content::Unknown, RecordingFailure::Codec), (Content::Sealed, RecordingFailure::Encrypted)]
    {
        let mut stage = Stage::new(Format::Wav);
        stage.talks(SOUND, 2_000);
        stage.talks([SOUND[0], content], 1_500);

        let (ended, bytes) = stage.finished().await;

        assert_eq!(ended.failure, Some(failure));
        assert!((1_000..3_000).contains(&ended.length_ms), "{}", ended.length_ms);
        assert_eq!(bytes.len() as u64, ended.bytes);
    }
}

#[tokio::test]
async fn a_stray_packet_and_keys_are_no_failure() {
    let mut stage = Stage::new(Format::Wav);
    stage.talks([Content::Unknown, SOUND[1]], 900);
    stage.talks([Content::Silence, SOUND[1]], 20);
    stage.talks([Content::Unknown, SOUND[1]], 900);
    stage.talks([Content::Silence; 2], 3_000);

    let (ended, bytes) = stage.finished().await;

    assert_eq!(ended.failure, None);
    assert!(tracks(&bytes)[0].iter().all(|sample| *sample == 0));
}

#[tokio::test]
async fn what_was_kept_until_the_disk_was_full_is_heard_and_told() {
    for (format, room) in [(Format::OggOpus, 8_000), (Format::Wav, 200_000)] {
        let mut stage = Stage::with_room(format, room);
        stage.talks(SOUND, 10_000);

        let (ended, bytes) = stage.finished().await;

        assert_eq!(ended.failure, Some(RecordingFailure::NoSpace), "{format}");
        assert!(ended.bytes > room / 2 && ended.bytes == bytes.len() as u64, "{format}: {}", ended.bytes);
        let length = length_ms(format, TRACK_RATE, ended.bytes, &bytes);
        assert_eq!((Some(ended.length_ms), ended.length_ms > 1_000), (length, true), "{format}");
    }
}

#[tokio::test]
async fn a_clock_that_leaps_ahead_ends_it_and_hours_of_silence_are_not_made_up() {
    let mut stage = Stage::new(Format::Wav);
    stage.talks(SOUND, 2_000);
    stage.now_ms += 3 * 3_600_000;

    let (ended, bytes) = stage.finished().await;

    assert_eq!(ended.failure, Some(RecordingFailure::Overrun));
    assert!((1_000..=2_000).contains(&ended.length_ms), "{}", ended.length_ms);
    assert_eq!(bytes.len() as u64, ended.bytes);
}

#[tokio::test]
async fn without_a_file_it_is_over_at_once() {
    let id = RecordingId(uuid_v7(BEGAN, &[3; 10]));
    let full = io::Error::from(io::ErrorKind::StorageFull);
    let none = Err(VaultError::from(full));
    let mut recording = Recording::begin(CallId(id.0), id, BEGAN, Format::OggOpus, none);

    assert!(recording.play(BEGAN));
    let ended = recording.finish(BEGAN);

    assert_eq!((ended.failure, ended.bytes), (Some(RecordingFailure::NoSpace), 0));
}

#[tokio::test]
async fn when_nothing_comes_by_it_is_silence_and_a_failure() {
    let mut stage = Stage::new(Format::Wav);
    stage.now_ms = 1_000;

    let (ended, bytes) = stage.finished().await;

    assert_eq!((ended.failure, ended.length_ms), (Some(RecordingFailure::Unheard), 1_000));
    assert!(bytes.iter().all(|byte| *byte == 0) && bytes.len() == 64_000);
}

#[tokio::test]
async fn less_than_the_last_second_waits_to_be_written() {
    let mut stage = Stage::new(Format::Wav);
    stage.talks(SOUND, 10_000);

    let written = stage.recording.played_ms;

    assert!((9_000..10_000).contains(&written), "{written}");
}
