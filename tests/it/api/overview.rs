//! The calls of a period: in all, by the time, apart, filtered, and held against another.

use axum::body::Body;
use serde_json::{Value, json};
use whence::domain::calling::record::Arrived;
use whence::domain::phone::Phone;
use whence::flows::{call_arrives, call_ends, call_is_answered};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, request, sign_in};
use crate::support::town::{MINUTE, POSTER, Town, page, phone};

/// A call that is answered after ten seconds and lasts a minute, or given up after a minute.
pub async fn somebody_calls(town: &Town, number: u32, caller: Option<u32>, is_answered: bool) {
    let call = town.call(number, caller);
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    let mut answered = None;
    if is_answered {
        town.clock.advance(MINUTE / 6);
        answered = Some(town.clock.now());
        call_is_answered(&town.store, &town.clock, &town.answer(&call)).await.unwrap();
    }
    town.clock.advance(MINUTE);
    call_ends(&town.store, &town.clock, &town.end(&call, answered)).await.unwrap();
}

fn rows<'a>(overview: &'a Value, dimension: &str) -> Vec<(Option<&'a str>, f64)> {
    let apart = overview["apart"].as_array().unwrap().iter().find(|it| it["dimension"] == dimension);
    let rows = apart.unwrap_or_else(|| panic!("no {dimension} in {overview}"))["rows"].as_array().unwrap();
    rows.iter().map(|row| (row["label"].as_str(), row["calls"].as_f64().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_told_in_all_by_the_time_and_apart_and_held_against_the_period_before() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        // Eight days ago one call; now three by two callers, one of whom had called before.
        somebody_calls(&town, POSTER, Some(7001), true).await;
        town.clock.advance(8 * 24 * 60 * MINUTE);
        somebody_calls(&town, POSTER, Some(7001), true).await;
        somebody_calls(&town, POSTER, Some(7002), false).await;
        somebody_calls(&town, POSTER, None, true).await;
        town.opens(page("/bread?utm_source=google&utm_medium=cpc&utm_campaign=rye")).await;
        town.clock.advance(MINUTE);
        somebody_calls(&town, 1000, Some(7002), true).await;
        door.count().await;

        let all = door.api("/api/v1/reports/overview?period=7d&zone=Europe%2FParis").await.json();
        let total = &all["total"];
        assert_eq!((&total["calls"], &total["answered"], &total["missed"]), (&4.0.into(), &3.0.into(), &1.0.into()));
        assert_eq!((&total["callers"], &total["new_callers"]), (&2.0.into(), &1.0.into()));
        assert_eq!((&total["answered_rate"], &total["first_time_answered_rate"]), (&0.75.into(), &0.0.into()));
        assert_eq!((&total["mean_ring_seconds"], &total["mean_talk_seconds"]), (&10.0.into(), &60.0.into()));
        assert_eq!((&all["before"]["total"]["calls"], &all["zone"]), (&1.0.into(), &"Europe/Paris".into()));
        assert_eq!(all["from"], "2026-11-23T23:00:00.000Z", "midnight in Paris");
        assert_eq!((&all["course"]["bar"], all["course"]["bars"].as_array().unwrap().len()), (&"day".into(), 7));
        assert_eq!(all["course"]["bars"][6]["calls"], 4.0, "{all}");
        assert_eq!(all["week"].as_array().unwrap().len(), 168);
        let in_week: f64 = all["week"].as_array().unwrap().iter().map(|it| it["calls"].as_f64().unwrap()).sum();
        assert_eq!(in_week, 4.0);
        assert_eq!(rows(&all, "channel")[0], (Some("Offline"), 3.0));
        assert_eq!(rows(&all, "number").len(), 2);
        assert_eq!(rows(&all, "outcome"), [(Some("answered"), 3.0), (Some("abandoned"), 1.0)]);
        assert_eq!(rows(&all, "region"), [(Some("FR-1"), 3.0), (None, 1.0)]);
        assert_eq!(rows(&all, "outlet"), [(Some("bakery"), 4.0)]);

        let table = door.api("/api/v1/reports/overview.csv?period=7d&dimension=outcome").await;
        let lines: Vec<&str> = table.body.lines().collect();
        assert_eq!(lines.len(), 3, "{}", table.body);
        assert!(lines[0].starts_with("outcome,calls,calls_from,calls_to,answered,"), "{}", lines[0]);
        assert_eq!(lines[1], "answered,3.00,3.00,3.00,3.00,0.00,1.0000,0.00,10.0,60.0,0.00,0.00");
        let session = sign_in(&town.store).await;
        let table = door.get("/console/overview.csv?period=7d&all=outcome", &[session]).await;
        assert!(table.body.starts_with("\u{feff}\"outcome\",\"calls\""), "{}", table.body);

        let one = "/api/v1/reports/overview?period=7d&channel=Offline&outcome=answered&compare=none&dimension=region";
        let one = door.api(one).await.json();
        assert_eq!((&one["total"]["calls"], &one["before"]), (&2.0.into(), &Value::Null));
        assert_eq!(one["apart"].as_array().unwrap().len(), 1);
        let unset = door.api("/api/v1/reports/overview?campaign=%28not%20set%29&outlet=bakery").await.json();
        let set = door.api("/api/v1/reports/overview?campaign=rye").await.json();
        let sum = unset["total"]["calls"].as_f64().unwrap() + set["total"]["calls"].as_f64().unwrap();
        assert!((sum - 5.0).abs() < 1e-5 && set["total"]["calls"].as_f64().unwrap() > 0.5, "{unset} {set}");
        let nobody = door.api("/api/v1/reports/overview?outlet=nobodys").await.json();
        assert_eq!((&nobody["total"]["calls"], &nobody["total"]["answered_rate"]), (&0.0.into(), &Value::Null));
        let bad = "/api/v1/reports/overview?period=moon&zone=Mars&compare=x&rows=0&dimension=moon&chanel=x";
        assert_eq!(door.api(bad).await.problem(422)["errors"].as_array().unwrap().len(), 6);
        town.store.close().await;
    })
    .await;
}

