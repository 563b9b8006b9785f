//! Outlets held against each other, calls by two things at once, and what moves together, over the API.

use std::time::Duration;

use serde_json::{Value, json};
use whence::domain::ids::OutletId;
use whence::domain::outlet::Outlet;
use whence::flows::{call_arrives, call_ends, call_is_answered};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, PAID, POSTER, Town};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Shops below the bakery: as many calls each, of which so many are missed.
pub async fn shops(town: &Town, calls: u32, missed: &[u32]) {
    for (nth, missed) in missed.iter().enumerate() {
        let id: OutletId = format!("shop-{nth}").parse().unwrap();
        let shop =
            Outlet { id: id.clone(), parent: Some("bakery".parse().unwrap()), name: format!("Shop <{nth}>") };
        town.store
            .write(move |tx| {
                let shop = shop.clone();
                Box::pin(async move { tx.save_outlet(&shop).await })
            })
            .await
            .unwrap();
        for call in 0..calls {
            rings(town, if call % 2 == 0 { POSTER } else { PAID }, &id, call >= *missed).await;
        }
    }
}

async fn rings(town: &Town, number: u32, outlet: &OutletId, is_answered: bool) {
    let mut call = town.call(number, Some(7_001));
    call.outlet = Some(outlet.clone());
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    let answered = is_answered.then(|| town.clock.now());
    if is_answered {
        call_is_answered(&town.store, &town.clock, &town.answer(&call)).await.unwrap();
    }
    town.clock.advance(Duration::from_secs(1));
    call_ends(&town.store, &town.clock, &town.end(&call, answered)).await.unwrap();
}

fn outlet<'a>(report: &'a Value, id: &str) -> &'a Value {
    let outlets = report["outlets"].as_array().unwrap();
    outlets.iter().find(|it| it["outlet"] == id).unwrap_or_else(|| panic!("no {id} in {report}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_that_misses_more_than_chance_explains_is_told_from_the_others() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        shops(&town, 16, &[2, 1, 3, 2, 16]).await;
        door.count().await;

        let each = door.api("/api/v1/reports/network?period=7d").await.json();
        let below = door.api("/api/v1/reports/network?period=7d&below=bakery&channel=Offline").await.json();
        let above = door.api("/api/v1/reports/network.csv?period=7d&compare=none").await;

        assert_eq!(each["outlets"].as_array().unwrap().len(), 5, "the bakery itself had no call: {each}");
        assert_eq!((&each["missed_rate"], &each["spread"]), (&json!(24.0 / 80.0), &json!(1.0)));
        let (bad, usual) = (outlet(&each, "shop-4"), outlet(&each, "shop-0"));
        assert_eq!(
            (&bad["verdict"], &bad["missed_rate"], &bad["calls"]),
            (&json!("worse"), &json!(1.0), &json!(16.0))
        );
        assert_eq!(
            (&usual["verdict"], &usual["missed"], &usual["calls_before"]),
            (&json!("usual"), &json!(2.0), &json!(0.0))
        );
        assert!(
            bad["rare_to"].as_f64().unwrap() < 1.0 && usual["usual_from"].as_f64().unwrap() < 0.125,
            "{each}"
        );
        assert_eq!(outlet(&below, "shop-4")["calls"], 8.0, "of the poster alone");
        assert_eq!(outlet(&below, "shop-4")["verdict"], "too_few_calls");
        let lines: Vec<&str> = above.body.lines().collect();
        assert!(lines[0].starts_with("outlet,calls,calls_from,") && lines.len() == 6, "{}", above.body);
        assert!(
            lines.contains(&"shop-4,16.00,16.00,16.00,,0.00,16.00,1.0000,worse,0.00,0.00,0.00"),
            "{}",
            above.body
        );
        assert_eq!(door.api("/api/v1/reports/network?below=nowhere").await.status, 404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_told_by_two_things_at_once_with_where_they_meet_more() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        shops(&town, 40, &[2, 38]).await;
        door.count().await;

        let table = door.api("/api/v1/reports/cross?rows=outlet&columns=outcome").await.json();
        let cut = door
            .api(
                "/api/v1/reports/cross?rows=outlet&columns=channel&rows_max=1&columns_max=1&outcome=answered",
            )
            .await
            .json();
        let csv = door.api("/api/v1/reports/cross.csv?rows=outlet&columns=outcome").await;
        let same = door.api("/api/v1/reports/cross?rows=channel&columns=channel").await;

        assert_eq!(
            (&table["row_labels"], &table["other_rows"]),
            (&json!(["shop-0", "shop-1"]), &json!(false))
        );
        assert_eq!(table["column_labels"], json!(["abandoned", "answered"]), "{table}");
        let cell = &table["cells"][1][0];
        assert_eq!(
            (&cell["calls"], &cell["usual"], &cell["tie"]),
            (&json!(38.0), &json!(20.0), &json!("more"))
        );
        assert_eq!(
            (&table["cells"][0][0]["tie"], &table["cells"][0][1]["answered"]),
            (&json!("less"), &json!(38.0))
        );
        assert_eq!(
            (&cut["row_labels"], &cut["other_rows"], &cut["other_columns"]),
            (&json!(["shop-0"]), &json!(true), &json!(true))
        );
        let calls = |row: usize, column: usize| cut["cells"][row][column]["calls"].as_f64().unwrap();
        assert_eq!(
            calls(0, 0) + calls(0, 1) + calls(1, 0) + calls(1, 1),
            40.0,
            "all that were answered: {cut}"
        );
        assert!(
            csv.body.starts_with("outlet,outcome,calls,")
                && csv.body.contains("shop-1,abandoned,38.00,38.00,38.00,0.00,38.00,20.00,more"),
            "{}",
            csv.body
        );
        assert_eq!(same.problem(422)["errors"][0]["field"], "columns");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_follows_another_two_days_later_is_found() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let bakery: OutletId = "bakery".parse().unwrap();
        // Now and then the poster rings three times, and two days later so does the website.
        let bursts = |day: u32| if (day * 7 + day * day) % 11 < 3 { 3 } else { 1 };
        for day in 2..65 {
            for _ in 0..bursts(day) {
                rings(&town, POSTER, &bakery, true).await;
            }
            for _ in 0..bursts(day - 2) {
                rings(&town, PAID, &bakery, true).await;
            }
            town.clock.advance(DAY);
        }
        town.clock.advance(MINUTE);
        door.count().await;

        let found = door.api("/api/v1/reports/correlations?period=64d").await.json();
        let thin = door.api("/api/v1/reports/correlations?period=30d").await.json();

        let pair = &found["pairs"][0];
        let (one, lag) = (pair["one"].as_str().unwrap(), pair["lag_days"].as_i64().unwrap());
        assert_eq!(lag, if one == "Offline" { 2 } else { -2 }, "{found}");
        assert_eq!((&pair["remarkable"], found["pairs"].as_array().unwrap().len()), (&json!(true), 1));
        assert!(pair["correlation"].as_f64().unwrap() > 0.8, "{pair}");
        assert_eq!(pair["by_lag"].as_array().unwrap().len(), 29);
        assert_eq!((&thin["pairs"], thin["thin"].as_array().unwrap().len()), (&json!([]), 2), "{thin}");
        town.store.close().await;
    })
    .await;
}
