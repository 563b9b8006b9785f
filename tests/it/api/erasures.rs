//! A person is forgotten: nothing of them is left in any table, and no old file brings them back.

use axum::body::Body;
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use whence::domain::calling::ladder::Ladder;
use whence::domain::calling::record::Fact;
use whence::domain::calling::recording::Format;
use whence::domain::ids::ContactId;
use whence::domain::people::erasure::Why;
use whence::flows::{Eraser, call_arrives, calls_written, contact_erased, ladders_written};
use whence::store::Store;

use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, Door, hand_out_keys, request, sign_in};
use crate::support::recorded::facts;
use crate::support::town::{MINUTE, Town, page};

const ALL: (&str, &str) = ("authorization", "Bearer all");

pub async fn send(door: &Door, method: &str, path: &str, body: Value) -> Answer {
    let headers = [ALL, ("content-type", "application/json")];
    door.ask(request(method, path, &headers, Body::from(body.to_string()))).await
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

/// Every row of every table, as text.
pub(super) async fn dump(database: &Database) -> Vec<(String, String)> {
    let mut db = AnyConnection::connect(&database.url).await.unwrap();
    let is_file = database.name == "SQLite";
    let tables = if is_file {
        "select name from sqlite_master where type = 'table' and name not like '%sqlx%'"
    } else {
        "select cast(tablename as text) as name from pg_tables where schemaname = 'public' and tablename not like '%sqlx%'"
    };
    let mut rows = Vec::new();
    for table in sqlx::query(tables).fetch_all(&mut db).await.unwrap() {
        let table: String = table.get("name");
        let as_text = if is_file {
            let columns =
                format!("select 'quote(\"' || name || '\")' as name from pragma_table_info('{table}')");
            let columns = sqlx::query(AssertSqlSafe(columns)).fetch_all(&mut db).await.unwrap();
            columns.iter().map(|it| it.get::<String, _>("name")).collect::<Vec<_>>().join(" || ' ' || ")
        } else {
            "cast(t as text)".to_owned()
        };
        let sql = format!("select {as_text} as line from \"{table}\" t");
        let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
        rows.extend(found.iter().map(|row| (table.clone(), row.get::<String, _>("line"))));
    }
    db.close().await.unwrap();
    rows
}

/// Ada has called, looked, said who she is, been written of, been taken for two; and Bob is there too.
pub async fn town_with_ada(database: &Database) -> (Town, Door, String, String) {
    let town = Town::with_pool_of(database, 2).await;
    hand_out_keys(&town.store).await;
    let door = Door::of(&town);
    let mut opened = page("/ada-only?utm_source=google&gclid=ada-click");
    opened.referrer = Some("https://mail.example/ada-mail".into());
    let shown = town.opens(opened).await;
    let visit = shown.visit.unwrap();
    let visitor = shown.visitor.unwrap().to_string();
    let said = json!({"email": "ada@example.org", "name": "Ada Lovelace", "customer": "4711-ada"});
    let told = door.report(&format!("/api/v1/visits/{visit}/identify"), said.to_string()).await;
    assert!(told.status.is_success(), "{}", told.body);
    let event = json!({"id": "018f7a3c-0000-7000-8000-000000000001", "name": "ada_event", "properties": {"who": "ada-p"}});
    let told = door.report(&format!("/api/v1/visits/{visit}/events"), event.to_string()).await;
    assert!(told.status.is_success(), "{}", told.body);
    town.clock.advance(MINUTE);

    let call = town.call(1000, Some(5001));
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    let (began, ended) = facts(&town, call.call, Format::Wav);
    let facts = [
        Fact::Answered(town.answer(&call)),
        Fact::RecordingBegan(began),
        Fact::RecordingEnded(ended),
        Fact::Ended(town.end(&call, Some(call.at))),
    ];
    calls_written(&town.store, &town.clock, &facts).await.unwrap();
    let ladder = Ladder { call: call.call, rungs: vec![], left_out: 0 };
    ladders_written(&town.store, &town.clock, &[ladder]).await.unwrap();
    town.clock.advance(MINUTE);

    let body = json!({
        "given_name": "Ada", "family_name": "Lovelace", "language": "fr",
        "addresses": [{"line": "12 rue d'Ada", "postcode": "75002", "city": "Paris"}],
        "identities": [{"kind": "phone", "value": "+33199005001"}, {"kind": "email", "value": "ada@example.org"},
            {"kind": "visitor", "value": visitor}, {"kind": "customer", "value": "bakery:4711-ada"}],
    });
    let ada = id(&send(&door, "POST", "/api/v1/contacts", body).await);
    let other = json!({"given_name": "Ada", "family_name": "King", "identities": [{"kind": "phone", "value": "+33199005002"}]});
    let other = id(&send(&door, "POST", "/api/v1/contacts", other).await);
    let merged =
        send(&door, "POST", &format!("/api/v1/contacts/{ada}/merge"), json!({"contact": other})).await;
    let ada = merged.json()["into"].as_str().unwrap().to_owned();
    // A third is suggested to be her.
    let third = json!({"given_name": "Ada", "family_name": "Lovelace", "identities": [{"kind": "phone", "value": "+33199005003"}]});
    send(&door, "POST", "/api/v1/contacts", third).await;
    let bob = json!({"name": "Bob", "identities": [{"kind": "phone", "value": "+33199005009"}]});
    let bob = id(&send(&door, "POST", "/api/v1/contacts", bob).await);
    (town, door, ada, bob + " " + &visitor)
}

pub fn of_ada(visitor: &str) -> Vec<String> {
    let told =
        ["Lovelace", "King", "99005001", "99005002", "ada@example", "ada-only", "ada-click", "ada-mail"];
    let more = ["4711-ada", "ada_event", "ada-p", "rue d''Ada", "rue d'Ada", "a84b4c76e66710", visitor];
    told.into_iter().chain(more).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_erased_person_is_left_in_any_table() {
    on_each_database(async |database| {
        let (town, door, ada, others) = town_with_ada(database).await;
        let (bob, visitor) = others.split_once(' ').unwrap();
        let traces = of_ada(visitor);
        let before = dump(database).await;
        // Each trace is there to be found, in one spelling or the other.
        let missing: Vec<_> =
            traces.iter().filter(|trace| !before.iter().any(|(_, row)| row.contains(*trace))).collect();
        assert_eq!(missing.len(), 1, "{missing:?}");
        let path = format!("/api/v1/contacts/{ada}/erasure");
        let promised = door.api(&path).await.json();
        assert_eq!((&promised["erased_at"], &promised["touched"]["calls"]), (&json!(null), &json!(1)));

        let done = send(&door, "POST", &path, json!({"why": "request"})).await;

        assert_eq!(done.status, 200, "{}", done.body);
        assert_eq!(done.json()["touched"], promised["touched"]);
        assert_eq!(door.api(&path).await.json(), done.json());
        // The one who may be her is somebody else, as far as anybody knows.
        let left: Vec<_> = dump(database)
            .await
            .into_iter()
            .filter(|(_, row)| traces.iter().any(|trace| row.contains(trace)))
            .filter(|(table, row)| {
                !(["contacts", "contact_keys"].contains(&table.as_str()) && row.contains("Lovelace"))
            })
            .collect();
        assert_eq!(left, []);
        let names: Vec<_> = door.api("/api/v1/contacts").await.json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["display_name"].clone())
            .collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert_eq!(door.api(&format!("/api/v1/contacts/{bob}")).await.status, 200);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_erased_person_did_is_counted_as_before() {
    on_each_database(async |database| {
        let (town, door, ada, _) = town_with_ada(database).await;
        door.count().await;
        let report = door.api("/api/v1/reports/channels").await.json();
        let call = door.api("/api/v1/calls").await.json()["items"][0].clone();

        send(&door, "POST", &format!("/api/v1/contacts/{ada}/erasure"), json!({"why": "objection"})).await;

        door.count().await;
        assert_eq!(door.api("/api/v1/reports/channels").await.json(), report);
        let after = door.api("/api/v1/calls").await.json()["items"][0].clone();
        for kept in ["id", "number", "arrived_at", "answered_at", "ended_at", "outcome", "destination"] {
            assert_eq!(after[kept], call[kept], "{kept}");
        }
        assert_eq!((&after["caller"], &after["contact"]), (&json!(null), &json!(null)));
        let story = door.api(&format!("/api/v1/calls/{}", call["id"].as_str().unwrap())).await;
        assert_eq!(story.status, 200, "{}", story.body);
        let recording = story.json()["recordings"][0].clone();
        assert_eq!(recording["delete_why"], "person", "{recording}");
        assert_eq!(
            door.api(&format!("/api/v1/calls/{}/ladder", call["id"].as_str().unwrap())).await.status,
            404
        );
        town.store.close().await;
    })
    .await;
}

/// Facts about a recording wait on disk while the database is away: its person may be erased before they come.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_told_of_after_the_erasure_is_deleted_as_the_others() {
    on_each_database(async |database| {
        let (town, door, ada, _) = town_with_ada(database).await;
        let call = town.call(1001, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        send(&door, "POST", &format!("/api/v1/contacts/{ada}/erasure"), json!({"why": "request"})).await;
        let (began, ended) = facts(&town, call.call, Format::Wav);
        let late = [Fact::RecordingBegan(began), Fact::RecordingEnded(ended)];

        calls_written(&town.store, &town.clock, &late).await.unwrap();

        let story = door.api(&format!("/api/v1/calls/{}", call.call)).await.json();
        let recording = &story["recordings"][0];
        assert_eq!(recording["delete_why"], "person", "{recording}");
        assert_eq!(recording["keep_until"], json!(town.clock.now().to_string()), "{recording}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_comes_back_only_by_themselves() {
    on_each_database(async |database| {
        let (town, door, ada, _) = town_with_ada(database).await;
        let path = format!("/api/v1/contacts/{ada}");
        send(&door, "POST", &format!("{path}/erasure"), json!({"why": "request"})).await;

        // Whoever has the old id is told.
        assert_eq!(door.api(&path).await.problem(410)["detail"], "the contact is deleted");
        let session = sign_in(&town.store).await;
        assert_eq!(door.get(&format!("/console/contacts/{ada}"), &[session]).await.status, 410);
        send(&door, "PATCH", &path, json!({"given_name": "Ada"})).await.problem(410);
        send(&door, "POST", &format!("{path}/erasure"), json!({"why": "request"})).await.problem(410);
        let consent = json!({"channel": "sms", "purpose": "offers", "status": "granted", "method": "form", "source": "x"});
        send(&door, "POST", &format!("{path}/consents"), consent).await.problem(404);

        // The old file has her still.
        let mut old = json!({"given_name": "Ada", "identities": [{"kind": "phone", "value": "+33199005001"}]});
        let refused = send(&door, "POST", "/api/v1/contacts", old.clone()).await.problem(409);
        assert!(refused["detail"].as_str().unwrap().starts_with("phone was erased"), "{refused}");
        // A call is her own act; it makes nobody write of her again.
        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(1001, Some(5001))).await.unwrap();
        send(&door, "POST", "/api/v1/contacts", old.clone()).await.problem(409);
        old["returned"] = json!(true);
        let back = send(&door, "POST", "/api/v1/contacts", old.clone()).await;
        assert_eq!((back.status.as_u16(), &back.json()["given_name"]), (200, &json!("Ada")));
        assert_ne!(id(&back), ada);
        old["returned"] = json!(false);
        assert_eq!(send(&door, "POST", "/api/v1/contacts", old).await.status, 200);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backup_brought_back_is_erased_again_and_that_is_in_the_log() {
    on_each_database(async |database| {
        let (town, door, ada, _) = town_with_ada(database).await;
        let id = ContactId(ada.parse().unwrap());
        contact_erased(&town.store, &town.clock, id, Eraser::Replay, Why::Request).await.unwrap();
        let log = door.api("/api/v1/audit").await.json();
        let entry = log["items"].as_array().unwrap().iter().find(|it| it["who"] == "replay").unwrap();
        assert_eq!((&entry["what"], &entry["subject"]), (&json!("delete"), &json!(ada)));
        town.store.close().await;
    })
    .await;
}

/// Two who erase at once, while she calls: it is done once, and nobody is left half erased.
#[tokio::test(flavor = "multi_thread")]
async fn two_who_erase_at_once_erase_once() {
    on_each_database(async |database| {
        let (town, door, ada, _) = town_with_ada(database).await;
        let other: Store = database.open().await;
        let path = format!("/api/v1/contacts/{ada}/erasure");
        let call = town.call(1001, Some(5001));

        let (one, two, called) = tokio::join!(
            send(&door, "POST", &path, json!({"why": "request"})),
            send(&door, "POST", &path, json!({"why": "request"})),
            call_arrives(&other, &town.clock, &call),
        );

        called.unwrap();
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410]);
        assert_eq!(door.api("/api/v1/erasures").await.json()["items"].as_array().unwrap().len(), 1);
        other.close().await;
        town.store.close().await;
    })
    .await;
}
