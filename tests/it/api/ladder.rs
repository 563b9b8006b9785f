//! The ladder of a call in the API: as JSON, as text, as a capture.

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;
use whence::domain::calling::ladder::{Ladder, Rung, Way};
use whence::domain::ids::CallId;
use whence::flows::ladders_written;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::Town;

const CALL: CallId = CallId(Uuid::from_u128(77));

/// The line is busy.
async fn a_busy_call(town: &Town) {
    let rung = |leg, way, text: &str| Rung {
        at: town.clock.now(),
        leg,
        way,
        transport: "UDP",
        local: "192.0.2.2:5060".parse().unwrap(),
        remote: format!("192.0.2.{}:5060", 1 + 2 * leg).parse().unwrap(),
        message: Bytes::from(format!("{text}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")),
    };
    let rungs = vec![
        rung(0, Way::In, "INVITE sip:0199001000@192.0.2.2 SIP/2.0"),
        rung(1, Way::Out, "INVITE sip:shop@192.0.2.3 SIP/2.0"),
        rung(1, Way::In, "SIP/2.0 486 Busy Here\r\nReason: Q.850;cause=17"),
        rung(0, Way::Out, "SIP/2.0 486 Busy Here"),
    ];
    ladders_written(&town.store, &town.clock, &[Ladder { call: CALL, rungs, left_out: 0 }]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_tells_its_messages_its_legs_and_why() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        a_busy_call(&town).await;

        let ladder = door.api(&format!("/api/v1/calls/{CALL}/ladder")).await.json();

        assert_eq!(ladder["why"]["kind"], "refused");
        let sentence = "The line at 192.0.2.3:5060 refused with 486 Busy Here (Q.850;cause=17).";
        assert_eq!(ladder["why"]["sentence"], sentence);
        assert_eq!(ladder["legs"][1]["uri"], "sip:shop@192.0.2.3");
        assert_eq!((&ladder["legs"][0]["leg"], &ladder["left_out"]), (&0.into(), &0.into()));
        let messages = ladder["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 4);
        assert_eq!((&messages[0]["direction"], &messages[0]["method"]), (&"in".into(), &"INVITE".into()));
        assert_eq!(messages[2]["first_line"], "SIP/2.0 486 Busy Here");
        assert!(messages[2]["text"].as_str().unwrap().contains("Reason: Q.850"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_written_as_text_or_as_a_capture_when_asked_so() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        a_busy_call(&town).await;
        let path = format!("/api/v1/calls/{CALL}/ladder");

        let text = door.api(&format!("{path}?format=text")).await;
        assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
        assert!(
            text.body.starts_with("U 2026/11/22 12:00:00.000000 192.0.2.1:5060 -> 192.0.2.2:5060\nINVITE ")
        );
        let key = ("authorization", "Bearer all");
        let accepted = door.get(&path, &[key, ("accept", "text/plain")]).await;
        assert_eq!(accepted.body, text.body);

        let capture = door.get_bytes(&format!("{path}?format=pcap"), &[key]).await;
        assert_eq!(&capture[..4], [0xd4, 0xc3, 0xb2, 0xa1]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ask_and_what_is_not_there_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let path = format!("/api/v1/calls/{CALL}/ladder");

        door.get(&path, &[]).await.problem(401);
        door.get(&path, &[("authorization", "Bearer visits:read")]).await.problem(403);
        let gone = door.api(&path).await.problem(404);
        assert_eq!(gone["detail"], "no such ladder");
        door.api("/api/v1/calls/1/ladder").await.problem(400);
        let problem = door.api(&format!("{path}?format=xml&colour=red")).await.problem(422);
        let named: Vec<&Value> =
            problem["errors"].as_array().unwrap().iter().map(|bad| &bad["field"]).collect();
        assert_eq!(named, ["format", "colour"]);
        town.store.close().await;
    })
    .await;
}
