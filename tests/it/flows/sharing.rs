//! What a visit is shown when its pool has no number left, and what calls on
//! new numbers tell.

use std::collections::{HashMap, HashSet};

use whence::clock::Clock;
use whence::domain::phone::Phone;
use whence::domain::tracking::attribution::Evidence;
use whence::domain::tracking::swap::Rule;
use whence::flows::{Shown, call_arrives, plan_applied, plan_read, visit_arrives};
use whence::store::{NumberFilter, VisitFilter, Window};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, PAID, POLICY, Town, page, phone};

fn swap(shown: &Shown) -> (Option<Phone>, Rule) {
    (shown.swaps[0].number.clone(), shown.swaps[0].rule)
}

fn ad(campaign: &str, path: &str) -> whence::flows::Opened {
    page(&format!("{path}?utm_source=google&utm_medium=cpc&utm_campaign={campaign}"))
}

async fn stays(town: &Town, shown: &Shown) -> (Option<Phone>, Rule) {
    swap(&town.stays(shown, None).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exhausted_pool_is_shared_by_likes_then_the_channels_number_then_the_original() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        town.opens(ad("bread", "/")).await;
        town.opens(ad("cake", "/menu")).await;
        town.opens(page("/?utm_source=letter&utm_medium=email")).await;

        let same_campaign = town.opens(ad("cake", "/")).await;
        let same_page = town.opens(ad("tea", "/menu")).await;
        let like_nobody = town.opens(page("/?utm_source=bing&utm_medium=cpc")).await;
        let direct = town.opens(page("/")).await;

        assert_eq!(swap(&same_campaign), (Some(phone(1001)), Rule::Shared));
        assert_eq!(swap(&same_page), (Some(phone(1001)), Rule::Shared));
        assert_eq!(swap(&like_nobody), (Some(phone(PAID)), Rule::ChannelStatic));
        assert_eq!(swap(&direct), (None, Rule::Original));

        let leases = town.store.list_leases(same_campaign.visit.unwrap()).await.unwrap();
        assert_eq!(leases.iter().map(|lease| lease.rule).collect::<Vec<_>>(), [Some(Rule::Shared)]);
        let without = async |shown: &Shown| {
            let rows = town.store.list_unleased(shown.visit.unwrap()).await.unwrap();
            rows.into_iter().map(|row| (row.rule, row.why, row.number)).collect::<Vec<_>>()
        };
        let exhausted = || "exhausted".to_owned();
        assert_eq!(without(&like_nobody).await, [(Rule::ChannelStatic, exhausted(), Some(phone(PAID)))]);
        assert_eq!(without(&direct).await, [(Rule::Original, exhausted(), None)]);
        assert_eq!(without(&same_page).await, []);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sharers_spread_over_the_numbers_that_fit() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        town.opens(ad("bread", "/")).await;
        town.clock.advance(MINUTE);
        town.opens(ad("bread", "/")).await;

        let mut shared = Vec::new();
        for _ in 0..4 {
            town.clock.advance(MINUTE);
            shared.extend(swap(&town.opens(ad("bread", "/")).await).0);
        }

        assert_eq!(shared, [1000, 1001, 1000, 1001].map(phone));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_who_share_a_number_keep_it_and_nobody_else_is_lent_it_meanwhile() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let holder = town.opens(ad("bread", "/")).await;
        town.clock.advance(MINUTE);
        let sharer = town.opens(ad("bread", "/")).await;
        assert_eq!(swap(&sharer), (Some(phone(1000)), Rule::Shared));

        // The holder leaves; the sharer stays for longer than a lease lasts.
        for _ in 0..45 {
            town.clock.advance(MINUTE);
            assert_eq!(stays(&town, &sharer).await, (Some(phone(1000)), Rule::Renewed));
        }
        assert_eq!(swap(&town.opens(page("/")).await), (None, Rule::Original));
        // The holder comes back another way: their old number is somebody else's, too.
        let back =
            whence::flows::Opened { visitor: holder.visitor, ..page("/?utm_source=letter&utm_medium=email") };
        assert_eq!(swap(&town.opens(back).await), (None, Rule::Original));

        // Once it has rested after both, it is lent as any other, and neither gets it back unasked.
        town.clock.advance(POLICY.keep_alive + POLICY.quarantine);
        let next = town.opens(page("/")).await;
        assert_eq!(swap(&next), (Some(phone(1000)), Rule::Lease));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_a_shared_number_is_ambiguous_and_its_channel_is_exact() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let holder = town.opens(ad("bread", "/")).await;
        let sharer = town.opens(ad("cake", "/")).await;
        town.clock.advance(MINUTE);
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let shares = town.store.find_attribution(call.call).await.unwrap().unwrap().shares;

        for shown in [&holder, &sharer] {
            let share = shares.iter().find(|share| share.visit == shown.visit).expect("both are candidates");
            assert!((0.4..0.6).contains(&share.probability), "{shares:?}");
            assert!(matches!(&share.evidence, Evidence::ShownOnPage(shown) if shown.is_shared), "{shares:?}");
        }
        let paid: f64 = shares
            .iter()
            .filter(|share| share.source.channel.as_str() == "Paid Search")
            .map(|share| share.probability)
            .sum();
        assert!(paid > 0.98, "{paid}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_four_hundred_visits_on_two_nodes_no_two_are_lent_one_number_and_only_likes_share() {
    on_each_database(async |database| {
        let one = Town::with_pool_of(database, 40).await;
        let other = database.open().await;
        let clock = Clock::manual(one.clock.now());
        let rivals: Vec<_> = (0..400_u32)
            .map(|n| {
                let store = if n % 2 == 0 { one.store.clone() } else { other.clone() };
                let (clock, source) =
                    (clock.clone(), ["google", "bing", "letter", "flyer"][n as usize / 7 % 4]);
                let opened = page(&format!("/?utm_source={source}&utm_medium=cpc&utm_campaign=c{}", n % 3));
                tokio::spawn(
                    async move { visit_arrives(&store, &clock, opened).await.expect("it is answered") },
                )
            })
            .collect();

        let (mut lent, mut shared) = (HashMap::new(), Vec::new());
        for rival in rivals {
            let shown = rival.await.unwrap();
            let of = (shown.source.channel, shown.source.source.clone());
            match swap(&shown) {
                (Some(number), Rule::Lease) => {
                    assert!(lent.insert(number, of).is_none(), "a number was lent twice");
                }
                (Some(number), Rule::Shared) => shared.push((number, of)),
                (_, Rule::ChannelStatic | Rule::Original) => {}
                (number, rule) => panic!("{number:?} by {rule}"),
            }
        }

        assert_eq!(lent.len(), 40);
        assert!(shared.len() > 100, "{} visits share", shared.len());
        assert!(
            shared.iter().all(|(number, of)| lent[number] == *of),
            "visits of two sources share a number"
        );
        other.close().await;
        one.store.close().await;
    })
    .await;
}

const AGEING: &str = r#"
[[outlets]]
id = "bakery"
name = "Bakery"
[[sites]]
id = "bakery"
name = "Bakery"
outlet = "bakery"
origins = ["https://bakery.example"]
[[destinations]]
id = "counter"
name = "Counter"
outlet = "bakery"
line = "sip:counter@127.0.0.1:5070"
ring_s = 30
[[pools]]
id = "web"
site = "bakery"
target = "+33199000001"
destination = "counter"
ageing_s = 2592000
numbers = ["+33199003000..+33199003001"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_number_ages_before_it_is_lent_and_the_calls_meanwhile_are_its_background() {
    on_each_database(async |database| {
        let store = database.open().await;
        let town = Town { store, clock: Clock::manual(crate::support::town::NOON) };
        let plan = plan_read(AGEING, &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();

        // Somebody's old friends still call one of the two.
        for day in 0..30 {
            let call = town.call(3000, Some(6000 + day));
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            assert_eq!(swap(&town.opens(page("/")).await), (None, Rule::Original), "day {day}");
            town.clock.advance(24 * 60 * MINUTE);
        }
        let [pool] = &town.store.list_pools(town.clock.now() - MINUTE).await.unwrap()[..] else { panic!() };
        assert_eq!((pool.ageing, pool.lent, pool.resting), (2, 0, 0));
        let [haunted, quiet] = [town.opens(page("/")).await, town.opens(page("/")).await];
        assert_eq!(swap(&haunted), (Some(phone(3000)), Rule::Lease));
        assert_eq!(swap(&quiet), (Some(phone(3001)), Rule::Lease));

        town.clock.advance(120 * MINUTE);
        let mut of_visit = Vec::new();
        for number in [3000, 3001] {
            let call = town.call(number, Some(7000));
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            let shares = town.store.find_attribution(call.call).await.unwrap().unwrap().shares;
            let visits = shares.iter().filter(|share| share.visit.is_some());
            of_visit.push(visits.map(|share| share.probability).sum::<f64>());
        }
        assert!(of_visit[0] < 0.2 && of_visit[1] > 0.6, "{of_visit:?}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_ages_may_leave_the_plan_and_one_that_was_lent_keeps_its_history() {
    on_each_database(async |database| {
        let store = database.open().await;
        let town = Town { store, clock: Clock::manual(crate::support::town::NOON) };
        let with = |text: &str| plan_read(text, &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &with(AGEING), false).await.unwrap();
        let shorter = AGEING.replace("..+33199003001", "");
        plan_applied(&town.store, &town.clock, &with(&shorter), false).await.expect("nobody was shown it");

        town.clock.advance(31 * 24 * 60 * MINUTE);
        let shown = town.opens(page("/")).await;
        assert_eq!(swap(&shown), (Some(phone(3000)), Rule::Lease));
        town.clock.advance(60 * MINUTE);
        let none = AGEING.replace("\"+33199003000..+33199003001\"", "");
        plan_applied(&town.store, &town.clock, &with(&none), false).await.expect("it has rested");

        let numbers =
            town.store.list_numbers(&NumberFilter::default(), &Window::first(9)).await.unwrap().items;
        assert!(numbers.iter().all(|row| !row.number.in_service) && numbers.len() == 2);
        assert_eq!(town.store.list_leases(shown.visit.unwrap()).await.unwrap()[0].number, phone(3000));
        // A late call is told by that history, and a new life begins with a new age.
        let late = town.call(3000, None);
        call_arrives(&town.store, &town.clock, &late).await.unwrap();
        let best = town.store.find_attribution(late.call).await.unwrap().unwrap().shares.remove(0);
        assert_eq!(best.visit, shown.visit);
        plan_applied(&town.store, &town.clock, &with(AGEING), false).await.unwrap();
        assert_eq!(swap(&town.opens(page("/")).await), (None, Rule::Original));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_refused_keeps_the_number_they_have_and_is_kept_as_a_visit_unless_no_person() {
    use whence::domain::tracking::guard::Refusal;
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let first = town.opens(page("/")).await;
        let refused = |refusal| whence::flows::Opened { refused: Some(refusal), ..page("/") };

        let kept = town.stays(&first, Some(Refusal::SiteCap)).await.unwrap();
        assert_eq!(swap(&kept), (Some(phone(1000)), Rule::Renewed));
        let back = whence::flows::Opened { visitor: first.visitor, ..refused(Refusal::BlockCap) };
        assert_eq!(swap(&town.opens(back).await), (Some(phone(1000)), Rule::Renewed));

        let capped = town.opens(refused(Refusal::BlockCap)).await;
        assert_eq!(swap(&capped), (None, Rule::Original));
        let without = town.store.list_unleased(capped.visit.unwrap()).await.unwrap();
        assert_eq!(without[0].why, "block_cap");

        for doubt in Refusal::ALL.into_iter().filter(|refusal| refusal.is_doubt()) {
            let nobody = town.opens(refused(doubt)).await;
            assert_eq!((nobody.visit, nobody.refused), (None, Some(doubt)));
        }
        let spam = whence::flows::Opened { referrer: Some("http://semalt.com/".into()), ..page("/") };
        assert_eq!(town.opens(spam).await.refused, Some(Refusal::Spam));
        let visits = town.store.list_visits(&VisitFilter::default(), &Window::first(9)).await.unwrap().items;
        assert_eq!(visits.len(), 3);
        let visitors: HashSet<_> = visits.iter().map(|visit| visit.visitor).collect();
        assert_eq!(visitors.len(), 2);
        town.store.close().await;
    })
    .await;
}
