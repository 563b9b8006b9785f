//! rtpengine in userspace, told of calls over its "ng" protocol (bencoding in UDP).

use std::net::{SocketAddr, UdpSocket};
use std::process::Child;
use std::time::Duration;

use super::{CALLERS, Put, described, on_its_core, place};

pub struct Rtpengine {
    process: Child,
    control: UdpSocket,
    calls: usize,
}

impl Rtpengine {
    /// `None`: it is not installed.
    pub fn start() -> Option<Self> {
        let control = UdpSocket::bind((CALLERS, 0)).expect("a port is free");
        let free = UdpSocket::bind((CALLERS, 0)).and_then(|it| it.local_addr()).expect("a port is free");
        let listen = format!("--listen-ng={free}");
        std::path::Path::new("/usr/bin/rtpengine").exists().then_some(())?;
        let words = [
            "--table=-1",
            "--interface=127.0.0.1",
            &listen,
            "--foreground",
            "--log-stderr",
            "--log-level=1",
            "--port-min=40000",
            "--port-max=60000",
        ];
        let process = on_its_core("rtpengine", &words)?;
        control.connect(free).expect("it can");
        control.set_read_timeout(Some(Duration::from_millis(500))).expect("it can");
        let mut new = Self { process, control, calls: 0 };
        for _ in 0..20 {
            if new.ask(&[("command", "ping")]).is_some() {
                return Some(new);
            }
            // While nobody listens yet, asking fails at once.
            pause();
        }
        panic!("rtpengine does not answer")
    }

    fn ask(&mut self, entries: &[(&str, &str)]) -> Option<String> {
        self.calls += 1;
        let mut sorted = entries.to_vec();
        sorted.sort_unstable();
        let words = sorted.iter().flat_map(|(key, value)| [*key, *value]);
        let body: String = words.map(|word| format!("{}:{word}", word.len())).collect();
        let message = format!("b{} d{body}e", self.calls);
        let _ = self.control.send(message.as_bytes());
        let mut buffer = [0; 8_192];
        let length = self.control.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }
}

#[allow(clippy::disallowed_methods, reason = "a benchmark has nothing else to do")]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}

impl Put for Rtpengine {
    fn connect(&mut self, caller: SocketAddr, line: SocketAddr) -> [SocketAddr; 2] {
        let id = format!("bench-{}", self.calls);
        let (offer, answer) = (described(caller, false), described(line, false));
        let offered = self.ask(&[("command", "offer"), ("call-id", &id), ("from-tag", "c"), ("sdp", &offer)]);
        let answered = self.ask(&[
            ("command", "answer"),
            ("call-id", &id),
            ("from-tag", "c"),
            ("to-tag", "l"),
            ("sdp", &answer),
        ]);
        [place(&answered.expect("it answers")), place(&offered.expect("it answers"))]
    }

    fn pid(&self) -> Option<u32> {
        Some(self.process.id())
    }
}

impl Drop for Rtpengine {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
