//! Who works at the console, over the API.

use axum::body::Body;
use serde_json::{Value, json};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request, sign_in};
use crate::support::town::Town;

async fn send(door: &Door, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request(method, path, &headers, Body::from(body.to_string()))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_added_changed_and_taken_out() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        sign_in(&town.store).await;
        let door = Door::of(&town);
        let new = json!({"email": "Cy@example.org", "password": "a long walk by the river", "role": "outlet", "outlet": "bakery"});

        let made = send(&door, "POST", "/api/v1/users", &new).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        assert_eq!(
            (&made["email"], &made["role"], &made["outlet"], &made["second_factor"]),
            (&"cy@example.org".into(), &"outlet".into(), &"bakery".into(), &false.into())
        );
        send(&door, "POST", "/api/v1/users", &new).await.problem(409);
        for (field, bad) in [
            ("email", json!({"email": "cy", "password": "a long walk by the river", "role": "reader"})),
            ("password", json!({"email": "d@e", "password": "short", "role": "reader"})),
            ("role", json!({"email": "d@e", "password": "a long walk by the river", "role": "king"})),
            ("outlet", json!({"email": "d@e", "password": "a long walk by the river", "role": "reader", "outlet": "moon"})),
        ] {
            let told = send(&door, "POST", "/api/v1/users", &bad).await.problem(422);
            assert_eq!(told["errors"][0]["field"], field);
        }
        let path = format!("/api/v1/users/{}", made["id"].as_str().unwrap());
        let changed = send(&door, "PATCH", &path, &json!({"role": "telephony"})).await.json();
        assert_eq!((&changed["role"], &changed["outlet"]), (&"telephony".into(), &"bakery".into()));
        let changed = send(&door, "PATCH", &path, &json!({"outlet": null})).await.json();
        assert_eq!((&changed["role"], &changed["outlet"]), (&"telephony".into(), &Value::Null));
        let told = send(&door, "PATCH", &path, &json!({"role": "outlet"})).await.problem(422);
        assert_eq!(told["errors"][0]["field"], "outlet");
        let told = send(&door, "PATCH", &path, &json!({"password": "another long walk", "forget_second_factor": true})).await;
        assert_eq!(told.status, 200, "{}", told.body);

        let everybody = door.api("/api/v1/users").await.json();
        let emails: Vec<_> = everybody["items"].as_array().unwrap().iter().map(|it| it["email"].clone()).collect();
        assert_eq!(emails, ["ada@bakery.example", "cy@example.org"]);
        let ada = format!("/api/v1/users/{}", everybody["items"][0]["id"].as_str().unwrap());
        let last = send(&door, "DELETE", &ada, &Value::Null).await.problem(409);
        assert!(last["detail"].as_str().unwrap().contains("nobody else is an administrator"), "{last}");
        assert_eq!(send(&door, "DELETE", &path, &Value::Null).await.status, 204);
        send(&door, "DELETE", &path, &Value::Null).await.problem(404);
        town.store.close().await;
    })
    .await;
}
