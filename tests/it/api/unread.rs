//! What cannot be read is kept as it was given, marked, and goes the ways of the person it is of.

use axum::body::Body;
use serde_json::{Value, json};

use super::contacts::{at, declaring_town, send, write};
use super::erasures::dump;
use super::imports::{bring, work_off};
use crate::support::databases::on_each_database;
use crate::support::door::{Door, request, sign_in};
use crate::support::town::{MINUTE, Town};

/// Imports a table, and gives the import with its report.
async fn import(town: &Town, door: &Door, file: &str, dry: bool) -> (Value, Vec<String>) {
    let brought = bring(door, file.as_bytes()).await.json();
    let here = format!("/api/v1/imports/{}", brought["id"].as_str().unwrap());
    let started = send(door, "POST", &format!("{here}/start"), json!({"dry_run": dry})).await;
    assert_eq!(started.status, 200, "{}", started.body);
    work_off(town, door).await;
    let report = door.api(&format!("{here}/report")).await.body;
    (door.api(&here).await.json(), report.lines().skip(1).map(str::to_owned).collect())
}

async fn found(door: &Door, query: &str) -> Vec<Value> {
    door.api(&format!("/api/v1/contacts?{query}")).await.json()["items"].as_array().unwrap().clone()
}

/// What is marked of a contact: field, value and code.
fn marks(contact: &Value) -> Vec<String> {
    let told = |mark: &Value| {
        let text = |name: &str| mark[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", text("field"), text("value"), text("code"))
    };
    contact["marks"].as_array().unwrap().iter().map(told).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_a_number_that_is_none_is_taken_and_put_right_later() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let file = "Nom;Téléphone;E-mail;fields.loyalty;Pays;Ville\n\
            Lovelace;01 23 ab;ada@example.org;lead;;\n\
            Hopper;n/a;;;Belgique;Liège\n\
            Byron;n/a;not an address;;;\n\
            ;n/a;;;;\n";

        let (tried, told) = import(&town, &door, file, true).await;
        assert_eq!((&tried["counts"]["created"], &tried["counts"]["refused"]), (&json!(3), &json!(1)));
        assert_eq!(found(&door, "").await, [""; 0], "a trial leaves nothing");
        let (done, report) = import(&town, &door, file, false).await;

        assert_eq!(report, told);
        let no_phone = "Téléphone: not a telephone number that can be dialled";
        assert!(report[0].starts_with("2,created,phone_unreadable unreadable,"), "{report:?}");
        assert!(report[0].contains(no_phone) && report[0].contains("fields.loyalty: "), "{report:?}");
        assert!(report[1].starts_with("3,created,phone_unreadable unreadable,"), "{report:?}");
        assert!(report[2].starts_with("4,created,phone_unreadable email_unreadable,"), "{report:?}");
        assert_eq!(report[3], format!("5,refused,,{no_phone}"));
        assert_eq!((&done["counts"]["marked"], &done["counts"]["refused"]), (&json!(3), &json!(1)));
        let ada = door.api(&at(&found(&door, "email=ada%40example.org").await[0])).await.json();
        assert_eq!(marks(&ada), ["fields.loyalty lead: unreadable", "phone 01 23 ab: phone_unreadable"]);
        let grace = door.api(&at(&found(&door, "name=hopper").await[0])).await.json();
        assert_eq!((&grace["addresses"], &grace["identities"]), (&json!([]), &json!([])));
        assert_eq!(marks(&grace).len(), 3, "{grace}");
        let lines = door.api("/api/v1/reports/quality").await.json()["lines"].clone();
        let by_file = format!("import:{}", done["id"].as_str().unwrap());
        assert_eq!(lines[0], json!({"source": by_file, "code": "phone_unreadable", "marks": 3}), "{lines}");
        assert_eq!(found(&door, "mark=phone_unreadable").await.len(), 3);

        // Brought again, it changes nothing: who has no number is known by their name with what was given for it.
        let (again, _) = import(&town, &door, file, false).await;
        assert_eq!((&again["counts"]["unchanged"], &again["counts"]["created"]), (&json!(3), &json!(0)));
        let (other, _) = import(&town, &door, "Nom;Téléphone;Ville\nHopper;n/a;Lyon\n", false).await;
        assert_eq!(other["counts"]["created"], 1, "somebody of that name elsewhere");

        // Whoever knows better puts it right.
        let better = json!({"fields": {"loyalty": "gold"}, "identities": [{"kind": "phone", "value": "01 23 45 67 89"}]});
        let ada = send(&door, "PATCH", &at(&ada), better).await.json();
        assert_eq!(marks(&ada), ["phone 01 23 ab: phone_unreadable"]);
        let off = format!("{}/identities?kind=phone&value=01+23+ab", at(&ada));
        let taken = send(&door, "DELETE", &off, Value::Null).await;
        assert_eq!((taken.status.as_u16(), marks(&taken.json())), (200, vec![]), "{}", taken.body);
        send(&door, "DELETE", &off, Value::Null).await.problem(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_by_a_program_that_can_correct_itself_is_refused_as_ever() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let body =
            json!({"name": "Ada", "language": "french", "identities": [{"kind": "phone", "value": "12"}]});

        let refused = send(&door, "POST", "/api/v1/contacts", body).await.problem(422);

        let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["language", "identities[0].value"]);
        assert_eq!(found(&door, "").await, [""; 0]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_at_the_console_puts_it_right_or_takes_it_off() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let session = sign_in(&town.store).await;
        import(&town, &door, "Nom;Téléphone;E-mail;Langue\nLovelace;12;ada;french\n", false).await;
        let ada = found(&door, "").await[0].clone();
        let path = format!("/console/contacts/{}/unread", ada["id"].as_str().unwrap());
        let mend = async |part: &str, value: &str, right: &str, then: &str| {
            let fields = [("part", part), ("value", value), ("right", right), ("then", then)];
            door.form(&path, &fields, &[session]).await
        };

        assert_eq!(mend("phone", "12", "13", "right").await.status, 422);
        assert_eq!(mend("phone", "12", "01 23 45 67 89", "right").await.status, 303);
        assert_eq!(mend("email", "ada", "", "off").await.status, 303);

        let told = door.api(&at(&ada)).await.json();
        assert_eq!(told["identities"][0]["value"], "+33123456789");
        assert_eq!(marks(&told), ["language french: unreadable"]);
        assert_eq!(mend("language", "french", "", "off").await.status, 303);
        assert_eq!(marks(&door.api(&at(&ada)).await.json()), [""; 0]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_with_who_it_is_of_into_a_merge_an_archive_and_oblivion() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let bob =
            write(&door, json!({"name": "Bob", "identities": [{"kind": "customer", "value": "crm:1"}]}))
                .await;
        town.clock.advance(MINUTE);
        import(&town, &door, "Nom;Téléphone;customer.crm\nLovelace;ada's number;2\n", false).await;
        let ada = found(&door, "customer=crm:2").await[0].clone();
        let given = "phone ada's number: phone_unreadable";
        let of = async |contact: &Value| marks(&door.api(&at(contact)).await.json());

        // It is of the one that stays, and comes back.
        let merge = send(&door, "POST", &format!("{}/merge", at(&ada)), json!({"contact": bob["id"]})).await;
        assert_eq!(of(&bob).await, [given], "{}", merge.body);
        let undo = format!("/api/v1/merges/{}/undo", merge.json()["id"].as_str().unwrap());
        assert_eq!(send(&door, "POST", &undo, Value::Null).await.status, 200);
        assert_eq!((of(&bob).await, of(&ada).await), (vec![], vec![given.to_owned()]));

        let session = sign_in(&town.store).await;
        let [en, fr] =
            door.in_both(&format!("/console/contacts/{}", ada["id"].as_str().unwrap()), session).await;
        assert!(en.contains("ada&#39;s number") && en.contains("not a telephone number"), "{en}");
        assert!(fr.contains("n’est pas un numéro de téléphone"), "{fr}");
        assert!(en.contains("name=\"right\" required") && fr.contains("Corriger"), "{fr}");
        let asked = request(
            "POST",
            &format!("{}/export", at(&ada)),
            &[("authorization", "Bearer contacts:export")],
            Body::empty(),
        );
        assert_eq!(door.whole(asked).await.0, 200);
        let holds = async || {
            dump(database).await.iter().any(|(_, row)| row.contains("number") && row.contains("ada'"))
        };
        assert!(holds().await);
        let erased = send(&door, "POST", &format!("{}/erasure", at(&ada)), json!({"why": "request"})).await;
        assert_eq!(erased.status, 200, "{}", erased.body);
        assert!(!holds().await, "nothing of it is left");
        town.store.close().await;
    })
    .await;
}
