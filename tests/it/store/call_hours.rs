//! What reports count is what the rows say, whatever has happened to them and in whatever order.

use std::collections::BTreeMap;
use std::time::Duration;

use whence::domain::calling::qualification::Qualification;
use whence::domain::calling::record::Arrived;
use whence::domain::calling::recording::Accessor;
use whence::domain::dice::Dice;
use whence::domain::ids::{ApiKeyId, CallId, ContactId, MergeId};
use whence::domain::people::contact::{Identity, Whom};
use whence::domain::people::engagement::Draft;
use whence::domain::people::erasure::Why;
use whence::domain::people::retention::Kind;
use whence::domain::reporting::facts::{HourFacts, WHOLE};
use whence::flows::{
    Eraser, Handed, Shown, call_arrives, call_corrected, call_ends, call_is_answered, call_qualified,
    contact_erased, contacts_merged, engagements_told, facts_of_hour, hours_counted, merge_undone,
};
use whence::store::Store;
use whence::store::retention::{Target, targets};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, POSTER, Town, page, phone};

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

/// What is bought is of the latest call before it, for thirty days; a call in between that is written late takes it over.
#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_is_of_the_latest_call_before_it() {
    const DAY: Duration = Duration::from_hours(24);
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let buys = async |amount: i64, ago: Duration| {
            let contact = town.store.find_owner(&Identity::Phone(phone(7001))).await.unwrap().unwrap();
            buys(&town, contact, amount, ago).await;
        };
        let worths = async || -> Vec<i64> {
            count(&town.store).await;
            let counted = counted(&town.store).await;
            let calls = counted.values().flat_map(|facts| &facts.calls);
            calls.map(|call| call.worth.iter().map(|(_, minor)| minor).sum()).collect()
        };
        call_arrives(&town.store, &town.clock, &town.call(POSTER, Some(7001))).await.unwrap();
        town.clock.advance(2 * DAY);
        let late = town.call(POSTER, Some(7001));
        town.clock.advance(8 * DAY);
        buys(1_000, Duration::ZERO).await;
        // Before any call, and a second before thirty days are over.
        buys(50, 11 * DAY).await;
        town.clock.advance(20 * DAY - Duration::from_secs(1));
        buys(200, Duration::ZERO).await;
        town.clock.advance(Duration::from_secs(1));
        buys(30, Duration::ZERO).await;
        let alone = worths().await;
        call_arrives(&town.store, &town.clock, &late).await.unwrap();
        let two = worths().await;
        buys(-400, 29 * DAY).await;

        assert_eq!(alone, [1_200]);
        assert_eq!(two, [0, 1_230], "thirty days from the later call on");
        assert_eq!(worths().await, [-400, 1_230], "given back before the second call");
        town.store.close().await;
    })
    .await;
}

/// Two who called turn out to be one, and then not: what the first bought is of the later call, and of their own again.
#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_changes_its_call_when_people_become_one_and_goes_when_its_time_is_over() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let worths = async || -> Vec<i64> {
            count(&town.store).await;
            let counted = counted(&town.store).await;
            let calls = counted.values().flat_map(|facts| &facts.calls);
            calls.map(|call| call.worth.iter().map(|(_, minor)| minor).sum()).collect()
        };
        for caller in [7001, 7002] {
            call_arrives(&town.store, &town.clock, &town.call(POSTER, Some(caller))).await.unwrap();
            town.clock.advance(120 * MINUTE);
        }
        let two = [7001, 7002].map(|caller| Identity::Phone(phone(caller)));
        let one = town.store.find_owner(&two[0]).await.unwrap().unwrap();
        let other = town.store.find_owner(&two[1]).await.unwrap().unwrap();
        buys(&town, one, 1_000, Duration::ZERO).await;
        let apart = worths().await;
        let merge = contacts_merged(&town.store, &town.clock, [one, other], CRM).await.unwrap();
        let merged = worths().await;
        merge_undone(&town.store, &town.clock, merge.id, CRM).await.unwrap();
        let undone = worths().await;
        town.clock.advance(Duration::from_hours(48));
        buys(&town, one, 5, Duration::ZERO).await;
        let twice = worths().await;
        time_is_over(&town, &targets(Kind::Engagements)[0]).await;

        assert_eq!((apart, merged, undone), (vec![1_000, 0], vec![0, 1_000], vec![1_000, 0]));
        assert_eq!((twice, worths().await), (vec![1_005, 0], vec![5, 0]), "the last purchase stays");
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

/// Random days of a town, three ways each: the calls that are counted as they change are those of the rows, and those
/// of a count of everything from the start.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_as_it_comes_is_what_a_rebuild_counts() {
    on_each_database(async |database| {
        let mut bought = 0;
        for seed in 0..3 {
            let town = Town::with_pool_of(database, 3).await;
            days_pass(&town, seed).await;
            count(&town.store).await;
            let as_it_came = counted(&town.store).await;
            let by_rows = rows(&town.store, as_it_came.keys()).await;
            town.store.write(|tx| Box::pin(tx.count_all_again())).await.unwrap();
            count(&town.store).await;

            assert!(as_it_came.values().map(|facts| facts.calls.len()).sum::<usize>() > 10, "seed {seed}");
            let calls = as_it_came.values().flat_map(|facts| &facts.calls);
            bought += calls.filter(|call| !call.worth.is_empty()).count();
            assert_eq!(as_it_came, by_rows, "seed {seed}");
            assert_eq!(as_it_came, counted(&town.store).await, "seed {seed}");
            town.store.close().await;
        }
        assert!(bought > 5, "{bought} calls after which something was bought");
    })
    .await;
}

