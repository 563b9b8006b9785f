//! A person is given all that is known of them: every column of every table, or a reason why not.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use axum::body::Body;
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use whence::store::held::PARTS;
use zip::ZipArchive;

use super::erasures::{of_ada, send, town_with_ada};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, hand_out_keys, request, sign_in};
use crate::support::recorded::recorded;
use crate::support::town::Town;

/// Columns that a person is not given, and why; a table without a column: none of its columns.
const WITHHELD: &[(&str, &str)] = &[
    ("contacts.keyed", "by which rules other columns were read"),
    ("contacts.marked", "by which rules other columns were read"),
    ("merges.nth", "which of those of one moment came first"),
    ("contacts.erased_at", "who is erased is given nothing any more"),
    ("call_hours", "made of the calls, which are given, for counting them"),
    ("call_words", "made of the notes, which are given, for looking them up"),
    ("contact_keys", "made of names and identities, for looking them up"),
    ("confirmations.token_hash", "of a secret"),
    ("preference_links.token_hash", "of a secret"),
    ("mail_keys.token_hash", "of a secret"),
    ("mails.unsubscribe", "a secret"),
    ("mails.body_text", "has a secret link; it is on its way to them"),
    ("mails.pictures", "of reports for those who work here: no contact gets any"),
    ("mails.body_html", "has a secret link; it is on its way to them"),
    ("calls.node", "which of our machines carried it"),
    (
        "ladders.told",
        "addresses and credentials of lines (art. 15(4)); what it says of them stands with the call",
    ),
    ("tasks.assignee", "who works here has a name of their own (art. 15(4))"),
    ("transfers.target", "somebody else's number (art. 15(4))"),
    ("recordings.peaks", "the outline of the sound that they are given"),
    ("merges.undone_at", "those that were undone tell of two people (art. 15(4))"),
    ("merges.undone_by", "those that were undone tell of two people (art. 15(4))"),
    ("merge_moves", "what a merge carried over stands in its own table"),
    ("duplicates", "tells of two people (art. 15(4))"),
    ("audit.seq", "a place in a chain over everybody's entries"),
    ("audit.hash", "a hash over everybody's entries"),
    ("erasures", "who is erased is given nothing any more"),
    ("tombstones", "of people who are erased"),
    ("tombstone_key", "a secret"),
    ("oppositions", "given by its list: the marks are hashes of their numbers"),
    ("opposition_lists", "given by name under `oppositions`"),
    ("messages", "ids of messages, of nobody"),
    ("deliveries", "ids, and names of what changed: what happened stands in its own table"),
    (
        "mail_domains",
        "whether a domain takes mail, whoever has an address there; what it means for theirs stands in `marks`",
    ),
    ("import_lines", "says nothing of what a row said"),
];

/// What is no person's: what the admin declares, counts, sums, who may ask.
const NOBODYS: &[&str] = &[
    "alert_incidents",
    "alerts",
    "api_keys",
    "audit_ends",
    "caps",
    "contact_fields",
    "contactability",
    "contactability_counts",
    "controllers",
    "costs",
    "destinations",
    "hours_to_count",
    "imports",
    "lookalike_base",
    "numbers",
    "outlets",
    "pools",
    "priors",
    "prompts",
    "purposes",
    "retention",
    "retention_runs",
    "report_offs",
    "report_recipients",
    "report_schedules",
    "report_shares",
    "revisions",
    "rfm_borders",
    "rfm_settings",
    "saved_views",
    "scenarios",
    "screening",
    "segment_counts",
    "segments",
    "sessions",
    "sites",
    "systems",
    "trunk_states",
    "users",
    "visit_counts",
    "webhooks",
];

/// Every column of every table, as `table.column`.
async fn columns(database: &Database) -> Vec<String> {
    let mut db = AnyConnection::connect(&database.url).await.unwrap();
    let sql = if database.name == "SQLite" {
        "select t.name || '.' || c.name as name from sqlite_master t, pragma_table_info(t.name) c \
         where t.type = 'table' and t.name not like '%sqlx%'"
    } else {
        "select cast(table_name || '.' || column_name as text) as name from information_schema.columns \
         where table_schema = 'public' and table_name not like '%sqlx%'"
    };
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    rows.iter().map(|row| row.get("name")).collect()
}

