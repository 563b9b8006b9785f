//! Robots and floods take no number from people.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use whence::domain::dice::Dice;
use whence::domain::tracking::guard::{Guard, Refusal};
use whence::store::{VisitFilter, Window};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, ORIGIN, hand_out_keys, request};
use crate::support::town::{MINUTE, Town};

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36";
const HEADLESS: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/143.0.0.0 Safari/537.36";
const CRAWLER: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/// A page without an ad, so that no static number stands in.
fn opened() -> Value {
    json!({ "site": "bakery", "page": "https://bakery.example/", "consent": true })
}

async fn post(door: &Door, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
    let own = [("origin", ORIGIN), ("content-type", "application/json")];
    let headers: Vec<_> = own.into_iter().chain(headers.iter().copied()).collect();
    door.ask(request("POST", path, &headers, Body::from(body))).await
}

async fn guarded(town: &Town, guard: Guard) {
    let write = town.store.write(move |tx| {
        let guard = guard.clone();
        Box::pin(async move {
            let mut site = tx.list_sites().await?.remove(0);
            site.guard = guard;
            tx.save_site(&site).await
        })
    });
    write.await.expect("the site is saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_person_is_shown_the_page_as_it_is_and_told_why() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 5).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let with = |field: &str, value: Value| {
            let mut body = opened();
            body[field] = value;
            body
        };
        let cases: Vec<(&str, (&str, &str), Value, Refusal)> = vec![
            (CRAWLER, ("x-y", "z"), opened(), Refusal::Crawler),
            (CHROME, ("sec-purpose", "prefetch;prerender"), opened(), Refusal::Prefetch),
            (CHROME, ("purpose", "prefetch"), opened(), Refusal::Prefetch),
            (HEADLESS, ("x-y", "z"), opened(), Refusal::Headless),
            (CHROME, ("x-y", "z"), with("automated", true.into()), Refusal::Headless),
            (CHROME, ("x-y", "z"), with("visible", false.into()), Refusal::Hidden),
            (CHROME, ("x-y", "z"), with("referrer", "http://semalt.com/".into()), Refusal::Spam),
        ];
        for (user_agent, header, body, why) in cases {
            let answer =
                post(&door, "/api/v1/visits", &[("user-agent", user_agent), header], body.to_string()).await;

            assert_eq!(answer.status, 200, "{}", answer.body);
            let reply = answer.json();
            assert_eq!((&reply["visit"], &reply["visitor"]), (&Value::Null, &Value::Null), "{why}");
            assert_eq!(reply["swaps"][0]["rule"], "original", "{why}");
            assert!(!answer.header("whence-reason").is_empty());
            assert_eq!(door.watcher.refused.lock().unwrap().pop(), Some(why));
        }
        let visits = town.store.list_visits(&VisitFilter::default(), &Window::first(9)).await.unwrap();
        assert!(visits.items.is_empty(), "nothing is kept of nobody");

        let mut touched = opened();
        touched["interacted"] = true.into();
        let person = post(&door, "/api/v1/visits", &[("user-agent", HEADLESS)], touched.to_string()).await;
        assert_eq!(person.json()["swaps"][0]["rule"], "lease");
        guarded(&town, Guard { lends_to_headless: true, ..Guard::default() }).await;
        let allowed = post(&door, "/api/v1/visits", &[("user-agent", HEADLESS)], opened().to_string()).await;
        assert_eq!(allowed.json()["swaps"][0]["rule"], "lease");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_block_and_a_site_have_their_caps_and_a_visitor_keeps_their_number() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 9).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        guarded(&town, Guard { per_block: 2, per_minute: 4, ..Guard::default() }).await;
        let from = async |address: &str| {
            post(&door, "/api/v1/visits", &[("x-address", address)], opened().to_string()).await
        };
        let rule = |answer: &Answer| answer.json()["swaps"][0]["rule"].as_str().unwrap().to_owned();

        let first = from("203.0.113.1").await;
        assert_eq!(rule(&first), "lease");
        assert_eq!(rule(&from("203.0.113.2").await), "lease");
        let capped = from("203.0.113.3").await;
        assert_eq!((capped.status.as_u16(), rule(&capped).as_str()), (201, "original"));
        assert!(capped.header("whence-reason").contains("address block"), "{:?}", capped.headers);
        let visit = door.api(capped.header("location")).await.json();
        assert_eq!(visit["unleased"][0]["why"], "block_cap");
        assert_eq!(rule(&from("2001:db8:1::1").await), "lease");
        assert_eq!(rule(&from("2001:db8:2::1").await), "lease");
        let site = from("2001:db8:3::1").await;
        assert!(site.header("whence-reason").contains("within a minute"), "{:?}", site.headers);

        // Whoever has a number keeps it, and takes no place by that.
        let alive = format!("{}/alive", first.header("location"));
        for _ in 0..5 {
            town.clock.advance(MINUTE);
            let kept = post(&door, &alive, &[("x-address", "203.0.113.1")], String::new()).await;
            assert_eq!(rule(&kept), "renewed", "{}", kept.body);
        }
        assert_eq!(*door.watcher.refused.lock().unwrap(), [Refusal::BlockCap, Refusal::SiteCap]);
        assert_eq!(rule(&from("2001:db8:4::1").await), "lease");
        town.store.close().await;
    })
    .await;
}

