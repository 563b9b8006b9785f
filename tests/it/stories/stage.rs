//! A gateway, a business line and a caller on one clock that the story moves.

use std::cell::Cell;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use whence::app::{Gateway, Source};
use whence::clock::Clock;
use whence::config::{Config, ConfigError, TrunkConfig};
use whence::demo::caller::{Caller, End, Plan};
use whence::demo::line::Line;
use whence::domain::calling::record::CallRecord;
use whence::domain::time::Timestamp;
use whence::domain::tracking::device::Device;
use whence::flows::{Opened, Shown, plan_applied, plan_read, visit_arrives};
use whence::store::{self, CallFilter, Store, Window};

use crate::support::databases::Database;
use crate::support::town::NOON;

pub const ADA: &str = "+33639981234";
/// Answered after a while.
pub const COUNTER: &str = "0199002001";
/// Never answered.
pub const POSTER: &str = "0199002003";

pub struct Stage {
    pub gateway: Gateway,
    pub clock: Clock,
    pub folder: TempDir,
    _line: Line,
    /// When somebody last began to call.
    called_at: Cell<Timestamp>,
}

/// What is read when settings are read again, given those that the gateway started with.
type Reads = Box<dyn Fn(Config) -> Result<Config, ConfigError> + Send + Sync>;

impl Stage {
    /// The demo's plan, with its lines where ours is.
    pub async fn open(database: &Database) -> Self {
        Self::open_with(database, &[]).await
    }

    /// The same with some passages of the plan exchanged.
    pub async fn open_with(database: &Database, exchanges: &[(&str, &str)]) -> Self {
        Self::open_from(database, exchanges, None, |_| {}).await
    }

    /// The same with other settings.
    pub async fn open_as(
        database: &Database,
        exchanges: &[(&str, &str)],
        settings: impl FnOnce(&mut Config),
    ) -> Self {
        Self::open_from(database, exchanges, None, settings).await
    }

    /// The demo's plan, with settings that are read again from what `reads` makes of them.
    pub async fn open_reading(
        database: &Database,
        reads: impl Fn(Config) -> Result<Config, ConfigError> + Send + Sync + 'static,
    ) -> Self {
        Self::open_from(database, &[], Some(Box::new(reads)), |_| {}).await
    }

    async fn open_from(
        database: &Database,
        exchanges: &[(&str, &str)],
        reads: Option<Reads>,
        settings: impl FnOnce(&mut Config),
    ) -> Self {
        let clock = Clock::manual(NOON);
        let folder = tempfile::tempdir().expect("there is room for a spool");
        let line = Line::start(clock.clone(), "127.0.0.1:0".parse().unwrap()).await.expect("a port is free");
        let mut plan = include_str!("../../../config/demo-plan.toml").to_owned();
        for (old, new) in exchanges {
            assert!(plan.contains(old), "{old}");
            plan = plan.replace(old, new);
        }
        let plan = plan.replace("127.0.0.1:5070", &line.address.to_string());
        let store = Store::open(&store::Config { url: database.url.clone() }).await.expect("a database");
        plan_applied(&store, &clock, &plan_read(&plan, &[], &[]).expect("the plan"), false)
            .await
            .expect("it applies");
        store.close().await;

        let mut config = Config::default();
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        // Time is moved here, so how busy the processor is means nothing.
        config.calls.cpu_percent = 0;
        config.sip.listen = vec!["udp:127.0.0.1:0".parse().unwrap()];
        config.database.url = database.url.clone();
        config.calls.spool = folder.path().join("spool");
        config.imports.folder = folder.path().join("imports");
        config.vault.folder = folder.path().join("recordings");
        config.vault.keys = folder.path().join("vault.keys");
        let here = vec!["127.0.0.0/8".parse().unwrap()];
        let carrier = "carrier".parse().unwrap();
        config.trunks = vec![TrunkConfig::known_by_address(carrier, here, "FR".parse().unwrap())];
        settings(&mut config);
        let started = config.clone();
        let source = reads.map(|reads| -> Source { Box::new(move || reads(started.clone())) });
        let gateway = Gateway::start_from(source, None, &config, clock.clone(), axum::Router::new());
        let gateway = gateway.await.expect("it starts");
        Self { gateway, clock, folder, _line: line, called_at: Cell::new(NOON) }
    }

