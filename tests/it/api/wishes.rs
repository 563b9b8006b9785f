//! How often somebody wants to be prospected, told by a program: obeyed, shown beside the caps, taken back.

use serde_json::{Value, json};

use super::contactability::{Stage, rules_that_deny, stage};
use super::erasures::send;
use crate::support::databases::on_each_database;
use crate::support::door::Answer;
use crate::support::town::MINUTE;

async fn wish(stage: &Stage, body: Value) -> Answer {
    send(&stage.door, "PUT", &format!("/api/v1/contacts/{}/frequency", stage.ada), body).await
}

async fn wishes(stage: &Stage) -> Value {
    stage.door.api(&format!("/api/v1/contacts/{}/pressure", stage.ada)).await.json()["wishes"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_is_obeyed_and_stands_beside_the_caps_until_it_is_taken_back() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        stage.says("email", "granted").await;
        assert_eq!(wishes(&stage).await, json!([]));
        let reserve = async |reference: &str| {
            let offer = json!({"contact": {"id": stage.ada}, "channel": "email", "purpose": "offers", "reference": reference});
            send(&stage.door, "POST", "/api/v1/contactability/reserve", offer).await
        };

        let told = wish(&stage, json!({"channel": "email", "frequency": "month"})).await;
        assert_eq!(told.status, 200, "{}", told.body);
        assert_eq!(told.json()["items"], json!([{"channel": "email", "frequency": "month"}]));
        wish(&stage, json!({"channel": "sms", "frequency": "week"})).await;
        assert_eq!(reserve("one").await.status, 201);

        let [sms, email] = wishes(&stage).await.as_array().unwrap().clone().try_into().unwrap();
        assert_eq!(
            sms,
            json!({"channel": "sms", "frequency": "week", "count": 1, "days": 7, "used": 0, "left": 1, "free_at": null})
        );
        assert_eq!((&email["used"], &email["left"]), (&json!(1), &json!(0)));
        assert_eq!(email["free_at"], "2026-12-21T23:00:00.000Z", "thirty days on, in Paris");
        let denied = reserve("two").await.json()["decision"].clone();
        assert_eq!((rules_that_deny(&denied), &denied["next_at"]), (vec!["frequency-wish"], &email["free_at"]));

        // What is said again is not said anew; another word stands in its place.
        stage.town.clock.advance(MINUTE);
        wish(&stage, json!({"channel": "email", "frequency": "quarter"})).await;
        assert_eq!(wishes(&stage).await[1]["days"], 91);
        let left = wish(&stage, json!({"channel": "email", "frequency": null})).await.json()["items"].clone();
        assert_eq!(left, json!([{"channel": "sms", "frequency": "week"}]));
        assert_eq!(reserve("two").await.status, 201);

        let audit = stage.door.api(&format!("/api/v1/audit?subject={}", stage.ada)).await.json();
        let writes = audit["items"].as_array().unwrap().iter().filter(|it| it["what"] == "write");
        assert!(writes.count() >= 4, "{audit}");
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_is_refused_by_fields_and_taken_of_who_is_restricted() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let problem = wish(&stage, json!({"channel": "pigeon", "frequency": "hourly"})).await.problem(422);
        let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["channel", "frequency"]);
        let nobody = format!("/api/v1/contacts/{}/frequency", uuid::Uuid::nil());
        let monthly = json!({"channel": "email", "frequency": "month"});
        send(&stage.door, "PUT", &nobody, monthly.clone()).await.problem(404);

        let contact = |what: &str| format!("/api/v1/contacts/{}{what}", stage.ada);
        send(&stage.door, "POST", &contact("/restriction"), json!({})).await;
        assert_eq!(wish(&stage, monthly.clone()).await.status, 200, "it is their own word");
        send(&stage.door, "POST", &contact("/erasure"), json!({"why": "request"})).await;
        wish(&stage, monthly).await.problem(410);
        stage.town.store.close().await;
    })
    .await;
}
