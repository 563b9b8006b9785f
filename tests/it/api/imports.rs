//! Tables of contacts: brought, tried, imported, told line by line, and taken again.

use std::path::Path;

use serde_json::{Value, json};
use whence::inbox::Inbox;
use whence::jobs::import_contacts::{FORGOTTEN_AFTER, ImportContacts};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::{MINUTE, Town};

/// Nine rows, as a French spreadsheet writes them: Windows-1252, semicolons, a line break in a cell.
const CLIENTS: &[u8] = b"Nom;Pr\xe9nom;T\xe9l\xe9phone;E-mail;CP;Ville;Remarque\r\n\
    Lovelace;Ada;06 39 98 00 01;ada@example.org;69001;Lyon;\"a\r\nb\"\r\n\
    L\xe9vy;Zo\xe9;06 39 98 00 02;;;;\r\n\
    ;;;;;;\r\n\
    Nobody;;;;;;\r\n\
    Wrong;;12;;;;\r\n\
    Hopper;Grace;;grace@hotmial.fr;;;\r\n\
    Lovelace;Ada;06 39 98 00 01;;69001;Lyon;\r\n\
    ;;06 39 98 00 02;ada@example.org;;;\r\n\
    '=cmd;;06 39 98 00 03;;;;\r\n";

pub(super) async fn bring(door: &Door, file: &[u8]) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "text/csv")];
    door.ask(request("POST", "/api/v1/imports?name=clients.csv", &headers, file.to_vec().into())).await
}

pub(super) async fn send(door: &Door, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request(method, path, &headers, body.to_string().into())).await
}

/// What works tables off, of this door.
pub fn importer(town: &Town, door: &Door) -> ImportContacts {
    ImportContacts {
        store: town.store.clone(),
        clock: town.clock.clone(),
        inbox: door.inbox.clone(),
        node: "bakery".to_owned(),
        home: "FR".parse().unwrap(),
    }
}

pub(super) async fn work_off(town: &Town, door: &Door) {
    let importer = importer(town, door);
    while importer.step().await.unwrap() {}
}

fn files(inbox: &Path) -> usize {
    std::fs::read_dir(inbox).unwrap().count()
}