/// A report is asked for before the calls of its time have been read.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_starts_reads_what_was_counted_the_latest_first() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        somebody_calls(&town, POSTER, Some(7001), true).await;
        Door::of(&town).count().await;
        let started = Door::of(&town);

        let (told, ()) = tokio::join!(started.api("/api/v1/reports/overview"), started.count());

        assert_eq!(told.json()["total"]["calls"], 1.0);
        somebody_calls(&town, POSTER, Some(7001), true).await;
        started.count().await;
        assert_eq!(started.api("/api/v1/reports/overview").await.json()["total"]["calls"], 2.0);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_from_a_mobile_is_where_the_visit_was_that_likely_made_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let page =
            json!({"site": "bakery", "page": "https://bakery.example/", "consent": true, "visible": true});
        let headers = [
            ("origin", "https://bakery.example"),
            ("content-type", "text/plain"),
            ("x-country", "FR"),
            ("x-region", "69"),
        ];
        let opened =
            door.ask(request("POST", "/api/v1/visits", &headers, Body::from(page.to_string()))).await.json();
        let number: Phone = opened["swaps"][0]["number"].as_str().unwrap().parse().unwrap();
        town.clock.advance(MINUTE);
        for caller in ["+33612345678", "+33140506070", "+33698765432"] {
            let to = if caller == "+33698765432" { phone(POSTER) } else { number.clone() };
            let call = Arrived { caller: caller.parse().ok(), number: to, ..town.call(POSTER, None) };
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            town.clock.advance(MINUTE);
            call_ends(&town.store, &town.clock, &town.end(&call, None)).await.unwrap();
        }
        door.count().await;

        let visit = door.api(&format!("/api/v1/visits/{}", opened["visit"].as_str().unwrap())).await.json();
        assert_eq!((&visit["country"], &visit["region"]), (&"FR".into(), &"FR-4".into()));
        let all = door.api("/api/v1/reports/overview?period=7d&dimension=region").await.json();
        let mut regions = rows(&all, "region");
        regions.sort_by_key(|(label, _)| *label);
        let (fixed, poster, mobile) = (Some("FR-1"), Some("FR"), Some("FR-4"));
        assert_eq!(regions, [(poster, 1.0), (fixed, 1.0), (mobile, 1.0)], "the poster was seen by no visit");
        for region in ["FR-4", "FR"] {
            let listed = door.api(&format!("/api/v1/calls?region={region}")).await.json();
            let callers = listed["items"].as_array().unwrap().iter().map(|call| call["caller"].as_str());
            let caller = if region == "FR" { "+33698765432" } else { "+33612345678" };
            assert_eq!(callers.collect::<Vec<_>>(), [Some(caller)], "{region}");
        }
        town.store.close().await;
    })
    .await;
}
