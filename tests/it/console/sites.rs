//! The websites with their tags and numbers, and the media off the web: with nothing, something and far too much.

use whence::domain::tracking::guard::Guard;
use whence::domain::tracking::number::{NumberKind, Pool, TrackingNumber};
use whence::flows::{Opened, call_arrives, plan_applied, plan_read};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::{MINUTE, NOON, PAID, POLICY, POSTER, TARGET, Town, page, phone, slug};

/// The counts of a table's row.
fn row<'p>(page: &'p str, name: &str) -> &'p str {
    let start =
        page.find(&format!("<th scope=\"row\">{name}</th>")).unwrap_or_else(|| panic!("{name}: {page}"));
    let cell = &page[start..];
    cell.split("class=\"end num\">").nth(1).unwrap().split('<').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_shows_its_tags_and_what_its_numbers_do() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 4).await;
        let session = sign_in(&town.store).await;
        let door = Door::at(&town, "https://calls.bakery.example/");
        let retire = town.store.write(|tx| Box::pin(async move { tx.retire_number(&phone(1003), NOON).await }));
        retire.await.unwrap();
        // One comes back, two more are lent a number, and a third finds none and shares.
        let first = town.somebody_comes().await;
        town.clock.advance(31 * MINUTE);
        town.opens(Opened { visitor: first.visitor, ..page("/?utm_source=google&utm_medium=cpc") }).await;
        for _ in 0..3 {
            town.somebody_comes().await;
        }
        town.opens(Opened { consent: false, ..page("/") }).await;

        let [en, fr] = door.in_both("/console/sites", session).await;

        let tag = "&#60;script async src=&#34;https://calls.bakery.example/whence.v1.js&#34; data-site=&#34;bakery&#34;&#62;&#60;/script&#62;";
        assert!(en.contains(tag), "{en}");
        assert!(en.contains("integrity=&#34;sha384-") && en.contains("crossorigin=&#34;anonymous&#34; data-site"));
        assert!(en.contains("src=&#34;/calls/whence.v1.js&#34; data-site=&#34;bakery&#34;"));
        assert!(en.contains("proxy_pass https://calls.bakery.example/api/v1/visits;"));
        assert!(en.contains("proxy_set_header x-address $remote_addr;") && en.contains("https://bakery.example</li>"));
        assert!(en.contains("/api/v1/sites/bakery/amp-call-tracking?page=SOURCE_URL"), "{en}");
        assert!(en.contains("target=%2B33199000001&#34;") && en.contains("&#60;a href=&#34;tel:+33199000001&#34;"));
        for (page, names) in [
            (&en, ["Numbers in service", "Free", "Lent to a visit", "Resting after a visit", "Out of service"]),
            (&fr, ["Numéros en service", "Libres", "Prêtés à une visite", "Au repos après une visite", "Hors service"]),
        ] {
            assert_eq!(names.map(|name| row(page, name)), ["3", "0", "3", "0", "1"]);
        }
        let rules = [
            "A number of their own",
            "The number they had before",
            "The number of a visit like them",
            "Their channel’s number",
            "The number written on the page",
        ];
        assert_eq!(rules.map(|rule| row(&en, rule)), ["3", "1", "1", "0", "0"]);
        assert_eq!(row(&fr, "Le numéro d’une visite semblable"), "1");
        assert!(en.contains("counted and not kept: <span class=\"num\">1</span>"), "{en}");
        assert!(en.contains("01 99 00 00 01 → 01 99 00 20 04"), "the static number that stands in");
        assert!(fr.contains("Recherche payante"));

        town.clock.advance(25 * 60 * MINUTE);
        let [later, _] = door.in_both("/console/sites", session).await;
        assert_eq!(rules.map(|rule| row(&later, rule)), ["0", "0", "0", "0", "0"]);
        assert_eq!(row(&later, "Free"), "3");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_without_numbers_says_so_and_many_sites_are_all_there_as_text() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let more = town.store.write(|tx| {
            Box::pin(async move {
                let bakery = tx.list_sites().await?.remove(0);
                for n in 0..60 {
                    let mut site = bakery.clone();
                    site.id = slug(&format!("site-{n}"));
                    site.name = format!("<b>Shop {n}</b> {}", "long ".repeat(40));
                    site.origins = vec![format!("https://shop-{n}.example"); 20];
                    site.guard = Guard::default();
                    tx.save_site(&site).await?;
                }
                tx.save_pool(&Pool {
                    id: slug("idle"),
                    site: slug("site-0"),
                    destination: slug("counter"),
                    target: phone(TARGET),
                    policy: POLICY,
                    ageing: MINUTE,
                })
                .await
            })
        });
        more.await.unwrap();

        let [en, fr] = door.in_both("/console/sites", session).await;

        assert_eq!(en.matches("class=\"card site\"").count(), 61);
        assert!(!en.contains("<b>") && en.contains("&#60;b&#62;Shop 59"));
        assert_eq!(en.matches("No pool and no static number").count(), 59);
        assert!(fr.contains("ses pages restent telles quelles"));
        town.store.close().await;

        let door = Door::of(&town);
        door.get("/console/sites", &[session]).await.page(503);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_site_the_page_says_what_to_do() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 0).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let retire = town.store.write(|tx| Box::pin(async move { tx.retire_site(&slug("bakery")).await }));
        retire.await.unwrap();

        let [en, fr] = door.in_both("/console/sites", session).await;

        assert!(en.contains("No site yet") && en.contains("whence plan apply"), "{en}");
        assert!(fr.contains("Pas encore de site"), "{fr}");
        assert_eq!(door.get("/console/sites", &[]).await.status, 303);
        door.get("/console/sites?site=x", &[session]).await.page(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_medium_shows_what_it_cost_what_it_brought_and_its_code() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let plan = include_str!("../../../config/demo-plan.toml");
        let plan = plan.replace("2026-03-01..2026-05-31", "2026-11-01..2026-11-22");
        let plan = plan_read(&plan, &[], &[]).expect("the demo's plan is good");
        plan_applied(&town.store, &town.clock, &plan, true).await.expect("it is applied");
        for _ in 0..3 {
            call_arrives(&town.store, &town.clock, &town.call(2001, Some(5001))).await.unwrap();
        }
        // After its last day it rings, and does not count.
        town.clock.advance(12 * 60 * MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(2001, Some(5001))).await.unwrap();

        let [en, fr] = door.in_both("/console/media", session).await;

        let flyer = |page: &str| {
            let start = page.find("Flyer of the spring").unwrap_or_else(|| panic!("{page}"));
            page[start..].split("</li>").next().unwrap().to_owned()
        };
        let (flyer_en, flyer_fr) = (flyer(&en), flyer(&fr));
        for told in [
            ">3<",
            "EUR 480.00",
            "EUR 160.00",
            "1 Nov 2026 – 22 Nov 2026",
            "flyer / print · spring",
            "01 99 00 20 01",
        ] {
            assert!(flyer_en.contains(told), "{told}: {flyer_en}");
        }
        for told in ["480,00 EUR", "160,00 EUR", "1 nov. 2026 – 22 nov. 2026", "Hors ligne"] {
            assert!(flyer_fr.contains(told), "{told}: {flyer_fr}");
        }
        assert!(en.contains(">Flyer<") && fr.contains(">Prospectus<") && en.contains("Static number"));
        assert!(en.contains("Stands in for 01 99 00 00 01") && en.contains("Since the number exists"));
        assert!(en.contains("Opens the page") && en.contains("127.0.0.1:8080/demo"));

        let code = en.split("<img src=\"").nth(1).unwrap().split('"').next().unwrap();
        let drawn = door.get(code, &[session]).await;
        assert_eq!((drawn.status.as_u16(), drawn.header("content-type")), (200, "image/svg+xml"), "{code}");
        assert_eq!(drawn.body, door.get("/console/media/+33199002001/qr.svg", &[session]).await.body);
        assert_eq!(door.get(code, &[]).await.status, 303, "for who is signed in alone");
        door.get("/console/media/+33199001001/qr.svg", &[session]).await.page(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_media_go_on_page_by_page() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let more = town.store.write(|tx| {
            Box::pin(async move {
                let poster = tx.find_numbers(&[&phone(POSTER)]).await?.remove(0).number;
                for last in 3000..3060 {
                    let mut number = poster.clone();
                    number.e164 = phone(last);
                    number.label = format!("<img> {}", "long ".repeat(60));
                    number.in_service = last % 2 == 0;
                    tx.save_number(&number).await?;
                }
                Ok(())
            })
        });
        more.await.unwrap();

        let [first, _] = door.in_both("/console/media", session).await;
        assert_eq!(first.matches("class=\"card medium\"").count(), 50);
        assert!(
            first.contains("&#60;img&#62;") && first.contains("Out of service") && !first.contains("<img>")
        );
        let link = first.split("class=\"button\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let [second, _] = door.in_both(link, session).await;
        assert_eq!(second.matches("class=\"card medium\"").count(), 12);
        assert!(second.contains("href=\"/console/media\""), "back to the first");
        door.get("/console/media?cursor=nonsense!", &[session]).await.page(422);

        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_static_number_the_page_says_what_to_do() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let lend_all = town.store.write(|tx| {
            Box::pin(async move {
                for row in tx.find_numbers(&[&phone(POSTER), &phone(PAID)]).await? {
                    tx.save_number(&TrackingNumber { kind: NumberKind::Pooled(slug("web")), ..row.number })
                        .await?;
                }
                Ok(())
            })
        });
        lend_all.await.unwrap();

        let [en, fr] = door.in_both("/console/media", session).await;

        assert!(en.contains("No static number yet") && en.contains("whence plan apply"), "{en}");
        assert!(fr.contains("Pas encore de numéro fixe"), "{fr}");
        town.store.close().await;
    })
    .await;
}
