//! What a visit would be taken for, asked by programs and by people.

use serde_json::json;
use whence::domain::outlet::Outlet;
use whence::flows::{plan_applied, plan_exported, plan_read};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::{Town, page, slug};

const PLAN: &str = r#"
[[outlets]]
id = "bakery"
name = "Bakery"

[[sites]]
id = "bakery"
name = "Bakery"
outlet = "bakery"
origins = ["https://bakery.example"]
ignored_referrers = ["tables.example"]
[sites.aliases]
campaign = ["mtm_campaign", "pk_campaign"]
[[sites.rules]]
name = "Wedding fair"
when = { campaign = { prefix = "fair-" }, landing_path = { regex = "^/wedding(/|$)" } }
then = { channel = "Offline", source = "wedding-fair" }
[[sites.rules]]
name = "Partner"
when = { referrer_host = { suffix = "partner.example" } }
then = { medium = "affiliate" }
"#;

/// The bakery with the plan above, and with what a plan takes away.
async fn ruled(town: &Town) {
    let plan = plan_read(PLAN, &[], &[]).expect("the plan is good");
    plan_applied(&town.store, &town.clock, &plan, true).await.expect("the plan is applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_landing_page_is_explained_with_the_rule_that_fitted() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        ruled(&town).await;
        let ask = async |page: &str, referrer: &str| {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("page", &format!("https://bakery.example{page}"))
                .append_pair("referrer", referrer)
                .finish();
            door.api(&format!("/api/v1/sites/bakery/source?{query}")).await.json()
        };

        let fair = ask("/wedding?mtm_campaign=fair-lyon", "https://www.google.com/").await;
        assert_eq!(fair["channel"], "Offline");
        assert_eq!(fair["source"], "wedding-fair");
        assert_eq!(fair["campaign"], "fair-lyon");
        assert_eq!(fair["rule"], json!({"place": 1, "name": "Wedding fair"}));
        assert_eq!(fair["basis"], "referrer");

        let partner = ask("/", "https://www.partner.example/list").await;
        assert_eq!((&partner["channel"], &partner["rule"]["place"]), (&json!("Affiliates"), &json!(2)));

        let booked = ask("/", "https://book.tables.example/").await;
        assert_eq!((&booked["channel"], &booked["rule"]), (&json!("Direct"), &json!(null)));
        assert_eq!(booked["referrer"], json!({"host": "book.tables.example", "excluded": "ignored"}));

        assert_eq!(door.api("/api/v1/sites/bakery/source").await.problem(422)["errors"][0]["field"], "page");
        door.api("/api/v1/sites/butcher/source?page=x").await.problem(404);
        let site = door.api("/api/v1/sites").await.json()["items"][0].clone();
        assert_eq!(site["aliases"], json!({"campaign": ["mtm_campaign", "pk_campaign"]}));
        assert_eq!(site["rules"][1]["when"], json!({"referrer_host": {"suffix": "partner.example"}}));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_kept_as_the_sites_own_rules_read_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        ruled(&town).await;

        let mut opened = page("/wedding/cakes?pk_campaign=fair-paris");
        opened.referrer = Some("https://www.paypal.com/".into());
        let shown = town.opens(opened).await;

        let visit = town.store.find_visit(shown.visit.unwrap()).await.unwrap().unwrap();
        assert_eq!((visit.source.channel.as_str(), &*visit.source.source), ("Offline", "wedding-fair"));
        assert_eq!(visit.source.campaign.as_deref(), Some("fair-paris"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_says_of_sources_is_exported_and_applies_to_no_change() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        ruled(&town).await;

        let text = plan_exported(&town.store).await.unwrap();
        let plan = plan_read(&text, &[], &[]).expect("what is exported can be read");

        assert_eq!(plan_applied(&town.store, &town.clock, &plan, false).await.unwrap(), [], "{text}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_tries_a_landing_page_in_both_languages() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let address = "/console/sources?site=bakery&page=https%3A%2F%2Fbakery.example%2Fwedding%3Fmtm_campaign%3Dfair-1\
                       &referrer=https%3A%2F%2Fwww.paypal.com%2F";

        let none = door.get("/console/sources", &[session]).await;
        assert!(none.page(200).contains("no rules of its own"), "{}", none.body);

        ruled(&town).await;
        let en = door.get(address, &[session]).await;
        for text in [
            "<h2>Offline</h2>",
            "Own rule 1, “Wedding fair”, applies.",
            "The referrer paypal.com says nothing: visitors only pay there.",
            "<strong>fits</strong>",
            "The first that fits counts.",
        ] {
            assert!(en.page(200).contains(text), "{text}: {}", en.body);
        }
        let fr = door.get(address, &[session, ("accept-language", "fr")]).await;
        assert!(fr.page(200).contains("La provenance paypal.com ne dit rien"), "{}", fr.body);

        let odd = "/console/sources?page=%3Cscript%3E&referrer=%22%3E";
        assert!(!door.get(odd, &[session]).await.page(200).contains("<script>\""));
        door.get("/console/sources?site=butcher", &[session]).await.page(404);
        assert_eq!(door.get("/console/sources", &[]).await.status, 303);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_site_the_console_says_what_to_do() {
    on_each_database(async |database| {
        let store = database.open().await;
        store
            .write(|tx| {
                Box::pin(async move {
                    tx.save_outlet(&Outlet { id: slug("head"), parent: None, name: "Head".into() }).await
                })
            })
            .await
            .unwrap();
        let town = Town { store, clock: whence::clock::Clock::manual(crate::support::town::NOON) };
        let session = sign_in(&town.store).await;

        let page = Door::of(&town).get("/console/sources", &[session]).await;

        assert!(page.page(200).contains("No site yet"), "{}", page.body);
        town.store.close().await;
    })
    .await;
}
