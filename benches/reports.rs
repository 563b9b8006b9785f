//! Reports over two years of calls: `cargo bench --bench reports -- 10000000 100000000` for so
//! many calls and page views, or a hundred thousand and a million where nothing is said.

mod meter;
#[path = "ringing/mod.rs"]
mod ringing;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use meter::Meter;
use ringing::{NOW, Ringing};
use whence::domain::reporting::count::Question;
use whence::domain::reporting::dimension::Dimension;
use whence::domain::reporting::period::{Bar, Period};
use whence::flows::{Reports, hours_counted};

/// What a report may take.
const REPORT_MOST: Duration = Duration::from_millis(300);

/// A label that calls are filtered by.
type Only = (Dimension, &'static str);

#[tokio::main]
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn main() {
    let mut asked = std::env::args().filter_map(|arg| arg.parse().ok());
    let calls: u64 = asked.next().unwrap_or(100_000);
    let pages = asked.next().unwrap_or(calls * 10);
    let meter = Meter::start();
    let ringing = Ringing::over(calls, pages).await;
    meter.tell("calls made, with their visits", calls);
    let meter = Meter::start();
    ringing.store.write(|tx| Box::pin(tx.count_all_again())).await.expect("all hours are marked");
    while hours_counted(&ringing.store).await.expect("hours are counted") > 0 {}
    meter.tell("calls counted from their rows", calls);
    let (meter, before) = (Meter::start(), memory_mb());
    let reports = Reports::default();
    while reports.read_on(&ringing.store).await.expect("hours are read") {}
    meter.tell("calls read into memory", calls);
    println!("{} MiB more", memory_mb() - before);

    let filters: [&[Only]; 4] = [
        &[],
        &[(Dimension::Channel, "Paid Search")],
        &[(Dimension::Outlet, "outlet-7")],
        &[
            (Dimension::Channel, "Organic Search"),
            (Dimension::Device, "phone"),
            (Dimension::Outcome, "answered"),
        ],
    ];
    let mut slowest = Duration::ZERO;
    println!("{:<10} {:<60} {:>12} {:>10}", "period", "filter", "calls", "took");
    for period in [Period::Today, Period::Days(30), Period::Days(365), Period::Days(730)] {
        for only in filters {
            let (began, question) = (Instant::now(), question(period, only));
            let counted = reports.count(question).await.expect("it is counted");
            let took = began.elapsed();
            slowest = slowest.max(took);
            let filter = only
                .iter()
                .map(|(it, label)| format!("{}={label}", it.as_str()))
                .collect::<Vec<_>>()
                .join(" ");
            let found = counted.total.calls / 1_000_000;
            println!("{:<10} {filter:<60} {found:>12} {took:>10.1?}", period.to_string());
        }
    }
    ringing.store.close().await;
    assert!(slowest < REPORT_MOST, "a report took {slowest:?}");
}

fn question(period: Period, only: &[Only]) -> Question {
    let zone = TimeZone::get("Europe/Paris").expect("it is a zone");
    let period = period.bounds(NOW, &zone);
    let only = only.iter().map(|(it, label)| (*it, BTreeSet::from([Some((*label).to_owned())])));
    Question {
        bars: Bar::of(&period).begins(&period, &zone),
        period,
        zone,
        only: only.collect(),
        apart: Dimension::ALL.to_vec(),
        rows_max: 10,
    }
}

/// What the process holds in memory.
fn memory_mb() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<i64>().unwrap_or_default() / 1_024
}
