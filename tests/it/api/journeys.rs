//! How people came to call: paths, pages, visits, times, assists; filtered, and as files.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use whence::domain::ids::CallId;
use whence::domain::outlet::Outlet;
use whence::domain::reporting::journeys::Wanted;
use whence::domain::time::Timestamp;
use whence::domain::tracking::device::Device;
use whence::flows::credit_reported::credit_reported;
use whence::flows::{JourneysWanted, MostJourneys, Opened, call_arrives, call_corrected};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, POSTER, Town, page, slug};

/// Somebody comes by e-mail, an hour later by an ad, looks at a second page and calls; and somebody calls from a poster.
async fn two_calls(town: &Town) {
    let email = town.opens(page("/news?utm_source=letter&utm_medium=email")).await;
    town.clock.advance(60 * MINUTE);
    let ad = page("/bread?utm_source=google&utm_medium=cpc&utm_campaign=rye#top");
    let ad = town.opens(Opened { visitor: email.visitor, device: Device::Phone, ..ad }).await;
    town.clock.advance(MINUTE);
    let again = page("/bread?colour=brown");
    town.opens(Opened { visitor: ad.visitor, visit: ad.visit, ..again }).await;
    town.clock.advance(MINUTE);
    town.opens(Opened { visitor: ad.visitor, visit: ad.visit, ..page("/contact") }).await;
    town.clock.advance(MINUTE);
    let call = town.call(1000, None);
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    call_corrected(&town.store, &town.clock, call.call, ad.visit).await.unwrap();
    call_arrives(&town.store, &town.clock, &town.call(POSTER, None)).await.unwrap();
    town.clock.advance(MINUTE);
    // After the call nothing counts for it.
    town.opens(Opened { visitor: ad.visitor, visit: ad.visit, ..page("/thanks") }).await;
    town.clock.advance(MINUTE);
}

