//! Whence with one number whose destination is relayed, over a trunk that wants
//! keys where the lines have some, and the few SIP messages that set a call up:
//! INVITE, 200, ACK on either side.

use std::net::{SocketAddr, UdpSocket};
use std::process::Child;
use std::time::Duration;

use tempfile::TempDir;
use whence::clock::Clock;
use whence::domain::calling::tolls::Exit;
use whence::flows::{plan_applied, plan_read};
use whence::store::{Config, Store};

use super::{CALLERS, LINES, Put, described, on_its_core, place};

const NUMBER: &str = "+33199001000";

pub struct Whence {
    process: Child,
    caller: UdpSocket,
    line: UdpSocket,
    gateway: SocketAddr,
    sealed: [bool; 2],
    calls: usize,
    _folder: TempDir,
}

impl Whence {
    /// `sealed`: whether callers have keys, and lines.
    pub fn start(sealed: [bool; 2]) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room on the disk");
        let bound = |host: &str| {
            let socket = UdpSocket::bind((host, 0)).expect("a port is free");
            socket.set_read_timeout(Some(Duration::from_secs(10))).expect("it can");
            socket
        };
        let (caller, line) = (bound(CALLERS), bound(LINES));
        let gateway = bound(CALLERS).local_addr().expect("it is bound");
        let at = line.local_addr().expect("it is bound");
        let url = format!("sqlite:{}", folder.path().join("whence.db").display());
        let steps = match sealed[1] {
            true => r#"{ number = "+33612345678", trunk = "away" }"#.to_owned(),
            false => format!(r#"{{ sip = "sip:line@{at}" }}"#),
        };
        let plan = format!(
            r#"
            outlets = [{{ id = "shop", name = "Shop" }}]
            destinations = [{{ id = "line", name = "Line", outlet = "shop", steps = [{steps}], media = "relayed" }}]
            [[numbers]]
            e164 = "{NUMBER}"
            outlet = "shop"
            destination = "line"
            label = "bench"
            channel = "Offline"
            source = "bench"
            medium = "bench"
            "#
        );
        let ready = tokio::runtime::Runtime::new().expect("a runtime");
        ready.block_on(async {
            let store = Store::open(&Config { url: url.clone() }).await.expect("the database opens");
            let trunk = "away".parse().expect("a name");
            let exit = Exit { trunk, leads_out: true, prefixes: vec![], calls_per_day: None };
            let plan = plan_read(&plan, &[exit], &[]).expect("the plan is good");
            plan_applied(&store, &Clock::system(), &plan, false).await.expect("the plan applies");
            store.close().await;
        });
        let settings = folder.path().join("whence.toml");
        let text = format!(
            "[database]\nurl = \"{url}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[sip]\nlisten = [\"udp:{gateway}\"]\n\
             [[trunk]]\nname = \"carrier\"\nfrom = [\"{CALLERS}\"]\ncountry = \"FR\"\n\
             [[trunk]]\nname = \"away\"\nfrom = [\"{LINES}\"]\ncountry = \"FR\"\nto = [\"sip:{at}\"]\nsdes = true\nping_s = 0\n\
             [calls]\nlimit = 100000\ncpu_percent = 0\nspool = \"{}\"\n",
            folder.path().join("spool").display()
        );
        std::fs::write(&settings, text).expect("the settings are written");
        let settings = settings.to_str().expect("a path of text");
        let process = on_its_core(env!("CARGO_BIN_EXE_whence"), &["serve", "--config", settings]);
        let process = process.expect("the gateway starts");
        Self { process, caller, line, gateway, sealed, calls: 0, _folder: folder }
    }

    fn head(&self, method: &str, uri: &str, branch: &str, to: &str) -> String {
        let (at, call) = (self.caller.local_addr().expect("it is bound"), self.calls);
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK-{branch}-{call};rport\r\n\
             From: <sip:+33639980001@{CALLERS}>;tag=c{call}\r\nTo: {to}\r\nCall-ID: bench-{call}\r\nCSeq: 1 {method}\r\n\
             Max-Forwards: 70\r\nContact: <sip:caller@{at}>\r\n"
        )
    }
}

impl Put for Whence {
    fn connect(&mut self, caller: SocketAddr, line: SocketAddr) -> [SocketAddr; 2] {
        self.calls += 1;
        let uri = format!("sip:{NUMBER}@{}", self.gateway);
        let invite = with_body(
            &self.head("INVITE", &uri, "i", &format!("<{uri}>")),
            &described(caller, self.sealed[0]),
        );
        self.caller.send_to(invite.as_bytes(), self.gateway).expect("it is sent");

        let (asked, from) = hear(&self.line, "INVITE ", || {
            // The gateway may be on its way up.
            let _ = self.caller.send_to(invite.as_bytes(), self.gateway);
        });
        let own: Vec<&str> = asked.lines().filter(|line| is_of_answer(line)).collect();
        let to = header(&asked, "To:");
        let at = self.line.local_addr().expect("it is bound");
        let answer = format!(
            "SIP/2.0 200 OK\r\n{}\r\nTo:{to};tag=l{}\r\nContact: <sip:line@{at}>\r\n",
            own.join("\r\n"),
            self.calls
        );
        self.line
            .send_to(with_body(&answer, &described(line, self.sealed[1])).as_bytes(), from)
            .expect("it is sent");

        let (answered, _) = hear(&self.caller, "SIP/2.0 200", || {});
        let to = header(&answered, "To:").trim().to_owned();
        let target = header(&answered, "Contact:").trim().trim_matches(['<', '>']).to_owned();
        let ack = self.head("ACK", &target, "a", &to) + "Content-Length: 0\r\n\r\n";
        self.caller.send_to(ack.as_bytes(), self.gateway).expect("it is sent");
        hear(&self.line, "ACK ", || {});
        [place(&answered), place(&asked)]
    }

    fn pid(&self) -> Option<u32> {
        Some(self.process.id())
    }
}

impl Drop for Whence {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The next message that begins so; the others are copies, and provisional.
fn hear(socket: &UdpSocket, start: &str, again: impl Fn()) -> (String, SocketAddr) {
    let mut buffer = [0; 8_192];
    for _ in 0..1_000 {
        socket.set_read_timeout(Some(Duration::from_millis(500))).expect("it can");
        let Ok((length, from)) = socket.recv_from(&mut buffer) else {
            again();
            continue;
        };
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if text.starts_with(start) {
            return (text, from);
        }
    }
    panic!("no {start} comes")
}

fn is_of_answer(line: &str) -> bool {
    ["Via:", "From:", "Call-ID:", "CSeq:", "Record-Route:"].iter().any(|name| line.starts_with(name))
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    message
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_else(|| panic!("no {name} in {message}"))
}

fn with_body(head: &str, body: &str) -> String {
    format!("{head}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
