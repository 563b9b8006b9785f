//! What calls teach whose origin somebody has said.

use std::time::Duration;

use whence::domain::ids::SiteId;
use whence::domain::tracking::attribution::{Lesson, Origin, Priors, learn};
use whence::domain::tracking::device::Device;
use whence::flows::{call_arrives, call_corrected, priors_learned};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, Town, slug};

const WAIT: Duration = Duration::from_secs(6 * 3_600);

/// Each visitor looks at a page, leaves, and calls after six hours, when the number has been lent again
/// to somebody who has just come: attribution takes it for theirs until it has learned better.
#[tokio::test(flavor = "multi_thread")]
async fn callers_who_wait_longer_than_stated_shift_the_next_calls_shares() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let bakery: SiteId = slug("bakery");
        let mut first = None;
        for _ in 0..60 {
            let shown = town.somebody_comes().await;
            town.clock.advance(WAIT);
            let call = town.call(1000, None);
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            call_corrected(&town.store, &town.clock, call.call, shown.visit).await.unwrap();
            first.get_or_insert(call);
        }
        let before = town.store.list_attributions(first.as_ref().unwrap().call).await.unwrap();
        let late = async || {
            let shown = town.somebody_comes().await;
            town.clock.advance(WAIT);
            let call = town.call(1000, None);
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            let version = town.store.find_attribution(call.call).await.unwrap().unwrap();
            let share = version.shares.iter().find(|it| it.visit == shown.visit).unwrap().probability;
            (version.priors, share)
        };
        let (by, stated_share) = late().await;
        assert_eq!(by, None);

        assert_eq!(priors_learned(&town.store, &town.clock).await.unwrap(), 1);
        let now = town.clock.now();
        let learned = town.store.find_priors(&bakery).await.unwrap().unwrap();
        let again = priors_learned(&town.store, &town.clock).await.unwrap();
        let (by, share) = late().await;

        // 61 calls, of which 60 are labelled; 61 visits that nobody saw stay; a number for 61 · 6 hours.
        let gone_s = WAIT.as_secs_f64() - 30.0;
        let calls = [Origin::AfterLeaving { device: Device::Unknown, gone_s }; 60];
        let part = 60.0 / 61.0;
        let lesson =
            Lesson { calls: &calls, number_days: part * 61.0 / 4.0, visits: part * 61.0, stayed_s: 0.0 };
        let expected = learn(&Priors::STATED, lesson);
        assert_eq!((learned.own, learned.others, learned.at), (60, 0, now));
        let near = |got: f64, wanted: f64| assert!((got / wanted - 1.0).abs() < 1e-9, "{got}, not {wanted}");
        // (50 · 0.7) / 110 are left of those who call from the page.
        near(learned.priors.unknown.on_page, 35.0 / 110.0);
        near(learned.priors.unknown.after[1].mean_s, expected.unknown.after[1].mean_s);
        near(learned.priors.background_per_day, expected.background_per_day);
        near(learned.priors.calls_per_visit, expected.calls_per_visit);
        near(learned.priors.stay_s, expected.stay_s);
        assert_eq!((by, again), (Some(learned.version), 0), "learned twice, it is one version");
        assert!(share > stated_share + 0.1, "{stated_share} became {share}");
        assert_eq!(town.store.list_attributions(first.unwrap().call).await.unwrap(), before);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_label_nothing_is_learned_and_a_call_that_no_visit_made_is_one() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        town.somebody_comes().await;
        town.clock.advance(MINUTE);
        let call = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        assert_eq!(priors_learned(&town.store, &town.clock).await.unwrap(), 0);
        call_corrected(&town.store, &town.clock, call.call, None).await.unwrap();
        assert_eq!(priors_learned(&town.store, &town.clock).await.unwrap(), 1);

        let learned = town.store.find_priors(&slug("bakery")).await.unwrap().unwrap().priors;
        assert_eq!(learned.unknown, learn(&Priors::STATED, NOTHING).unknown);
        assert!(learned.background_per_day > 1.9 * Priors::STATED.background_per_day, "{learned:?}");
        town.store.close().await;
    })
    .await;
}

const NOTHING: Lesson<'_> = Lesson { calls: &[], number_days: 0.0, visits: 0.0, stayed_s: 0.0 };
