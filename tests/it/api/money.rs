//! What calls cost and what they brought: costs are written, calls come, a purchase follows, and the report says it all.

use serde_json::{Value, json};
use whence::domain::calling::qualification::Qualification;
use whence::domain::calling::recording::Accessor;
use whence::flows::{call_arrives, call_ends, call_qualified, plan_applied, plan_exported, plan_read};

use super::contacts::send;
use super::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, POSTER, Town, page};

const WEEK: u32 = 7 * 24 * 60;

pub async fn costs(door: &Door, cost: Value) {
    let answer = send(door, "POST", "/api/v1/costs", cost).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

/// Who called from this number buys something now.
async fn buys(door: &Door, caller: &str, amount: i64, currency: &str) {
    let bought = json!({"identity": {"kind": "phone", "value": caller}, "kind": "purchase", "source": "shop",
                        "amount": amount, "currency": currency});
    let answer = send(door, "POST", "/api/v1/engagements", json!({"engagements": [bought]})).await;
    assert!(answer.status.is_success(), "{}", answer.body);
}

fn row<'a>(report: &'a Value, label: Option<&str>) -> &'a Value {
    let rows = report["rows"].as_array().unwrap();
    rows.iter()
        .find(|row| row["label"].as_str() == label)
        .unwrap_or_else(|| panic!("no {label:?} in {report}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_what_calls_cost_and_what_they_brought() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        // November costs 300 € and Offline is said to be a campaign's; francs are another matter.
        let paid = json!({"first_day": "2026-11-01", "last_day": "2026-11-30", "channel": "Paid Search",
                          "source": "google", "campaign": "rye", "amount_minor": 30_000, "currency": "EUR"});
        costs(&door, paid).await;
        costs(&door, json!({"first_day": "2026-11-22", "channel": "Paid Search", "amount_minor": 100, "currency": "EUR"})).await;
        costs(&door, json!({"first_day": "2026-11-22", "channel": "Affiliates", "amount_minor": 500, "currency": "EUR"})).await;
        costs(&door, json!({"first_day": "2026-11-22", "channel": "Affiliates", "amount_minor": 7, "currency": "CHF"})).await;
        town.opens(page("/bread?utm_source=google&utm_medium=cpc&utm_campaign=rye")).await;
        town.clock.advance(MINUTE);
        let call = town.call(1000, Some(7001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        call_ends(&town.store, &town.clock, &town.end(&call, None)).await.unwrap();
        call_qualified(&town.store, &town.clock, call.call, Some(Qualification::Sale), Accessor::Link).await.unwrap();
        somebody_calls(&town, POSTER, Some(7002), true).await;
        door.count().await;
        let before = door.api("/api/v1/reports/money?period=today").await.json();
        town.clock.advance(MINUTE);
        buys(&door, "+33199007001", 50_000, "EUR").await;
        buys(&door, "+33199007001", 900, "CHF").await;
        buys(&door, "+33199007002", 1_234, "EUR").await;
        door.count().await;

        let report = door.api("/api/v1/reports/money?period=today&compare=before").await.json();
        let (total, paid) = (&report["total"], row(&report, Some("Paid Search")));
        assert_eq!((&before["total"]["revenue_minor"], &before["currency"]), (&json!(0), &json!("EUR")));
        assert_eq!((&report["currency"], &report["dimension"], &total["calls"]), (&json!("EUR"), &json!("channel"), &json!(2.0)));
        // A day of thirty, a hundred cents, and five euros of Affiliates.
        assert_eq!((&total["cost_minor"], &total["cost_per_call_minor"]), (&json!(1_600), &json!(800.0)));
        assert_eq!((&total["revenue_minor"], &total["sales"], &total["return"]), (&json!(51_234), &json!(1.0), &json!(51_234.0 / 1_600.0)));
        assert_eq!((&paid["cost_minor"], &total["cost_per_sale_minor"]), (&json!(1_100), &json!(1_600.0)));
        let (share, brought) = (paid["calls"].as_f64().unwrap(), paid["revenue_minor"].as_f64().unwrap());
        assert!((brought - share * 50_000.0).abs() < 1.0 && share > 0.5, "its share of what the caller bought: {paid}");
        assert!(paid["cost_per_call_from_minor"].as_f64() <= paid["cost_per_call_minor"].as_f64(), "{paid}");
        let affiliates = row(&report, Some("Affiliates"));
        assert_eq!((&affiliates["cost_minor"], &affiliates["calls"], &affiliates["cost_per_call_minor"]), (&json!(500), &json!(0.0), &Value::Null));
        let poster = row(&report, Some("Offline"));
        assert_eq!((&poster["cost_minor"], &poster["revenue_minor"], &poster["return"]), (&json!(0), &json!(1_234), &Value::Null));
        assert_eq!(report["left_out"], json!([{"currency": "CHF", "cost_minor": 7, "revenue_minor": 900}]));
        assert_eq!((&report["before"]["total"]["cost_minor"], &report["before"]["total"]["calls"]), (&json!(1_000), &json!(0.0)));
        assert_eq!(report["next_euro"][0]["state"], "too_few_weeks");

        let francs = door.api("/api/v1/reports/money?period=today&currency=CHF").await.json();
        assert_eq!((&francs["total"]["cost_minor"], &francs["total"]["revenue_minor"]), (&json!(7), &json!(900)));
        let rye = door.api("/api/v1/reports/money?period=today&campaign=rye&dimension=source").await.json();
        assert_eq!((&rye["total"]["cost_minor"], &rye["unsaid_minor"]), (&json!(1_000), &json!(600)), "{rye}");
        assert_eq!(row(&rye, Some("google"))["cost_minor"], 1_000);
        let unset = door.api("/api/v1/reports/money?period=today&dimension=campaign").await.json();
        assert_eq!(row(&unset, None)["cost_minor"], 600);
        let number = door.api("/api/v1/reports/money?period=today&outcome=answered").await.json();
        assert_eq!((&number["total"]["cost_minor"], &number["total"]["cost_per_call_minor"]), (&Value::Null, &Value::Null));
        let month = door.api("/api/v1/reports/money?period=2026-11-01..2026-11-30").await.json();
        assert_eq!(month["total"]["cost_minor"], 600 + 22_000, "of November, what is over");
        let listed = door.api("/api/v1/costs?channel=Affiliates").await.json();
        for cost in listed["items"].as_array().unwrap() {
            send(&door, "DELETE", &format!("/api/v1/costs/{}", cost["id"].as_str().unwrap()), Value::Null).await;
        }
        let without = door.api("/api/v1/reports/money?period=today").await.json();
        assert_eq!((&without["total"]["cost_minor"], &without["left_out"][0]["cost_minor"]), (&json!(1_100), &json!(0)));
        let bad = "/api/v1/reports/money?dimension=number&currency=euro&rows=0";
        assert_eq!(door.api(bad).await.problem(422)["errors"].as_array().unwrap().len(), 3);
        let half = [("authorization", "Bearer calls:read")];
        assert!(door.get("/api/v1/reports/money", &half).await.problem(403)["detail"].as_str().unwrap().contains("costs:read"));
        town.store.close().await;
    })
    .await;
}

/// The plan says what a poster costs and when it hangs: reports have it without a line of its own, and once.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_plan_says_of_its_media_is_a_cost() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let plan = plan_exported(&town.store).await.unwrap();
        let poster = "campaign = \"autumn\"\nkind = \"poster\"\ncost_minor = 3000\ncurrency = \"EUR\"\n";
        let with =
            |more: &str| plan.replace("source = \"poster\"\n", &format!("source = \"poster\"\n{more}"));
        let apply = async |text: String| {
            let plan = plan_read(&text, &[], &[]).unwrap();
            plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
        };
        apply(with(poster)).await;
        door.count().await;
        let undated = door.api("/api/v1/reports/money?period=7d").await.json();
        apply(with(&format!("{poster}runs = \"2026-11-16..2026-11-25\"\n"))).await;
        somebody_calls(&town, POSTER, Some(7001), true).await;
        door.count().await;

        let report =
            door.api("/api/v1/reports/money?period=7d&dimension=campaign&outlet=bakery").await.json();

        assert_eq!(undated["total"]["cost_minor"], 0, "it does not say when");
        assert_eq!(row(&report, Some("autumn"))["cost_minor"], 2_100, "seven days of ten");
        assert_eq!(door.api("/api/v1/costs").await.json()["items"], json!([]));
        town.store.close().await;
    })
    .await;
}