async fn contacts(door: &Door) -> Vec<Value> {
    door.api("/api/v1/contacts").await.json()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_tried_imported_and_told_line_by_line() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        let brought = bring(&door, CLIENTS).await;
        assert_eq!(brought.status, 201, "{}", brought.body);
        let import = brought.json();
        assert_eq!((&import["state"], &import["separator"]), (&json!("waiting"), &json!("semicolon")));
        let meant: Vec<_> = import["columns"].as_array().unwrap().iter().map(|it| &it["target"]).collect();
        let expected = json!(["family_name", "given_name", "phone", "email", "address.postcode", "address.city", null]);
        assert_eq!(json!(meant), expected);
        assert_eq!(import["columns"][2]["heading"], "Téléphone");
        let here = format!("/api/v1/imports/{}", import["id"].as_str().unwrap());

        // A trial tells what would become of each row, and leaves nothing.
        let tried = send(&door, "POST", &format!("{here}/start"), &json!({"dry_run": true})).await;
        assert_eq!(tried.json()["state"], "checking", "{}", tried.body);
        work_off(&town, &door).await;
        let checked = door.api(&here).await.json();
        let counts = json!({"created": 5, "changed": 0, "unchanged": 1, "merged": 1, "refused": 1, "marked": 7, "consents": 0});
        assert_eq!((&checked["state"], &checked["counts"]), (&json!("checked"), &counts), "{checked}");
        assert_eq!(contacts(&door).await, [""; 0]);

        let started = send(&door, "POST", &format!("{here}/start"), &json!({})).await;
        assert_eq!(started.json()["state"], "importing", "{}", started.body);
        send(&door, "POST", &format!("{here}/start"), &json!({})).await.problem(409);
        work_off(&town, &door).await;
        let imported = door.api(&here).await.json();
        assert_eq!((&imported["state"], &imported["counts"]), (&json!("imported"), &counts), "{imported}");
        assert_eq!(imported["bytes"], imported["done_bytes"]);
        assert_eq!(files(&door.imports()), 0, "the file is personal data and needed no more");

        let told = door.api(&format!("{here}/report")).await;
        assert_eq!(told.header("content-type"), "text/csv; charset=utf-8");
        let lines: Vec<&str> = told.body.lines().collect();
        assert_eq!(
            lines,
            [
                "line,outcome,marks,problems",
                "2,created,phone_fiction address_no_street,",
                "4,created,phone_fiction,",
                "6,refused,,\"has neither a phone, nor an e-mail, nor a customer number: nothing tells who it is about\"",
                "7,created,phone_unreadable,Téléphone: not a telephone number that can be dialled",
                "8,created,email_typo,",
                "9,unchanged,phone_fiction address_no_street,",
                "10,merged,phone_fiction address_no_street,",
                "11,created,phone_fiction,",
            ]
        );
        let names: Vec<_> = contacts(&door).await.iter().map(|it| it["family_name"].clone()).collect();
        assert_eq!(names.len(), 4);
        assert!(names.contains(&json!("=cmd")), "{names:?}");
        let report = door.api("/api/v1/reports/quality").await.json();
        assert!(report["lines"][0]["source"].as_str().unwrap().starts_with("import:"), "{report}");

        // Brought again, it changes nothing.
        town.clock.advance(MINUTE);
        let again = bring(&door, CLIENTS).await.json();
        let there = format!("/api/v1/imports/{}", again["id"].as_str().unwrap());
        send(&door, "POST", &format!("{there}/start"), &json!({})).await;
        work_off(&town, &door).await;
        let counts = door.api(&there).await.json()["counts"].clone();
        assert_eq!((&counts["created"], &counts["merged"]), (&json!(0), &json!(0)), "{counts}");

        assert_eq!(send(&door, "DELETE", &here, &Value::Null).await.status, 200);
        door.api(&here).await.problem(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_export_writes_an_import_reads_back() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        for (name, phone) in [("=Ada", "+33612345601"), ("Zoé", "+33612345602")] {
            let body = json!({
                "name": name, "addresses": [{"city": "Lyon"}, {"city": "Lille", "country": "BE", "kind": "work"}],
                "identities": [{"kind": "phone", "value": phone}, {"kind": "customer", "value": "bakery:7;8"}]
            });
            let body = if name == "Zoé" { json!({"name": name}) } else { body };
            assert_eq!(send(&door, "POST", "/api/v1/contacts", &body).await.status, 201);
            town.clock.advance(MINUTE);
        }
        let before = contacts(&door).await;

        let table = door.api("/api/v1/contacts.csv").await;
        assert_eq!(table.header("content-disposition"), "attachment; filename=\"contacts.csv\"");
        assert!(table.body.contains(",'=Ada,") && table.body.contains(",'+33612345601,"), "{}", table.body);
        // A spreadsheet writes the byte order mark that it was given.
        let import = bring(&door, format!("\u{feff}{}", table.body).as_bytes()).await.json();
        let here = format!("/api/v1/imports/{}", import["id"].as_str().unwrap());
        assert_eq!(send(&door, "POST", &format!("{here}/start"), &json!({})).await.status, 200);
        work_off(&town, &door).await;

        let done = door.api(&here).await.json();
        assert_eq!((&done["state"], &done["counts"]["unchanged"]), (&json!("imported"), &json!(2)), "{done}");
        assert_eq!(contacts(&door).await, before);
        let some = door.api("/api/v1/contacts.csv?phone=%2B33612345601").await;
        assert_eq!(some.body.lines().count(), 2, "{}", some.body);
        let read = [("authorization", "Bearer contacts:write")];
        door.get("/api/v1/contacts.csv", &read).await.problem(403);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_do_is_refused_and_leaves_no_file() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        assert_eq!(bring(&door, b"").await.problem(422)["errors"][0]["field"], "body");
        let headers = [("authorization", "Bearer all"), ("content-type", "text/csv")];
        let unnamed = door.ask(request("POST", "/api/v1/imports?separator=dot", &headers, "a".into())).await;
        assert_eq!(unnamed.problem(422)["errors"][0]["field"], "separator");
        door.ask(request("POST", "/api/v1/imports?name=a", &[headers[0]], "a".into())).await.problem(415);
        bring(&door, &vec![b'a'; 2 << 20]).await.problem(413);
        assert_eq!(files(&door.imports()), 0);

        let import = bring(&door, b"a;b\n1;2\n").await.json();
        let here = format!("/api/v1/imports/{}", import["id"].as_str().unwrap());
        let start = format!("{here}/start");
        let bad =
            send(&door, "POST", &start, &json!({"mapping": {"a": "fax", "c": "phone"}})).await.problem(422);
        let fields: Vec<_> = bad["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["mapping.a", "mapping.c"]);
        send(&door, "POST", &start, &json!({})).await.problem(422);

        // Nobody starts it within seven days.
        town.clock.advance(FORGOTTEN_AFTER + MINUTE);
        work_off(&town, &door).await;
        let forgotten = door.api(&here).await.json();
        assert_eq!(forgotten["state"], "failed");
        assert_eq!(files(&door.imports()), 0);

        // A quotation mark that is never closed.
        let open = format!("phone\n0612345678\n\"{}", "x".repeat(600 << 10));
        let import = bring(&door, open.as_bytes()).await.json();
        let here = format!("/api/v1/imports/{}", import["id"].as_str().unwrap());
        send(&door, "POST", &format!("{here}/start"), &json!({})).await;
        work_off(&town, &door).await;
        let failed = door.api(&here).await.json();
        assert!(failed["problem"].as_str().unwrap().contains("line 3"), "{failed}");
        town.store.close().await;
    })
    .await;
}

/// What a crash has cut off either happened with its place, or has not.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_where_it_was_cut_off_and_writes_no_row_twice() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let rows: String = (0..120).map(|n| format!("06123{n:05}\n")).collect();
        let import = bring(&door, format!("phone\n{rows}").as_bytes()).await.json();
        let here = format!("/api/v1/imports/{}", import["id"].as_str().unwrap());
        send(&door, "POST", &format!("{here}/start"), &json!({})).await;

        assert!(importer(&town, &door).step().await.unwrap());
        let half = door.api(&here).await.json();
        assert_eq!((&half["state"], &half["counts"]["created"]), (&json!("importing"), &json!(50)));
        // Another gateway starts: files of other imports go, this one goes on. Two may look at the same place.
        std::fs::write(door.imports().join("stray.part"), "x").unwrap();
        importer(&town, &door).sweep().await.unwrap();
        assert_eq!(files(&door.imports()), 1);
        let (one, other) = (importer(&town, &door), importer(&town, &door));
        let (one, other) = tokio::join!(one.step(), other.step());
        assert!(one.unwrap() && other.unwrap());
        work_off(&town, &door).await;

        let done = door.api(&here).await.json();
        assert_eq!((&done["state"], &done["counts"]["created"]), (&json!("imported"), &json!(120)), "{done}");
        assert_eq!(done["counts"]["unchanged"], 0);
        assert_eq!(door.api(&format!("{here}/report")).await.body.lines().count(), 121);
        town.store.close().await;
    })
    .await;
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::NamedTempFile::new().unwrap();
    assert!(Inbox::open(folder.path().join("in"), 1).is_err());
}
