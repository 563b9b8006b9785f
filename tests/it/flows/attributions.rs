//! Where calls came from: what counts as evidence, and what late evidence adds.

use std::time::Duration;

use whence::domain::ids::CallId;
use whence::domain::tracking::attribution::{Acquaintance, Evidence, Reason, Shown as Evident};
use whence::domain::tracking::device::Device;
use whence::flows::{FlowError, Opened, call_arrives, call_corrected, number_tapped};
use whence::store::Version;

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, POSTER, Town, page, phone};

const SECOND: Duration = Duration::from_secs(1);

async fn versions(town: &Town, call: CallId) -> Vec<Version> {
    town.store.list_attributions(call).await.unwrap()
}

fn best(version: &Version) -> &Evident {
    match &version.shares[0].evidence {
        Evidence::ShownOnPage(shown) => shown,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn device_country_and_tap_are_evidence() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let country = "FR".parse().ok();
        let shown = town.opens(Opened { device: Device::Phone, country, ..page("/") }).await;
        let visit = shown.visit.unwrap();
        town.clock.advance(MINUTE);
        number_tapped(&town.store, &town.clock, visit, phone(1000), Duration::ZERO).await.unwrap();
        town.clock.advance(4 * SECOND);
        let call = town.call(1000, Some(5001));

        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let versions = versions(&town, call.call).await;
        assert_eq!(
            (versions.len(), versions[0].reason, versions[0].shares[0].visit),
            (1, Reason::Arrived, Some(visit))
        );
        let evidence = best(&versions[0]);
        assert_eq!((evidence.tapped_ms, evidence.last_seen_ms), (Some(4_000), 64_000));
        assert_eq!((evidence.device, evidence.same_country), (Device::Phone, Some(true)));
        let kept = town.store.find_visit(visit).await.unwrap().unwrap();
        assert_eq!((kept.device, kept.country), (Device::Phone, country));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_that_is_told_after_its_call_adds_a_version_and_the_first_one_stays() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let first = town.somebody_comes().await;
        // The number is lent again while the first visitor still has it in mind.
        town.clock.advance(31 * MINUTE);
        let second = town.somebody_comes().await;
        town.clock.advance(MINUTE);
        let call = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let before = versions(&town, call.call).await;
        assert_eq!(before[0].shares[0].visit, second.visit);
        town.clock.advance(20 * SECOND);

        let first = first.visit.unwrap();
        number_tapped(&town.store, &town.clock, first, phone(1000), 25 * SECOND).await.unwrap();
        // Told twice, it changes nothing the second time.
        number_tapped(&town.store, &town.clock, first, phone(1000), 25 * SECOND).await.unwrap();

        let after = versions(&town, call.call).await;
        assert_eq!(
            after.iter().map(|it| (it.version, it.reason)).collect::<Vec<_>>(),
            [(2, Reason::Tapped), (1, Reason::Arrived)]
        );
        assert_eq!((after[0].shares[0].visit, best(&after[0]).tapped_ms), (Some(first), Some(5_000)));
        assert_eq!(after[0].at, town.clock.now());
        assert_eq!(after[1], before[0]);
        assert_eq!(town.store.find_attribution(call.call).await.unwrap(), Some(after[0].clone()));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_on_a_number_that_the_visit_was_never_shown_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let shown = town.somebody_comes().await;

        let told = number_tapped(&town.store, &town.clock, shown.visit.unwrap(), phone(POSTER), SECOND).await;

        assert!(matches!(told, Err(FlowError::NotFound { .. })), "{told:?}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_becomes_known_changes_what_earlier_calls_were_thought_to_be() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let anne = town.somebody_comes().await;
        town.clock.advance(40 * MINUTE);
        let stranger = town.somebody_comes().await;
        town.clock.advance(2 * MINUTE);
        // Bob calls, perhaps from Anne's visit, likelier from the stranger's.
        let bob = town.call(1000, Some(5002));
        call_arrives(&town.store, &town.clock, &bob).await.unwrap();
        let before = versions(&town, bob.call).await;
        let share_of = |version: &Version, visit| {
            version.shares.iter().find(|share| share.visit == visit).map_or(0.0, |share| share.probability)
        };
        assert!(share_of(&before[0], anne.visit) > 0.01);
        // Anne comes back, sees the number that is hers no more, or another, and calls.
        town.clock.advance(60 * MINUTE);
        town.opens(Opened { visitor: anne.visitor, ..page("/") }).await;
        let call = town.call(1000, Some(5001));

        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let after = versions(&town, bob.call).await;
        assert_eq!((after.len(), after[0].reason), (2, Reason::Identified));
        assert!(share_of(&after[0], anne.visit) < share_of(&before[0], anne.visit) / 5.0);
        assert!(share_of(&after[0], stranger.visit) > share_of(&before[0], stranger.visit));
        assert_eq!(after[1], before[0]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_visitor_is_evidence_for_their_next_call_and_so_is_having_rung_before() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let shown = town.somebody_comes().await;
        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
        town.clock.advance(180 * MINUTE);
        let again = town.call(1000, Some(5001));

        call_arrives(&town.store, &town.clock, &again).await.unwrap();

        let newest = town.store.find_attribution(again.call).await.unwrap().unwrap();
        assert_eq!((newest.shares[0].visit, best(&newest).visitor), (shown.visit, Acquaintance::Caller));
        assert_eq!(newest.shares[1].evidence, Evidence::RangBefore { ago_ms: 10_800_000 });
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_who_knows_said_stays_whatever_comes_later() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let shown = town.somebody_comes().await;
        let call = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        town.clock.advance(MINUTE);

        let said = call_corrected(&town.store, &town.clock, call.call, None).await.unwrap();
        number_tapped(&town.store, &town.clock, shown.visit.unwrap(), phone(1000), 61 * SECOND)
            .await
            .unwrap();

        let kept = versions(&town, call.call).await;
        assert_eq!((kept.len(), kept[0].reason, &kept[0]), (2, Reason::Corrected, &said));
        assert_eq!((said.shares[0].visit, said.shares[0].probability), (None, 1.0));
        let unknown = CallId(uuid::Uuid::from_u128(9));
        let refused = call_corrected(&town.store, &town.clock, unknown, None).await;
        assert!(matches!(refused, Err(FlowError::NotFound { what: "call" })));
        town.store.close().await;
    })
    .await;
}
