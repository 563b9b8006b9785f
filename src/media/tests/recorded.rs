//! Sound through the real relay and the real recorder, over sockets, on a clock that is moved.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;

use futures_util::TryStreamExt;

use super::*;
use crate::domain::calling::recording::Format;
use crate::domain::dice::Dice;
use crate::domain::ids::RecordingId;
use crate::domain::time::Timestamp;
use crate::media::codec::{Codec, Encoder, FRAME, RATE};
use crate::media::recorder::NewRecording;

const TICK: Duration = Duration::from_millis(20);
/// Ten minutes, in packets of each side.
const PACKETS: u32 = 30_000;
/// A tone begins each so many packets.
const EVERY: u32 = 250;
const LOUD: i16 = 8_000;
/// How long is waited in real time for what others do at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// One side: 60 ms of a tone each five seconds, in PCMU.
struct Telephone {
    socket: UdpSocket,
    encoder: Encoder,
    /// Where it sends, by way of the gateway.
    to: SocketAddr,
    dice: Dice,
    /// Packets that come late: when they do, in ticks.
    late: Vec<(u32, Vec<u8>)>,
}

impl Telephone {
    fn new(seed: u64) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE / 10)).unwrap();
        let to = "127.0.0.1:9".parse().unwrap();
        Self { socket, encoder: Encoder::new(Codec::Pcmu), to, dice: Dice::new(seed), late: vec![] }
    }

    fn description(&self) -> Bytes {
        let port = self.socket.local_addr().unwrap().port();
        format!(
            "v=0\r\no=t 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n"
        )
        .into()
    }

    /// What the network brings at this tick: two packets of a hundred never come, five come 40 to 80 ms late.
    fn brought(&mut self, tick: u32) -> Vec<Vec<u8>> {
        let step = std::f64::consts::TAU * 400.0 / f64::from(RATE);
        let loud = tick % EVERY < 3;
        let sound: [i16; FRAME] =
            std::array::from_fn(
                |n| if loud { ((n as f64 * step).sin() * f64::from(LOUD)) as i16 } else { 0 },
            );
        let mut packet = vec![0x80, 0];
        packet.extend((tick as u16).to_be_bytes());
        packet.extend((tick * 160).to_be_bytes());
        packet.extend([0, 0, 0, 7]);
        packet.extend(self.encoder.encode(&sound));
        // Where a tone begins is what is measured.
        match self.dice.next_u64() % 100 {
            0..2 if !loud => {}
            2..7 if !loud => self.late.push((tick + 2 + (self.dice.next_u64() % 3) as u32, packet)),
            _ => self.late.push((tick, packet)),
        }
        self.late.extract_if(.., |(at, _)| *at <= tick).map(|(_, packet)| packet).collect()
    }
}

/// Each packet comes to the other side before the clock moves on. The first may come to the gateway
/// before it has made its places ready: it is sent until it is heard.
fn carry(packets: Vec<Vec<u8>>, from: &Telephone, to: &Telephone) {
    let mut heard = [0; 1_500];
    for packet in packets {
        let is_heard = (0..10).any(|_| {
            from.socket.send_to(&packet, from.to).unwrap();
            to.socket.recv(&mut heard).is_ok_and(|length| heard[..length] == packet)
        });
        assert!(is_heard, "it is relayed");
    }
}

/// Where a description says that its sound goes.
fn place(description: &Bytes) -> SocketAddr {
    let text = std::str::from_utf8(description).unwrap();
    let port = text.split("m=audio ").nth(1).unwrap().split(' ').next().unwrap();
    format!("127.0.0.1:{port}").parse().unwrap()
}

/// The two agree on PCMU.
async fn joined(relay: &mut Relay, caller: &mut Telephone, line: &mut Telephone) {
    relay.dials(LegId::LINE, Some(false), Profile::Plain);
    let (offer, answer) = (caller.description(), line.description());
    relay.says(LegId::CALLER, &offer);
    line.to = place(&relay.gives(LegId::LINE, &offer, false).await.unwrap().unwrap());
    relay.says(LegId::LINE, &answer);
    caller.to = place(&relay.gives(LegId::CALLER, &answer, false).await.unwrap().unwrap());
}

