//! Journeys to a call as a page: with nothing, something, far too much, and for whoever sees a part of the network.

use whence::domain::outlet::Outlet;
use whence::domain::staff::{Post, Role};
use whence::flows::{Opened, call_arrives, call_corrected};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in, sign_in_as};
use crate::support::town::{MINUTE, Town, page, slug};

/// One person opens these pages an hour apart and calls this outlet.
async fn somebody_calls(town: &Town, paths: &[String], outlet: &str) {
    let (mut visitor, mut last) = (None, None);
    for path in paths {
        let shown = town.opens(Opened { visitor, ..page(path) }).await;
        (visitor, last) = (shown.visitor, shown.visit);
        town.clock.advance(60 * MINUTE);
    }
    let mut call = town.call(1000, None);
    call.outlet = Some(slug(outlet));
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    call_corrected(&town.store, &town.clock, call.call, last).await.unwrap();
}

fn by(medium: &str) -> String {
    let source = if medium == "email" { "letter" } else { "google" };
    format!("/{medium}?utm_source={source}&utm_medium={medium}")
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_are_a_picture_and_tables_that_lead_on() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let [nothing, rien] = door.in_both("/console/journeys", session).await;
        somebody_calls(&town, &[by("email"), by("cpc"), by("cpc")], "bakery").await;
        somebody_calls(&town, &[by("cpc")], "bakery").await;
        town.clock.advance(MINUTE);
        door.count().await;

        let [en, fr] = door.in_both("/console/journeys", session).await;
        let path = "/console/journeys?dimension=campaign&lookback_days=1&channel=Email&period=7d";
        let [campaigns, _] = door.in_both(path, session).await;
        let csv = door.get("/console/journeys.csv?table=visits&period=7d", &[session]).await;

        assert!(nothing.contains("No calls in this time") && !nothing.contains("<table"), "{nothing}");
        assert!(rien.contains("Aucun appel"), "{rien}");
        assert!(en.contains("aria-current=\"page\">Journeys</a>") && fr.contains(">Parcours</a>"), "{en}");
        for band in ["Email → Paid Search: 1", "Paid Search → Paid Search: 1", "Paid Search → Call: 2"]
        {
            assert!(en.contains(&format!("<title>{band}</title>")), "{band}: {en}");
        }
        assert!(fr.contains("<title>E-mail → ") || fr.contains(" → Appel: 2</title>"), "{fr}");
        assert!(en.contains("Email <span class=\"soft\">›</span> Paid Search <span"), "{en}");
        assert!(en.contains("bakery.example/cpc") && en.contains("Seen last"), "{en}");
        assert!(en.contains("?channel=Email\">Email</a>"), "{en}");
        assert!(en.contains("href=\"/console/journeys.csv?table=paths\""), "{en}");
        assert!(en.contains("href=\"/console/attribution\""), "{en}");
        assert!(fr.contains("Dans la journée") && fr.contains("Visites, médiane"), "{fr}");
        assert!(campaigns.contains("(not told)") && campaigns.contains("Channel: Email"), "{campaigns}");
        assert!(campaigns.contains("<strong aria-current=\"true\">1 day before</strong>"), "{campaigns}");
        assert!(csv.body.starts_with("\u{feff}\"visits\",\"calls\"\r\n\"1\",\"1.00\""), "{}", csv.body);
        for wrong in
            ["dimension=site", "outcome=answered", "lookback_days=400", "from=2026-02-30&to=2026-03-01"]
        {
            door.get(&format!("/console/journeys?{wrong}"), &[session]).await.page(422);
        }
        assert_eq!(door.get("/console/journeys", &[]).await.status, 303, "for who is signed in alone");
        town.store.close().await;
        door.get("/console/journeys", &[session]).await.page(503);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_journeys_of_many_labels_are_cut_and_all_of_it_is_text() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        for n in 0..25 {
            let campaign = |step: u32| format!("%3Cb%3E{n}-{step}{}", "long".repeat(40));
            let path = |step| format!("/{n}?utm_source=shop&utm_medium=cpc&utm_campaign={}", campaign(step));
            let steps = if n == 0 { 7 } else { 1 };
            somebody_calls(&town, &(0..steps).map(path).collect::<Vec<_>>(), "bakery").await;
        }
        door.count().await;

        let [en, fr] = door.in_both("/console/journeys?dimension=campaign&period=90d", session).await;

        for (page, cut, others) in [
            (&en, "Only the rows with the most calls", "Other → Call:"),
            (&fr, "Seules les lignes ayant le plus", "Autres → Appel:"),
        ] {
            assert!(!page.contains("<b>") && page.contains("&#60;b&#62;"), "{page}");
            assert_eq!(page.matches(cut).count(), 2, "paths and pages: {page}");
            assert!(page.contains(others), "{page}");
        }
        assert!(
            en.contains("<title>Other → ") && en.contains("4 before</text>") && !en.contains("5 before"),
            "{en}"
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_one_outlet_sees_the_journeys_of_its_calls_alone() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let saved = town.store.write(|tx| {
            Box::pin(async move {
                let nice = Outlet { id: slug("nice"), parent: Some(slug("bakery")), name: "Nice".into() };
                tx.save_outlet(&nice).await
            })
        });
        saved.await.unwrap();
        let ben = sign_in_as(&town.store, Post { role: Role::Outlet, outlet: Some(slug("nice")) }).await;
        let ada = sign_in(&town.store).await;
        let door = Door::of(&town);
        somebody_calls(&town, &[by("email")], "bakery").await;
        somebody_calls(&town, &[by("cpc")], "nice").await;
        town.clock.advance(MINUTE);
        door.count().await;

        for path in
            ["/console/journeys", "/console/attribution", "/console/journeys.csv", "/console/attribution.csv"]
        {
            let [all, part, asked] =
                [(path.to_owned(), ada), (path.to_owned(), ben), (format!("{path}?outlet=bakery"), ben)];
            let mut told = Vec::new();
            for (path, who) in [all, part, asked] {
                let answer = door.get(&path, &[who]).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.body);
                told.push(answer.body);
            }
            assert!(told[0].contains("Email") && told[0].contains("Paid Search"), "{path}: {}", told[0]);
            for part in &told[1..] {
                assert!(!part.contains("Email") && part.contains("Paid Search"), "{path}: {part}");
                assert!(!part.contains(">Bakery<") && !part.contains("/email"), "{path}: {part}");
            }
        }
        town.store.close().await;
    })
    .await;
}
