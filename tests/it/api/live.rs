//! Live calls in the API: listed, watched, ended, and not recorded for a while. And the settings, read again.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use uuid::Uuid;
use whence::call::leg::LegId;
use whence::domain::calling::recording::{Format, Pause, RecordingFailure};
use whence::domain::ids::{CallId, RecordingId};
use whence::media::recorder::{NewRecording, Recorder};
use whence::switchboard::live::{LiveCall, Stage, WATCHERS_MAX};

use crate::support::databases::on_sqlite;
use crate::support::door::{Door, hand_out_keys, request, sign_in};
use crate::support::town::{Town, phone};

const ALL: (&str, &str) = ("authorization", "Bearer all");

fn call(town: &Town, id: u128) -> LiveCall {
    LiveCall {
        id: CallId(Uuid::from_u128(id)),
        number: phone(1000),
        caller: None,
        trunk: "carrier".parse().unwrap(),
        destination: Some("counter".parse().unwrap()),
        outlet: None,
        leg: Some(LegId::LINE),
        line: Some("sip:counter@pbx".into()),
        stage: Stage::Ringing,
        arrived_at: town.clock.now(),
        answered_at: None,
        recorded: None,
    }
}

/// The next event of a watcher: its name and its data.
async fn heard(events: &mut Body) -> (String, Value) {
    let frame = events.frame().await.expect("it goes on").expect("it is whole");
    let text = String::from_utf8(frame.into_data().expect("no trailers").to_vec()).unwrap();
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    (field("event: ").to_owned(), serde_json::from_str(field("data: ")).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_of_this_node_are_listed_the_newest_first() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        assert_eq!(door.api("/api/v1/live-calls").await.json()["items"], json!([]));

        door.live.enter(call(&town, 1));
        door.live.enter(call(&town, 2));

        let items = door.api("/api/v1/live-calls").await.json()["items"].clone();
        assert_eq!(items[0]["id"], Uuid::from_u128(2).to_string());
        let expected = json!({
            "id": Uuid::from_u128(1).to_string(), "node": "bakery", "number": phone(1000).reveal(), "caller": null,
            "trunk": "carrier", "destination": "counter", "outlet": null, "state": "ringing", "leg": 1,
            "line": "sip:counter@pbx", "arrived_at": "2026-11-22T12:00:00.000Z", "answered_at": null, "recording": null,
        });
        assert_eq!(items[1], expected);
        door.get("/api/v1/live-calls", &[]).await.problem(401);
        door.get("/api/v1/live-calls", &[("authorization", "Bearer plan:read")]).await.problem(403);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_paused_and_resumed_while_the_call_goes_on() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let path = |what: &str| format!("/api/v1/live-calls/{}/recording/{what}", Uuid::from_u128(1));
        door.ask(request("POST", &path("pause"), &[ALL], Body::empty())).await.problem(404);
        door.live.enter(call(&town, 1));
        door.ask(request("POST", &path("pause"), &[ALL], Body::empty())).await.problem(409);

        let (recorder, _deck) = Recorder::start(door.vault.clone(), town.clock.clone()).unwrap();
        let id = CallId(Uuid::from_u128(1));
        let new = NewRecording {
            call: id,
            id: RecordingId(Uuid::from_u128(2)),
            format: Format::Wav,
            at: town.clock.now(),
        };
        let (hold, mut told) = recorder.begin(new);
        door.live.records(id, hold.into());
        assert_eq!(door.api("/api/v1/live-calls").await.json()["items"][0]["recording"], "on");
        for (what, told) in [("pause", "paused"), ("pause", "paused")] {
            let answer = door.ask(request("POST", &path(what), &[ALL], Body::empty())).await;
            assert_eq!(answer.json()["recording"], told, "{}", answer.body);
            town.clock.advance(Duration::from_secs(2));
        }
        // The page of the call has the same at a button.
        let session = sign_in(&town.store).await;
        let steer = format!("/console/calls/{id}/recording");
        assert_eq!(door.form(&steer, &[("pauses", "false")], &[session]).await.status, 303);
        assert_eq!(door.api("/api/v1/live-calls").await.json()["items"][0]["recording"], "on");
        town.clock.advance(Duration::from_secs(2));
        let resumed = door.ask(request("POST", &path("resume"), &[ALL], Body::empty())).await;
        assert_eq!(resumed.json()["recording"], "on");
        let reader = ("authorization", "Bearer calls:read");
        door.ask(request("POST", &path("pause"), &[reader], Body::empty())).await.problem(403);
        door.live.leave(id, None);

        let ended = loop {
            town.clock.advance(Duration::from_secs(1));
            if let Ok(ended) = tokio::time::timeout(Duration::from_millis(20), &mut told).await {
                break ended.unwrap();
            }
        };
        assert_eq!(ended.paused, [Pause { from_ms: 0, to_ms: 4_000 }]);
        assert_eq!((ended.length_ms, ended.failure), (6_000, Some(RecordingFailure::Unheard)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_hears_each_change_until_the_gateway_stops() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let (headers, mut events) = door.stream("/api/v1/live-calls/events", &[ALL]).await;
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(
            (&headers["x-accel-buffering"], &headers["cache-control"]),
            (&"no".parse().unwrap(), &"no-cache".parse().unwrap())
        );
        assert_eq!(heard(&mut events).await, ("calls".into(), json!([])));

        let entered = call(&town, 7);
        door.live.enter(entered.clone());
        door.live.leave(entered.id, None);

        let (event, data) = heard(&mut events).await;
        assert_eq!((event.as_str(), &data["state"]), ("call", &json!("ringing")));
        let gone = json!({ "id": entered.id.to_string(), "outcome": null, "hung_up_by": null });
        assert_eq!(heard(&mut events).await, ("ended".into(), gone));
        door.live.close();
        assert!(events.frame().await.is_none(), "the stream ends with the gateway");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_watcher_too_many_is_told_to_come_back() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let _others: Vec<_> = (0..WATCHERS_MAX).map(|_| door.live.watch().unwrap()).collect();

        let refused = door.api("/api/v1/live-calls/events").await;

        refused.problem(503);
        assert_eq!(refused.header("retry-after"), "5");
        door.get("/api/v1/live-calls/events", &[]).await.problem(401);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_control_calls_hangs_up_and_nobody_else() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let entered = call(&town, 7);
        let path = format!("/api/v1/live-calls/{}", entered.id);
        let hang_up = async |path: &str, key: &str| {
            let key = format!("Bearer {key}");
            door.ask(request("DELETE", path, &[("authorization", &key)], Body::empty())).await
        };
        hang_up(&path, "calls:control").await.problem(404);
        let told = door.live.enter(entered);

        hang_up(&path, "calls:read").await.problem(403);
        let done = hang_up(&path, "calls:control").await;

        assert_eq!((done.status.as_u16(), &done.json()["state"]), (202, &json!("ringing")));
        told.notified().await;
        hang_up("/api/v1/live-calls/1", "calls:control").await.problem(400);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_again_and_a_mistake_is_told() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let reload = async |key: &str| {
            let key = format!("Bearer {key}");
            door.ask(request("POST", "/api/v1/reload", &[("authorization", &key)], Body::empty())).await
        };

        let done = reload("gateway:control").await;
        assert_eq!((done.status.as_u16(), &done.json()["changed"]), (200, &json!(["trunks"])));
        *door.watcher.mistake.lock().unwrap() = Some("whence.toml:3:1: unknown key `lisen`".into());
        let problem = reload("gateway:control").await.problem(422);
        assert_eq!(problem["detail"], "whence.toml:3:1: unknown key `lisen`");
        reload("calls:control").await.problem(403);
        door.ask(request("POST", "/api/v1/reload", &[], Body::empty())).await.problem(401);
        town.store.close().await;
    })
    .await;
}
