//! What reports count is what the rows say, whatever has happened to them and in whatever order.

use std::collections::BTreeMap;
use std::time::Duration;

use whence::domain::calling::qualification::Qualification;
use whence::domain::calling::record::Arrived;
use whence::domain::calling::recording::Accessor;
use whence::domain::dice::Dice;
use whence::domain::people::erasure::Why;
use whence::domain::reporting::facts::{HourFacts, WHOLE};
use whence::flows::{
    Eraser, Shown, call_arrives, call_corrected, call_ends, call_is_answered, call_qualified, contact_erased,
    facts_of_hour, hours_counted,
};
use whence::store::Store;

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, POSTER, Town, page};

async fn count(store: &Store) {
    while hours_counted(store).await.unwrap() > 0 {}
}

/// What was counted of each hour.
async fn counted(store: &Store) -> BTreeMap<i64, HourFacts> {
    let hours = store.list_call_hours(i64::MAX, 10_000).await.unwrap();
    hours.into_iter().map(|it| (it.hour, it.facts.unwrap())).collect()
}

/// What the rows say of each of these hours.
async fn rows(store: &Store, hours: impl Iterator<Item = &i64>) -> BTreeMap<i64, HourFacts> {
    let mut facts = BTreeMap::new();
    for &hour in hours {
        let of_hour = store.read(|tx| Box::pin(facts_of_hour(tx, hour))).await.unwrap();
        facts.insert(hour, of_hour);
    }
    facts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_counted_anew_whenever_something_of_it_changes() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let shown = town.opens(page("/bread?utm_source=google&utm_medium=cpc&utm_term=rye")).await;
        town.clock.advance(MINUTE);
        let mut call = town.call(1000, Some(7001));
        call.number = shown.swaps[0].number.clone().unwrap();
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        count(&town.store).await;
        let rings = counted(&town.store).await;
        town.clock.advance(MINUTE / 4);
        let answered = town.clock.now();
        call_is_answered(&town.store, &town.clock, &town.answer(&call)).await.unwrap();
        town.clock.advance(2 * MINUTE);
        call_ends(&town.store, &town.clock, &town.end(&call, Some(answered))).await.unwrap();
        let who = Accessor::Link;
        call_qualified(&town.store, &town.clock, call.call, Some(Qualification::Sale), who).await.unwrap();
        count(&town.store).await;
        let over = counted(&town.store).await;
        call_corrected(&town.store, &town.clock, call.call, None).await.unwrap();
        count(&town.store).await;
        let corrected = counted(&town.store).await;

        let only = |hours: &BTreeMap<i64, HourFacts>| {
            let facts = hours.values().next().unwrap();
            (facts.calls[0].clone(), facts.origins.clone())
        };
        let ((rings, from), (over, _), (_, after)) = (only(&rings), only(&over), only(&corrected));
        assert_eq!((rings.outcome, rings.is_new, rings.caller.is_some()), (None, true, true));
        assert_eq!(rings.shares.iter().map(|(_, weight)| weight).sum::<u32>(), WHOLE);
        assert_eq!(
            (from[0].term.as_deref(), from[0].landing_page.as_deref()),
            (Some("rye"), Some("https://bakery.example/bread"))
        );
        assert_eq!(
            (over.ring_ms, over.talk_ms, over.qualification),
            (15_000, 120_000, Some(Qualification::Sale))
        );
        assert!(after.iter().all(|origin| origin.term.is_none()), "{after:?}");
        town.store.close().await;
    })
    .await;
}

/// A call whose arrival was kept on disk while the database was away comes after one that came later.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_written_late_takes_the_first_place_of_the_next() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let late = town.call(POSTER, Some(7001));
        town.clock.advance(120 * MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(POSTER, Some(7001))).await.unwrap();
        count(&town.store).await;
        let before = counted(&town.store).await;
        call_arrives(&town.store, &town.clock, &late).await.unwrap();
        count(&town.store).await;

        let after = counted(&town.store).await;

        let new = |hours: &BTreeMap<i64, HourFacts>| {
            hours.values().map(|facts| facts.calls[0].is_new).collect::<Vec<_>>()
        };
        assert_eq!((new(&before), new(&after)), (vec![true], vec![true, false]));
        town.store.close().await;
    })
    .await;
}

