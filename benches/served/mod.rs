//! The shipped binary under load: started, asked over HTTP, measured, stopped.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use whence::clock::Clock;
use whence::flows::{plan_applied, plan_read};
use whence::store::{Config, Store};

/// A pool that no run exhausts, and no cap on what one address takes.
const PLAN: &str = r#"
outlets = [{ id = "shop", name = "Shop" }]
destinations = [{ id = "line", name = "Line", outlet = "shop", line = "sip:line@127.0.0.2:5070", ring_s = 30 }]

[[sites]]
id = "web"
name = "Web"
outlet = "shop"
origins = ["https://shop.example"]
leases_per_block = 0
leases_per_minute = 0

[[pools]]
id = "pool"
site = "web"
target = "+33199000001"
destination = "line"
numbers = ["+33199100000..+33199179999"]
"#;

pub struct Server {
    process: Child,
    pub address: String,
    _folder: TempDir,
}

impl Server {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room on the disk");
        let file = folder.path().join("whence.db");
        let url = std::env::var("WHENCE_BENCH_DATABASE").unwrap_or(format!("sqlite:{}", file.display()));
        println!("database: {}", url.split(':').next().unwrap_or_default());
        let store = Store::open(&Config { url: url.clone() }).await.expect("the database opens");
        let plan = plan_read(PLAN, &[], &[]).expect("the plan is good");
        plan_applied(&store, &Clock::system(), &plan, false).await.expect("the plan applies");
        store.close().await;
        Self::over(&url, folder).await
    }

    /// Over a database that is there already.
    pub async fn over(url: &str, folder: TempDir) -> Self {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        let address = format!("127.0.0.1:{port}");
        let settings = folder.path().join("whence.toml");
        let text = format!(
            "[database]\nurl = \"{url}\"\n[http]\nlisten = \"{address}\"\n[sip]\nlisten = [\"udp:127.0.0.1:0\"]\n\
             [calls]\nspool = \"{}\"\n",
            folder.path().join("spool").display()
        );
        std::fs::write(&settings, text).expect("the settings are written");
        let process = Command::new(env!("CARGO_BIN_EXE_whence"))
            .args(["serve", "--config"])
            .arg(settings)
            // It would take it for a setting that it does not know.
            .env_remove("WHENCE_BENCH_DATABASE")
            .stdout(Stdio::null())
            .spawn()
            .expect("the gateway starts");
        let server = Self { process, address, _folder: folder };
        for _ in 0..200 {
            if TcpStream::connect(&server.address).await.is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the gateway does not listen");
    }

    /// Processor time that it has taken.
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks =
            |nth: usize| fields.get(nth).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    pub async fn stop(mut self) {
        self.process.kill().expect("it is ours to stop");
        self.process.wait().expect("it has stopped");
    }
}

/// The body of a page's report; `known` are its visit and visitor.
pub fn visit(path: &str, known: Option<&(String, String)>) -> String {
    let known = known
        .map_or_else(String::new, |(visit, visitor)| format!(r#","visit":"{visit}","visitor":"{visitor}""#));
    format!(
        r#"{{"site":"web","page":"https://shop.example{path}","title":"A shop","consent":true,"visible":true{known}}}"#
    )
}

/// The visit and the visitor of an answer.
pub fn ids(body: &str) -> (String, String) {
    let answer: serde_json::Value = serde_json::from_str(body).expect("the answer is JSON");
    let text = |name: &str| answer[name].as_str().expect("there is consent").to_owned();
    (text("visit"), text("visitor"))
}

/// Connections that stay open, each asking one thing at a time.
pub struct Browsers<'s> {
    server: &'s Server,
    connections: Vec<Arc<Mutex<TcpStream>>>,
}

pub struct Told {
    took: Duration,
    cpu: Duration,
    waits: Vec<Duration>,
    statuses: Vec<u16>,
    pub bodies: Vec<String>,
}

impl<'s> Browsers<'s> {
    pub async fn open(server: &'s Server, many: usize) -> Self {
        let mut connections = Vec::new();
        for _ in 0..many {
            let connection = TcpStream::connect(&server.address).await.expect("the gateway listens");
            connection.set_nodelay(true).expect("a TCP connection");
            connections.push(Arc::new(Mutex::new(connection)));
        }
        Self { server, connections }
    }

    /// Asks `many` times: as fast as answers come, or one each `every`.
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    pub async fn ask_all(
        &self,
        many: usize,
        every: Option<Duration>,
        body: Arc<dyn Fn(usize) -> String + Send + Sync>,
    ) -> Told {
        let next = Arc::new(AtomicUsize::new(0));
        let (began, cpu) = (Instant::now(), self.server.cpu());
        let tasks: Vec<_> = self
            .connections
            .iter()
            .map(|connection| {
                let (connection, next, body) = (Arc::clone(connection), Arc::clone(&next), Arc::clone(&body));
                tokio::spawn(async move {
                    let mut connection = connection.lock().await;
                    let mut answers = Vec::new();
                    loop {
                        let nth = next.fetch_add(1, Ordering::Relaxed);
                        if nth >= many {
                            return answers;
                        }
                        let mut wanted = Instant::now();
                        if let Some(every) = every {
                            wanted = began + every * nth as u32;
                            tokio::time::sleep_until(wanted.into()).await;
                        }
                        let (status, text) = ask(&mut connection, &body(nth)).await;
                        answers.push((wanted.elapsed(), status, text));
                    }
                })
            })
            .collect();
        let mut told = Told {
            took: Duration::ZERO,
            cpu: Duration::ZERO,
            waits: Vec::new(),
            statuses: Vec::new(),
            bodies: Vec::new(),
        };
        for task in tasks {
            for (wait, status, text) in task.await.expect("no browser fails") {
                told.waits.push(wait);
                told.statuses.push(status);
                told.bodies.push(text);
            }
        }
        (told.took, told.cpu) = (began.elapsed(), self.server.cpu().saturating_sub(cpu));
        told.waits.sort();
        told
    }
}

async fn ask(connection: &mut TcpStream, body: &str) -> (u16, String) {
    let request = format!(
        "POST /api/v1/visits HTTP/1.1\r\nHost: gateway\r\nOrigin: https://shop.example\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
         Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.expect("the gateway reads");
    let mut answer = Vec::with_capacity(1024);
    loop {
        connection.read_buf(&mut answer).await.expect("the gateway answers");
        let text = String::from_utf8_lossy(&answer);
        let Some((head, rest)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        if rest.len() >= length.expect("an answer says how long it is") {
            let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
            return (status, rest.to_owned());
        }
    }
}

impl Told {
    /// Prints what it came to; every answer must be `status`.
    pub fn tell(&self, what: &str, status: u16) {
        let many = self.statuses.len();
        let other = self.statuses.iter().filter(|it| **it != status).count();
        assert_eq!(other, 0, "{other} of {many} answers are not {status}");
        let ms = |share: f64| self.waits[((many - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        println!(
            "{what}: {many} in {:.2} s, {:.0} a second, {:.1} µs of the server's CPU each; waits {:.2} ms median, {:.2} p99, {:.2} longest",
            self.took.as_secs_f64(),
            many as f64 / self.took.as_secs_f64(),
            self.cpu.as_secs_f64() * 1e6 / many as f64,
            ms(0.5),
            ms(0.99),
            ms(1.0),
        );
    }

    /// Every answer must say this.
    pub fn expect(&self, words: &str) {
        let said = self.bodies.iter().filter(|body| body.contains(words)).count();
        assert_eq!(said, self.bodies.len(), "{said} of {} answers say {words}", self.bodies.len());
    }
}
