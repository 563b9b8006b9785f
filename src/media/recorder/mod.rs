//! Keeps what is said in the calls that are recorded: a thread of its own, so
//! that neither a call nor the relay ever waits for an encoder or a disk.
//!
//! ```text
//!   relay ── tapes ───────────▶ ┌──────────┐ ──▶ vault
//!   calls ── begin, pause … ──▶ │ recorder │
//!   calls ◀─ how it ended ───── └──────────┘
//! ```
//!
//! Every half second each recording is written as far as its packets can have
//! come: what a crash takes is less than the last second. When the relay has
//! no place left for copies, a recording ends as overrun; the call goes on.

mod ogg_opus;
mod peaks;
mod recording;
mod tape;

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::domain::calling::recording::{Format, RecordingEnded, RecordingFailure};
use crate::domain::ids::{CallId, RecordingId};
use crate::domain::time::Timestamp;
use crate::vault::Vault;
use recording::Recording;
pub use recording::TRACK_RATE;
pub use tape::{Deck, Passed, Side, Tap};
use tape::{Tape, Tapes};

/// How often recordings are written.
const ROUND: Duration = Duration::from_millis(500);

/// What is to be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewRecording {
    pub call: CallId,
    pub id: RecordingId,
    pub format: Format,
    /// From when on.
    pub at: Timestamp,
}

enum Command {
    Begin(Tap, NewRecording, oneshot::Sender<RecordingEnded>),
    Pause(Tap, Timestamp),
    Resume(Tap, Timestamp),
    End(Tap, Timestamp),
}

/// A hold on the recorder, which ends when all of them and the relay's deck are dropped.
#[derive(Clone)]
pub struct Recorder {
    commands: mpsc::UnboundedSender<Command>,
    clock: Clock,
    taps: Arc<AtomicU64>,
}

impl Recorder {
    pub fn start(vault: Vault, clock: Clock) -> io::Result<(Self, Deck)> {
        let (commands, asked) = mpsc::unbounded_channel();
        let (deck, tapes) = tape::tapes();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let room = Room { vault, clock: clock.clone(), recordings: HashMap::new() };
        let run = move || runtime.block_on(room.run(asked, tapes));
        thread::Builder::new().name("recorder".to_owned()).spawn(run)?;
        Ok((Self { commands, clock, taps: Arc::default() }, deck))
    }

    /// Begins a recording; how it ended is told when its file is closed.
    pub fn begin(&self, new: NewRecording) -> (Hold, oneshot::Receiver<RecordingEnded>) {
        let (tell, told) = oneshot::channel();
        let tap = Tap(self.taps.fetch_add(1, Ordering::Relaxed));
        let _ = self.commands.send(Command::Begin(tap, new, tell));
        (Hold { tap, recorder: self.clone() }, told)
    }
}

/// A recording under way; it ends when this is dropped.
pub struct Hold {
    tap: Tap,
    recorder: Recorder,
}

impl Hold {
    /// What tells its packets.
    pub fn tap(&self) -> Tap {
        self.tap
    }

    /// From now on nothing is kept of what is said; time goes on.
    pub fn pause(&self) {
        let _ = self.recorder.commands.send(Command::Pause(self.tap, self.recorder.clock.now()));
    }

    pub fn resume(&self) {
        let _ = self.recorder.commands.send(Command::Resume(self.tap, self.recorder.clock.now()));
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let _ = self.recorder.commands.send(Command::End(self.tap, self.recorder.clock.now()));
    }
}

/// Where the thread works.
struct Room {
    vault: Vault,
    clock: Clock,
    recordings: HashMap<Tap, (Recording, oneshot::Sender<RecordingEnded>)>,
}

impl Room {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Command>, mut tapes: Tapes) {
        let mut next = self.clock.now() + ROUND;
        let mut has_calls = true;
        while has_calls || !self.recordings.is_empty() {
            let wake_at = (!self.recordings.is_empty()).then_some(next);
            tokio::select! {
                // A recording begins before its packets come.
                biased;
                command = asked.recv(), if has_calls => match command {
                    Some(command) => self.obey(command),
                    None => has_calls = false,
                },
                Some(tape) = tapes.next() => self.hear(&tape),
                () = self.clock.until(wake_at) => {
                    let now = self.clock.now();
                    // However long this took: what passed before then is heard before it is written.
                    while let Some(tape) = tapes.waiting() {
                        self.hear(&tape);
                    }
                    self.play(now);
                    next = now + ROUND;
                }
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Begin(tap, new, tell) => {
                let file = self.vault.create(new.id);
                let recording = Recording::begin(new.call, new.id, new.at, new.format, file);
                self.recordings.insert(tap, (recording, tell));
            }
            Command::Pause(tap, at) => self.with(tap, |recording| recording.pause(at)),
            Command::Resume(tap, at) => self.with(tap, |recording| recording.resume(at)),
            Command::End(tap, at) => self.with(tap, |recording| recording.end(at)),
        }
    }

    fn hear(&mut self, tape: &Tape) {
        for (passed, packet) in tape.packets() {
            self.with(passed.tap, |recording| recording.packet(passed, packet));
        }
        for tap in tape.overrun() {
            self.with(*tap, |recording| recording.fails(RecordingFailure::Overrun));
        }
    }

    /// One that has failed is not there any more.
    fn with(&mut self, tap: Tap, change: impl FnOnce(&mut Recording)) {
        if let Some((recording, _)) = self.recordings.get_mut(&tap) {
            change(recording);
        }
    }

    fn play(&mut self, now: Timestamp) {
        let over = self.recordings.extract_if(|_, (recording, _)| {
            // Should a codec ever break down over what it is sent, the others go on.
            catch_unwind(AssertUnwindSafe(|| recording.play(now))).unwrap_or_else(|_| {
                recording.fails(RecordingFailure::Codec);
                true
            })
        });
        for (_, (recording, tell)) in over {
            let _ = tell.send(recording.finish(now));
        }
    }
}
