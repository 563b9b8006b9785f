//! Visits as browsers see them: the shipped binary with its database on disk,
//! asked over HTTP by many connections. Tells answers a second, the server's
//! CPU for each, and how long browsers waited.
//!
//! The browsers are this process, on the same cores. `WHENCE_BENCH_DATABASE`
//! names an empty database to be used in place of SQLite.

mod served;

use std::sync::Arc;
use std::time::Duration;

use served::{Browsers, Server};

/// How many browsers ask at once when they ask as fast as they are answered.
const BROWSERS: usize = 512;
const VISITS: usize = 40_000;
const VIEWS: usize = 60_000;
/// Half of the rate that is to be reached, for as long.
const STEADY: f64 = 2_500.0;
const STEADY_VISITS: usize = 25_000;

#[tokio::main]
async fn main() {
    let server = Server::start().await;
    let browsers = Browsers::open(&server, BROWSERS).await;

    let new =
        |nth: usize| served::visit(&format!("/?utm_source=google&utm_medium=cpc&utm_campaign=c{nth}"), None);
    let told = browsers.ask_all(VISITS, None, Arc::new(new)).await;
    told.tell("a visit with a lease, as fast as they are answered", 201);
    told.expect("\"rule\":\"lease\"");

    let known: Vec<(String, String)> = told.bodies.iter().map(|body| served::ids(body)).collect();
    let again = move |nth: usize| served::visit(&format!("/page/{nth}"), Some(&known[nth % known.len()]));
    let told = browsers.ask_all(VIEWS, None, Arc::new(again)).await;
    told.tell("a page view of a known visit, as fast as they are answered", 200);
    told.expect("\"rule\":\"renewed\"");

    // Waits are counted from when a browser wanted to ask, not from when it could.
    let told =
        browsers.ask_all(STEADY_VISITS, Some(Duration::from_secs_f64(1.0 / STEADY)), Arc::new(new)).await;
    told.tell(&format!("a visit with a lease, {STEADY} a second"), 201);
    told.expect("\"rule\":\"lease\"");

    server.stop().await;
}
