//! What a recorded call costs, and one whose sides share no codec: CPU of the relay's thread and of the
//! recorder's, for each second of each call.
//!
//! `cargo bench --bench recorded -- 20 20`: calls, and seconds of each way of keeping them. Both sides of
//! each call say noise in PCMU, packets of 20 ms, in real time; where it is converted, the line has Opus
//! alone and says the same noise in that. The telephones are threads of this process, and are not counted.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use whence::call::leg::LegId;
use whence::clock::Clock;
use whence::domain::calling::recording::Format;
use whence::domain::dice::Dice;
use whence::domain::ids::{CallId, RecordingId};
use whence::media::codec::telephone::{Encoder, Law};
use whence::media::exchange::Profile;
use whence::media::recorder::NewRecording;
use whence::media::{Config, Media, Relay};
use whence::telemetry::Metrics;
use whence::vault::{self, Vault};

const PACKET: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() {
    let mut asked = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let calls: u32 = asked.next().unwrap_or(20);
    let seconds: u32 = asked.next().unwrap_or(20);
    let ways = [(None, false), (Some(Format::Wav), false), (Some(Format::OggOpus), false), (None, true)];
    for (format, is_converted) in ways {
        let [relay, recorder] = measured(format, is_converted, calls, seconds).await;
        let each = f64::from(calls * seconds);
        println!(
            "{calls} calls for {seconds} s, {}{}: {:.2} ms relay, {:.2} ms recorder a second of a call",
            format.map_or("not recorded", Format::as_str),
            if is_converted { ", converted" } else { "" },
            relay * 1_000.0 / each,
            recorder * 1_000.0 / each,
        );
        if format.is_some() {
            println!("  the recorder's thread carries about {:.0} of them", each / recorder);
        }
    }
}

/// Seconds of CPU of the two threads.
async fn measured(format: Option<Format>, is_converted: bool, calls: u32, seconds: u32) -> [f64; 2] {
    let folder = tempfile::tempdir().expect("there is room");
    let config = vault::Config {
        folder: folder.path().join("recordings"),
        key_file: folder.path().join("vault.keys"),
        bucket: None,
    };
    let (vault, clock) = (Vault::open(config).await.expect("a vault opens"), Clock::system());
    let here = "127.0.0.1".parse().expect("an address");
    let config = Config { faces: vec![(here, here)], ports: 16_384..=32_767, idle: Duration::ZERO };
    let media = Media::start(&config, vault, clock.clone(), Metrics::new()).expect("the relay starts");
    let mut carried = Vec::new();
    let mut sides = Vec::new();
    for _ in 0..calls {
        let call = CallId(clock.new_id());
        let mut relay = media.relay(call);
        sides.extend(joined(&mut relay, is_converted).await);
        let new = format.map(|format| NewRecording {
            call,
            id: RecordingId(clock.new_id()),
            format,
            at: clock.now(),
        });
        let recording = match new {
            Some(new) => Some(relay.records(new, false).await),
            None => None,
        };
        carried.push((relay, recording));
    }
    let before = spent();
    let over = Arc::new(AtomicBool::new(false));
    let talk = thread::spawn({
        let over = Arc::clone(&over);
        move || talk(&sides, &over)
    });
    tokio::time::sleep(Duration::from_secs(seconds.into())).await;
    over.store(true, Ordering::Relaxed);
    talk.join().expect("the telephones talk");
    for (mut relay, recording) in carried {
        if let Some((hold, told)) = recording {
            drop(hold);
            let ended = told.await.expect("it ends");
            assert_eq!(ended.failure, None, "everything is kept");
        }
        relay.ends().await;
    }
    let after = spent();
    // Threads that end would be counted no more.
    std::mem::forget(media);
    [after[0] - before[0], after[1] - before[1]]
}

/// A telephone: what it says with, where to, and whether in Opus.
type Side = (UdpSocket, SocketAddr, bool);

/// Two telephones that agree on PCMU, or of which the line has Opus alone.
async fn joined(relay: &mut Relay, is_converted: bool) -> [Side; 2] {
    let [caller, line] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").expect("a port is free"));
    let [offer, answer] =
        [(&caller, false), (&line, is_converted)].map(|(socket, opus)| description(socket, opus));
    relay.dials(LegId::LINE, Some(false), Profile::Plain);
    relay.says(LegId::CALLER, &offer);
    let to_caller = place(relay.gives(LegId::LINE, &offer, false).await);
    relay.says(LegId::LINE, &answer);
    let to_line = place(relay.gives(LegId::CALLER, &answer, false).await);
    [(caller, to_line, false), (line, to_caller, is_converted)]
}

fn description(socket: &UdpSocket, is_opus: bool) -> Bytes {
    let port = socket.local_addr().expect("it is bound").port();
    let head = "v=0\r\no=t 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    let formats = if is_opus { "96\r\na=rtpmap:96 opus/48000/2" } else { "0" };
    format!("{head}m=audio {port} RTP/AVP {formats}\r\n").into()
}

fn place<E: std::fmt::Debug>(given: Result<Option<Bytes>, E>) -> SocketAddr {
    let text = given.expect("it is relayed").expect("it is relayed");
    let text = std::str::from_utf8(&text).expect("a description is text");
    let port = text.split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a port");
    format!("127.0.0.1:{port}").parse().expect("an address")
}

/// Everybody says a packet each 20 ms.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn talk(sides: &[Side], over: &AtomicBool) {
    let mut dice = Dice::new(1);
    let mut encoder = Encoder::default();
    let began = Instant::now();
    for sequence in 0_u32.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        // Not the loudest: bits 4 and 5 of µ-law stay set.
        let noise: Vec<u8> =
            (0..20).flat_map(|_| dice.next_u64().to_be_bytes()).map(|byte| byte | 0x30).collect();
        let (mut samples, mut opus) = ([0; 160], [0; 1_276]);
        Law::Mu.decode(&noise, &mut samples);
        let length = encoder.encode(&samples, &mut opus);
        for (socket, to, is_opus) in sides {
            let (payload_type, ticks, payload) =
                if *is_opus { (96, 960, &opus[..length]) } else { (0, 160, &noise[..]) };
            let mut packet = vec![0x80, payload_type];
            packet.extend((sequence as u16).to_be_bytes());
            packet.extend((sequence * ticks).to_be_bytes());
            packet.extend([0, 0, 0, 7]);
            packet.extend(payload);
            let _ = socket.send_to(&packet, to);
        }
        thread::sleep((began + PACKET * (sequence + 1)).saturating_duration_since(Instant::now()));
    }
}

/// User and system time of all threads of these names, in seconds.
fn spent() -> [f64; 2] {
    let mut spent = [0.0; 2];
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let Some(which) = ["media", "recorder"].iter().position(|known| *known == name.trim()) else {
            continue;
        };
        let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
        // proc(5): hundredths of a second.
        spent[which] += ticks.iter().sum::<f64>() / 100.0;
    }
    spent
}
