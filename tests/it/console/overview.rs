//! The calls of a period at a glance: with none, some, filtered, compared, and whole tables.

use crate::api::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::{MINUTE, POSTER, Town, page};

#[tokio::test(flavor = "multi_thread")]
async fn a_period_is_shown_in_figures_bars_and_rows_that_filter() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let [nothing, rien] = door.in_both("/console/overview", session).await;
        town.opens(page("/bread?utm_source=google&utm_medium=cpc&utm_campaign=rye")).await;
        town.clock.advance(MINUTE);
        somebody_calls(&town, 1000, Some(7001), true).await;
        somebody_calls(&town, POSTER, Some(7002), false).await;
        door.count().await;

        let [en, fr] = door.in_both("/console/overview?period=7d&zone=Europe%2FParis", session).await;
        let [filtered, _] =
            door.in_both("/console/overview?period=7d&outcome=answered&campaign=rye", session).await;
        let [whole, _] = door.in_both("/console/overview?all=campaign", session).await;
        let [tab, _] =
            door.in_both("/console/overview?origins=campaign&from=2026-11-01&to=2026-11-30", session).await;
        let [unfit, _] = door.in_both("/console/overview?outcome=voicemail", session).await;

        assert!(nothing.contains("No calls in this time") && rien.contains("Aucun appel sur cette période"));
        assert!(en.contains("aria-current=\"page\">Overview</a>"), "{en}");
        assert!(en.contains("<dt>Calls</dt>") && en.contains("<span class=\"large num\">2</span>"), "{en}");
        assert!(en.contains("Europe/Paris") && en.contains("<title>22 Nov 2026: 2"), "{en}");
        assert_eq!(en.matches("<rect class=\"around\"").count(), 7, "{en}");
        assert!(en.contains("?period=7d&#38;zone=Europe%2FParis&#38;channel=Offline\">Offline</a>"), "{en}");
        assert_eq!(en.matches("class=\"num heat-").count(), 168);
        assert!(en.contains("<dt>Cost per call</dt>") && fr.contains("<dt>Coût par appel</dt>"), "{en}");
        assert!(fr.contains("Hors ligne") && fr.contains("Vue d’ensemble") && fr.contains("dim."), "{fr}");
        for page in [&en, &fr, &whole] {
            assert!(
                !page.contains("style=") && !page.contains("<script>"),
                "a strict policy lets no inline style pass"
            );
        }
        assert!(filtered.contains("Outcome: Answered") && filtered.contains("Campaign: rye"), "{filtered}");
        assert!(
            filtered.contains("href=\"/console/overview?period=7d&#38;campaign=rye"),
            "without the outcome: {filtered}"
        );
        assert!(
            whole.contains("<th scope=\"row\"><a href=\"/console/overview?campaign=rye\">rye</a></th>"),
            "{whole}"
        );
        assert!(
            tab.contains("#origins\" aria-current=\"true\">Campaign</a>")
                && tab.contains("value=\"2026-11-01\""),
            "{tab}"
        );
        assert!(unfit.contains("No call fits all that is asked for"), "{unfit}");
        for bad in ["period=moon", "from=0001-01-01&to=2026-11-22", "from=x&to=y"] {
            assert_eq!(door.get(&format!("/console/overview?{bad}"), &[session]).await.status, 422, "{bad}");
        }
        town.store.close().await;
    })
    .await;
}

/// The browser has told its zone by a cookie; the page counts by the days there.
#[tokio::test(flavor = "multi_thread")]
async fn days_begin_where_the_reader_is() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (name, session) = sign_in(&town.store).await;
        let door = Door::of(&town);
        // At 23:30 in UTC it is the next day in Paris.
        town.clock.advance(690 * MINUTE);
        somebody_calls(&town, POSTER, Some(7001), false).await;
        town.clock.advance(60 * MINUTE);
        door.count().await;

        let utc = door.get("/console/overview?period=today", &[(name, session)]).await;
        let paris = format!("{session}; whence_zone=Europe/Paris");
        let paris = door.get("/console/overview?period=today", &[(name, &paris)]).await;
        let nonsense = format!("{session}; whence_zone=Mars/Olympus");
        let nonsense = door.get("/console/overview?period=today", &[(name, &nonsense)]).await;

        assert!(utc.page(200).contains("No calls in this time"), "{}", utc.body);
        assert!(paris.page(200).contains("<span class=\"large num\">1</span>"), "{}", paris.body);
        assert!(nonsense.page(200).contains("UTC"), "{}", nonsense.body);
        town.store.close().await;
    })
    .await;
}
