//! Calls: what is written of them, where they came from, and who it was.

use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::domain::calling::record::{Ended, Fact};
use whence::domain::people::contact::Identity;
use whence::domain::people::engagement::Deed;
use whence::domain::people::search::Search;
use whence::domain::tracking::attribution::{Evidence, Shown as Evident};
use whence::domain::tracking::channels::Channel;
use whence::flows::{
    FlowError, Opened, call_arrives, call_ends, call_is_answered, calls_recovered, calls_written,
};
use whence::store::{CallFilter, Window};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, POSTER, Town, page, phone};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_on_a_visits_number_is_that_visits_and_its_caller_becomes_a_contact() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        let shown = town.somebody_comes().await;
        town.clock.advance(MINUTE);
        let call = town.call(1000, Some(5001));

        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let newest = town.store.find_attribution(call.call).await.unwrap().unwrap();
        let (version, best) = (newest.version, &newest.shares[0]);
        assert_eq!((version, best.visit, best.source.channel), (1, shown.visit, Channel::PaidSearch));
        assert!(matches!(
            best.evidence,
            Evidence::ShownOnPage(Evident { last_seen_ms: 60_000, candidates: 1, .. })
        ));
        assert!((newest.shares.iter().map(|share| share.probability).sum::<f64>() - 1.0).abs() < 1e-9);
        let contact = town.store.find_call(call.call).await.unwrap().unwrap().contact.unwrap();
        let identities = town.store.list_identities(contact).await.unwrap();
        let known: Vec<_> = identities.into_iter().map(|known| known.identity).collect();
        assert_eq!(known, [Identity::Phone(phone(5001)), Identity::Visitor(shown.visitor.unwrap())]);
        let deeds = town.store.list_engagements(contact, &Window::first(10)).await.unwrap();
        let deeds: Vec<_> = deeds.items.iter().map(|engagement| engagement.what.clone()).collect();
        assert_eq!(deeds, [Deed::Call(call.call), Deed::Visit(shown.visit.unwrap())]);
        let row = &town.store.list_calls(&CallFilter::default(), &Window::first(1)).await.unwrap().items[0];
        assert_eq!(row.best.as_ref().map(|best| best.visit), Some(shown.visit));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_a_deed_of_its_own_and_stands_once_however_often_its_call_ends() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let call = town.call(1000, Some(5001));
        let ended = Ended { outcome: Outcome::Voicemail, ..town.end(&call, None) };

        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        for _ in 0..2 {
            call_ends(&town.store, &town.clock, &ended).await.unwrap();
        }

        let contact = town.store.find_call(call.call).await.unwrap().unwrap().contact.unwrap();
        let deeds = town.store.list_engagements(contact, &Window::first(10)).await.unwrap();
        let deeds: Vec<_> = deeds.items.iter().map(|engagement| engagement.what.clone()).collect();
        assert!(deeds.contains(&Deed::Voicemail(call.call)) && deeds.len() == 2, "{deeds:?}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_belongs_to_who_held_the_number_then_not_to_who_holds_it_now() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let first = town.somebody_comes().await;
        town.clock.advance(MINUTE);
        let call = town.call(1000, None);
        town.clock.advance(60 * MINUTE);
        let second = town.somebody_comes().await;
        assert_eq!(second.swaps[0].number, first.swaps[0].number);

        // The database was away; the call is written only now.
        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let shares = town.store.find_attribution(call.call).await.unwrap().unwrap().shares;
        assert_eq!(shares[0].visit, first.visit);
        assert!(shares.iter().all(|share| share.visit != second.visit));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_on_a_static_number_stands_for_its_medium() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let call = town.call(POSTER, Some(5001));

        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let newest = town.store.find_attribution(call.call).await.unwrap().unwrap();
        let [share] = newest.shares.as_slice() else { panic!("one share: {newest:?}") };
        assert_eq!((share.visit, share.probability, &share.evidence), (None, 1.0, &Evidence::StaticNumber));
        assert_eq!((share.source.channel, share.source.source.as_str()), (Channel::Offline, "poster"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_an_unknown_number_is_written_and_nothing_is_supposed() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let mut call = town.call(9999, None);
        (call.destination, call.outlet) = (None, None);

        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let row = &town.store.list_calls(&CallFilter::default(), &Window::first(1)).await.unwrap().items[0];
        assert_eq!((row.record.id, row.best.is_none(), row.record.contact), (call.call, true, None));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withheld_caller_makes_no_contact() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        town.somebody_comes().await;
        let call = town.call(1000, None);

        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        assert_eq!(town.store.find_call(call.call).await.unwrap().unwrap().contact, None);
        assert!(
            town.store.list_contacts(&Search::default(), &Window::first(10)).await.unwrap().items.is_empty()
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_twice_is_one_contact() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        for _ in 0..2 {
            let call = town.call(POSTER, Some(5001));
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            town.clock.advance(MINUTE);
        }

        let contacts = town.store.list_contacts(&Search::default(), &Window::first(10)).await.unwrap().items;

        assert_eq!(contacts.len(), 1);
        let deeds = town.store.list_engagements(contacts[0].id, &Window::first(10)).await.unwrap();
        assert_eq!(deeds.items.len(), 2);
        let identity = &town.store.list_identities(contacts[0].id).await.unwrap()[0];
        assert_eq!(identity.last_seen_at.since(identity.first_seen_at), MINUTE);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_known_as_somebody_else_is_left_alone() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let shown = town.somebody_comes().await;
        let (anne, bob) = (town.call(1000, Some(5001)), town.call(1000, Some(5002)));
        call_arrives(&town.store, &town.clock, &anne).await.unwrap();

        call_arrives(&town.store, &town.clock, &bob).await.unwrap();

        let anne = town.store.find_call(anne.call).await.unwrap().unwrap().contact.unwrap();
        let bob = town.store.find_call(bob.call).await.unwrap().unwrap().contact.unwrap();
        assert_ne!(anne, bob);
        let owner = town.store.find_owner(&Identity::Visitor(shown.visitor.unwrap())).await.unwrap();
        assert_eq!(owner, Some(anne));
        assert_eq!(town.store.list_engagements(bob, &Window::first(10)).await.unwrap().items.len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_visitors_next_visit_joins_their_history() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let shown = town.somebody_comes().await;
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        town.clock.advance(60 * MINUTE);

        let again = town.opens(Opened { visitor: shown.visitor, ..page("/") }).await;

        let contact = town.store.find_call(call.call).await.unwrap().unwrap().contact.unwrap();
        let newest = &town.store.list_engagements(contact, &Window::first(1)).await.unwrap().items[0];
        assert_eq!((newest.what.clone(), newest.at), (Deed::Visit(again.visit.unwrap()), town.clock.now()));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_and_the_end_complete_the_call() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let call = town.call(POSTER, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        town.clock.advance(MINUTE);
        let answer = town.answer(&call);
        call_is_answered(&town.store, &town.clock, &answer).await.unwrap();
        town.clock.advance(MINUTE);
        let end = town.end(&call, Some(answer.at));

        call_ends(&town.store, &town.clock, &end).await.unwrap();

        let record = town.store.find_call(call.call).await.unwrap().unwrap();
        assert_eq!((record.outcome, record.sip_status), (Some(Outcome::Answered), Some(200)));
        assert_eq!((record.hung_up_by, record.interrupted), (Some(HungUpBy::Caller), false));
        assert_eq!(
            (record.arrived_at, record.ringing_at, record.answered_at, record.ended_at),
            (call.at, Some(call.at), Some(answer.at), Some(end.at))
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_in_any_order_and_any_number_of_times_make_the_same_call() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        town.somebody_comes().await;
        let facts = |town: &Town| {
            let call = town.call(1000, Some(5001));
            let answer = town.answer(&call);
            let end = town.end(&call, Some(answer.at));
            [Fact::Arrived(call), Fact::Answered(answer), Fact::Ended(end)]
        };
        let mut records = Vec::new();

        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let facts = facts(&town);
            let written: Vec<Fact> = order.iter().chain(&order).map(|&n| facts[n].clone()).collect();
            // One by one, what comes before the arrival is refused and tried again.
            for fact in &written {
                let one = std::slice::from_ref(fact);
                if let Err(refused) = calls_written(&town.store, &town.clock, one).await {
                    assert!(matches!(&refused, FlowError::CallUnknown { calls } if *calls == [fact.call()]));
                }
            }
            // All at once, nothing is refused.
            calls_written(&town.store, &town.clock, &written).await.unwrap();
            let record = town.store.find_call(facts[0].call()).await.unwrap().unwrap();
            records.push((record.outcome, record.answered_at, record.ended_at, record.contact));
            assert_eq!(town.store.list_attributions(record.id).await.unwrap().len(), 1);
        }

        assert!(records.windows(2).all(|pair| pair[0] == pair[1]), "{records:?}");
        let deeds = town.store.list_engagements(records[0].3.unwrap(), &Window::first(100)).await.unwrap();
        assert_eq!(deeds.items.len(), 6 + 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_without_its_arrival_is_named_and_its_neighbours_are_written() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (known, lost) = (town.call(POSTER, None), town.call(POSTER, None));
        let facts = [
            Fact::Ended(town.end(&lost, None)),
            Fact::Ended(town.end(&known, None)),
            Fact::Arrived(known.clone()),
        ];

        let refused = calls_written(&town.store, &town.clock, &facts).await;

        assert!(matches!(refused, Err(FlowError::CallUnknown { calls }) if calls == [lost.call]));
        let record = town.store.find_call(known.call).await.unwrap().unwrap();
        assert_eq!(record.outcome, Some(Outcome::Abandoned));
        assert!(town.store.find_call(lost.call).await.unwrap().is_none());
        let alone = call_ends(&town.store, &town.clock, &town.end(&lost, None)).await;
        assert!(matches!(alone, Err(FlowError::CallUnknown { .. })));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_again_closes_its_own_open_calls_at_their_last_sign_of_life() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (talking, ringing, over) =
            (town.call(POSTER, None), town.call(POSTER, None), town.call(POSTER, None));
        let mut elsewhere = town.call(POSTER, None);
        elsewhere.node = "south".into();
        for call in [&talking, &ringing, &over, &elsewhere] {
            call_arrives(&town.store, &town.clock, call).await.unwrap();
        }
        call_ends(&town.store, &town.clock, &town.end(&over, None)).await.unwrap();
        town.clock.advance(MINUTE);
        let answered_at = town.clock.now();
        call_is_answered(&town.store, &town.clock, &town.answer(&talking)).await.unwrap();
        town.clock.advance(MINUTE);

        let closed = calls_recovered(&town.store, "north").await.unwrap();

        assert_eq!(closed, 2);
        for (call, outcome, sip_status, interrupted, ended_at) in [
            (&talking, Some(Outcome::Answered), Some(200), true, Some(answered_at)),
            (&ringing, Some(Outcome::Failed), None, true, Some(ringing.at)),
            (&over, Some(Outcome::Abandoned), Some(487), false, Some(over.at)),
            (&elsewhere, None, None, false, None),
        ] {
            let record = town.store.find_call(call.call).await.unwrap().unwrap();
            assert_eq!(
                (record.outcome, record.sip_status, record.interrupted, record.ended_at),
                (outcome, sip_status, interrupted, ended_at)
            );
        }
        assert_eq!(calls_recovered(&town.store, "north").await.unwrap(), 0);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calls_own_end_replaces_the_one_a_restart_supposed() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let call = town.call(POSTER, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        town.clock.advance(MINUTE);
        let (answer, end) = (town.answer(&call), town.end(&call, Some(town.clock.now())));
        calls_recovered(&town.store, "north").await.unwrap();

        call_is_answered(&town.store, &town.clock, &answer).await.unwrap();
        let supposed = town.store.find_call(call.call).await.unwrap().unwrap();
        call_ends(&town.store, &town.clock, &end).await.unwrap();
        let known = town.store.find_call(call.call).await.unwrap().unwrap();

        assert_eq!((supposed.outcome, supposed.interrupted), (Some(Outcome::Answered), true));
        assert_eq!((supposed.sip_status, supposed.ended_at), (Some(200), Some(answer.at)));
        assert_eq!((known.outcome, known.interrupted), (Some(Outcome::Answered), false));
        assert_eq!((known.hung_up_by, known.sip_status), (Some(HungUpBy::Caller), Some(200)));
        town.store.close().await;
    })
    .await;
}
