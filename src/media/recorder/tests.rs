use std::time::Duration;

use super::super::codec::{Codec, Content, Decoder, Encoder, FRAME};
use super::*;
use crate::domain::calling::recording::Pause;
use crate::domain::ids::uuid_v7;
use crate::vault;

/// The recorder on a vault of its own, and a call with a tone on each side.
struct Stage {
    clock: Clock,
    recorder: Recorder,
    deck: Deck,
    folder: tempfile::TempDir,
    encoders: [Encoder; 2],
    frame: usize,
}

const TONES: [f64; 2] = [440.0, 1_000.0];

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Timestamp::from_ms(1_000_000));
        let vault = Vault::open(vault::Config {
            folder: folder.path().join("vault"),
            key_file: folder.path().join("vault.key"),
            bucket: None,
        });
        let (recorder, deck) = Recorder::start(vault.unwrap(), clock.clone()).unwrap();
        let encoders = [Encoder::new(Codec::Pcmu), Encoder::new(Codec::Opus)];
        Self { clock, recorder, deck, folder, encoders, frame: 0 }
    }

    fn begin(&self, format: Format) -> (Hold, oneshot::Receiver<RecordingEnded>) {
        let id = |n| uuid_v7(self.clock.now(), &[n; 10]);
        let new = NewRecording { call: CallId(id(1)), id: RecordingId(id(2)), format, at: self.clock.now() };
        self.recorder.begin(new)
    }

    /// Both sides send 20 ms of their tones, as this content.
    fn says(&mut self, tap: Tap, contents: [Content; 2]) {
        let sides = [(Side::Left, 160), (Side::Right, 960)];
        for (n, (side, ticks)) in sides.into_iter().enumerate() {
            let step = std::f64::consts::TAU * TONES[n] / f64::from(TRACK_RATE);
            let at = |k: usize| ((self.frame * FRAME + k) as f64 * step).sin() * 8_000.0;
            let payload = self.encoders[n].encode(&std::array::from_fn(|k| at(k) as i16));
            let head = [&[0x80, 0][..], &(self.frame as u16).to_be_bytes()];
            let timestamp = (self.frame as u32 * ticks).to_be_bytes();
            let packet = [&head.concat(), &timestamp[..], &[0, 0, 0, 7], &payload].concat();
            let passed = Passed { tap, side, content: contents[n], at: self.clock.now() };
            assert!(self.deck.add(passed, &packet));
        }
        self.deck.flush();
        self.frame += 1;
    }

    /// Says so for so long, and lets the recorder take each packet before time goes on.
    async fn talks(&mut self, tap: Tap, contents: [Content; 2], ms: u64) {
        for _ in 0..ms / 20 {
            self.says(tap, contents);
            self.deck.drained().await;
            self.clock.advance(Duration::from_millis(20));
        }
    }

    /// Time goes on until it is told how the recording ended.
    async fn told(&self, mut told: oneshot::Receiver<RecordingEnded>) -> RecordingEnded {
        for _ in 0..10_000 {
            self.clock.advance(Duration::from_millis(100));
            match tokio::time::timeout(Duration::from_millis(20), &mut told).await {
                Ok(ended) => return ended.unwrap(),
                Err(_) => {}
            }
        }
        panic!("a recording that ended is told so");
    }
}
