//! Many telephones in one thread. All callers share a few sockets, and so do
//! all lines: each packet says whose it is. To the relay they are as many
//! streams as calls; the telephones stay cheap enough for one core.

pub mod rtpengine;
pub mod signalling;

use std::fmt;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use socket2::SockRef;
use webrtc_srtp::context::Context as Srtp;
use webrtc_srtp::protection_profile::ProtectionProfile;

pub const CALLERS: &str = "127.0.0.1";
pub const LINES: &str = "127.0.0.2";
const SOCKETS: usize = 16;
const PACKET: Duration = Duration::from_millis(20);
/// PCMU of 20 ms.
const PAYLOAD: usize = 160;
/// Of every telephone that has keys: those of RFC 4568 §9.2's example.
const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
/// What is under way when nothing more is sent has this long to arrive.
const LATE: Duration = Duration::from_millis(500);

/// What stands between callers and lines.
pub trait Put {
    /// A call between these two places; gives where each of them sends.
    fn connect(&mut self, caller: SocketAddr, line: SocketAddr) -> [SocketAddr; 2];

    /// The process that is measured.
    fn pid(&self) -> Option<u32>;
}

/// Nothing.
pub struct Directly;

impl Put for Directly {
    fn connect(&mut self, caller: SocketAddr, line: SocketAddr) -> [SocketAddr; 2] {
        [line, caller]
    }

    fn pid(&self) -> Option<u32> {
        None
    }
}

pub struct Telephones {
    /// Of the callers, of the lines.
    sides: [Vec<UdpSocket>; 2],
    /// What those seal with that have keys.
    keys: [Option<Srtp>; 2],
    /// Where each stream is sent to: of call n, from the caller 2n and from the line 2n + 1.
    to: Vec<SocketAddr>,
    /// When each packet of each stream was sent, in nanoseconds; 0: it does not count.
    sent: Vec<Vec<u64>>,
}

/// How a round went.
pub struct Told {
    calls: usize,
    sent: u64,
    delays: Vec<u32>,
    cpu: Option<Duration>,
    lasted: Duration,
}

impl Telephones {
    /// `sealed`: whether callers have keys, and lines.
    pub fn open(sealed: [bool; 2]) -> Self {
        let open = |host: &str| (0..SOCKETS).map(|_| socket(host)).collect();
        let keys = sealed.map(|sealed| sealed.then(srtp));
        Self { sides: [CALLERS, LINES].map(open), keys, to: Vec::new(), sent: Vec::new() }
    }

    pub fn connect(&mut self, through: &mut impl Put, calls: usize) {
        let places = self.sides.each_ref().map(|side| side.iter().map(address).collect::<Vec<_>>());
        for call in 0..calls {
            let [caller, line] = places.each_ref().map(|side| side[call % SOCKETS]);
            self.to.extend(through.connect(caller, line));
        }
    }

