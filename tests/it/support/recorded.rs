//! A call of the bakery that was kept as sound.

use std::io::Write;
use std::time::Duration;

use whence::domain::calling::record::Fact;
use whence::domain::calling::recording::{Format, Pause, RecordingBegan, RecordingEnded};
use whence::domain::ids::{CallId, RecordingId};
use whence::flows::{call_arrives, calls_written};
use whence::vault::Vault;

use super::town::Town;

/// So long is a recording kept here.
pub const KEPT: Duration = Duration::from_hours(24 * 30);

/// The facts of a recording of ten seconds, from ten seconds ago until now, of a call that the node
/// `bakery` took now.
pub async fn recording(town: &Town, format: Format) -> (RecordingBegan, RecordingEnded) {
    let mut call = town.call(1000, Some(42));
    call.node = "bakery".into();
    call_arrives(&town.store, &town.clock, &call).await.expect("a call arrives");
    facts(town, call.call, format)
}

/// The same for a call that there need not be.
pub fn facts(town: &Town, call: CallId, format: Format) -> (RecordingBegan, RecordingEnded) {
    let (recording, at) = (RecordingId(town.clock.new_id()), town.clock.now());
    let began = RecordingBegan {
        call,
        recording,
        at,
        purpose: "training".into(),
        format,
        rate: 8_000,
        keep_until: at + KEPT,
    };
    let ended = RecordingEnded {
        call,
        recording,
        at: at + Duration::from_secs(10),
        length_ms: 10_000,
        bytes: 320_000,
        paused: vec![Pause { from_ms: 1_000, to_ms: 2_500 }],
        peaks: vec![[0, 255], [7, 9]],
        failure: None,
    };
    (began, ended)
}

/// Ten seconds of WAV are in the vault and the database knows; the sound in the clear.
pub async fn recorded(town: &Town, vault: &Vault) -> (RecordingBegan, Vec<u8>) {
    let (began, ended) = recording(town, Format::Wav).await;
    let sound: Vec<u8> = (0..320_000_u32).map(|at| (at * 31 % 251) as u8).collect();
    let mut writer = vault.create(began.recording).expect("a recording begins");
    for second in sound.chunks(32_000) {
        writer.write_all(second).expect("a second is taken");
        writer.flush().expect("and kept");
    }
    writer.finish().expect("it is whole");
    let facts = [Fact::RecordingBegan(began.clone()), Fact::RecordingEnded(ended)];
    calls_written(&town.store, &town.clock, &facts).await.expect("it is written down");
    (began, sound)
}