/// One node has read an hour; before it writes, something changes and another node counts that.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_earlier_never_replaces_what_was_read_later() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let call = town.call(POSTER, Some(7001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let marked = town.store.list_hours_to_count(1).await.unwrap();
        let (hour, marks) = marked.into_iter().next().unwrap();
        let early = town.store.read(|tx| Box::pin(facts_of_hour(tx, hour))).await.unwrap();
        town.clock.advance(MINUTE);
        call_ends(&town.store, &town.clock, &town.end(&call, None)).await.unwrap();
        count(&town.store).await;
        let late = counted(&town.store).await;

        let saved = town.store.write(move |tx| {
            let (marks, early) = (marks.clone(), early.clone());
            Box::pin(async move { tx.save_call_hour(hour, &marks, &early).await })
        });

        assert!(!saved.await.unwrap());
        assert_eq!(counted(&town.store).await, late);
        assert!(late[&hour].calls[0].outcome.is_some());
        town.store.close().await;
    })
    .await;
}

/// Random days of a town, four ways each: the calls that are counted as they change are those of the rows, and those
/// of a count of everything from the start.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_as_it_comes_is_what_a_rebuild_counts() {
    on_each_database(async |database| {
        for seed in 0..4 {
            let town = Town::with_pool_of(database, 3).await;
            days_pass(&town, seed).await;
            count(&town.store).await;
            let as_it_came = counted(&town.store).await;
            let by_rows = rows(&town.store, as_it_came.keys()).await;
            town.store.write(|tx| Box::pin(tx.count_all_again())).await.unwrap();
            count(&town.store).await;

            assert!(as_it_came.values().map(|facts| facts.calls.len()).sum::<usize>() > 10, "seed {seed}");
            assert_eq!(as_it_came, by_rows, "seed {seed}");
            assert_eq!(as_it_came, counted(&town.store).await, "seed {seed}");
            town.store.close().await;
        }
    })
    .await;
}

async fn days_pass(town: &Town, seed: u64) {
    let mut dice = Dice::new(seed);
    let mut shown: Vec<Shown> = Vec::new();
    let (mut open, mut all): (Vec<Arrived>, Vec<Arrived>) = (Vec::new(), Vec::new());
    for _ in 0..90 {
        town.clock.advance(Duration::from_secs(dice.below(5_400) as u64));
        match dice.below(9) {
            0 | 1 => {
                let path =
                    ["/bread?utm_source=google&utm_medium=cpc", "/cake?utm_medium=email", "/"][dice.below(3)];
                shown.push(town.opens(page(path)).await);
            }
            2..=4 => {
                let lent = shown.last().and_then(|it| it.swaps.first()).and_then(|it| it.number.clone());
                let caller = [None, Some(7001), Some(7002), Some(7003)][dice.below(4)];
                let mut call = town.call(POSTER, caller);
                call.number = lent.filter(|_| dice.below(3) > 0).unwrap_or(call.number);
                call_arrives(&town.store, &town.clock, &call).await.unwrap();
                open.push(call.clone());
                all.push(call);
            }
            5 if !open.is_empty() => {
                let call = &open[dice.below(open.len())];
                call_is_answered(&town.store, &town.clock, &town.answer(call)).await.unwrap();
            }
            6 if !open.is_empty() => {
                let call = open.swap_remove(dice.below(open.len()));
                let answered = (dice.below(2) == 0).then(|| town.clock.now());
                call_ends(&town.store, &town.clock, &town.end(&call, answered)).await.unwrap();
            }
            7 if !all.is_empty() => {
                let (call, visit) = (all[dice.below(all.len())].call, shown.last().and_then(|it| it.visit));
                if dice.below(2) == 0 {
                    call_corrected(&town.store, &town.clock, call, visit).await.unwrap();
                } else {
                    let who = Accessor::Link;
                    let what = Some(Qualification::Lead);
                    call_qualified(&town.store, &town.clock, call, what, who).await.unwrap();
                }
            }
            8 if !all.is_empty() => {
                let call = all[dice.below(all.len())].call;
                let contact = town.store.find_call(call).await.unwrap().and_then(|record| record.contact);
                if let Some(contact) = contact.filter(|_| dice.below(3) == 0) {
                    contact_erased(
                        &town.store,
                        &town.clock,
                        contact,
                        Eraser::Asked(Accessor::Link),
                        Why::Request,
                    )
                    .await
                    .unwrap();
                }
            }
            _ => {}
        }
        // Sometimes a job looks in between.
        if dice.below(4) == 0 {
            count(&town.store).await;
        }
    }
}
