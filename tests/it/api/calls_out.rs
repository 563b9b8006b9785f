//! Calls that the business has made, as other systems tell them: how each ended, and where its sound is.

use serde_json::{Value, json};

use super::contactability::{Stage, stage};
use super::erasures::send;
use crate::support::databases::on_each_database;
use crate::support::door::{Answer, sign_in};

async fn tell(stage: &Stage, body: &Value) -> Answer {
    let address = format!("/api/v1/contacts/{}/engagements", stage.ada);
    send(&stage.door, "POST", &address, body.clone()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_out_tells_how_it_ended_how_long_it_was_and_where_its_sound_is() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let session = sign_in(&stage.town.store).await;
        let call = json!({"kind": "call_made", "source": "pbx", "reference": "7", "outcome": "answered",
                          "talk_ms": 65_000, "recording": "https://pbx.example/7.ogg?a=1&b=2"});

        let told = tell(&stage, &call).await;

        assert_eq!(told.status, 201, "{}", told.body);
        let told = told.json();
        for field in ["outcome", "talk_ms", "recording"] {
            assert_eq!(told[field], call[field], "{field}");
        }
        assert_eq!(tell(&stage, &call).await.status, 200, "told again");
        let mut other = call.clone();
        other["outcome"] = json!("voicemail");
        tell(&stage, &other).await.problem(409);
        let contact = stage.door.api(&format!("/api/v1/contacts/{}", stage.ada)).await.json();
        assert_eq!(contact["timeline"][0]["engagement"], told);
        tell(&stage, &json!({"kind": "call_made", "source": "pbx", "outcome": "missed"})).await;
        let plain = tell(&stage, &json!({"kind": "call_made", "source": "pbx"})).await.json();
        assert_eq!((&plain["outcome"], &plain["talk_ms"]), (&Value::Null, &Value::Null));

        let [en, fr] = stage.door.in_both(&format!("/console/contacts/{}", stage.ada), session).await;
        for text in ["is-answered", "We called", "1 min 05 s", "is-missed", "Missed"] {
            assert!(en.contains(text), "{text}: {en}");
        }
        assert!(
            en.contains("<a href=\"https://pbx.example/7.ogg?a=1&#38;b=2\" rel=\"noreferrer\">Recording</a>"),
            "{en}"
        );
        assert!(
            fr.contains("Appel de notre part") && fr.contains("Répondu") && fr.contains("Enregistrement"),
            "{fr}"
        );
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_call_out_can_be_is_refused_by_field() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        for (body, field) in [
            (json!({"kind": "call_made", "outcome": "abandoned"}), "outcome"),
            (json!({"kind": "call_made", "outcome": "busy", "talk_ms": 1}), "talk_ms"),
            (json!({"kind": "call_made", "recording": "https://pbx.example/7"}), "outcome"),
            (
                json!({"kind": "call_made", "outcome": "answered", "recording": "http://pbx.example/7"}),
                "recording",
            ),
            (json!({"kind": "sms_sent", "outcome": "answered"}), "outcome"),
        ] {
            let mut body = body;
            body["source"] = json!("pbx");
            let refused = tell(&stage, &body).await.problem(422);
            assert_eq!(refused["errors"][0]["field"], field, "{body}");
        }
        stage.town.store.close().await;
    })
    .await;
}