    /// A consenting visitor opens a page of the bakery.
    pub async fn visit(&self, page: &str) -> Shown {
        let opened = Opened {
            site: "boulangerie".parse().unwrap(),
            page: page.to_owned(),
            title: None,
            referrer: None,
            consent: true,
            device: Device::Phone,
            country: None,
            region: None,
            visitor: None,
            visit: None,
            refused: None,
        };
        visit_arrives(&self.gateway.store, &self.clock, opened).await.expect("a visit")
    }

    /// Somebody calls; how it ended for them comes later.
    pub async fn call(&self, number: &str, give_up_when_it_rings: bool) -> JoinHandle<End> {
        let (caller, plan) = self.caller(number, give_up_when_it_rings).await;
        tokio::spawn(async move { caller.call(&plan, std::future::pending(), |_| {}).await })
    }

    /// Somebody else calls; without a number, they withhold it.
    pub async fn call_from(&self, from: Option<&str>, number: &str) -> JoinHandle<End> {
        let (caller, mut plan) = self.caller(number, false).await;
        plan.from = from.map(|from| from.parse().expect("a number"));
        tokio::spawn(async move { caller.call(&plan, std::future::pending(), |_| {}).await })
    }

    /// Somebody calls, and is stopped when they tell of what begins with these words.
    pub async fn call_until_told(&self, number: &str, words: &'static str) -> JoinHandle<End> {
        let (caller, plan) = self.caller(number, false).await;
        let stop = Notify::new();
        tokio::spawn(async move {
            let tell = |line: String| {
                if line.starts_with(words) {
                    stop.notify_one();
                }
            };
            caller.call(&plan, stop.notified(), tell).await
        })
    }

    async fn caller(&self, number: &str, give_up_when_it_rings: bool) -> (Caller, Plan) {
        self.called_at.set(self.clock.now());
        let gateway = self.gateway.sip[0].address;
        let plan = Plan {
            number: number.parse().expect("a number"),
            from: Some(ADA.parse().expect("a number")),
            talk: Duration::from_secs(5),
            give_up_when_it_rings,
            gateway,
        };
        (Caller::start(self.clock.clone(), gateway).await.expect("a port is free"), plan)
    }

    /// Lets time pass until `found` gives something. Between two steps of the
    /// clock everybody has time to read what came over the wire.
    pub async fn until<T>(&self, found: impl AsyncFn() -> Option<T>) -> T {
        for _ in 0..200_000 {
            if let Some(found) = found().await {
                return found;
            }
            for _ in 0..64 {
                tokio::task::yield_now().await;
            }
            self.clock.advance(Duration::from_millis(5));
        }
        panic!("time passed in vain");
    }

    pub async fn ended(&self, call: JoinHandle<End>) -> End {
        self.until(async || call.is_finished().then_some(())).await;
        call.await.expect("the caller does not panic")
    }

    /// The call that was made last, once it is over in the database.
    pub async fn latest_call(&self) -> CallRecord {
        self.until(async || {
            let page = self.gateway.store.list_calls(&CallFilter::default(), &Window::first(1)).await.ok()?;
            let latest = page.items.into_iter().next()?.record;
            (latest.arrived_at >= self.called_at.get() && latest.outcome.is_some()).then_some(latest)
        })
        .await
    }

    /// Who took the calls, once all of them are over in the database.
    pub async fn answered_by(&self) -> Vec<String> {
        self.until(async || {
            let page =
                self.gateway.store.list_calls(&CallFilter::default(), &Window::first(10)).await.ok()?;
            let calls: Vec<CallRecord> = page.items.into_iter().map(|row| row.record).collect();
            let over = calls.iter().all(|call| call.outcome.is_some());
            over.then(|| {
                calls.into_iter().filter_map(|call| call.answered_by).map(|id| id.to_string()).collect()
            })
        })
        .await
    }

    pub async fn close(self) {
        self.gateway.stop(std::future::ready(())).await;
    }
}
