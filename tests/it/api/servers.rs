//! A site that renders on its server asks from there: with a key, for the visitor it answers.

use axum::body::Body;
use serde_json::{Value, json};
use whence::domain::tracking::guard::Guard;
use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, Town, phone};

const PHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";
const KEY: (&str, &str) = ("authorization", "Bearer visits:write");

fn opened() -> Value {
    json!({ "site": "bakery", "page": "https://bakery.example/", "consent": true })
}

/// The site's server asks for the visitor at `address`; its own program is no browser.
async fn ask(door: &Door, path: &str, address: &str, body: Value) -> Answer {
    let headers = [
        KEY,
        ("content-type", "application/json"),
        ("user-agent", "curl/8.5.0"),
        ("x-address", "203.0.113.250"),
        ("whence-visitor-address", address),
        ("whence-visitor-user-agent", PHONE),
    ];
    door.ask(request("POST", path, &headers, Body::from(body.to_string()))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_gets_a_number_to_render_and_tells_what_the_page_would() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        let begun = ask(&door, "/api/v1/visits", "198.51.100.7", opened()).await;

        assert_eq!(begun.status, 201, "{}", begun.body);
        let reply = begun.json();
        assert_eq!(reply["swaps"][0]["number"], phone(1000).reveal());
        let visit = format!("/api/v1/visits/{}", reply["visit"].as_str().unwrap());
        let alive = ask(&door, &format!("{visit}/alive"), "198.51.100.7", json!({})).await;
        assert_eq!((alive.status.as_u16(), &alive.json()["swaps"][0]["rule"]), (200, &"renewed".into()));
        // Of the rest only the visit matters, and no header of the visitor.
        let tell = async |what: &str, body: Value| {
            let headers = [KEY, ("content-type", "application/json")];
            door.ask(request("POST", &format!("{visit}/{what}"), &headers, Body::from(body.to_string())))
                .await
        };
        assert_eq!(tell("events", json!({"name": "form_submit"})).await.status, 201);
        assert_eq!(tell("taps", json!({"number": phone(1000).reveal()})).await.status, 200);
        assert_eq!(tell("identify", json!({"customer": "4711"})).await.status, 200);

        let kept = door.api(&visit).await.json();
        assert_eq!(kept["device"], "phone", "the visitor's, not the server's");
        assert_eq!(kept["events"][0]["name"], "form_submit");
        town.clock.advance(MINUTE);
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let story = door.api(&format!("/api/v1/calls/{}", call.call)).await.json();
        assert!(story["attribution"]["shares"][0]["evidence"]["tapped_ms"].is_u64(), "{story}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visitors_address_block_is_counted_and_not_the_servers() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 9).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let guard = town.store.write(|tx| {
            Box::pin(async move {
                let mut site = tx.list_sites().await?.remove(0);
                site.guard = Guard { per_block: 2, ..Guard::default() };
                tx.save_site(&site).await
            })
        });
        guard.await.unwrap();
        let rule = async |address: &str| {
            let answer = ask(&door, "/api/v1/visits", address, opened()).await;
            answer.json()["swaps"][0]["rule"].as_str().unwrap().to_owned()
        };

        assert_eq!([rule("198.51.100.1").await, rule("198.51.100.2").await], ["lease", "lease"]);
        assert_eq!(rule("198.51.100.3").await, "original", "a third number for one block");
        assert_eq!(rule("198.51.101.1").await, "lease", "another block, by the same server");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hides_its_visitor_or_lacks_the_key_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let json = ("content-type", "application/json");
        let (address, program) = (("whence-visitor-address", "::1"), ("whence-visitor-user-agent", PHONE));
        let post = async |headers: &[(&str, &str)]| {
            door.ask(request("POST", "/api/v1/visits", headers, Body::from(opened().to_string()))).await
        };

        let hidden = post(&[KEY, json]).await.problem(422);
        let fields: Vec<_> =
            hidden["errors"].as_array().unwrap().iter().map(|bad| bad["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["Whence-Visitor-Address", "Whence-Visitor-User-Agent"]);
        let odd = post(&[KEY, json, ("whence-visitor-address", "somewhere"), program]).await.problem(422);
        assert_eq!(odd["errors"].as_array().unwrap().len(), 1);
        post(&[("authorization", "Bearer visits:read"), json, address, program]).await.problem(403);
        let unknown = post(&[("authorization", "Bearer nobody"), json, address, program]).await;
        unknown.problem(401);
        assert!(!unknown.header("whence-reason").is_empty());
        // An origin does not mend a key, and the headers of a visitor are worth nothing without one.
        post(&[
            ("authorization", "Bearer nobody"),
            ("origin", "https://bakery.example"),
            json,
            address,
            program,
        ])
        .await
        .problem(401);
        post(&[json, address, program]).await.problem(403);
        let crawler = ("whence-visitor-user-agent", "Googlebot/2.1");
        let robot = post(&[KEY, json, address, crawler]).await;
        assert_eq!(robot.json()["visit"], Value::Null, "robots are told as on a page");
        let alive = format!("/api/v1/visits/{}/alive", town.somebody_comes().await.visit.unwrap());
        door.ask(request("POST", &alive, &[KEY], Body::empty())).await.problem(422);
        town.store.close().await;
    })
    .await;
}