    /// Every telephone sends a packet each 20 ms, evenly spread.
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    pub fn talk(&mut self, through: &impl Put, measured: Duration) -> Told {
        let streams = self.to.len();
        self.sent = vec![Vec::new(); streams];
        // A second ahead of what is measured, until each side has been heard.
        let ahead = Duration::from_secs(1);
        let (begin, mut sent, mut counted) = (Instant::now(), 0_u64, 0);
        let mut delays = Vec::with_capacity(streams * (measured.as_millis() / 20) as usize);
        let (mut cpu_before, mut last_sent) = (None, None);
        let mut buffer = [0; 2_048];
        let step = PACKET.div_f64(streams as f64);
        loop {
            let now = begin.elapsed();
            if now >= ahead && cpu_before.is_none() {
                cpu_before = through.pid().map(cpu).or(Some(Duration::ZERO));
                counted = sent;
            }
            let done = now >= ahead + measured;
            if done && last_sent.is_none() {
                last_sent = Some((now, through.pid().map(cpu)));
            }
            let mut idle = true;
            while !done && step.mul_f64(sent as f64) <= now {
                let stream = (sent % streams as u64) as usize;
                let plain = packet(stream, (sent / streams as u64) as u16);
                let at = if now >= ahead { begin.elapsed().as_nanos() as u64 } else { 0 };
                self.sent[stream].push(at);
                let from = &self.sides[stream % 2][stream / 2 % SOCKETS];
                let _ = match &mut self.keys[stream % 2] {
                    None => from.send_to(&plain, self.to[stream]),
                    Some(keys) => {
                        from.send_to(&keys.encrypt_rtp(&plain).expect("it has keys"), self.to[stream])
                    }
                };
                sent += 1;
                idle = false;
                if sent % 32 == 0 {
                    break;
                }
            }
            for socket in self.sides.iter().flatten() {
                while let Ok(length) = socket.recv(&mut buffer) {
                    idle = false;
                    delays.extend(delay(&self.sent, &buffer[..length], begin));
                }
            }
            if let Some((at, cpu_after)) = last_sent
                && now > at + LATE
            {
                let cpu = cpu_after.zip(cpu_before).map(|(after, before)| after.saturating_sub(before));
                let (sent, lasted) = (sent - counted, at - ahead);
                return Told { calls: streams / 2, sent, delays, cpu, lasted };
            }
            if idle {
                std::thread::sleep(Duration::from_micros(50));
            }
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        let at = |share: f64| {
            let place = ((delays.len() as f64 * share) as usize).min(delays.len().saturating_sub(1));
            f64::from(delays.get(place).copied().unwrap_or_default()) / 1_000.0
        };
        let lost = self.sent.saturating_sub(delays.len() as u64);
        write!(
            f,
            "{:>5} calls, {:>6.0} packets/s, lost {:.3} %, under way p50 {:.2} ms, p99 {:.2} ms",
            self.calls,
            self.sent as f64 / self.lasted.as_secs_f64(),
            100.0 * lost as f64 / self.sent as f64,
            at(0.5),
            at(0.99),
        )?;
        if let Some(cpu) = self.cpu {
            let each = cpu.as_secs_f64() * 1e6 / self.sent as f64;
            let share = 100.0 * cpu.as_secs_f64() / self.lasted.as_secs_f64();
            write!(f, ", {each:.2} µs CPU a packet, {share:.0} % of a core")?;
        }
        Ok(())
    }
}

/// One that holds what comes while the others are looked at.
fn socket(host: &str) -> UdpSocket {
    let socket = UdpSocket::bind((host, 0)).expect("a port is free");
    let _ = SockRef::from(&socket).set_recv_buffer_size(4 << 20);
    socket.set_nonblocking(true).expect("it can");
    socket
}

fn address(socket: &UdpSocket) -> SocketAddr {
    socket.local_addr().expect("it is bound")
}

fn srtp() -> Srtp {
    let bytes = STANDARD.decode(KEY).expect("base64");
    let (key, salt) = bytes.split_at(16);
    Srtp::new(key, salt, ProtectionProfile::Aes128CmHmacSha1_80, None, None).expect("a key of its length")
}

fn packet(stream: usize, sequence: u16) -> [u8; 12 + PAYLOAD] {
    let mut packet = [0xff; 12 + PAYLOAD];
    packet[..2].copy_from_slice(&[0x80, 0]);
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet[4..8].copy_from_slice(&(u32::from(sequence) * 160).to_be_bytes());
    packet[8..12].copy_from_slice(&(stream as u32 + 1).to_be_bytes());
    packet
}

/// In microseconds, by its head, which is never encrypted; `None`: it is none of those that count.
fn delay(sent: &[Vec<u64>], packet: &[u8], begin: Instant) -> Option<u32> {
    let sequence = u16::from_be_bytes(packet.get(2..4)?.try_into().ok()?);
    let source = u32::from_be_bytes(packet.get(8..12)?.try_into().ok()?);
    let sent = *sent.get(source.checked_sub(1)? as usize)?.get(usize::from(sequence))?;
    let now = begin.elapsed().as_nanos() as u64;
    (sent > 0 && packet.len() >= 12 + PAYLOAD).then(|| (now.saturating_sub(sent) / 1_000) as u32)
}

/// User and system time of a process, from Linux's `/proc` (hundredths of a second).
fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |nth: usize| fields.get(nth).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// A session description of one stream.
pub fn described(place: SocketAddr, is_sealed: bool) -> String {
    let (ip, port) = (place.ip(), place.port());
    let (proto, key) = match is_sealed {
        true => ("RTP/SAVP", format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n")),
        false => ("RTP/AVP", String::new()),
    };
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} {proto} 0\r\n\
         a=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n{key}"
    )
}

/// Where a description says that its stream goes.
pub fn place(text: &str) -> SocketAddr {
    let after = |prefix: &str| text.split(prefix).nth(1)?.split_ascii_whitespace().next();
    let place = after("\nc=IN IP4 ").zip(after("\nm=audio "));
    let (ip, port) = place.unwrap_or_else(|| panic!("no place in {text}"));
    format!("{ip}:{port}").parse().expect("an address")
}

/// A program on core 0, without a word, and before others where that is allowed.
pub fn on_its_core(program: &str, words: &[&str]) -> Option<Child> {
    let mut command = Command::new("nice");
    command
        .args(["-n", "-15", "taskset", "-c", "0", program])
        .args(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().ok()
}
