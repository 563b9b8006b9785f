//! Reports over two years of calls: `cargo bench --bench reports -- 10000000 100000000` for so
//! many calls and page views, or a hundred thousand and a million where nothing is said. With
//! `WHENCE_BENCH_POSTGRES` on that server, else on SQLite; with `WHENCE_BENCH_KEPT` in the folder or the database of that
//! name, where the next run finds it.

mod meter;
#[path = "ringing/mod.rs"]
mod ringing;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use meter::Meter;
use ringing::pages::Pages;
use ringing::{NOW, Ringing, TIMES};
use whence::domain::calling::outcome::Outcome;
use whence::domain::calling::qualification::Qualification;
use whence::domain::calling::search::Sought;
use whence::domain::reporting::count::Question;
use whence::domain::reporting::dimension::Dimension;
use whence::domain::reporting::period::{Bar, Period};
use whence::flows::{CallSearch, Reports, calls_found, hours_counted};
use whence::store::{CallFilter, Store, Window};

/// What a report may take, and a page of the list of calls.
const REPORT_MOST: Duration = Duration::from_millis(300);
const LIST_MOST: Duration = Duration::from_millis(100);
/// What the text of a page may weigh.
const BYTES_MOST: usize = 150_000;

/// Pages of the console that tell of a period, …
const REPORTS: [&str; 9] = [
    "overview",
    "network",
    "cross?rows=region",
    "cross?rows=campaign&columns=outlet",
    "together",
    "attribution",
    "journeys",
    "money",
    "missed",
];
/// … and those that do not.
const OTHERS: [&str; 8] =
    ["calls", "live", "numbers", "outlets", "destinations", "pools", "sites", "sources"];

/// What the console's page counts apart.
const CARDS: [Dimension; 4] =
    [Dimension::Channel, Dimension::LandingPage, Dimension::Outlet, Dimension::Region];

/// A label that calls are filtered by.
type Only = (Dimension, &'static str);

#[tokio::main]
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn main() {
    // What a page stumbles over.
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).init();
    let mut asked = std::env::args().filter_map(|arg| arg.parse().ok());
    let calls: u64 = asked.next().unwrap_or(100_000);
    let pages = asked.next().unwrap_or(calls * 10);
    let meter = Meter::start();
    let ringing = Ringing::over(calls, pages).await;
    meter.tell("calls made, with their visits", calls);
    let meter = Meter::start();
    if !ringing.is_found {
        ringing.store.write(|tx| Box::pin(tx.count_all_again())).await.expect("all hours are marked");
    }
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
    println!("{:<10} {:<60} {:>6} {:>12} {:>10}", "period", "filter", "apart", "calls", "took");
    let asked = [Period::Today, Period::Days(30), Period::Days(365), Period::Days(730)]
        .into_iter()
        .flat_map(|period| filters.map(|only| (period, only)))
        .flat_map(|(period, only)| [(period, only, &CARDS[..]), (period, only, &Dimension::ALL[..])]);
    for (period, only, apart) in asked {
        let (began, question) = (Instant::now(), question(period, only, apart));
        let counted = reports.count(question).await.expect("it is counted");
        let took = began.elapsed();
        slowest = slowest.max(took);
        let filter =
            only.iter().map(|(it, label)| format!("{}={label}", it.as_str())).collect::<Vec<_>>().join(" ");
        let found = counted.total.calls / 1_000_000;
        let apart = apart.len();
        println!("{:<10} {filter:<60} {apart:>6} {found:>12} {took:>10.1?}", period.to_string());
    }
    let listed = list(&ringing.store, &reports).await;
    let (slowest_page, heaviest) = opened(&ringing.store, &reports).await;
    ringing.close().await;
    assert!(slowest < REPORT_MOST, "a report took {slowest:?}");
    assert!(slowest_page < REPORT_MOST, "a page took {slowest_page:?}");
    assert!(heaviest < BYTES_MOST, "a page has {heaviest} bytes");
    assert!(listed < LIST_MOST, "a page of the list took {listed:?}");
}