fn calls<'a>(rows: &'a Value, by: &str) -> Vec<(&'a Value, f64)> {
    rows.as_array().unwrap().iter().map(|row| (&row[by], row["calls"].as_f64().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_to_the_calls_are_told_with_their_pages_visits_times_and_assists() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let nothing = door.api("/api/v1/reports/journeys").await.json();
        two_calls(&town).await;
        door.count().await;

        let all = door.api("/api/v1/reports/journeys").await.json();

        assert_eq!(
            (&nothing["calls"], &nothing["paths"], &nothing["pages"]),
            (&json!(0.0), &json!([]), &json!([]))
        );
        assert_eq!((&nothing["median_visits"], &nothing["median_seconds"]), (&Value::Null, &Value::Null));
        assert_eq!(
            (&all["calls"], &all["untouched"], &all["cut"], &all["calls_since"]),
            (&json!(2.0), &json!(0.0), &json!(false), &Value::Null)
        );
        assert_eq!(
            calls(&all["paths"], "labels"),
            [(&json!(["Email", "Paid Search"]), 1.0), (&json!(["Offline"]), 1.0)]
        );
        assert_eq!(all["paths"][0]["share"], 0.5);
        let steps: Vec<&Value> = all["steps"].as_array().unwrap().iter().collect();
        assert_eq!(steps.len(), 3, "{all}");
        let email =
            json!({"before": 2, "label": "Email", "is_last": false, "next": "Paid Search", "calls": 1.0});
        assert_eq!(steps[2], &email);
        // Both addresses of the bread are one page, seen in one visit.
        let bread = json!({"page": "https://bakery.example/bread", "calls": 1.0, "last": 0.0});
        let contact = json!({"page": "https://bakery.example/contact", "calls": 1.0, "last": 1.0});
        assert_eq!(all["pages"], json!([bread, contact]));
        assert_eq!(calls(&all["visits"], "visits")[..2], [(&json!(1), 1.0), (&json!(2), 1.0)]);
        assert_eq!(all["visits"].as_array().unwrap().len(), 5);
        let times: Vec<f64> = calls(&all["times"], "within_hours").iter().map(|(_, calls)| *calls).collect();
        assert_eq!(
            times,
            [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            "the poster at once, the other after 63 minutes"
        );
        assert_eq!((&all["median_visits"], &all["median_seconds"]), (&json!(1), &json!(0)));
        let assist = |label: &str| {
            let rows = all["assists"].as_array().unwrap().iter();
            rows.into_iter().find(|it| it["label"] == label).unwrap().clone()
        };
        assert_eq!(assist("Email"), json!({"label": "Email", "assisted": 1.0, "last": 0.0, "ratio": null}));
        assert_eq!(assist("Paid Search")["ratio"], 0.0);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_asks_for_journeys_that_such_a_visit_took_part_in() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        two_calls(&town).await;
        door.count().await;

        for (query, calls, pages) in [
            ("channel=Email", 1.0, 0),
            ("channel=Paid+Search&campaign=rye&device=phone", 1.0, 2),
            // Each is said of the journey, but not of one visit.
            ("channel=Email&campaign=rye", 0.0, 0),
            ("landing_page=https%3A%2F%2Fbakery.example%2Fbread", 1.0, 2),
            ("term=%28not+set%29&channel=Offline", 1.0, 0),
            ("campaign=%28not+set%29", 2.0, 0),
            ("site=bakery", 1.0, 2),
            ("site=%28not+set%29", 1.0, 0),
            ("site=nobodys", 0.0, 0),
            ("outlet=bakery", 2.0, 2),
            ("outlet=nobodys", 0.0, 0),
            ("period=yesterday", 0.0, 0),
        ] {
            let told = door.api(&format!("/api/v1/reports/journeys?{query}")).await.json();
            assert_eq!(told["calls"], calls, "{query}: {told}");
            assert_eq!(told["pages"].as_array().unwrap().len(), pages, "{query}: {told}");
            let earned = door.api(&format!("/api/v1/reports/credit?{query}")).await.json();
            assert_eq!(earned["calls"], calls, "{query}: {earned}");
        }
        let campaigns = door.api("/api/v1/reports/journeys?dimension=campaign&rows=1").await.json();
        assert_eq!(
            campaigns["paths"],
            json!([{"labels": [null], "is_longer": false, "calls": 1.0, "share": 0.5}])
        );
        assert_eq!((&campaigns["paths_cut"], &campaigns["pages_cut"]), (&json!(true), &json!(true)));
        let short =
            door.api("/api/v1/reports/credit?dimension=source&model=first&lookback_days=1").await.json();
        assert_eq!(short["models"][0]["credits"][0]["label"], "letter");
        let bad = "/api/v1/reports/journeys?dimension=outcome&outcome=answered&lookback_days=400&rows=0";
        assert_eq!(door.api(bad).await.problem(422)["errors"].as_array().unwrap().len(), 4);
        town.store.close().await;
    })
    .await;
}

/// Of outlets that are asked for are calls, by whatever site; and journeys without a call of those who saw their sites.
#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_has_the_journeys_of_its_calls_whatever_sites_they_came_by() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let saved = town.store.write(|tx| {
            Box::pin(async move {
                let nice = Outlet { id: slug("nice"), parent: None, name: "Nice".into() };
                tx.save_outlet(&nice).await
            })
        });
        saved.await.unwrap();
        town.somebody_comes().await;
        let shown = town.opens(page("/?utm_source=letter&utm_medium=email")).await;
        town.clock.advance(MINUTE);
        let mut call = town.call(1000, None);
        call.outlet = Some(slug("nice"));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        call_corrected(&town.store, &town.clock, call.call, shown.visit).await.unwrap();
        town.clock.advance(MINUTE);

        let of = async |outlet: &str| {
            let told =
                door.api(&format!("/api/v1/reports/credit?model=shapley&outlet={outlet}")).await.json();
            let names = told["models"][0]["credits"].as_array().unwrap().iter();
            let credits: Vec<(String, f64)> = names
                .map(|it| (it["label"].as_str().unwrap().to_owned(), it["calls"].as_f64().unwrap()))
                .filter(|(_, calls)| *calls != 0.0)
                .collect();
            (told["calls"].as_f64().unwrap(), credits)
        };

        let (calls, credits) = of("nice").await;
        assert_eq!(
            (calls, credits),
            (1.0, vec![("Email".to_owned(), 1.0)]),
            "nobody else saw a site of Nice"
        );
        assert_eq!(of("bakery").await, (0.0, vec![]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_table_leaves_as_a_file() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        two_calls(&town).await;
        door.count().await;

        for (file, lines) in [
            ("journeys.csv", vec!["path,is_longer,calls,share", "Email > Paid Search,false,1.00,0.5000"]),
            ("journeys.csv?table=steps", vec!["before,label,is_last,next,calls", "1,Offline,true,,1.00"]),
            (
                "journeys.csv?table=pages&campaign=rye",
                vec!["page,calls,last", "https://bakery.example/bread,1.00,0.00"],
            ),
            ("journeys.csv?table=visits", vec!["visits,calls", "1,1.00", "2,1.00"]),
            ("journeys.csv?table=times", vec!["within_hours,calls", "1,1.00", "24,1.00"]),
            ("journeys.csv?table=assists", vec!["label,assisted,last,ratio"]),
            (
                "credit.csv?dimension=source&model=last",
                vec!["source,last,last_from,last_to", "google,1.00,1.00,1.00", "poster,1.00,1.00,1.00"],
            ),
        ] {
            let answer = door.api(&format!("/api/v1/reports/{file}")).await;
            assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8", "{file}: {}", answer.body);
            let told: Vec<&str> = answer.body.lines().collect();
            assert_eq!(told[..lines.len()], lines, "{file}: {}", answer.body);
        }
        door.api("/api/v1/reports/journeys.csv?table=moon").await.problem(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_calls_are_read_and_that_there_were_more_is_known() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        call_arrives(&town.store, &town.clock, &town.call(POSTER, None)).await.unwrap();
        town.clock.advance(MINUTE);
        two_calls(&town).await;
        let (from, until) = (Timestamp::from_ms(0), town.clock.now());
        let read = |calls| {
            let store = town.store.clone();
            async move { store.list_call_shares(&Wanted::default(), from, until, calls).await.unwrap() }
        };

        let (all, all_are_cut) = read(3).await;
        let (_, newest_are_cut) = read(2).await;

        let calls: BTreeSet<CallId> = all.iter().map(|it| it.call).collect();
        assert_eq!((calls.len(), all_are_cut, newest_are_cut), (3, false, true));
        let none = town.store.list_call_shares(&Wanted::default(), until, until, 2).await.unwrap();
        assert_eq!(none, (vec![], false));
        // It takes one more to know that there were more.
        let newest = all.iter().map(|it| it.at).max();
        let told = async |visits, calls| {
            let most = MostJourneys { visits, calls };
            let wanted = Wanted::default();
            let asked = JourneysWanted { wanted, from, until, look_back: Duration::from_hours(24), most };
            let report = credit_reported(&town.store, asked, vec![]).await.unwrap();
            (report.calls + report.untouched, report.since)
        };
        assert_eq!(told(9, 9).await, (3.0, None));
        assert_eq!(told(9, 1).await, (2.0, newest));
        let (calls, since) = told(0, 9).await;
        assert!(
            calls == 2.0 && since < newest && since.is_some(),
            "the call before all visits that are read is left out"
        );
        town.store.close().await;
    })
    .await;
}
