//! What `amp-call-tracking` reads.

use serde_json::json;
use whence::store::{VisitFilter, Window};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, ORIGIN};
use crate::support::town::{MINUTE, PAID, TARGET, Town, phone};

const CACHE: &str = "https://bakery-example.cdn.ampproject.org";
const PAGE: &str = "page=https%3A%2F%2Fbakery.example%2Famp%2F%3Futm_source%3Dgoogle%26utm_medium%3Dcpc";
const DIRECT: &str = "page=https%3A%2F%2Fbakery.example%2Famp%2F";

async fn ask(door: &Door, origin: &str, query: &str) -> Answer {
    door.get(&format!("/api/v1/sites/bakery/amp-call-tracking?{query}"), &[("origin", origin)]).await
}

async fn visits(town: &Town) -> usize {
    town.store.list_visits(&VisitFilter::default(), &Window::first(9)).await.unwrap().items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_consent_a_page_in_amp_shows_a_number_of_the_visitors_own() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        let door = Door::of(&town);
        let query = format!("{PAGE}&consent=sufficient&client=amp-1&referrer=&title=Bread");

        let first = ask(&door, CACHE, &query).await;
        town.clock.advance(MINUTE);
        let second = ask(&door, ORIGIN, &query).await;
        let other = ask(&door, ORIGIN, &query.replace("amp-1", "amp-2")).await;

        assert_eq!(first.status, 200, "{}", first.body);
        assert_eq!(first.header("content-type"), "application/json");
        let shown = json!({"phoneNumber": phone(1000).reveal(), "formattedPhoneNumber": "01 99 00 10 00"});
        assert_eq!((first.json(), second.json()), (shown.clone(), shown));
        assert_eq!(first.header("access-control-allow-origin"), CACHE);
        assert_eq!(second.header("access-control-allow-origin"), ORIGIN);
        assert!(!first.headers.contains_key("whence-reason"));
        assert_eq!(other.json()["phoneNumber"], phone(1001).reveal());
        assert_eq!(visits(&town).await, 2, "the second page goes on with the first one's visit");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_it_shows_the_channels_number_or_the_one_that_is_written() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        let door = Door::of(&town);

        for consent in ["", "&consent=insufficient", "&consent=not_required", "&consent=unknown"] {
            let paid = ask(&door, CACHE, &format!("{PAGE}{consent}&client=amp-1")).await;
            assert_eq!(paid.json()["phoneNumber"], phone(PAID).reveal(), "{consent}");
            let direct = ask(&door, CACHE, &format!("{DIRECT}{consent}&client=amp-1")).await;
            let written =
                json!({"phoneNumber": phone(TARGET).reveal(), "formattedPhoneNumber": "01 99 00 00 01"});
            assert_eq!(direct.json(), written, "{consent}");
            assert!(direct.header("whence-reason").contains("no consent"), "{:?}", direct.headers);
        }
        assert_eq!(visits(&town).await, 0);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_nobody_tracks_stays_and_says_why() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);

        let own = ask(&door, CACHE, &format!("{DIRECT}&consent=sufficient&target=%2B33199000001")).await;
        let other = ask(&door, CACHE, &format!("{DIRECT}&consent=sufficient&target=%2B33199009999")).await;

        assert_eq!(own.json()["phoneNumber"], phone(1000).reveal());
        assert_eq!(other.json()["phoneNumber"], "+33199009999");
        assert!(other.header("whence-reason").contains("no pool serves this number"), "{:?}", other.headers);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn amp_is_answered_for_the_sites_pages_alone_wherever_they_are_served() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 9).await;
        let door = Door::of(&town);
        let query = format!("{DIRECT}&__amp_source_origin=https%3A%2F%2Fbakery.example");

        let old = ask(&door, CACHE, &query).await;
        assert_eq!(old.status, 200);
        assert_eq!(old.header("amp-access-control-allow-source-origin"), ORIGIN);
        let exposed: Vec<_> = old.headers.get_all("access-control-expose-headers").iter().collect();
        assert!(exposed.iter().any(|it| *it == "amp-access-control-allow-source-origin"), "{exposed:?}");
        assert_eq!(ask(&door, "https://bakery-example.bing-amp.com", DIRECT).await.status, 200);
        for foreign in ["https://evil.example", "https://evil-example.cdn.ampproject.org", "null"] {
            let refused = ask(&door, foreign, DIRECT).await;
            refused.problem(403);
            assert!(!refused.headers.contains_key("access-control-allow-origin"));
        }
        let foreign_source = format!("{DIRECT}&__amp_source_origin=https%3A%2F%2Fevil.example");
        ask(&door, CACHE, &foreign_source).await.problem(403);
        let address = format!("/api/v1/sites/bakery/amp-call-tracking?{DIRECT}");
        assert_eq!(door.get(&address, &[("amp-same-origin", "true")]).await.status, 200);
        door.get(&address, &[]).await.problem(403);
        door.get(&address.replace("bakery/", "butcher/"), &[("origin", ORIGIN)]).await.problem(404);
        for (query, field) in [
            ("", "page"),
            ("page=SOURCE_URL", "page"),
            (&format!("{DIRECT}&consent=yes"), "consent"),
            (&format!("{DIRECT}&target=0199000001"), "target"),
            (&format!("{DIRECT}&client={}", "x".repeat(300)), "client"),
            (&format!("{DIRECT}&colour=red"), "colour"),
        ] {
            assert_eq!(ask(&door, CACHE, query).await.problem(422)["errors"][0]["field"], field, "{query}");
        }
        town.store.close().await;
    })
    .await;
}