/// Who comes at a moment of the story.
#[derive(Clone, Copy, PartialEq)]
enum Comes {
    Person,
    Crawler,
    Prefetch,
    Headless,
    /// A robot that says it is a browser, from one of three rented blocks.
    Disguised,
}

/// Of the people who come within the minutes, how many find no number of their own.
async fn exhausted(town: &Town, door: &Door, minutes: u64) -> (usize, usize) {
    let mut dice = Dice::new(4);
    let (mut people, mut without) = (0, 0);
    let mut open: Vec<(String, u64)> = Vec::new();
    for minute in 0..minutes {
        town.clock.advance(MINUTE);
        for (visit, _) in open.iter().filter(|(_, until)| *until > minute) {
            let kept = post(door, &format!("{visit}/alive"), &[("user-agent", CHROME)], String::new()).await;
            assert_eq!(kept.json()["swaps"][0]["rule"], "renewed");
        }
        // One person a minute, and ten robots: three in ten in disguise.
        let robots = [Comes::Crawler, Comes::Prefetch, Comes::Headless, Comes::Disguised, Comes::Disguised];
        let all = robots.into_iter().chain(robots).chain([Comes::Person]);
        for (nth, comes) in all.enumerate() {
            let n = minute as usize * 16 + nth;
            let address = match comes {
                Comes::Disguised => format!("203.0.{}.{}", n % 3, n % 250),
                Comes::Person | Comes::Crawler | Comes::Prefetch | Comes::Headless => {
                    format!("198.{}.{}.7", 18 + n / 250 % 2, n % 250)
                }
            };
            let user_agent = match comes {
                Comes::Crawler => CRAWLER,
                Comes::Headless => HEADLESS,
                Comes::Person | Comes::Prefetch | Comes::Disguised => CHROME,
            };
            let purpose = if comes == Comes::Prefetch { "prefetch" } else { "" };
            let headers = [("user-agent", user_agent), ("sec-purpose", purpose), ("x-address", &address)];
            let answer = post(door, "/api/v1/visits", &headers, opened().to_string()).await;
            if comes == Comes::Person {
                people += 1;
                without += usize::from(answer.json()["swaps"][0]["rule"] != "lease");
                let stays = dice.wait(Duration::from_secs(180)).as_secs() / 60;
                open.push((answer.header("location").to_owned(), minute + 1 + stays));
            }
        }
    }
    (people, without)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_robots_for_each_person_cost_people_no_number() {
    on_each_database(async |database| {
        // People alone hold some 33 of them: one a minute, each for 3 minutes and the 30 of the lease.
        let town = Town::with_pool_of(database, 110).await;
        let door = Door::of(&town);

        let (people, without) = exhausted(&town, &door, 120).await;

        assert_eq!(people, 120);
        assert!(without * 100 < people, "{without} of {people} people found no number");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_guard_the_same_robots_drain_the_pool() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 110).await;
        guarded(&town, Guard { lends_to_headless: true, per_block: 0, per_minute: 0, ..Guard::default() })
            .await;
        let door = Door::of(&town);

        let (people, without) = exhausted(&town, &door, 60).await;

        assert!(without * 4 > people, "only {without} of {people} people found no number");
        town.store.close().await;
    })
    .await;
}
