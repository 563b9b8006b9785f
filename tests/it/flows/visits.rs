//! Pages that open and stay: consent, numbers, and what is remembered.

use std::time::Duration;

use whence::domain::phone::Phone;
use whence::domain::tracking::channels::Channel;
use whence::domain::tracking::swap::Rule;
use whence::domain::tracking::visit::SEEN_EVERY;
use whence::flows::{FlowError, Opened, Shown, visit_arrives};
use whence::store::revisions::ROUTES;
use whence::store::{VisitFilter, Window};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, NOON, PAID, TARGET, Town, page, phone, slug};

/// What the one target of the site is swapped for, and why.
fn swap(shown: &Shown) -> (Option<Phone>, Rule) {
    let [swap] = shown.swaps.as_slice() else { panic!("one target, not {}", shown.swaps.len()) };
    assert_eq!(swap.target, phone(TARGET));
    (swap.number.clone(), swap.rule)
}

/// The next page of the same browser.
fn next_page(shown: &Shown, path: &str) -> Opened {
    Opened { visitor: shown.visitor, visit: shown.visit, ..page(path) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consenting_visitor_gets_a_number_of_their_own_and_is_remembered() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;

        let shown = town.somebody_comes().await;
        let other = town.somebody_comes().await;

        assert_eq!(swap(&shown), (Some(phone(1000)), Rule::Lease));
        assert_eq!(swap(&other), (Some(phone(1001)), Rule::Lease));
        assert_eq!((shown.source.channel, shown.continues), (Channel::PaidSearch, false));
        let visit = town.store.find_visit(shown.visit.unwrap()).await.unwrap().unwrap();
        assert_eq!(Some(visit.visitor), shown.visitor);
        assert_eq!((visit.source.campaign.as_deref(), visit.started_at), (Some("bread"), town.clock.now()));
        assert_eq!(town.store.list_page_views(visit.id).await.unwrap()[0].title.as_deref(), Some("Bakery"));
        let leases = town.store.list_leases(visit.id).await.unwrap();
        assert_eq!(leases.iter().map(|lease| &lease.number).collect::<Vec<_>>(), [&phone(1000)]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_page_belongs_to_the_same_visit_and_shows_the_same_number() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let first = town.somebody_comes().await;
        town.clock.advance(29 * MINUTE);

        let second = town.opens(next_page(&first, "/menu")).await;

        assert!(second.continues);
        assert_eq!((second.visit, second.visitor), (first.visit, first.visitor));
        assert_eq!(swap(&second), (Some(phone(1000)), Rule::Renewed));
        assert_eq!(second.source, first.source);
        let visit = town.store.find_visit(first.visit.unwrap()).await.unwrap().unwrap();
        assert_eq!(visit.last_seen_at, town.clock.now());
        assert_eq!(town.store.list_page_views(visit.id).await.unwrap().len(), 2);
        let leases = town.store.list_leases(visit.id).await.unwrap();
        assert_eq!(leases.iter().map(|lease| lease.last_seen_at).collect::<Vec<_>>(), [town.clock.now()]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_right_after_another_is_kept_and_only_a_later_one_moves_when_the_visit_was_seen() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let first = town.somebody_comes().await;
        let seen = async || {
            let visit = town.store.find_visit(first.visit.unwrap()).await.unwrap().unwrap();
            let lease = town.store.list_leases(visit.id).await.unwrap().pop().unwrap();
            (visit.last_seen_at, lease.last_seen_at)
        };
        for (after, path, moved) in [(9_999, "/menu", false), (1, "/cakes", true), (9_999, "/tarts", false)] {
            let before = seen().await;
            town.clock.advance(Duration::from_millis(after));

            let shown = town.opens(next_page(&first, path)).await;

            assert_eq!(swap(&shown), (Some(phone(1000)), Rule::Renewed), "{path}");
            let now = (town.clock.now(), town.clock.now());
            assert_eq!(seen().await, if moved { now } else { before }, "{path}");
        }
        let views = town.store.list_page_views(first.visit.unwrap()).await.unwrap();
        assert_eq!(views.last().map(|view| view.at), Some(town.clock.now()));
        assert_eq!(views.len(), 4);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_goes_on_whichever_node_its_pages_ask() {
    on_each_database(async |database| {
        let here = Town::with_pool_of(database, 2).await;
        let there = Town { store: database.open().await, clock: here.clock.clone() };
        let first = here.somebody_comes().await;
        here.clock.advance(20 * MINUTE);
        there.opens(next_page(&first, "/menu")).await;
        here.clock.advance(20 * MINUTE);

        let third = here.opens(next_page(&first, "/cakes")).await;

        assert_eq!((third.visit, third.continues), (first.visit, true));
        assert_eq!(swap(&third), (Some(phone(1000)), Rule::Renewed));
        there.store.close().await;
        here.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_another_node_took_out_of_service_is_not_shown_again() {
    on_each_database(async |database| {
        let here = Town::with_pool_of(database, 2).await;
        let there = Town { store: database.open().await, clock: here.clock.clone() };
        let first = here.somebody_comes().await;
        let retire = there.store.write(|tx| {
            Box::pin(async move {
                let number = phone(1000);
                tx.retire_number(&number, NOON).await?;
                tx.bump_revision(ROUTES).await
            })
        });
        retire.await.unwrap();
        here.clock.advance(Duration::from_secs(1));

        let second = here.opens(next_page(&first, "/menu")).await;
        here.clock.advance(SEEN_EVERY);
        let third = here.opens(next_page(&first, "/cakes")).await;

        assert_eq!(swap(&second), (Some(phone(1001)), Rule::Lease));
        assert_eq!(swap(&third), (Some(phone(1001)), Rule::Renewed));
        there.store.close().await;
        here.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_half_an_hour_of_silence_a_new_visit_of_the_same_visitor_begins() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let first = town.somebody_comes().await;
        town.clock.advance(30 * MINUTE);

        let second = town.opens(next_page(&first, "/menu")).await;

        assert!(!second.continues);
        assert_eq!(second.visitor, first.visitor);
        assert_ne!(second.visit, first.visit);
        assert_eq!(swap(&second), (Some(phone(1000)), Rule::Renewed));
        assert_eq!(town.store.list_leases(second.visit.unwrap()).await.unwrap().len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_is_not_the_visitors_is_not_continued() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        let (anne, bob) = (town.somebody_comes().await, town.somebody_comes().await);

        let mixed = town.opens(Opened { visitor: bob.visitor, visit: anne.visit, ..page("/") }).await;
        let stranger = town.opens(Opened { visitor: None, visit: anne.visit, ..page("/") }).await;

        assert_eq!((mixed.continues, mixed.visitor), (false, bob.visitor));
        assert!(!stranger.continues && stranger.visitor != anne.visitor);
        assert_eq!(town.store.list_page_views(anne.visit.unwrap()).await.unwrap().len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_the_channels_number_is_shown_and_only_a_count_is_kept() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let ad = Opened { consent: false, ..page("/?utm_source=google&utm_medium=cpc") };
        let direct = Opened { consent: false, ..page("/") };
        let inner_page =
            Opened { referrer: Some("https://bakery.example/".into()), consent: false, ..page("/menu") };

        let shown = town.opens(ad.clone()).await;
        town.opens(ad).await;
        let unchanged = town.opens(direct).await;
        town.opens(inner_page).await;

        assert_eq!(swap(&shown), (Some(phone(PAID)), Rule::ChannelStatic));
        assert_eq!(swap(&unchanged), (None, Rule::Original));
        assert_eq!((shown.visitor, shown.visit), (None, None));
        let visits = town.store.list_visits(&VisitFilter::default(), &Window::first(10)).await.unwrap();
        assert!(visits.items.is_empty());
        let count = async |channel| {
            town.store.count_visits(&slug("bakery"), town.clock.now(), channel).await.unwrap()
        };
        assert_eq!((count(Channel::PaidSearch).await, count(Channel::Direct).await), (2, 1));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_numbers_are_taken_the_channels_number_stands_in() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        town.opens(page("/from-nowhere?utm_source=letter&utm_medium=email")).await;

        let by_ad = town.somebody_comes().await;
        let direct = town.opens(page("/")).await;

        assert_eq!(swap(&by_ad), (Some(phone(PAID)), Rule::ChannelStatic));
        assert_eq!(swap(&direct), (None, Rule::Original));
        assert!(by_ad.visit.is_some());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_stays_open_keeps_its_number_from_others() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let shown = town.somebody_comes().await;

        for _ in 0..60 {
            town.clock.advance(MINUTE);
            let stays = town.stays(&shown, None).await.unwrap();
            assert_eq!(swap(&stays), (Some(phone(1000)), Rule::Renewed));
        }

        assert_eq!(swap(&town.opens(page("/")).await), (None, Rule::Original));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_lent_to_somebody_else_meanwhile_is_replaced_by_another() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        // The pool's times are shorter than the gap between visits, as a plan may have them.
        let short = whence::domain::tracking::lease::Policy { keep_alive: MINUTE, quarantine: MINUTE };
        set_policy(&town, short).await;
        let first = town.somebody_comes().await;
        town.clock.advance(2 * MINUTE);
        let second = town.opens(page("/")).await;
        assert_eq!(swap(&second), (Some(phone(1000)), Rule::Lease));

        let stays = town.stays(&first, None).await.unwrap();
        let still = town.stays(&second, None).await.unwrap();

        assert_eq!(swap(&stays), (Some(phone(PAID)), Rule::ChannelStatic));
        assert_eq!(swap(&still), (Some(phone(1000)), Rule::Renewed));
        town.store.close().await;
    })
    .await;
}

async fn set_policy(town: &Town, policy: whence::domain::tracking::lease::Policy) {
    town.store
        .write(move |tx| {
            Box::pin(async move {
                for mut pool in tx.list_pools().await? {
                    pool.policy = policy;
                    tx.save_pool(&pool).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_of_one_visitor_share_their_number() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let left = town.somebody_comes().await;
        let right = town.opens(Opened { visit: None, ..next_page(&left, "/menu") }).await;
        assert_ne!(left.visit, right.visit);

        for tab in [&left, &right, &left] {
            town.clock.advance(MINUTE);
            let stays = town.stays(tab, None).await.unwrap();
            assert_eq!(swap(&stays), (Some(phone(1000)), Rule::Renewed));
        }

        for tab in [left, right] {
            assert_eq!(town.store.list_leases(tab.visit.unwrap()).await.unwrap().len(), 1);
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test]
async fn pages_that_come_at_once_are_answered_as_if_they_came_one_by_one() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 60).await;
        let regular = town.somebody_comes().await;
        let own = swap(&regular).0;
        town.clock.advance(MINUTE);

        let mut pages: Vec<Opened> = (0..50).map(|n| page(&format!("/{n}"))).collect();
        // The regular turns pages in one tab and opens two others.
        pages.insert(10, next_page(&regular, "/menu"));
        pages.insert(20, Opened { visit: None, ..next_page(&regular, "/prices") });
        pages.insert(30, Opened { visit: None, ..next_page(&regular, "/hours") });
        let tasks: Vec<_> = pages
            .into_iter()
            .map(|opened| {
                let (store, clock) = (town.store.clone(), town.clock.clone());
                tokio::spawn(async move { visit_arrives(&store, &clock, opened).await.expect("an answer") })
            })
            .collect();
        let mut shown = Vec::new();
        for task in tasks {
            shown.push(task.await.unwrap());
        }

        let (known, strangers): (Vec<&Shown>, Vec<&Shown>) =
            shown.iter().partition(|it| it.visitor == regular.visitor);
        assert_eq!(known.len(), 3);
        assert!(known.iter().all(|it| swap(it) == (own.clone(), Rule::Renewed)));
        assert_eq!(known.iter().filter(|it| it.visit == regular.visit && it.continues).count(), 1);
        assert!(strangers.iter().all(|it| swap(it).1 == Rule::Lease && !it.continues));
        let mut numbers: Vec<Phone> = strangers.iter().filter_map(|it| swap(it).0).collect();
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers, (1001..1051).map(phone).collect::<Vec<_>>());
        for it in &shown {
            let visit = it.visit.unwrap();
            let pages = town.store.list_page_views(visit).await.unwrap().len();
            assert_eq!(pages, if it.continues { 2 } else { 1 });
        }
        assert_eq!(town.store.list_leases(regular.visit.unwrap()).await.unwrap().len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_site_and_a_visit_that_is_over_are_not_found() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let shown = town.somebody_comes().await;
        town.clock.advance(30 * MINUTE);

        let elsewhere = Opened { site: slug("butcher"), ..page("/") };
        let unknown = visit_arrives(&town.store, &town.clock, elsewhere).await;
        let over = town.stays(&shown, None).await;

        assert!(matches!(unknown, Err(FlowError::NotFound { what: "site" })), "{unknown:?}");
        assert!(matches!(over, Err(FlowError::NotFound { what: "visit" })), "{over:?}");
        town.store.close().await;
    })
    .await;
}
