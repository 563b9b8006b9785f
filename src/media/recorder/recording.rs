//! One recording: packets of both sides go in, and a file with two tracks
//! comes out, as far behind as packets may be late.

use std::io::{self, Write};
use std::mem;

use super::super::codec::{Content, FRAME, RATE};
use super::super::rtp::packet::{Packet, payload};
use super::super::track::{PATIENCE_MS, Track};
use super::ogg_opus::OggOpus;
use super::peaks::Peaks;
use super::tape::Passed;
use crate::domain::calling::recording::{Format, Pause, RecordingEnded, RecordingFailure};
use crate::domain::ids::{CallId, RecordingId};
use crate::domain::time::Timestamp;
use crate::vault::{VaultError, Writer};

/// So many packets in a row of an unknown codec (1 s of 20 ms each) are no mistake.
const UNKNOWN_MAX: u16 = 50;
const FRAME_MS: i64 = 20;
/// Further behind than this is nobody who writes every half second: the clock has leapt, or the disk stood still.
const BEHIND_MAX_MS: i64 = 60_000;

/// A recording under way.
pub struct Recording {
    call: CallId,
    id: RecordingId,
    began: Timestamp,
    tracks: [Track; 2],
    /// Packets in a row that nobody here can hear, of each side.
    unknown: [u16; 2],
    /// Something came.
    is_heard: bool,
    pauses: Vec<Pause>,
    paused_since: Option<u64>,
    played_ms: i64,
    /// What of it the file took.
    kept_ms: i64,
    peaks: Peaks,
    file: Option<File>,
    /// When it is to end, since the beginning.
    ends_ms: Option<i64>,
    failure: Option<RecordingFailure>,
}

enum File {
    OggOpus(Box<OggOpus<Writer>>),
    Wav(Box<Writer>),
}

impl Recording {
    /// `file`: of the vault, or why it has none.
    pub fn begin(
        call: CallId,
        id: RecordingId,
        began: Timestamp,
        format: Format,
        file: Result<Writer, VaultError>,
    ) -> Self {
        let serial = id.0.as_u64_pair().1 as u32;
        let file = file.map_err(|failure| failure_of(&failure)).and_then(|file| match format {
            Format::OggOpus => {
                let file = OggOpus::begin(file, serial).map_err(|failure| failure_of(&failure.into()))?;
                Ok(File::OggOpus(Box::new(file)))
            }
            Format::Wav => Ok(File::Wav(Box::new(file))),
        });
        let failure = file.as_ref().err().copied();
        Self {
            call,
            id,
            began,
            tracks: Default::default(),
            unknown: [0; 2],
            is_heard: false,
            pauses: Vec::new(),
            paused_since: None,
            played_ms: 0,
            kept_ms: 0,
            peaks: Peaks::default(),
            file: file.ok(),
            ends_ms: None,
            failure,
        }
    }

    /// A packet passed from one side to the other.
    pub fn packet(&mut self, passed: Passed, packet: &[u8]) {
        let side = passed.side as usize;
        self.is_heard = true;
        match passed.content {
            Content::Sound(codec) => {
                self.unknown[side] = 0;
                if let (Packet::Rtp(header), Some(payload)) = (Packet::read(packet), payload(packet)) {
                    self.tracks[side].packet(header, codec, payload, self.ms(passed.at));
                }
            }
            Content::Silence => self.unknown[side] = 0,
            Content::Unknown => {
                self.unknown[side] = self.unknown[side].saturating_add(1);
                if self.unknown[side] >= UNKNOWN_MAX {
                    self.fails(RecordingFailure::Codec);
                }
            }
            Content::Sealed => self.fails(RecordingFailure::Encrypted),
        }
    }

    /// From then on nothing is kept of what is said.
    pub fn pause(&mut self, at: Timestamp) {
        let at = self.ms(at).max(0).unsigned_abs();
        self.paused_since.get_or_insert(at);
    }

    pub fn resume(&mut self, at: Timestamp) {
        let to_ms = self.ms(at).max(0).unsigned_abs();
        if let Some(from_ms) = self.paused_since.take() {
            self.pauses.push(Pause { from_ms, to_ms: to_ms.max(from_ms) });
        }
    }

    /// It ends then, when what is under way has come.
    pub fn end(&mut self, at: Timestamp) {
        let at = self.ms(at).max(0);
        self.ends_ms.get_or_insert(at);
        self.resume(self.began + std::time::Duration::from_millis(at.unsigned_abs()));
    }

