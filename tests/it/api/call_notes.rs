//! What people write down of calls, and how calls are found by it.

use axum::body::Body;
use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Value, json};
use whence::domain::ids::CallId;
use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, NOON, POSTER, Town};

async fn send(door: &Door, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request(method, path, &headers, Body::from(body.to_string()))).await
}

async fn found(door: &Door, query: &str) -> Vec<String> {
    let list = door.api(&format!("/api/v1/calls?{query}")).await.json();
    list["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

/// Calls of these callers, a minute apart.
async fn calls(town: &Town, callers: &[Option<u32>]) -> Vec<CallId> {
    let mut ids = Vec::new();
    for caller in callers {
        town.clock.advance(MINUTE);
        let call = town.call(POSTER, *caller);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        ids.push(call.call);
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_stands_with_its_call_and_its_words_find_it_until_it_is_deleted() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let calls = calls(&town, &[Some(5001), Some(5002)]).await;
        let path = format!("/api/v1/calls/{}", calls[0]);

        let first =
            send(&door, "POST", &format!("{path}/notes"), &json!({"text": "Devis pour Élodie"})).await;
        assert_eq!(first.status, 201, "{}", first.body);
        town.clock.advance(MINUTE);
        let second =
            send(&door, "POST", &format!("{path}/notes"), &json!({"text": "rappeler\r\nlundi"})).await;
        let story = door.api(&path).await.json();
        assert_eq!(
            (&story["notes"][0]["text"], &story["notes"][1]["text"]),
            (&"Devis pour Élodie".into(), &"rappeler\nlundi".into())
        );
        assert_eq!(story["notes"][1]["id"], second.json()["id"]);
        assert!(story["notes"][0]["by"].as_str().unwrap().starts_with("key:"));

        for (words, finds) in
            [("DEVIS elodie", true), ("lundi", true), ("lundi devis", true), ("lundi offre", false)]
        {
            let found = found(&door, &format!("search={}", words.replace(' ', "+"))).await;
            assert_eq!(found, if finds { vec![calls[0].to_string()] } else { vec![] }, "{words}");
        }
        let gone = format!("{path}/notes/{}", first.json()["id"].as_str().unwrap());
        assert_eq!(send(&door, "DELETE", &gone, &Value::Null).await.status, 204);
        send(&door, "DELETE", &gone, &Value::Null).await.problem(404);
        assert!(found(&door, "search=devis").await.is_empty());
        assert_eq!(found(&door, "search=lundi").await.len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_found_by_any_spelling_of_a_number_by_its_end_and_by_a_name() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let calls = calls(&town, &[Some(5001), Some(6001), None]).await;
        let contact = door.api(&format!("/api/v1/calls/{}", calls[1])).await.json()["contact"].clone();
        let path = format!("/api/v1/contacts/{}", contact.as_str().unwrap());
        assert_eq!(send(&door, "PATCH", &path, &json!({"name": "Zoé Martin"})).await.status, 200);

        let ids = |nths: &[usize]| nths.iter().map(|nth| calls[*nth].to_string()).collect::<Vec<_>>();
        for (search, nths) in [
            ("01+99+00+50+01", ids(&[0])),
            ("%2B33199005001", ids(&[0])),
            ("5001", ids(&[0])),
            ("006001", ids(&[1])),
            ("016001", ids(&[])),
            // The dialled number, too.
            ("0199002003", ids(&[2, 1, 0])),
            ("martin+zoe", ids(&[1])),
        ] {
            assert_eq!(found(&door, &format!("search={search}")).await, nths, "{search}");
        }
        let told = door.api("/api/v1/calls?search=12").await.problem(422);
        assert_eq!(told["errors"][0]["field"], "search");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_set_as_a_whole_listed_and_filtered_by() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let calls = calls(&town, &[Some(5001), Some(5002)]).await;
        let tags = |nth: usize| format!("/api/v1/calls/{}/tags", calls[nth]);

        let told = send(&door, "PUT", &tags(0), &json!({"tags": ["Offer  sent", "kitchen"]})).await;
        assert_eq!(told.json(), json!({"tags": ["kitchen", "offer sent"]}));
        send(&door, "PUT", &tags(1), &json!({"tags": ["kitchen"]})).await;
        assert_eq!(
            door.api("/api/v1/tags").await.json()["items"],
            json!([{"tag": "kitchen", "calls": 2}, {"tag": "offer sent", "calls": 1}])
        );
        assert_eq!(found(&door, "tag=offer+sent").await, [calls[0].to_string()]);
        let list = door.api("/api/v1/calls?tag=kitchen").await.json();
        assert_eq!(
            (list["items"].as_array().unwrap().len(), &list["items"][1]["tags"]),
            (2, &json!(["kitchen", "offer sent"]))
        );

        send(&door, "PUT", &tags(0), &json!({"tags": []})).await;
        assert!(found(&door, "tag=offer+sent").await.is_empty());
        send(&door, "PUT", &tags(0), &json!({"tags": ["a,b"]})).await.problem(422);
        let nobody = format!("/api/v1/calls/{}/tags", uuid::Uuid::nil());
        send(&door, "PUT", &nobody, &json!({"tags": ["a"]})).await.problem(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_kept_for_everybody_without_whom_it_was_about() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let new = json!({"page": "calls", "name": " Missed  in Nice", "query": "?outcome=missed&caller=%2B33199005001&cursor=x"});

        let made = send(&door, "POST", "/api/v1/views", &new).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        assert_eq!((&made["name"], &made["query"]), (&"Missed in Nice".into(), &"outcome=missed".into()));
        assert_eq!(door.api("/api/v1/views").await.json()["items"], json!([made]));
        for bad in [json!({"page": "moon", "name": "a", "query": ""}), json!({"page": "calls", "name": " ", "query": ""})] {
            send(&door, "POST", "/api/v1/views", &bad).await.problem(422);
        }
        let path = format!("/api/v1/views/{}", made["id"].as_str().unwrap());
        assert_eq!(send(&door, "DELETE", &path, &Value::Null).await.status, 204);
        send(&door, "DELETE", &path, &Value::Null).await.problem(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_has_every_call_that_fits_however_many_there_are() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let callers: Vec<Option<u32>> = (0..510).map(|nth| Some(5000 + nth)).collect();
        let calls = calls(&town, &callers).await;
        send(&door, "PUT", &format!("/api/v1/calls/{}/tags", calls[0]), &json!({"tags": ["a", "b"]})).await;
        door.count().await;

        let table = door.api("/api/v1/calls.csv?channel=Offline").await;
        assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
        let lines: Vec<&str> = table.body.lines().collect();
        assert_eq!(lines.len(), 511);
        assert!(lines[0].starts_with("id,arrived_at,outcome,caller,number,destination,"), "{}", lines[0]);
        let last = lines[510];
        assert!(last.starts_with(&format!("{},2026-11-22T12:01:00.000Z,,", calls[0])), "{last}");
        assert!(last.contains(",Offline,poster,number,,1.000,,\"a, b\","), "{last}");
        let none = door.api("/api/v1/calls.csv?channel=Email").await;
        assert_eq!(none.body.lines().count(), 1);
        for (query, many) in [("channel=Offline", 510), ("channel=Email", 0)] {
            let path = format!("/api/v1/calls.parquet?{query}");
            let file = door.get_bytes(&path, &[("authorization", "Bearer all")]).await;
            let file = SerializedFileReader::new(Bytes::from(file)).unwrap();
            let rows: Vec<Row> = file.get_row_iter(None).unwrap().map(Result::unwrap).collect();
            assert_eq!(rows.len(), many, "{query}");
            let Some(last) = rows.last() else { continue };
            let cell = |name: &str| last.get_column_iter().find(|(its, _)| *its == name).unwrap().1.clone();
            assert_eq!(
                (cell("id"), cell("tags")),
                (Field::Str(calls[0].to_string()), Field::Str("a, b".into()))
            );
            assert_eq!(cell("arrived_at"), Field::TimestampMillis(NOON.as_ms() + 60_000));
            assert_eq!((cell("probability"), cell("campaign")), (Field::Double(1.0), Field::Null));
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_and_tags_go_with_the_person_and_find_nothing_any_more() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let calls = calls(&town, &[Some(5001), Some(5002)]).await;
        let path = |nth: usize| format!("/api/v1/calls/{}", calls[nth]);
        for nth in [0, 1] {
            let note = json!({"text": "asks about rye"});
            assert_eq!(send(&door, "POST", &format!("{}/notes", path(nth)), &note).await.status, 201);
            send(&door, "PUT", &format!("{}/tags", path(nth)), &json!({"tags": ["rye"]})).await;
        }
        let contact = door.api(&path(0)).await.json()["contact"].as_str().unwrap().to_owned();

        let erased = format!("/api/v1/contacts/{contact}/erasure");
        let told = send(&door, "POST", &erased, &json!({"why": "request"})).await;
        assert_eq!(told.status, 200, "{}", told.body);

        let story = door.api(&path(0)).await.json();
        assert_eq!((&story["notes"], &story["tags"]), (&json!([]), &json!([])));
        for query in ["search=rye", "tag=rye"] {
            assert_eq!(found(&door, query).await, [calls[1].to_string()], "{query}");
        }
        town.store.close().await;
    })
    .await;
}
