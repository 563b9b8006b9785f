//! May people be reached: asked for many at once, reserved once, and told why.

use axum::body::Body;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};
use whence::flows::{call_arrives, call_ends, plan_applied, plan_exported, plan_read, segments_reckoned};

use super::contacts::send;
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, Door, hand_out_keys, request, sign_in};
use crate::support::town::{MINUTE, Town};

const PLAN: &str = r#"
[[purposes]]
id = "offers"
name_en = "Offers"
name_fr = "Offres"

[[purposes]]
id = "orders"
kind = "service"
name_en = "Orders"
name_fr = "Commandes"

[[controllers]]
id = "bakery"
name = "Bakery SAS"
address = "1 rue du Four, Lyon"
email = "privacy@bakery.example"

[[caps]]
id = "mails"
channel = "email"
count = 2
days = 7
"#;

pub(super) struct Stage {
    pub town: Town,
    pub door: Door,
    pub ada: String,
}

/// A town with a plan and Ada, whose number and address are known.
pub(super) async fn stage(database: &Database) -> Stage {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let before = plan_exported(&town.store).await.unwrap();
    let plan = plan_read(&format!("{before}{PLAN}"), &[], &[]).unwrap();
    plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
    let door = Door::of(&town);
    let written = json!({"given_name": "Ada", "identities": [
        {"kind": "phone", "value": "06 39 98 00 01"}, {"kind": "email", "value": "ada@example.org"}]});
    let ada = post(&door, "/api/v1/contacts", &written).await.json()["id"].as_str().unwrap().to_owned();
    Stage { town, door, ada }
}

async fn post(door: &Door, address: &str, body: &Value) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "application/json")];
    door.ask(request("POST", address, &headers, Body::from(body.to_string()))).await
}

