//! Reports that go out by mail: when, to whom, with which figures; and that they stop.

use serde_json::{Value, json};
use whence::domain::ids::UserId;
use whence::domain::people::mail::Words;
use whence::domain::staff::{Post, Role};
use whence::flows::{Composed, reports_sent};
use whence::http::extract::hash_token;
use whence::jobs::send_mails::send_due;
use whence::notify::mail::Security;
use whence::telemetry::Metrics;

use super::contacts::send;
use super::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in, sign_in_as};
use crate::support::post_office::PostOffice;
use crate::support::town::{MINUTE, POSTER, Town};

const HERE: &str = "/api/v1/report_schedules";
const DAY: u32 = 24 * 60;

async fn schedule(door: &Door, fields: Value) -> Value {
    let mut new = json!({"name": "Our week", "every": "day", "at": "08:00", "zone": "Europe/Paris",
                         "recipients": [{"email": "ada@bakery.example", "language": "fr"}]});
    new.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let answer = send(door, "POST", HERE, new).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

/// The mails that have come: to whom, and all of each, decoded as far as it is text.
async fn mails(town: &Town, office: &PostOffice) -> Vec<(String, String)> {
    let mailer = office.mailer(Security::StartTls, Some(office.authority()));
    while send_due(&town.store, &town.clock, &mailer, &Metrics::new()).await.unwrap() > 0 {}
    let decoded = |mail: String| {
        let mail = mail
            .replace("\r\n..", "\r\n.")
            .replace("=\r\n", "")
            .replace("=3D", "=")
            .replace("=C2=A0", " ")
            .replace("=C3=A9", "é");
        mail.replace("=E2=80=AF", " ").replace("=E2=80=99", "’")
    };
    office.collect().into_iter().map(|(to, mail)| (to, decoded(mail))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_goes_out_by_the_readers_clock_with_the_figures_of_the_page() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, office, ada) = (Door::of(&town), PostOffice::open().await, sign_in(&town.store).await);
        // Noon on a Sunday; the mail of Monday, eight in Paris, is about this day.
        let made = schedule(&door, json!({"query": "outlet=bakery&term=rye&lang=fr"})).await;
        assert_eq!(
            (&made["due_at"], &made["query"]),
            (&json!("2026-11-23T07:00:00.000Z"), &json!("outlet=bakery"))
        );
        for caller in 7001..7004 {
            somebody_calls(&town, POSTER, Some(caller), caller != 7003).await;
        }
        door.count().await;
        assert_eq!(door.reports_due().await, 0);
        town.clock.advance(MINUTE * 19 * 60);

        assert_eq!((door.reports_due().await, door.reports_due().await), (1, 0), "once");

        let sent = mails(&town, &office).await;
        assert_eq!(sent[0].0, "ada@bakery.example");
        let mail = &sent[0].1;
        for told in [
            "22 nov. 2026 (Europe/Paris)",
            "Appels: 3",
            "Sans réponse: 1",
            "multipart/related",
            "Content-ID: <course>",
            "Content-ID: <week>",
            "image/png",
            "cid:course",
            "List-Unsubscribe: <http://127.0.0.1:8080/report-off/",
        ] {
            assert!(mail.contains(told), "{told}: {mail}");
        }
        assert!(
            mail.contains(
                "/console/overview?outlet=bakery&period=2026-11-22..2026-11-22&zone=Europe%2FParis"
            ),
            "{mail}"
        );
        for never in ["<script", "7001", "7003", "<svg"] {
            assert!(!mail.contains(never), "{never}");
        }
        let [page, _] = door
            .in_both("/console/overview?outlet=bakery&period=2026-11-22..2026-11-22&zone=Europe%2FParis", ada)
            .await;
        assert!(
            page.contains("<dt>Calls</dt>") && page.contains("<span class=\"large num\">3</span>"),
            "{page}"
        );

        // A gateway that was off for days sends what it missed once, about the last of them.
        town.clock.advance(MINUTE * 4 * DAY);
        assert_eq!((door.reports_due().await, door.reports_due().await), (1, 0));
        let late = mails(&town, &office).await;
        assert!(late[0].1.contains("Aucun appel") && !late[0].1.contains("image/png"), "{}", late[0].1);
        let listed = door.api(HERE).await.json()["items"][0].clone();
        assert_eq!(
            (&listed["due_at"], &listed["sent_at"]),
            (&json!("2026-11-28T07:00:00.000Z"), &json!(town.clock.now()))
        );

        // One click, by the mail program, and it comes no more.
        let off =
            mail.split("List-Unsubscribe: <http://127.0.0.1:8080").nth(1).unwrap().split('>').next().unwrap();
        let asked = door.get(off, &[]).await;
        assert!(asked.page(200).contains("Our week") && asked.header("referrer-policy") == "no-referrer");
        assert_eq!(door.form(off, &[("List-Unsubscribe", "One-Click")], &[]).await.status, 200);
        town.clock.advance(MINUTE * 2 * DAY);
        assert_eq!(door.reports_due().await, 0);
        assert_eq!(door.api(HERE).await.json()["items"][0]["recipients"], json!([]));
        door.get("/report-off/made-up", &[]).await.page(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_gets_the_part_of_the_network_that_they_may_see() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, office) = (Door::of(&town), PostOffice::open().await);
        sign_in(&town.store).await;
        let nowhere: whence::domain::ids::OutletId = "harbour".parse().unwrap();
        let harbour = whence::domain::outlet::Outlet { id: nowhere.clone(), parent: None, name: "Harbour".into() };
        town.store.write(move |tx| { let it = harbour.clone(); Box::pin(async move { tx.save_outlet(&it).await }) }).await.unwrap();
        let ben = sign_in_as(&town.store, Post { role: Role::Outlet, outlet: Some(nowhere) }).await;
        let both = json!([{"email": "ada@bakery.example", "language": "en"}, {"email": "ben@bakery.example", "language": "en"}]);
        schedule(&door, json!({"recipients": both})).await;
        somebody_calls(&town, POSTER, Some(7001), true).await;
        door.count().await;
        town.clock.advance(MINUTE * DAY);

        assert_eq!(door.reports_due().await, 2);

        let mut sent = mails(&town, &office).await;
        sent.sort();
        assert!(sent[0].0 == "ada@bakery.example" && sent[0].1.contains("Calls: 1"), "{}", sent[0].1);
        assert!(sent[1].0 == "ben@bakery.example" && sent[1].1.contains("No calls in this time"), "{}", sent[1].1);
        // At the console he sends to himself, and sees his own alone.
        let fields = [("name", "Mine"), ("query", "period=7d"), ("every", "week:1"), ("at", "07:30"), ("zone", "Europe/Paris"), ("to", "ada@bakery.example"), ("language", "fr")];
        assert_eq!(door.form("/console/schedules", &fields, &[ben]).await.status, 303);
        let [en, fr] = door.in_both("/console/schedules", ben).await;
        assert!(en.contains("Mine") && !en.contains(">Our week</a>") && !en.contains("ada@bakery"), "{en}");
        assert!(en.contains("Each Monday, 07:30 (Europe/Paris)") && fr.contains("Chaque lundi, 7 h 30"), "{fr}");
        let mut bad = fields;
        (bad[0].1, bad[3].1) = ("", "25:00");
        let refused = door.form("/console/schedules", &bad, &[ben, ("accept-language", "en")]).await;
        assert!(refused.page(422).contains("At: must be a time of day"), "{}", refused.body);
        let foreign = door.api(HERE).await.json()["items"][1]["id"].as_str().unwrap().to_owned();
        door.form(&format!("/console/schedules/{foreign}/delete"), &[], &[ben]).await;
        assert_eq!(door.api(HERE).await.json()["items"].as_array().unwrap().len(), 2, "it is not his");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_counted_yet_is_sent_later_and_two_nodes_send_it_once() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        sign_in(&town.store).await;
        let made = schedule(&door, json!({})).await;
        town.clock.advance(MINUTE * DAY);
        let cannot: Box<whence::flows::ComposeReport> = Box::new(|_| Box::pin(async { None }));
        let can: Box<whence::flows::ComposeReport> = Box::new(|issue| {
            Box::pin(async move {
                assert_eq!(issue.user.id, UserId(uuid::Uuid::from_u128(7)));
                let words = Words { subject: "x".into(), text: "x".into(), html: "x".into(), pictures: vec![] };
                Some(Composed { words, off: "https://x.example/".into(), token_hash: hash_token(&issue.at.to_string()) })
            })
        });
        assert_eq!(reports_sent(&town.store, &town.clock, &*cannot).await.unwrap(), 0);
        assert_eq!(reports_sent(&town.store, &town.clock, &*can).await.unwrap(), 0, "in a minute");
        town.clock.advance(MINUTE);
        let other = database.open().await;

        let (here, there) = tokio::join!(reports_sent(&town.store, &town.clock, &*can), reports_sent(&other, &town.clock, &*can));

        assert_eq!(here.unwrap() + there.unwrap(), 1);
        let path = format!("{HERE}/{}", made["id"].as_str().unwrap());
        let bad = json!({"name": "", "every": "hour", "at": "8", "zone": "Mars", "recipients": [{"email": "eve@example.org", "language": "en"}]});
        let fields = send(&door, "PUT", &path, bad).await.problem(422)["errors"].clone();
        let fields: Vec<_> = fields.as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["name", "every", "at", "zone", "recipients"]);
        let changed = json!({"name": "Month", "every": "month:31", "at": "06:00", "recipients": [{"email": "ada@bakery.example", "language": "en"}]});
        let changed = send(&door, "PUT", &path, changed).await.json();
        assert_eq!((&changed["due_at"], &changed["zone"]), (&json!("2026-11-30T06:00:00.000Z"), &json!("UTC")));
        assert_eq!(send(&door, "DELETE", &path, Value::Null).await.status, 204);
        door.api(&path).await.problem(404);
        other.close().await;
        town.store.close().await;
    })
    .await;
}
