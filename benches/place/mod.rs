//! A website with a large pool, on a disk: where visits are benchmarked.

use std::time::Duration;

use tempfile::TempDir;
use whence::clock::Clock;
use whence::domain::time::Timestamp;
use whence::flows::{plan_applied, plan_read};
use whence::store::{Config, Store};

pub struct Place {
    pub store: Store,
    pub clock: Clock,
    /// Deleted when it is dropped.
    _folder: TempDir,
}

/// A lease of this place lasts for a minute and a half and rests for none.
const PLAN: &str = r#"
outlets = [{ id = "shop", name = "Shop" }]
sites = [{ id = "web", name = "Web", outlet = "shop", origins = ["https://example.org"] }]
destinations = [{ id = "line", name = "Line", outlet = "shop", line = "sip:line@127.0.0.1:5070", ring_s = 30 }]

[[pools]]
id = "pool"
site = "web"
target = "+33199000001"
destination = "line"
keep_alive_s = 90
quarantine_s = 0
numbers = ["+33199010000..+33199019999"]
"#;

impl Place {
    /// SQLite on the disk that holds the build, with a pool of 10,000 numbers.
    pub async fn open() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room on the disk");
        let url = format!("sqlite:{}", folder.path().join("whence.db").display());
        let store = Store::open(&Config { url }).await.expect("a fresh database opens");
        let clock = Clock::manual(Timestamp::from_ms(1_795_348_800_000));
        let plan = plan_read(PLAN, &[], &[]).expect("the plan is good");
        plan_applied(&store, &clock, &plan, false).await.expect("the plan applies");
        Self { store, clock, _folder: folder }
    }

    /// Lets time pass so that numbers come free as fast as visits come.
    pub fn tick(&self) {
        self.clock.advance(Duration::from_millis(10));
    }
}