impl Stage {
    pub async fn says(&self, channel: &str, status: &str) -> String {
        let line = json!({"channel": channel, "purpose": "offers", "status": status, "method": "form", "source": "f"});
        let address = format!("/api/v1/contacts/{}/consents", self.ada);
        post(&self.door, &address, &line).await.json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn check(&self, body: Value) -> Value {
        let answer = post(&self.door, "/api/v1/contactability/check", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    fn wish(&self, reference: &str) -> Value {
        json!({"contact": {"id": self.ada}, "channel": "email", "purpose": "offers", "reference": reference})
    }

    async fn reserve(&self, wish: &Value) -> Answer {
        post(&self.door, "/api/v1/contactability/reserve", wish).await
    }

    async fn settle(&self, reservation: &Value, how: &str) -> Answer {
        let id = reservation["id"].as_str().unwrap();
        post(&self.door, &format!("/api/v1/contactability/reservations/{id}/{how}"), &json!({})).await
    }
}

pub(super) fn rules_that_deny(item: &Value) -> Vec<&str> {
    let reasons = item["reasons"].as_array().unwrap().iter();
    reasons.filter(|it| it["verdict"] == "denies").map(|it| it["rule"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_answer_names_the_lines_and_rules_it_stands_on() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let line = stage.says("phone", "granted").await;
        let ask = |at: &str| {
            json!({"contacts": [
                {"id": stage.ada}, {"kind": "email", "value": "ADA@example.org"}, {"kind": "phone", "value": "0199009999"}],
                "channel": "phone", "purpose": "offers", "at": at})
        };

        let sunday = stage.check(ask("2026-11-22T12:00:00Z")).await;
        let monday = stage.check(ask("2026-11-23T10:30:00+01:00")).await;

        assert_eq!((&sunday["controller"], &sunday["channel"]), (&json!("bakery"), &json!("phone")));
        let items = sunday["items"].as_array().unwrap();
        assert_eq!(items[0], items[1], "by its id or by an identity");
        assert_eq!(items[0]["contact"], json!(stage.ada));
        assert_eq!(rules_that_deny(&items[0]), ["phone-hours"]);
        assert_eq!(items[0]["next_at"], "2026-11-23T09:00:00.000Z");
        assert_eq!(items[2], json!({"contact": null, "allowed": false, "score": 0, "next_at": null, "reasons": []}));
        let allowed = &monday["items"][0];
        assert_eq!((&allowed["allowed"], rules_that_deny(allowed)), (&json!(true), vec![]));
        let reason = allowed["reasons"].as_array().unwrap().iter().find(|it| it["rule"] == "phone-consent").unwrap();
        assert_eq!(reason["consents"], json!([line]));
        assert_eq!((&reason["dated"], &reason["words"]), (&json!("2025-06-30"), &json!("granted (consent) on 2026-11-22")));
        let service = json!({"contacts": [{"id": stage.ada}], "channel": "phone", "purpose": "orders"});
        assert_eq!(stage.check(service).await["items"][0]["allowed"], true);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_caller_may_be_called_back_and_what_they_were_sent_counts() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let Stage { town, door, .. } = &stage;
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let ask = json!({"contacts": [{"kind": "phone", "value": "+33199005001"}], "channel": "phone", "purpose": "offers"});
        assert_eq!(stage.check(ask.clone()).await["items"][0]["allowed"], false, "the call goes on");
        town.clock.advance(MINUTE);
        call_ends(&town.store, &town.clock, &town.end(&call, None)).await.unwrap();

        let missed = stage.check(ask.clone()).await;

        let reasons = missed["items"][0]["reasons"].as_array().unwrap();
        assert_eq!((&missed["items"][0]["allowed"], &reasons[1]["rule"]), (&json!(true), &json!("call-back")));
        assert_eq!(reasons[1]["calls"], json!([call.call]));
        town.clock.advance(MINUTE * 60 * 72);
        assert_eq!(stage.check(ask).await["items"][0]["allowed"], false);

        // Two e-mails that another system told of fill the week.
        stage.says("email", "granted").await;
        let mut db = AnyConnection::connect(&database.url).await.unwrap();
        for n in 1..=2_i64 {
            sqlx::query(
                "insert into engagements (id, contact_id, kind, at, subject, source, reference, purpose_id, solicits) \
                 values ($1, $2, 'email_sent', $3, $4, 'mailer', $4, 'offers', 1)",
            )
            .bind(uuid::Uuid::from_u128(n as u128).to_string())
            .bind(&stage.ada)
            .bind(town.clock.now().as_ms() - n)
            .bind(format!("mail {n}"))
            .execute(&mut db)
            .await
            .unwrap();
        }
        db.close().await.unwrap();
        let ask = json!({"contacts": [{"id": stage.ada}], "channel": "email", "purpose": "offers"});
        let capped = stage.check(ask).await;
        assert_eq!(rules_that_deny(&capped["items"][0]), ["cap"]);
        let pressure = door.api(&format!("/api/v1/contacts/{}/pressure", stage.ada)).await.json();
        assert_eq!(pressure["caps"][0]["left"], 0);
        assert_eq!(pressure["days"][0]["items"].as_array().unwrap().len(), 2);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_counts_until_it_is_cancelled_or_runs_out() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let denied = stage.reserve(&stage.wish("1")).await;
        assert_eq!((denied.status.as_u16(), &denied.json()["reservation"]), (200, &Value::Null));
        assert_eq!(rules_that_deny(&denied.json()["decision"]), ["email-consent"]);
        stage.says("email", "granted").await;

        let first = stage.reserve(&stage.wish("1")).await;
        stage.town.clock.advance(MINUTE);
        let again = stage.reserve(&stage.wish("1")).await;
        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
        assert_eq!(first.json(), again.json());
        let mut other = stage.wish("1");
        other["channel"] = json!("sms");
        stage.reserve(&other).await.problem(409);

        // What is planned for the same week counts as well.
        let mut planned = stage.wish("2");
        planned["at"] = json!("2026-11-26T09:00:00Z");
        let planned = stage.reserve(&planned).await.json()["reservation"].clone();
        let full = stage.reserve(&stage.wish("3")).await.json();
        assert_eq!(rules_that_deny(&full["decision"]), ["cap"]);
        let cap = full["decision"]["reasons"].as_array().unwrap().last().unwrap();
        assert_eq!((&cap["cap"], cap["reservations"].as_array().unwrap().len()), (&json!("mails"), 2));

        assert_eq!(stage.settle(&planned, "cancel").await.json()["state"], "cancelled");
        stage.settle(&planned, "confirm").await.problem(409);
        let third = stage.reserve(&stage.wish("3")).await;
        assert_eq!(third.status, 201, "{}", third.body);
        let third = third.json()["reservation"].clone();
        for _ in 0..2 {
            let confirmed = stage.settle(&third, "confirm").await.json();
            assert_eq!(confirmed["state"], "confirmed");
        }
        stage.town.clock.advance(MINUTE * 15);
        let first = first.json()["reservation"].clone();
        let address = format!("/api/v1/contactability/reservations/{}", first["id"].as_str().unwrap());
        assert_eq!(stage.door.api(&address).await.json()["state"], "expired");
        stage.settle(&first, "confirm").await.problem(409);
        stage.reserve(&stage.wish("1")).await.problem(409);
        assert_eq!(stage.reserve(&stage.wish("4")).await.status, 201, "the first counts no more");
        let pressure = stage.door.api(&format!("/api/v1/contacts/{}/pressure", stage.ada)).await.json();
        assert_eq!((&pressure["caps"][0]["used"], &pressure["zone"]), (&json!(2), &json!("Europe/Paris")));
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_of_a_segment_holds_for_who_is_in_it() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let (store, clock) = (&stage.town.store, &stage.town.clock);
        let before = plan_exported(store).await.unwrap();
        let cap = "[[caps]]\nid = \"vips\"\nsegment = \"vip\"\ncount = 1\ndays = 7\n";
        let plan = plan_read(&format!("{before}{cap}"), &[], &[]).unwrap();
        plan_applied(store, clock, &plan, false).await.unwrap();
        stage.says("email", "granted").await;
        assert_eq!(stage.reserve(&stage.wish("1")).await.status, 201);
        let ask = json!({"contacts": [{"id": stage.ada}], "channel": "email", "purpose": "offers"});
        let caps = async || {
            let pressure = stage.door.api(&format!("/api/v1/contacts/{}/pressure", stage.ada)).await.json();
            let caps = pressure["caps"].as_array().unwrap().iter();
            caps.map(|cap| cap["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(stage.check(ask.clone()).await["items"][0]["allowed"], true);
        assert_eq!(caps().await, ["mails"]);

        let vip = json!({"name": "VIP", "filter": "has(email)"});
        assert_eq!(send(&stage.door, "PUT", "/api/v1/segments/vip", vip).await.status, 200);
        segments_reckoned(store, clock, false).await.unwrap();

        let capped = stage.check(ask).await;
        assert_eq!(rules_that_deny(&capped["items"][0]), ["cap"]);
        assert_eq!(caps().await, ["mails", "vips"]);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reserved_and_then_told_of_by_the_same_reference_counts_once() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        stage.says("email", "granted").await;
        let first = stage.reserve(&stage.wish("mail 1")).await.json()["reservation"].clone();
        stage.settle(&first, "confirm").await;
        let mut db = AnyConnection::connect(&database.url).await.unwrap();
        sqlx::query(
            "insert into engagements (id, contact_id, kind, at, subject, source, reference, purpose_id, solicits) \
             values ($1, $2, 'email_sent', $3, 'mailer:mail 1', 'mailer', 'mail 1', 'offers', 1)",
        )
        .bind(uuid::Uuid::from_u128(1).to_string())
        .bind(&stage.ada)
        .bind(stage.town.clock.now().as_ms())
        .execute(&mut db)
        .await
        .unwrap();
        db.close().await.unwrap();

        assert_eq!(stage.reserve(&stage.wish("mail 2")).await.status, 201);
        assert_eq!(stage.reserve(&stage.wish("mail 3")).await.status, 200);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_tools_on_two_nodes_no_more_get_leave_than_the_cap_has_room_for() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        stage.says("email", "granted").await;
        let other = Town { store: database.open().await, clock: stage.town.clock.clone() };
        let doors = [Door::of(&stage.town), Door::of(&other)];

        let wishes: Vec<Value> = (0..24).map(|n| stage.wish(&format!("tool {n}"))).collect();
        let asked = wishes
            .iter()
            .enumerate()
            .map(|(n, wish)| post(&doors[n % 2], "/api/v1/contactability/reserve", wish));
        let answers = futures_util::future::join_all(asked).await;

        let given = answers.iter().filter(|answer| answer.status == 201).count();
        let denied = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((given, denied), (2, 22), "{}", database.name);
        other.store.close().await;
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_told_by_its_field() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let fields = |problem: Value| -> Vec<String> {
            let errors = problem["errors"].as_array().unwrap().iter();
            errors.map(|it| it["field"].as_str().unwrap().to_owned()).collect()
        };

        let wrong = json!({"contacts": [{"id": "ada"}, {"kind": "phone", "value": "12"}, {}],
            "channel": "web_tracking", "purpose": "offer", "controller": "shop", "at": "noon"});
        let wrong = post(&stage.door, "/api/v1/contactability/check", &wrong).await.problem(422);
        let expected = [
            "contacts[0].id", "contacts[2].id", "contacts[1].value", "channel", "purpose", "controller", "at",
        ];
        assert_eq!(fields(wrong), expected);
        let many: Vec<Value> = vec![json!({"id": stage.ada}); 1_001];
        let many = json!({"contacts": many, "channel": "sms", "purpose": "offers"});
        let many = post(&stage.door, "/api/v1/contactability/check", &many).await.problem(422);
        assert_eq!(fields(many), ["contacts"]);
        let mut wish = stage.wish(" ");
        (wish["hold_s"], wish["at"]) = (json!(1), json!("2026-11-22T11:00:00Z"));
        assert_eq!(fields(stage.reserve(&wish).await.problem(422)), ["hold_s", "reference", "at"]);
        let nobody = json!({"contact": {"id": uuid::Uuid::nil()}, "channel": "sms", "purpose": "offers", "reference": "1"});
        stage.reserve(&nobody).await.problem(404);
        stage.settle(&json!({"id": uuid::Uuid::nil()}), "confirm").await.problem(404);
        stage.door.api(&format!("/api/v1/contacts/{}/pressure", uuid::Uuid::nil())).await.problem(404);
        stage.door.api(&format!("/api/v1/contacts/{}/pressure?days=0", stage.ada)).await.problem(422);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reservations_go_with_who_becomes_part_of_another_and_come_back() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        stage.says("email", "granted").await;
        for n in 0..2 {
            assert_eq!(stage.reserve(&stage.wish(&format!("{n}"))).await.status, 201);
        }
        stage.town.clock.advance(MINUTE);
        let other = json!({"name": "Ada L.", "identities": [{"kind": "email", "value": "ada@example.net"}]});
        let other = post(&stage.door, "/api/v1/contacts", &other).await.json()["id"].clone();
        let used = async |contact: &Value| {
            let address = format!("/api/v1/contacts/{}/pressure", contact.as_str().unwrap());
            stage.door.api(&address).await.json()["caps"][0]["used"].as_u64().unwrap()
        };
        assert_eq!((used(&json!(stage.ada)).await, used(&other).await), (2, 0));

        let merge = format!("/api/v1/contacts/{}/merge", stage.ada);
        let merge = post(&stage.door, &merge, &json!({"contact": other})).await.json();

        assert_eq!(used(&other).await, 2, "who is part of another has what that one has");
        let undo = format!("/api/v1/merges/{}/undo", merge["id"].as_str().unwrap());
        assert_eq!(post(&stage.door, &undo, &json!({})).await.status, 200);
        assert_eq!((used(&json!(stage.ada)).await, used(&other).await), (2, 0));
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_contact_tells_by_what_they_may_be_reached() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let session = sign_in(&stage.town.store).await;
        stage.says("email", "granted").await;

        let [en, fr] = stage.door.in_both(&format!("/console/contacts/{}", stage.ada), session).await;

        for text in ["May be reached", "Offers", "Orders", "granted (consent) on", "they have said nothing"] {
            assert!(en.contains(text), "{text}");
        }
        for text in ["Peut être joint", "Commandes", "accordé (consentement) le", "n’a rien dit"] {
            assert!(fr.contains(text), "{text}");
        }
        stage.town.store.close().await;
    })
    .await;
}