/// The files of a contact's archive.
async fn archive(door: &Door, contact: &str) -> BTreeMap<String, Vec<u8>> {
    let headers = [("authorization", "Bearer contacts:export")];
    let asked = request("POST", &format!("/api/v1/contacts/{contact}/export"), &headers, Body::empty());
    let (status, bytes) = door.whole(asked).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_every_table_is_given_or_withheld_for_a_reason() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let given: Vec<String> = PARTS
            .iter()
            .flat_map(|part| part.columns.split(", ").map(move |column| format!("{}.{column}", part.table)))
            .collect();
        let withheld = |column: &str| {
            let table = column.split('.').next().unwrap();
            WITHHELD.iter().any(|(it, _)| *it == column || *it == table) || NOBODYS.contains(&table)
        };

        let all = columns(database).await;
        let forgotten: Vec<_> = all.iter().filter(|it| given.contains(it) == withheld(it)).collect();
        assert_eq!(forgotten, [""; 0], "neither or both");
        for (column, _) in WITHHELD {
            assert!(
                all.iter().any(|it| it == column || it.starts_with(&format!("{column}."))),
                "{column} is gone"
            );
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_of_a_person_has_all_that_is_theirs_and_nothing_of_others() {
    on_each_database(async |database| {
        let (town, door, ada, others) = town_with_ada(database).await;
        let (_, visitor) = others.split_once(' ').unwrap();
        let list = request(
            "POST",
            "/api/v1/oppositions?list=own&name=Own&channels=phone",
            &[("authorization", "Bearer all"), ("content-type", "text/plain")],
            Body::from("+33199005001\n"),
        );
        let listed = door.ask(list).await;
        assert!(listed.status.is_success(), "{}", listed.body);

        let files = archive(&door, &ada).await;

        let data = text(&files, "data.json");
        let traces = of_ada(visitor);
        let missing: Vec<_> = traces.iter().filter(|it| !data.contains(*it)).collect();
        assert_eq!(missing, ["rue d''Ada"], "{data}");
        for of_another in ["+33199005003", "+33199005009", "Bob"] {
            assert!(!data.contains(of_another), "{of_another}");
        }
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(data["oppositions"], json!([{"list": "own", "name": "Own", "channels": ["phone"]}]));
        let contact = data["contacts"].as_array().unwrap().iter().find(|it| it["id"] == json!(ada)).unwrap();
        assert_eq!(contact["addresses"][0]["city"], "Paris", "{contact}");
        assert!(contact["created_at"].as_str().unwrap().ends_with('Z'), "{contact}");
        let phones = data["identities"].as_array().unwrap().iter().filter(|it| it["kind"] == "phone");
        assert_eq!(phones.map(|it| it["written"].clone()).collect::<Vec<_>>(), [json!(true), json!(true)]);
        let readers = data["audit"].as_array().unwrap();
        assert!(
            readers.iter().any(|it| it["who"] == "contacts:export" && it["what"] == "read"),
            "{readers:?}"
        );
        let page = text(&files, "index.html");
        assert!(page.contains("<html lang=\"fr\">") && page.contains("Ce que l’on sait de vous"), "{page}");
        for told in ["Lovelace", "ada@example.org", "n’est pas dans cette archive"] {
            assert!(page.contains(told), "{told}: {page}");
        }
        for from_elsewhere in ["<script", "<link", "src=", "/console/"] {
            assert!(!page.contains(from_elsewhere), "{from_elsewhere}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_come_along_and_say_who_took_them() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let (began, sound) = recorded(&town, &door.vault).await;
        let contacts = door.api("/api/v1/contacts").await.json();
        let contact = contacts["items"][0]["id"].as_str().unwrap();

        let files = archive(&door, contact).await;

        let name = format!("recordings/{}.wav", began.recording);
        assert_eq!(files.keys().collect::<Vec<_>>(), ["data.json", "index.html", &name]);
        assert_eq!((&files[&name][..4], &files[&name][44..]), (&b"RIFF"[..], &sound[..]));
        assert!(text(&files, "index.html").contains(&format!("href=\"{name}\"")));
        let accesses = door.api(&format!("/api/v1/recordings/{}/accesses", began.recording)).await.json();
        assert_eq!(accesses["items"][0]["what"], "downloaded");
        assert_eq!(accesses["items"][0]["name"], "contacts:export");
        // Whoever is at the console gets the same.
        let ada = sign_in(&town.store).await;
        let page = door.get(&format!("/console/contacts/{contact}"), &[ada]).await;
        let action = format!("/console/contacts/{contact}/export");
        assert!(page.page(200).contains(&format!("action=\"{action}\"")), "{}", page.body);
        let asked = request("POST", &action, &[ada, ("sec-fetch-site", "same-origin")], Body::empty());
        let (status, bytes) = door.whole(asked).await;
        assert_eq!((status, &bytes[..2]), (200, &b"PK"[..]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_of_somebody_who_is_there_and_for_who_may() {
    on_each_database(async |database| {
        let (town, door, ada, _) = town_with_ada(database).await;
        let path = format!("/api/v1/contacts/{ada}/export");
        let ask = async |scope: &str, path: &str| {
            let bearer = format!("Bearer {scope}");
            door.ask(request("POST", path, &[("authorization", &bearer)], Body::empty())).await
        };
        ask("contacts:read", &path).await.problem(403);
        ask("all", "/api/v1/contacts/0190a5e4-0000-7000-8000-000000000000/export").await.problem(404);
        let merges = door.api("/api/v1/merges").await.json();
        let gone = merges["items"][0]["gone"].as_str().unwrap();
        let moved = ask("all", &format!("/api/v1/contacts/{gone}/export")).await.problem(301);
        assert_eq!(moved["merged_into"], json!(ada));
        send(&door, "POST", &format!("/api/v1/contacts/{ada}/erasure"), json!({"why": "request"})).await;
        ask("all", &path).await.problem(410);
        town.store.close().await;
    })
    .await;
}