/// Pages of the list by filters that many calls pass, few, or none; gives the slowest.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn list(store: &Store, reports: &Reports) -> Duration {
    let only = |only: &[Only]| -> Vec<_> {
        only.iter().map(|(it, label)| (*it, BTreeSet::from([Some((*label).to_owned())]))).collect()
    };
    let by = |filter: CallFilter, filters: &[Only]| CallSearch { filter, only: only(filters) };
    let none = CallFilter::default;
    let (email, late) = ((Dimension::Channel, "Email"), (Dimension::Outcome, "voicemail"));
    let searches = [
        ("nothing", by(none(), &[])),
        ("a channel", by(none(), &[email])),
        ("an outcome that no call has", by(none(), &[late])),
        (
            "a campaign, a term and a page",
            by(
                none(),
                &[
                    (Dimension::Campaign, "campaign 3"),
                    (Dimension::Term, "word 1995"),
                    (Dimension::LandingPage, "https://shop.example/page-7"),
                ],
            ),
        ),
        (
            "an outlet and a device",
            by(none(), &[(Dimension::Outlet, "outlet-7"), (Dimension::Device, "desk")]),
        ),
        ("a number", by(CallFilter { number: "+33199001500".parse().ok(), ..none() }, &[])),
        (
            "a number and a channel",
            by(CallFilter { number: "+33199001500".parse().ok(), ..none() }, &[email]),
        ),
        ("blocked", by(CallFilter { outcome: Some(Outcome::Blocked), ..none() }, &[])),
        ("a lead", by(CallFilter { qualification: Some(Qualification::Lead), ..none() }, &[email])),
        ("a tag", by(CallFilter { tag: "kitchen".parse().ok(), ..none() }, &[])),
        ("four digits", by(CallFilter { sought: Some(Sought::Ends("4711".into())), ..none() }, &[])),
        ("six digits", by(CallFilter { sought: Some(Sought::Ends("014711".into())), ..none() }, &[])),
        (
            "words",
            by(
                CallFilter {
                    sought: Some(Sought::Words { words: BTreeSet::from(["rye".into()]), of_names: true }),
                    ..none()
                },
                &[],
            ),
        ),
    ];
    let mut slowest = Duration::ZERO;
    println!("{:<40} {:>8} {:>10}", "calls by", "rows", "took");
    for (name, search) in searches {
        let (mut took, mut rows) = (Duration::MAX, 0);
        for _ in 0..TIMES {
            let began = Instant::now();
            let page =
                calls_found(store, reports, &search, &Window::first(50)).await.expect("they are found");
            (took, rows) = (took.min(began.elapsed()), page.items.len());
        }
        slowest = slowest.max(took);
        println!("{name:<40} {rows:>8} {took:>10.1?}");
    }
    slowest
}

/// The console's pages; gives how long the slowest took, and what the heaviest weighs.
async fn opened(store: &Store, reports: &Reports) -> (Duration, usize) {
    let pages = Pages::of(store, reports).await;
    let of_periods = REPORTS.into_iter().flat_map(|page| {
        let sign = if page.contains('?') { '&' } else { '?' };
        ["30d", "365d", "730d"].map(|period| format!("{page}{sign}period={period}"))
    });
    let (mut slowest, mut heaviest) = (Duration::ZERO, 0);
    println!("{:<60} {:>12} {:>10}", "page of the console", "bytes", "took");
    for page in of_periods.chain(OTHERS.map(str::to_owned)) {
        let opened = pages.open(&format!("/console/{page}")).await;
        (slowest, heaviest) = (slowest.max(opened.took), heaviest.max(opened.bytes));
        println!("{page:<60} {:>12} {:>10.1?}", opened.bytes, opened.took);
    }
    (slowest, heaviest)
}

fn question(period: Period, only: &[Only], apart: &[Dimension]) -> Question {
    let zone = TimeZone::get("Europe/Paris").expect("it is a zone");
    let period = period.bounds(NOW, &zone);
    let only = only.iter().map(|(it, label)| (*it, BTreeSet::from([Some((*label).to_owned())])));
    Question {
        bars: Bar::of(&period).begins(&period, &zone),
        period,
        zone,
        only: only.collect(),
        apart: apart.to_vec(),
        rows_max: 10,
    }
}

/// What the process holds in memory.
fn memory_mb() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<i64>().unwrap_or_default() / 1_024
}
