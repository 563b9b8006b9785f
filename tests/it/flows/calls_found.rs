//! Calls by any filter of the reports: memory says where to look, the rows what there is.

use std::collections::BTreeSet;
use std::time::Duration;

use whence::domain::calling::outcome::Outcome;
use whence::domain::calling::qualification::Qualification;
use whence::domain::calling::record::Arrived;
use whence::domain::calling::recording::Accessor;
use whence::domain::calling::screening::rules::Rule;
use whence::domain::calling::screening::{Decision, Verdict};
use whence::domain::dice::Dice;
use whence::domain::ids::CallId;
use whence::domain::reporting::dimension::Dimension;
use whence::domain::time::Timestamp;
use whence::flows::{
    CallSearch, Reports, call_arrives, call_corrected, call_ends, call_qualified, calls_found, hours_counted,
};
use whence::store::{CallFilter, CallRow, Store, Window};

use crate::support::databases::on_each_database;
use crate::support::town::{PAID, POSTER, Town, phone};

async fn read(store: &Store, reports: &Reports) {
    while hours_counted(store).await.unwrap() > 0 {}
    while reports.read_on(store).await.unwrap() {}
}

/// Every call that is found, page by page.
async fn all(store: &Store, reports: &Reports, search: &CallSearch, limit: u32) -> Vec<CallId> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let window = Window { after, limit };
        let page = calls_found(store, reports, search, &window).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        found.extend(page.items.iter().map(|row| row.record.id));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

/// A quarter of an hour with some calls, of which many arrive at one moment.
async fn some_calls(town: &Town, dice: &mut Dice) -> Vec<Arrived> {
    let mut calls = Vec::new();
    for _ in 0..6 {
        town.clock.advance(Duration::from_millis(500 * dice.below(300) as u64));
        for _ in 0..1 + dice.below(3) {
            // The last is none of the plan's.
            let number = [POSTER, PAID, 1000, 9000][dice.below(4)];
            let caller = (dice.below(4) > 0).then(|| 5000 + dice.below(5) as u32);
            let mut call = town.call(number, caller);
            if dice.below(9) == 0 {
                call.screening = Some(Box::new(Decision {
                    verdict: Verdict::Refused,
                    rule: Rule::BlockList,
                    block: None,
                    status: None,
                }));
            }
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            if dice.below(3) > 0 {
                let answered = (dice.below(2) > 0).then_some(town.clock.now());
                call_ends(&town.store, &town.clock, &town.end(&call, answered)).await.unwrap();
            }
            calls.push(call);
        }
    }
    calls
}

type Fits = fn(&CallRow) -> bool;
/// A filter, and what passes it.
type Case = (&'static [(Dimension, &'static str)], CallFilter, Fits);

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_what_looking_at_every_call_would_however_much_of_it_is_counted() {
    let filters: [Case; 8] = [
        (
            &[(Dimension::Channel, "Offline")],
            CallFilter { qualification: Some(Qualification::Sale), ..CallFilter::default() },
            |row| channel(row) == "Offline" && row.record.qualification.is_some(),
        ),
        (&[(Dimension::Channel, "Offline")], CallFilter::default(), |row| channel(row) == "Offline"),
        (&[(Dimension::Outcome, "answered")], CallFilter::default(), |row| {
            row.best.is_some() && row.record.outcome == Some(Outcome::Answered)
        }),
        (&[(Dimension::Outlet, "bakery")], CallFilter::default(), |row| row.best.is_some()),
        (
            &[(Dimension::Channel, "Paid Search"), (Dimension::Outcome, "abandoned")],
            CallFilter::default(),
            |row| channel(row) == "Paid Search" && row.record.outcome == Some(Outcome::Abandoned),
        ),
        (&[(Dimension::Source, "poster"), (Dimension::Region, "FR-1")], CallFilter::default(), |row| {
            channel(row) == "Offline" && row.record.caller.is_some()
        }),
        (
            &[(Dimension::Channel, "Offline")],
            CallFilter { caller: Some(phone(5001)), ..CallFilter::default() },
            |row| channel(row) == "Offline" && row.record.caller == Some(phone(5001)),
        ),
        (&[(Dimension::Campaign, "nothing of that name")], CallFilter::default(), |_| false),
    ];
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (reports, mut dice) = (Reports::default(), Dice::new(7));
        let mut calls = Vec::new();
        for _ in 0..12 {
            calls.extend(some_calls(&town, &mut dice).await);
        }
        for call in calls.iter().step_by(5) {
            let (sale, who) = (Some(Qualification::Sale), Accessor::Link);
            call_qualified(&town.store, &town.clock, call.call, sale, who).await.unwrap();
        }
        read(&town.store, &reports).await;
        // What was counted is not what it was, and what comes is not counted yet.
        for call in calls.iter().step_by(9) {
            call_corrected(&town.store, &town.clock, call.call, None).await.unwrap();
        }
        some_calls(&town, &mut dice).await;

        let every = town.store.list_calls(&CallFilter::default(), &Window::first(500)).await.unwrap().items;
        assert!((100..400).contains(&every.len()), "{}", every.len());
        for (only, filter, fits) in &filters {
            let only = only.iter().map(|(it, label)| (*it, BTreeSet::from([Some((*label).to_owned())])));
            let mut search = CallSearch { filter: filter.clone(), only: only.collect() };
            for middle in [None, Some(every[every.len() / 2].record.arrived_at)] {
                search.filter.until = middle;
                let within = |at: Timestamp| middle.is_none_or(|until| at < until);
                let fitting = every.iter().filter(|row| fits(row) && within(row.record.arrived_at));
                let fitting: Vec<CallId> = fitting.map(|row| row.record.id).collect();
                for limit in [1, 7, 200] {
                    let found = all(&town.store, &reports, &search, limit).await;
                    assert_eq!(found, fitting, "{search:?}, {limit} a page");
                }
            }
        }
        town.store.close().await;
    })
    .await;
}

fn channel(row: &CallRow) -> &str {
    row.best.as_ref().map_or("", |share| share.source.channel.as_str())
}
