//! Plans: applied, applied again, exported, refused.

use whence::clock::Clock;
use whence::domain::plan::diff::Action;
use whence::domain::plan::orphan::Tie;
use whence::domain::plan::{Orphan, Plan};
use whence::domain::tracking::swap::Rule;
use whence::flows::{Comparison, PlanError, plan_applied, plan_compared, plan_exported, plan_read};
use whence::store::Store;

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, NOON, POLICY, POSTER, TARGET, Town, page, phone, slug};

fn demo() -> Plan {
    plan_read(include_str!("../../../config/demo-plan.toml"), &[], &[]).expect("the demo's plan is good")
}

/// The same plan with some lines of its text exchanged.
fn demo_but(exchanges: &[(&str, &str)]) -> Plan {
    let mut text = include_str!("../../../config/demo-plan.toml").to_owned();
    for (old, new) in exchanges {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    plan_read(&text, &[], &[]).expect("still a good plan")
}

async fn town_of(store: Store, plan: &Plan) -> Town {
    let clock = Clock::manual(NOON);
    plan_applied(&store, &clock, plan, false).await.unwrap();
    Town { store, clock }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_applied_twice_changes_nothing_the_second_time() {
    on_each_database(async |database| {
        let store = database.open().await;
        let clock = Clock::manual(NOON);
        let before = store.revision("routes").await.unwrap();

        let first = plan_applied(&store, &clock, &demo(), false).await.unwrap();
        let second = plan_applied(&store, &clock, &demo(), false).await.unwrap();

        assert_eq!(first.len(), 3 + 1 + 3 + 1 + 14 + 3);
        assert!(first.iter().all(|change| change.action == Action::Create));
        assert_eq!(second, []);
        assert_eq!(store.revision("routes").await.unwrap(), before + 1);
        let routes = store.load_routes().await.unwrap();
        assert_eq!(routes.len(), 14);
        assert_eq!(routes.find(&phone(2003)).unwrap().destination, slug("night"));
        assert_eq!(routes.find(&phone(1009)).unwrap().outlet, slug("lyon"));
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_exported_applies_to_no_change() {
    on_each_database(async |database| {
        let town = town_of(database.open().await, &demo()).await;

        let text = plan_exported(&town.store).await.unwrap();
        let again = plan_read(&text, &[], &[]).unwrap();

        assert_eq!(plan_compared(&town.store, &town.clock, &again).await.unwrap(), Comparison::default());
        assert_eq!(plan_applied(&town.store, &town.clock, &again, false).await.unwrap(), []);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_changes_nothing() {
    on_each_database(async |database| {
        let store = database.open().await;

        let compared = plan_compared(&store, &Clock::manual(NOON), &demo()).await.unwrap();

        assert_eq!((compared.changes.len(), compared.orphans), (25, vec![]));
        assert!(store.list_sites().await.unwrap().is_empty());
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_takes_a_number_from_its_visit_is_refused_whole_unless_forced() {
    on_each_database(async |database| {
        let town = town_of(database.open().await, &demo()).await;
        let shown = town.opens(demo_page()).await;
        assert_eq!(shown.swaps[0].number, Some(phone(1000)));
        let without = demo_but(&[("+33199001000..", "+33199001001.."), ("ring_s = 30", "ring_s = 40")]);

        let compared = plan_compared(&town.store, &town.clock, &without).await.unwrap();
        let refused = plan_applied(&town.store, &town.clock, &without, false).await;

        let free_at = NOON + POLICY.keep_alive + POLICY.quarantine;
        let lent = [Orphan { number: phone(1000), tie: Tie::Lent { free_at } }];
        assert_eq!((compared.changes.len(), compared.orphans.as_slice()), (2, lent.as_slice()));
        assert!(matches!(refused, Err(PlanError::Orphans { orphans }) if orphans == lent));
        assert_eq!(plan_compared(&town.store, &town.clock, &demo()).await.unwrap(), Comparison::default());
        let forced = plan_applied(&town.store, &town.clock, &without, true).await.unwrap();
        assert_eq!(forced.len(), 2);
        let stays = town.stays(&shown, None).await.unwrap();
        assert_eq!((stays.swaps[0].number.clone(), stays.swaps[0].rule), (Some(phone(1001)), Rule::Lease));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_number_goes_only_by_force_whenever_it_was_called() {
    on_each_database(async |database| {
        let town = town_of(database.open().await, &demo()).await;
        let mut without = demo();
        without.numbers.retain(|number| number.e164 != phone(POSTER));

        let refused = plan_applied(&town.store, &town.clock, &without, false).await;

        let printed = [Orphan { number: phone(POSTER), tie: Tie::Static }];
        assert!(matches!(refused, Err(PlanError::Orphans { orphans }) if orphans == printed));
        let forced = plan_applied(&town.store, &town.clock, &without, true).await.unwrap();
        assert_eq!(forced.len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_has_rested_may_go_and_its_history_stays() {
    on_each_database(async |database| {
        let town = town_of(database.open().await, &demo()).await;
        let shown = town.opens(demo_page()).await;
        let without = demo_but(&[("+33199001000..", "+33199001001..")]);
        town.clock.advance(POLICY.keep_alive + POLICY.quarantine);

        plan_applied(&town.store, &town.clock, &without, false).await.unwrap();

        let row = town.store.find_number(&phone(1000)).await.unwrap().unwrap();
        assert!(!row.number.in_service);
        assert_eq!(town.store.load_routes().await.unwrap().len(), 13);
        assert_eq!(town.store.list_leases(shown.visit.unwrap()).await.unwrap().len(), 1);
        let back = plan_applied(&town.store, &town.clock, &demo(), false).await.unwrap();
        assert_eq!(back.len(), 1);
        assert!(town.store.find_number(&phone(1000)).await.unwrap().unwrap().number.in_service);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_plan_takes_everything_out_of_service() {
    on_each_database(async |database| {
        let town = town_of(database.open().await, &demo()).await;

        let changes = plan_applied(&town.store, &town.clock, &Plan::default(), true).await.unwrap();

        assert!(changes.len() == 25 && changes.iter().all(|change| change.action == Action::Remove));
        assert!(town.store.load_routes().await.unwrap().is_empty());
        assert!(town.store.list_outlets().await.unwrap().is_empty());
        assert!(town.store.list_pools(NOON).await.unwrap().is_empty());
        let back = plan_applied(&town.store, &town.clock, &demo(), false).await.unwrap();
        assert_eq!(back.len(), 25);
        assert_eq!(plan_compared(&town.store, &town.clock, &demo()).await.unwrap(), Comparison::default());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pools_may_exchange_their_targets() {
    on_each_database(async |database| {
        let second = "[[pools]]\nid = \"second\"\nsite = \"boulangerie\"\ntarget = \"+33199000002\"\n\
                      destination = \"night\"\nnumbers = []\n\n[[pools]]";
        let one = demo_but(&[("[[pools]]", second)]);
        let mut other = one.clone();
        let (first, last) = other.pools.split_at_mut(1);
        std::mem::swap(&mut first[0].target, &mut last[0].target);
        let town = town_of(database.open().await, &one).await;

        let changes = plan_applied(&town.store, &town.clock, &other, false).await.unwrap();

        assert_eq!(changes.len(), 2);
        assert_eq!(plan_compared(&town.store, &town.clock, &other).await.unwrap(), Comparison::default());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_lends_a_number_and_stands_in_without_consent() {
    on_each_database(async |database| {
        let town = town_of(database.open().await, &demo()).await;

        let lent = town.opens(demo_page()).await;
        town.clock.advance(MINUTE);
        let stood_in = town.opens(whence::flows::Opened { consent: false, ..demo_page() }).await;

        assert_eq!((lent.swaps[0].target.clone(), lent.swaps[0].rule), (phone(TARGET), Rule::Lease));
        assert_eq!(stood_in.swaps[0].number, Some(phone(2004)));
        town.store.close().await;
    })
    .await;
}

fn demo_page() -> whence::flows::Opened {
    whence::flows::Opened {
        site: slug("boulangerie"),
        page: "http://127.0.0.1:8080/demo/?utm_source=google&utm_medium=cpc&utm_campaign=test".into(),
        ..page("/")
    }
}
