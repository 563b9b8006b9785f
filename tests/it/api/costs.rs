//! What channels cost, line by line and as a table: written, corrected, refused, deleted and put back.

use axum::body::Body;
use serde_json::{Value, json};

use super::contacts::send;
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, Town};

async fn town(database: &Database) -> (Town, Door) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let door = Door::of(&town);
    (town, door)
}

fn november(amount: u64) -> Value {
    json!({"first_day": "2026-11-01", "last_day": "2026-11-30", "channel": "Paid Search", "source": "google",
           "outlet": "bakery", "amount_minor": amount, "currency": "EUR", "key": "ads 2026-11"})
}

async fn bring(door: &Door, table: &str) -> Answer {
    let headers = [("authorization", "Bearer costs:write"), ("content-type", "text/csv")];
    door.ask(request("POST", "/api/v1/costs/import", &headers, Body::from(table.to_owned()))).await
}

fn told(refused: &Value) -> Vec<String> {
    let errors = refused["errors"].as_array().unwrap().iter();
    errors
        .map(|it| format!("{}: {}", it["field"].as_str().unwrap(), it["detail"].as_str().unwrap()))
        .collect()
}

async fn amounts(door: &Door, query: &str) -> Vec<u64> {
    let listed = door.api(&format!("/api/v1/costs{query}")).await.json();
    listed["items"].as_array().unwrap().iter().map(|it| it["amount_minor"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cost_of_a_key_stands_once_and_what_is_deleted_comes_back() {
    on_each_database(async |database| {
        let (town, door) = town(database).await;

        let first = send(&door, "POST", "/api/v1/costs", november(30_000)).await;
        town.clock.advance(MINUTE);
        let again = send(&door, "POST", "/api/v1/costs", november(40_000)).await;
        let other =
            json!({"first_day": "2026-12-01", "channel": "Email", "amount_minor": 700, "currency": "EUR"});
        let other = send(&door, "POST", "/api/v1/costs", other).await;

        assert_eq!((first.status.as_u16(), again.status.as_u16(), other.status.as_u16()), (201, 200, 201));
        let (first, again, other) = (first.json(), again.json(), other.json());
        assert_eq!((&first["id"], &first["created_at"]), (&again["id"], &again["created_at"]));
        assert_eq!(
            (&again["amount_minor"], &again["outlet"], &again["note"]),
            (&json!(40_000), &json!("bakery"), &Value::Null)
        );
        assert!(
            again["changed_at"].as_str() > first["changed_at"].as_str()
                && again["created_by"].as_str().unwrap().starts_with("key:")
        );
        assert_eq!((&other["last_day"], &other["source"]), (&json!("2026-12-01"), &Value::Null));
        assert_eq!(amounts(&door, "").await, [700, 40_000]);
        for (query, found) in [
            ("?channel=Email", vec![700]),
            ("?from=2026-12-01", vec![700]),
            ("?to=2026-11-01", vec![40_000]),
            ("?from=2026-11-30&to=2026-12-01", vec![700, 40_000]),
            ("?outlet=bakery&key=ads%202026-11", vec![40_000]),
        ] {
            assert_eq!(amounts(&door, query).await, found, "{query}");
        }
        let part = door.api("/api/v1/costs?limit=1").await.json();
        let cursor = part["next_cursor"].as_str().unwrap();
        assert_eq!(amounts(&door, &format!("?limit=1&cursor={cursor}")).await, [40_000]);

        let here = format!("/api/v1/costs/{}", again["id"].as_str().unwrap());
        let mut changed = november(50_000);
        changed["campaign"] = json!("rye");
        let changed = send(&door, "PUT", &here, changed).await;
        assert_eq!((changed.status.as_u16(), &changed.json()["campaign"]), (200, &json!("rye")));
        let at_other = format!("/api/v1/costs/{}", other["id"].as_str().unwrap());
        assert!(
            send(&door, "PUT", &at_other, november(1)).await.problem(409)["detail"]
                .as_str()
                .unwrap()
                .contains("key")
        );

        let deleted = send(&door, "DELETE", &here, Value::Null).await;
        assert_eq!((deleted.status.as_u16(), deleted.json()["deleted_at"].is_string()), (200, true));
        send(&door, "DELETE", &here, Value::Null).await.problem(404);
        send(&door, "PUT", &here, november(1)).await.problem(404);
        assert_eq!(amounts(&door, "").await, [700]);
        assert!(door.api(&here).await.json()["deleted_at"].is_string());
        let back = send(&door, "POST", &format!("{here}/restore"), Value::Null).await.json();
        assert_eq!((&back["deleted_at"], &back["amount_minor"]), (&Value::Null, &json!(50_000)));
        send(&door, "DELETE", &here, Value::Null).await;
        assert_eq!(send(&door, "POST", "/api/v1/costs", november(60_000)).await.json()["id"], again["id"]);
        assert_eq!(amounts(&door, "").await, [700, 60_000], "sent again it is there again");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cost_that_cannot_be_meant_is_refused_with_all_that_is_wrong() {
    on_each_database(async |database| {
        let (town, door) = town(database).await;
        let bad = json!({"first_day": "November", "last_day": "2026-10-01", "channel": "Adwords",
                         "amount_minor": 2_000_000_000_000_u64, "currency": "EURO"});

        let refused = send(&door, "POST", "/api/v1/costs", bad).await.problem(422);
        let mut nowhere = november(1);
        nowhere["outlet"] = json!("harbour");
        let nowhere = send(&door, "POST", "/api/v1/costs", nowhere).await.problem(422);

        let fields: Vec<_> =
            refused["errors"].as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["first_day", "channel", "currency", "amount_minor"]);
        assert_eq!(told(&nowhere), ["outlet: must be an outlet of the plan"]);
        let id = town.clock.new_id();
        for (method, path) in [("GET", ""), ("DELETE", ""), ("PUT", ""), ("POST", "/restore")] {
            let body = if method == "PUT" { november(1) } else { Value::Null };
            send(&door, method, &format!("/api/v1/costs/{id}{path}"), body).await.problem(404);
        }
        assert_eq!(
            door.api("/api/v1/costs?channel=Post&from=x&limit=0").await.problem(422)["errors"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
        let reader = [("authorization", "Bearer costs:read"), ("content-type", "application/json")];
        let refused =
            door.ask(request("POST", "/api/v1/costs", &reader, Body::from(november(1).to_string()))).await;
        refused.problem(403);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_written_whole_or_not_at_all() {
    on_each_database(async |database| {
        let (town, door) = town(database).await;
        send(&door, "POST", "/api/v1/costs", november(30_000)).await;
        let good = "first_day;last_day;channel;campaign;outlet;amount;currency;key\n\
                    2026-11-01;2026-11-30;Paid Search;;bakery;412,50;EUR;ads 2026-11\n\
                    2026-11-02;;Offline;été;;1 200;EUR;\n";
        let bad = "first_day;channel;outlet;amount;currency\n\
                   2026-11-03;Email;;5;EUR\n\
                   2026-11-31;Email;;5.555;EUR\n";

        let refused = bring(&door, bad).await.problem(422);
        let nowhere = bring(&door, &bad.replace("11-31", "11-30").replace(";;5.555", ";harbour;5")).await.problem(422);
        let none = amounts(&door, "").await;
        town.clock.advance(MINUTE);
        let brought = bring(&door, good).await.json();

        assert_eq!(
            told(&refused),
            [
                "line 3: first_day: must be a day from 2000 to 2199, for instance 2026-11-01",
                "line 3: amount: not an amount; write 1250 or 1250.50, without a sign and without a comma between thousands",
            ]
        );
        assert_eq!(told(&nowhere), ["line 3: outlet: must be an outlet of the plan"]);
        assert_eq!(none, [30_000], "nothing half written");
        assert_eq!(brought, json!({"lines": 2, "new": 1, "replaced": 1}));
        assert_eq!(amounts(&door, "").await, [120_000, 41_250]);
        assert_eq!(bring(&door, good).await.json()["replaced"], 1, "the line without a key comes again");
        let windows = [("authorization", "Bearer all"), ("content-type", "text/csv; charset=windows-1252")];
        let latin = b"first_day,channel,campaign,amount,currency\n2026-11-05,Email,\xe9t\xe9,1,EUR\n".to_vec();
        door.ask(request("POST", "/api/v1/costs/import", &windows, Body::from(latin))).await;
        assert_eq!(door.api("/api/v1/costs?channel=Email").await.json()["items"][0]["campaign"], "été");
        let json = [("authorization", "Bearer all"), ("content-type", "application/json")];
        door.ask(request("POST", "/api/v1/costs/import", &json, Body::from("{}"))).await.problem(415);
        bring(&door, &"x".repeat((4 << 20) + 1)).await.problem(413);
        town.store.close().await;
    })
    .await;
}