/// The clock is not to run away from the recorder, whose thread has other work than this test: each
/// half second it keeps all but the last 400 ms, in a frame of its own with 20 bytes around it.
async fn has_kept(open: &Path, ms: u64) {
    let kept_ms = ms.saturating_sub(1_100);
    let wanted = kept_ms * u64::from(RATE / 1_000) * 4 + kept_ms / 500 * 20;
    let kept = async {
        while fs::metadata(open).map_or(0, |file| file.len()) < wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, kept).await.expect("the recorder keeps up");
}

/// When it becomes loud, in milliseconds.
fn beginnings(samples: impl Iterator<Item = i16>) -> Vec<i64> {
    let per_ms = i64::from(RATE / 1_000);
    let (mut quiet, mut found) = (i64::MAX, vec![]);
    for (n, sample) in samples.enumerate() {
        if sample.unsigned_abs() < LOUD as u16 / 3 {
            quiet = quiet.saturating_add(1);
            continue;
        }
        if quiet > 200 * per_ms {
            found.push(n as i64 / per_ms);
        }
        quiet = 0;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_minutes_of_loss_and_disorder_what_was_said_together_is_heard_together() {
    let folder = tempfile::tempdir().unwrap();
    let config = crate::vault::Config {
        folder: folder.path().join("recordings"),
        key_file: folder.path().join("vault.keys"),
        bucket: None,
    };
    let (vault, clock) = (Vault::open(config).await.unwrap(), Clock::manual(Timestamp::from_ms(0)));
    let here = "127.0.0.1".parse().unwrap();
    let config = Config { faces: vec![(here, here)], ports: 30_000..=31_999, idle: Duration::ZERO };
    let media = Media::start(&config, vault.clone(), clock.clone(), Metrics::new()).unwrap();
    let call = CallId(clock.new_id());
    let mut relay = media.relay(call);
    let (mut caller, mut line) = (Telephone::new(1), Telephone::new(2));
    joined(&mut relay, &mut caller, &mut line).await;
    let id = RecordingId(clock.new_id());
    let new = NewRecording { call, id, format: Format::Wav, at: clock.now() };
    let (hold, told) = relay.records(new, false).await;

    let open = folder.path().join("recordings/open").join(id.to_string());
    for tick in 0..PACKETS {
        let (said, replied) = (caller.brought(tick), line.brought(tick));
        carry(said, &caller, &line);
        carry(replied, &line, &caller);
        clock.advance(TICK);
        if tick % 5 == 0 {
            has_kept(&open, u64::from(tick) * 20).await;
        }
    }
    drop(hold);
    let ended = async {
        let mut told = told;
        loop {
            clock.advance(TICK);
            tokio::select! {
                ended = &mut told => return ended.unwrap(),
                () = tokio::task::yield_now() => {}
            }
        }
    };
    let ended = tokio::time::timeout(PATIENCE, ended).await.expect("it ends");
    relay.ends().await;

    assert_eq!(ended.failure, None);
    assert!(ended.length_ms.abs_diff(600_000) < 100, "{} ms", ended.length_ms);
    let sound = vault.read(id).await.unwrap();
    let length = sound.length();
    let pieces: Vec<Bytes> = sound.bytes(0..length).try_collect().await.unwrap();
    let both: Vec<[i16; 2]> = pieces
        .concat()
        .as_chunks::<4>()
        .0
        .iter()
        .map(|[a, b, c, d]| [i16::from_le_bytes([*a, *b]), i16::from_le_bytes([*c, *d])])
        .collect();
    let [left, right] = [0, 1].map(|side| beginnings(both.iter().map(|samples| samples[side])));
    assert_eq!((left.len(), right.len()), (120, 120));
    let apart = left.iter().zip(&right).map(|(left, right)| left.abs_diff(*right)).max().unwrap();
    assert!(apart < 50, "{apart} ms apart");
    let drifted = (0..).zip(&left).map(|(nth, at)| at.abs_diff(5_000 * nth)).max().unwrap();
    assert!(drifted < 50, "{drifted} ms from when it was said");
}