    /// The first thing that goes wrong ends it.
    pub fn fails(&mut self, failure: RecordingFailure) {
        self.failure.get_or_insert(failure);
    }

    /// Writes what can be heard by now; whether it is over.
    pub fn play(&mut self, now: Timestamp) -> bool {
        if self.failure.is_some() {
            return true;
        }
        let until = self.ms(now) - PATIENCE_MS;
        let (until, is_over) = match self.ends_ms {
            // The last frame is a whole one.
            Some(ends) if until >= ends => (ends + (FRAME_MS - ends % FRAME_MS) % FRAME_MS, true),
            _ => (until - until.rem_euclid(FRAME_MS), false),
        };
        if until - self.played_ms > BEHIND_MAX_MS {
            self.fails(RecordingFailure::Overrun);
            return true;
        }
        if let Err(failure) = self.write(until, is_over) {
            self.fails(failure_of(&failure.into()));
        }
        is_over || self.failure.is_some()
    }

    fn write(&mut self, until: i64, is_over: bool) -> io::Result<()> {
        let [left, right] = self.tracks.each_mut().map(|track| track.play(until));
        let frames = left.as_chunks::<FRAME>().0.iter().zip(right.as_chunks().0);
        for (left, right) in frames {
            let silence = &[0; FRAME];
            let (left, right) = if self.is_paused() { (silence, silence) } else { (left, right) };
            self.peaks.frame([left, right]);
            match &mut self.file {
                Some(File::OggOpus(file)) => file.frame([left, right])?,
                Some(File::Wav(file)) => {
                    let pairs = left.iter().zip(right);
                    let bytes = pairs.flat_map(|(left, right)| [left.to_le_bytes(), right.to_le_bytes()]);
                    file.write_all(&bytes.flatten().collect::<Vec<u8>>())?;
                }
                None => {}
            }
            self.played_ms += FRAME_MS;
        }
        match &mut self.file {
            // The end of the stream is marked on its last packet, which is this one.
            Some(File::OggOpus(_)) if is_over => return Ok(()),
            Some(File::OggOpus(file)) => file.flush()?,
            Some(File::Wav(file)) => file.flush()?,
            None => {}
        }
        self.kept_ms = self.played_ms;
        Ok(())
    }

    /// Whether something of the frame that is played next was to be left out.
    fn is_paused(&self) -> bool {
        let from = self.played_ms.unsigned_abs();
        let to = from + FRAME_MS.unsigned_abs();
        let is_in = |pause: &Pause| pause.from_ms < to && from < pause.to_ms;
        self.paused_since.is_some_and(|since| since < to) || self.pauses.iter().any(is_in)
    }

    /// Closes the file: what is to be written down of it.
    pub fn finish(mut self, at: Timestamp) -> RecordingEnded {
        let bytes = self.file.take().map_or(Ok(0), |file| self.close(file)).unwrap_or_else(|failure| {
            self.fails(failure_of(&failure));
            0
        });
        if !self.is_heard {
            self.fails(RecordingFailure::Unheard);
        }
        let length_ms = self.kept_ms.unsigned_abs();
        self.resume(self.began + std::time::Duration::from_millis(length_ms));
        RecordingEnded {
            call: self.call,
            recording: self.id,
            at,
            length_ms,
            bytes,
            paused: mem::take(&mut self.pauses),
            peaks: self.peaks.pairs(),
            failure: self.failure,
        }
    }

    /// How many bytes were kept: what failed before, or fails now, takes nothing from them.
    fn close(&mut self, file: File) -> Result<u64, VaultError> {
        let (mut file, ended) = match file {
            File::OggOpus(file) => file.finish(),
            File::Wav(file) => (*file, Ok(())),
        };
        match ended.and_then(|()| file.flush()) {
            Ok(()) => self.kept_ms = self.played_ms,
            Err(failure) => self.fails(failure_of(&failure.into())),
        }
        file.finish()
    }

    fn ms(&self, at: Timestamp) -> i64 {
        at.as_ms() - self.began.as_ms()
    }
}

fn failure_of(failure: &VaultError) -> RecordingFailure {
    match failure {
        VaultError::NoSpace(_) => RecordingFailure::NoSpace,
        _ => RecordingFailure::Storage,
    }
}

/// Samples a second of each track.
pub const TRACK_RATE: u32 = RATE;

#[cfg(test)]
mod tests;
