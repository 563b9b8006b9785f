//! Pools over time: how full they were, and how long they last.

use serde_json::json;
use whence::flows::Opened;

use super::{Office, leads_to};
use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, page, slug};

const DAY_MINUTES: u32 = 24 * 60;

fn at_shop(path: &str) -> Opened {
    Opened { site: slug("boulangerie"), page: format!("http://127.0.0.1:8080{path}"), ..page("/") }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_tells_how_full_it_was_when_it_was_empty_and_until_when_it_lasts() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let town = &office.town;
        let [unused, inutile] = office.door.in_both("/console/pools/boulangerie", office.session).await;
        assert!(
            unused.contains("Nobody was lent a number in this time.") && unused.contains("0 of 14 days"),
            "{unused}"
        );
        assert!(inutile.contains("pas assez d’historique"), "{inutile}");
        // One visit more at once every third day.
        for day in 0..18_u32 {
            for visit in 0..=day / 3 {
                town.opens(at_shop(&format!("/{visit}?utm_source=google&utm_medium=cpc"))).await;
            }
            town.clock.advance(MINUTE * DAY_MINUTES);
        }
        town.clock.advance(MINUTE * 60);

        let [list, liste] = office.door.in_both("/console/pools", office.session).await;
        let [days, jours] = office.door.in_both("/console/pools/boulangerie?by=days", office.session).await;
        assert!(
            list.contains("at the present growth, until") && liste.contains("à la croissance actuelle"),
            "{list}"
        );
        assert!(
            list.contains("<td class=\"end num\">6</td><td class=\"end num\">0</td>"),
            "the most, and none without: {list}"
        );
        assert!(
            days.contains("aria-current=\"true\">Days · 35</a>") && jours.contains("Jours · 35"),
            "{days}"
        );
        assert!(
            days.contains("<rect class=\"taken\"") && days.contains("<details class=\"as-table\">"),
            "{days}"
        );
        let rows = days.split("<details class=\"as-table\">").nth(1).unwrap();
        assert!(rows.matches("<th scope=\"row\">").count() >= 35, "{rows}");

        for nth in 0..10 {
            town.opens(at_shop(&format!("/{nth}?utm_source=google&utm_medium=cpc&utm_campaign=c{nth}")))
                .await;
        }
        town.opens(at_shop("/")).await;
        let [full, plein] = office.door.in_both("/console/pools", office.session).await;
        assert!(
            full.contains("full: all its numbers were taken lately") && plein.contains("plein"),
            "{full}"
        );
        let told = office.door.api("/api/v1/pools/boulangerie/history?days=1").await.json();
        assert_eq!((&told["numbers"], &told["forecast"]), (&json!(10), &json!("full")));
        let last = told["days"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["taken"], &last["exhausted"]), (&json!(10), &json!(1)), "{last}");
        assert_eq!(told["days"].as_array().unwrap().len(), 35);
        office.door.api("/api/v1/pools/nowhere/history").await.problem(404);
        office.door.api("/api/v1/pools/boulangerie/history?days=36").await.problem(422);
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_added_changed_and_goes_with_its_numbers() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let [new, nouveau] = office.door.in_both("/console/pools/new", office.session).await;
        assert!(new.contains("A new pool") && nouveau.contains("Un nouveau pool"));
        let fields = [
            ("new", "1"),
            ("id", "second"),
            ("site", "boulangerie"),
            ("target", "01 99 00 00 02"),
            ("destination", "counter"),
            ("keep_alive_min", "20"),
            ("quarantine_min", "10"),
            ("ageing_min", "0"),
            ("numbers", "01 99 00 30 00..01 99 00 30 04\r\n+33199003010"),
        ];

        leads_to(&office.confirms("/console/pools", &fields, &[]).await, "/console/pools?saved=1");
        let pools = office.town.store.list_pools(office.town.clock.now()).await.unwrap();
        let second = pools.iter().find(|row| row.pool.id.as_str() == "second").unwrap();
        assert_eq!((second.numbers, second.pool.target.reveal()), (6, "+33199000002"));
        let mut same = fields;
        same[1] = ("id", "third");
        assert!(office.sends("/console/pools", &same).await.page(422).contains("does this already"));
        let [edit, _] = office.door.in_both("/console/pools/second/edit", office.session).await;
        assert!(edit.contains("+33199003000..+33199003004\n"), "{edit}");
        let gone = office.confirms("/console/pools/second/out", &[], &[("typed", "second")]).await;
        leads_to(&gone, "/console/pools?saved=1");
        assert_eq!(office.town.store.list_pools(office.town.clock.now()).await.unwrap().len(), 1);
        office.town.store.close().await;
    })
    .await;
}