/// A season of weeks: what a hundred euros more would bring, or why nobody can tell.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_euro_is_told_where_enough_weeks_tell_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        // From Monday, 23 November 2026, on; the phone rings once for each ten euros.
        for week in 0..10_u32 {
            town.clock.advance(WEEK * MINUTE);
            let (first, tens) = (town.clock.now(), 2 + week * 3 % 5);
            let day = first.to_string()[..10].to_owned();
            let cost = |channel: &str, minor: u32| {
                json!({"first_day": day, "channel": channel, "amount_minor": minor, "currency": "EUR"})
            };
            costs(&door, cost("Offline", tens * 1_000)).await;
            costs(&door, cost("Email", 500)).await;
            if week > 5 {
                costs(&door, cost("Audio", 100 + week)).await;
            }
            for _ in 0..tens {
                somebody_calls(&town, POSTER, None, true).await;
            }
        }
        town.clock.advance(WEEK * MINUTE);
        door.count().await;

        let report = door.api("/api/v1/reports/money?zone=Europe%2FParis").await.json();

        let told = report["next_euro"].as_array().unwrap();
        let states: Vec<_> =
            told.iter().map(|it| (it["channel"].as_str().unwrap(), it["state"].as_str().unwrap())).collect();
        assert_eq!(states, [("Offline", "told"), ("Email", "hardly_varies"), ("Audio", "too_few_weeks")]);
        let of = |field: &str| told[0][field].as_f64().unwrap();
        assert!(of("calls_from") < of("calls") && of("calls") < of("calls_to"), "{}", told[0]);
        assert!(of("calls") > 3.0 && of("calls") < 12.0, "a hundred euros are ten calls at most: {}", told[0]);
        assert_eq!((&told[1]["calls"], &told[0]["more_minor"]), (&Value::Null, &json!(10_000)));
        town.store.close().await;
    })
    .await;
}