const CRM: Accessor = Accessor::Key(ApiKeyId(uuid::Uuid::from_u128(1)));

async fn contact_of(town: &Town, call: CallId) -> Option<ContactId> {
    town.store.find_call(call).await.unwrap().and_then(|record| record.contact)
}

/// In cents.
async fn buys(town: &Town, contact: ContactId, amount: i64, ago: Duration) {
    let draft = Draft {
        kind: Some("purchase".into()),
        at: Some((town.clock.now() - ago).to_string()),
        source: Some("shop".into()),
        amount: Some(amount),
        currency: Some("EUR".into()),
        ..Draft::default()
    };
    let handed = vec![Handed { whom: Whom::Contact(contact), draft }];
    engagements_told(&town.store, &town.clock, CRM, handed).await.unwrap();
}

/// Something today or some days ago, which may be given back.
async fn somebody_buys(town: &Town, dice: &mut Dice, contact: ContactId) {
    let at = town.clock.now() - Duration::from_secs(dice.below(3 * 86_400) as u64);
    let draft = Draft {
        kind: Some("purchase".into()),
        at: Some(at.to_string()),
        source: Some("shop".into()),
        amount: Some(dice.below(9_000) as i64 - 2_000),
        currency: Some(["EUR", "CHF"][dice.below(2)].into()),
        ..Draft::default()
    };
    let handed = vec![Handed { whom: Whom::Contact(contact), draft }];
    engagements_told(&town.store, &town.clock, CRM, handed).await.unwrap();
}

/// What is older than a day has had its time.
async fn time_is_over(town: &Town, target: &'static Target) {
    let cutoff = town.clock.now() - Duration::from_hours(24);
    let due = town.store.list_due(target, cutoff, "", 500).await.unwrap();
    let taken = town.store.write(move |tx| {
        let due = due.clone();
        Box::pin(async move { tx.take_due(target, cutoff, &due).await })
    });
    taken.await.unwrap();
}

async fn days_pass(town: &Town, seed: u64) {
    let mut dice = Dice::new(seed);
    let mut shown: Vec<Shown> = Vec::new();
    let (mut open, mut all): (Vec<Arrived>, Vec<Arrived>) = (Vec::new(), Vec::new());
    let mut merges: Vec<MergeId> = Vec::new();
    for step in 0..240 {
        town.clock.advance(Duration::from_secs(dice.below(5_400) as u64));
        match dice.below(16) {
            0 | 1 => {
                let path =
                    ["/bread?utm_source=google&utm_medium=cpc", "/cake?utm_medium=email", "/"][dice.below(3)];
                shown.push(town.opens(page(path)).await);
            }
            2..=4 => {
                let lent = shown.last().and_then(|it| it.swaps.first()).and_then(|it| it.number.clone());
                let caller = Some(7000 + dice.below(8) as u32).filter(|caller| *caller > 7000);
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
                let contact = contact_of(town, call).await;
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
            9..=11 if !all.is_empty() => {
                let call = all[dice.below(all.len())].call;
                if let Some(contact) = contact_of(town, call).await {
                    somebody_buys(town, &mut dice, contact).await;
                }
            }
            12..=14 if !all.is_empty() => {
                let two = [0; 2].map(|_| all[dice.below(all.len())].call);
                let (one, other) = (contact_of(town, two[0]).await, contact_of(town, two[1]).await);
                // Of two that are one, or a merge on which another stands, nothing becomes.
                match merges.pop().filter(|_| dice.below(2) == 0) {
                    Some(merge) => {
                        let _ = merge_undone(&town.store, &town.clock, merge, CRM).await;
                    }
                    None => {
                        if let Some(two) = one.zip(other) {
                            let merged = contacts_merged(&town.store, &town.clock, two.into(), CRM).await;
                            merges.extend(merged.ok().map(|merge| merge.id));
                        }
                    }
                }
            }
            15 if dice.below(4) == 0 => {
                let kind = [Kind::Calls, Kind::Engagements, Kind::Visits][dice.below(3)];
                time_is_over(town, &targets(kind)[0]).await;
            }
            _ => {}
        }
        // Sometimes a job looks in between; what it counted is what the rows say.
        if dice.below(4) == 0 {
            count(&town.store).await;
        }
        if step % 36 == 0 {
            count(&town.store).await;
            let as_it_came = counted(&town.store).await;
            assert_eq!(as_it_came, rows(&town.store, as_it_came.keys()).await, "seed {seed}, step {step}");
        }
    }
}
