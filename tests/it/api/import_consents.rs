//! What people have agreed to and refused, out of a table and into one.

use serde_json::{Value, json};

use super::contactability::{Stage, stage};
use super::imports::{bring, send, work_off};
use crate::support::databases::on_each_database;
use crate::support::door::request;
use crate::support::town::MINUTE;

/// How each matter of Ada stands, by its channel.
async fn standing(stage: &Stage) -> Vec<(String, String)> {
    let address = format!("/api/v1/contacts/{}/consents/standing", stage.ada);
    let found = stage.door.api(&address).await.json();
    let word = |item: &Value| {
        let line = &item["line"];
        (line["channel"].as_str().unwrap().to_owned(), item["standing"].as_str().unwrap().to_owned())
    };
    found["items"].as_array().unwrap().iter().map(word).collect()
}

/// Brings a table, starts it, works it off, and gives what became of it and its report.
async fn import(stage: &Stage, file: &str, start: &Value) -> (Value, String) {
    let brought = bring(&stage.door, file.as_bytes()).await.json();
    let here = format!("/api/v1/imports/{}", brought["id"].as_str().unwrap());
    let started = send(&stage.door, "POST", &format!("{here}/start"), start).await;
    assert_eq!(started.status, 200, "{}", started.body);
    work_off(&stage.town, &stage.door).await;
    let report = stage.door.api(&format!("{here}/report")).await.body;
    (stage.door.api(&here).await.json()["counts"].clone(), report)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_says_what_people_agreed_to_once_and_overrules_no_later_word() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        stage.says("email", "withdrawn").await;
        let file = "Tél;Opt-in e-mail offres;Opt-in e-mail offres (date);consent.sms.offers;consent.sms.offers.at;consent.post.offers\n\
            0639980001;oui;2026-03-01T10:00:00Z;opt-in;01/03/2026;non\n\
            0639980002;;;yes;;\n\
            0639980003;peut-être;;;;\n";
        let start = json!({"consents": {"source": "order form", "method": "form", "text": "May we?"}});

        let (counts, report) = import(&stage, file, &start).await;

        assert_eq!((&counts["consents"], &counts["changed"], &counts["refused"]), (&json!(3), &json!(1), &json!(2)));
        let lines: Vec<_> = report.lines().collect();
        assert!(lines[2].contains("consent.sms.offers: says yes, and not since when"), "{report}");
        assert!(lines[3].contains("Opt-in e-mail offres: takes granted, refused or withdrawn"), "{report}");
        let stands = [("sms", "granted"), ("email", "withdrawn"), ("post", "refused")];
        let stands = stands.map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(standing(&stage).await, stands, "the yes by e-mail is older than the no");
        let ledger = stage.door.api(&format!("/api/v1/contacts/{}/consents", stage.ada)).await.json();
        let sms = ledger["items"].as_array().unwrap().iter().find(|it| it["channel"] == "sms").unwrap();
        assert_eq!((&sms["source"], &sms["method"], &sms["text"]), (&json!("order form"), &json!("form"), &json!("May we?")));
        assert_eq!(sms["at"], "2026-03-01T00:00:00.000Z");
        assert!(sms["reference"].as_str().unwrap().contains("line 2"), "{sms}");

        // Brought again, in another order and under another name, it adds no line.
        let (counts, _) = import(&stage, file, &start).await;
        assert_eq!((&counts["consents"], &counts["unchanged"]), (&json!(0), &json!(1)), "{counts}");
        // Somebody has agreed to letters since; a no of a table whose time nobody knows holds all the same.
        stage.town.clock.advance(MINUTE);
        stage.says("post", "granted").await;
        stage.town.clock.advance(MINUTE);
        let (counts, _) = import(&stage, file, &start).await;
        assert_eq!(counts["consents"], 1);
        assert_eq!(standing(&stage).await, stands);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_writes_no_line_and_whoever_may_not_write_consents_starts_nothing() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let file = "phone;consent.sms.offers\n0639980001;yes\n";
        let all = json!({"consents": {"at": "2026-03-01"}, "dry_run": true});
        let (counts, _) = import(&stage, file, &all).await;
        assert_eq!((&counts["consents"], &counts["changed"]), (&json!(1), &json!(1)));
        assert_eq!(standing(&stage).await, []);

        let brought = bring(&stage.door, file.as_bytes()).await.json();
        let start = format!("/api/v1/imports/{}/start", brought["id"].as_str().unwrap());
        let ask = async |body: Value, key: &str| {
            let headers = [("authorization", key), ("content-type", "application/json")];
            stage.door.ask(request("POST", &start, &headers, body.to_string().into())).await
        };
        let lacks = ask(json!({}), "Bearer contacts:write").await;
        assert!(lacks.header("www-authenticate").contains("consents:write"), "{}", lacks.body);
        lacks.problem(403);
        for (consents, field) in
            [(json!({"method": "pre_ticked"}), "consents.method"), (json!({"at": "soon"}), "consents.at")]
        {
            let bad = ask(json!({"consents": consents}), "Bearer all").await.problem(422);
            assert_eq!(bad["errors"][0]["field"], field, "{bad}");
        }
        ask(json!({"consents": {"status": "granted"}}), "Bearer all").await.problem(422);
        let mapping = json!({"phone": "phone"});
        assert_eq!(ask(json!({"mapping": mapping}), "Bearer contacts:write").await.status, 200);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_tells_how_consent_stands_and_an_import_of_it_adds_nothing() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        stage.says("sms", "granted").await;
        stage.says("email", "refused").await;

        let table = stage.door.api("/api/v1/contacts.csv").await.body;
        let mut rows = table.lines();
        let (headings, row) = (rows.next().unwrap(), rows.next().unwrap());
        assert!(headings.contains(",consent.email.offers,consent.email.offers.at,"), "{headings}");
        assert!(row.contains(",refused,20") && row.contains(",granted,20"), "{row}");
        let (counts, report) = import(&stage, &table, &json!({})).await;
        assert_eq!((&counts["unchanged"], &counts["consents"]), (&json!(1), &json!(0)), "{report}");

        let read = [("authorization", "Bearer contacts:read")];
        let bare = stage.door.get("/api/v1/contacts.csv", &read).await;
        assert_eq!(bare.status, 200);
        assert!(!bare.body.contains("consent."), "the key does not have consents:read");
        stage.town.store.close().await;
    })
    .await;
}
