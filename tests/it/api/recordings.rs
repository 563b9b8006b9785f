//! Recordings over the API: told, heard by the range, deleted; and who did.

use axum::body::Body;
use serde_json::json;
use whence::domain::calling::record::Fact;
use whence::domain::calling::recording::Format;
use whence::flows::calls_written;

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::recorded::{recorded, recording};
use crate::support::town::{MINUTE, Town};

const ALL: (&str, &str) = ("authorization", "Bearer all");

async fn town_and_door(database: &crate::support::databases::Database) -> (Town, Door) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let door = Door::of(&town);
    (town, door)
}

async fn delete(door: &Door, path: &str) -> Answer {
    door.ask(request("DELETE", path, &[ALL], Body::empty())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_told_with_its_call_and_by_its_filters() {
    on_each_database(async |database| {
        let (town, door) = town_and_door(database).await;
        let (began, _) = recorded(&town, &door.vault).await;
        town.clock.advance(MINUTE);
        let (other, _) = recorded(&town, &door.vault).await;

        let path = format!("/api/v1/recordings/{}", began.recording);
        let told = door.api(&path).await.json();
        assert_eq!(told["purpose"], "training");
        assert_eq!((&told["format"], &told["length_ms"]), (&json!("wav"), &json!(10_000)));
        assert_eq!(told["paused"], json!([{"from_ms": 1_000, "to_ms": 2_500}]));
        assert_eq!((&told["failure"], &told["in_bucket"]), (&json!(null), &json!(false)));
        let call = door.api(&format!("/api/v1/calls/{}", began.call)).await.json();
        assert_eq!(call["recordings"], json!([told]));
        let contact =
            door.api(&format!("/api/v1/contacts/{}", call["contact"].as_str().unwrap())).await.json();
        let of_it = contact["timeline"].as_array().unwrap().iter().find(|it| it["call"]["id"] == call["id"]);
        assert_eq!(of_it.unwrap()["call"]["recordings"], json!([told]));
        let peaks = door.api(&format!("{path}/peaks")).await.json();
        assert_eq!(peaks, json!({"length_ms": 10_000, "peaks": [[0, 255], [7, 9]]}));

        let ids = async |query: &str| {
            let told = door.api(&format!("/api/v1/recordings?{query}")).await.json();
            told["items"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>()
        };
        let both = [json!(other.recording), json!(began.recording)];
        assert_eq!(ids("").await, both);
        assert_eq!(ids("number=%2B33199001000").await, both);
        assert_eq!(ids("number=%2B33199001001").await, [json!(null); 0]);
        assert_eq!(ids(&format!("call={}", began.call)).await, [json!(began.recording)]);
        assert_eq!(ids(&format!("from={}", other.at)).await, [json!(other.recording)]);
        assert_eq!(ids(&format!("until={}", other.at)).await, [json!(began.recording)]);
        let first = door.api("/api/v1/recordings?limit=1").await.json();
        let cursor = first["next_cursor"].as_str().unwrap();
        assert_eq!(ids(&format!("limit=1&cursor={cursor}")).await, [json!(began.recording)]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_comes_as_a_file_whole_or_by_the_range() {
    on_each_database(async |database| {
        let (town, door) = town_and_door(database).await;
        let (began, sound) = recorded(&town, &door.vault).await;
        let path = format!("/api/v1/recordings/{}/audio", began.recording);

        let whole = door.get_bytes(&path, &[ALL]).await;
        assert_eq!((whole.len(), &whole[..4], &whole[44..]), (320_044, &b"RIFF"[..], &sound[..]));

        let etag = format!("\"{}\"", began.recording);
        for (range, if_range, status, told, expected) in [
            ("bytes=0-99", None, 206, "bytes 0-99/320044", &whole[..100]),
            ("bytes=40-50", Some(&*etag), 206, "bytes 40-50/320044", &whole[40..51]),
            ("bytes=100000-100009", None, 206, "bytes 100000-100009/320044", &whole[100_000..100_010]),
            ("bytes=-7", None, 206, "bytes 320037-320043/320044", &whole[320_037..]),
            ("bytes=0-9", Some("\"another\""), 200, "", &whole[..]),
        ] {
            let mut headers = vec![ALL, ("range", range)];
            headers.extend(if_range.map(|it| ("if-range", it)));
            let answer = door.answer(&path, &headers).await;
            assert_eq!(
                (answer.0, answer.1.get("etag").unwrap().to_str().unwrap()),
                (status, &*etag),
                "{range}"
            );
            assert_eq!(answer.1.get("content-range").map_or("", |it| it.to_str().unwrap()), told);
            assert_eq!(answer.1["content-length"], expected.len().to_string());
            assert_eq!(answer.1["content-type"], "audio/wav");
            assert!(answer.2 == expected, "{range}");
        }
        let beyond = door.get(&path, &[ALL, ("range", "bytes=320044-")]).await;
        beyond.problem(416);
        assert_eq!(beyond.header("content-range"), "bytes */320044");
        let kept = door.answer(&format!("{path}?download=true"), &[ALL]).await;
        let name = format!("attachment; filename=\"recording-{}.wav\"", began.recording);
        assert_eq!(kept.1["content-disposition"], name);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_listens_is_written_down_and_whoever_may_not_is_not() {
    on_each_database(async |database| {
        let (town, door) = town_and_door(database).await;
        let (began, _) = recorded(&town, &door.vault).await;
        let path = format!("/api/v1/recordings/{}", began.recording);

        door.get(&format!("{path}/audio"), &[("authorization", "Bearer calls:read")]).await.problem(403);
        door.get(&format!("{path}/audio"), &[ALL, ("range", "bytes=999999-")]).await.problem(416);
        assert_eq!(door.api(&format!("{path}/accesses")).await.json(), json!({"items": []}));
        let reader = [("authorization", "Bearer recordings:read")];
        door.get_bytes(&format!("{path}/audio"), &reader).await;
        door.get_bytes(&format!("{path}/audio?download=true"), &reader).await;

        let told = door.api(&format!("{path}/accesses")).await.json();
        let told: Vec<_> =
            told["items"].as_array().unwrap().iter().map(|it| (&it["name"], &it["what"])).collect();
        assert_eq!(
            told,
            [
                (&json!("recordings:read"), &json!("downloaded")),
                (&json!("recordings:read"), &json!("listened"))
            ]
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_recording_is_gone_and_says_who_wanted_it() {
    on_each_database(async |database| {
        let (town, door) = town_and_door(database).await;
        let (began, _) = recorded(&town, &door.vault).await;
        let path = format!("/api/v1/recordings/{}", began.recording);
        delete(&door, &format!("{path}?why=retention")).await.problem(422);

        let answer = delete(&door, &format!("{path}?why=person")).await;

        assert_eq!(answer.status, 200, "{}", answer.body);
        let told = answer.json();
        assert_eq!((&told["delete_why"], &told["deleted_at"]), (&json!("person"), &json!(town.clock.now())));
        assert!(told["deleted_by"].as_str().unwrap().starts_with("key:"));
        door.get(&format!("{path}/audio"), &[ALL]).await.problem(410);
        assert!(door.vault.read(began.recording).await.is_err());
        assert_eq!(delete(&door, &path).await.status, 200, "again, it is still gone");
        let accesses = door.api(&format!("{path}/accesses")).await.json();
        assert_eq!(accesses["items"][0]["what"], "deleted");
        assert_eq!(accesses["items"].as_array().unwrap().len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_is_not_there_yet_or_not_here_is_told_apart() {
    on_each_database(async |database| {
        let (town, door) = town_and_door(database).await;
        let (began, ended) = recording(&town, Format::OggOpus).await;
        calls_written(&town.store, &town.clock, &[Fact::RecordingBegan(began.clone())]).await.unwrap();
        let path = format!("/api/v1/recordings/{}", began.recording);
        let detail = async || {
            let answer = door.get(&format!("{path}/audio"), &[ALL]).await;
            (answer.status.as_u16(), answer.json()["detail"].as_str().unwrap().to_owned())
        };

        assert_eq!(detail().await, (409, "the recording still goes on".to_owned()));
        delete(&door, &path).await.problem(409);
        calls_written(&town.store, &town.clock, &[Fact::RecordingEnded(ended.clone())]).await.unwrap();
        assert_eq!(detail().await, (409, "the sound is not here; ask the node bakery".to_owned()));
        let nothing =
            Fact::RecordingEnded(whence::domain::calling::recording::RecordingEnded { bytes: 0, ..ended });
        calls_written(&town.store, &town.clock, &[nothing]).await.unwrap();
        assert_eq!(detail().await.0, 404);
        door.api("/api/v1/recordings/nothing/audio").await.problem(400);
        town.store.close().await;
    })
    .await;
}
