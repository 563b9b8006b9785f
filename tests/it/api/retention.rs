//! What has had its time: counted before, taken at night, and nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};
use whence::domain::ids::ContactId;
use whence::domain::people::consent::Channel;
use whence::domain::people::contact::Whom;
use whence::domain::people::retention::{Kind, Policy};
use whence::domain::people::rules::{Question, RuleId, Verdict};
use whence::domain::time::Timestamp;
use whence::flows::{contactability_checked, plan_applied, plan_exported, plan_read, retention_run};

use super::contacts::send;
use super::erasures::{dump, of_ada, town_with_ada};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::{Town, page, slug};

pub(super) const DAY: Duration = Duration::from_secs(86_400);

pub(super) const PURPOSES: &str = r#"
[[purposes]]
id = "offers"
name_en = "Offers"
name_fr = "Offres"

[[controllers]]
id = "bakery"
name = "Bakery SAS"
address = "1 rue du Four, Lyon"
email = "privacy@bakery.example"
"#;

pub(super) async fn declare(town: &Town, more: &str) {
    let before = plan_exported(&town.store).await.unwrap();
    let plan = plan_read(&format!("{before}{more}"), &[], &[]).unwrap();
    plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
}

pub(super) fn policies(of: &[(&str, u32)]) -> String {
    let entry = |(kind, months): &(&str, u32)| {
        format!("[[retention]]\nkind = \"{kind}\"\nmonths = {months}\nbecause = \"it is a test\"\n")
    };
    of.iter().map(entry).collect()
}

const ALL: [(&str, u32); 7] = [
    ("prospects", 36),
    ("customers", 36),
    ("visits", 25),
    ("calls", 12),
    ("engagements", 36),
    ("mails", 12),
    ("imports", 6),
];

/// What the policies would take, by kind.
async fn would_take(door: &Door) -> Value {
    let dry = send(door, "POST", "/api/v1/retention/run", json!({"dry_run": true})).await.json();
    dry["policies"].as_array().unwrap().iter().map(|it| json!([it["kind"], it["would_take"]])).collect()
}

/// All rows but those that tell who has asked.
/// Without what asking alone changes: who asked, and when their key was used.
fn but_audit(rows: Vec<(String, String)>) -> Vec<(String, String)> {
    rows.into_iter().filter(|(table, _)| table != "audit" && table != "api_keys").collect()
}

pub(super) async fn run(town: &Town) -> Value {
    let mut runs = retention_run(&town.store, &town.clock).await.unwrap();
    runs.sort_by_key(|run| run.kind.as_str());
    runs.iter().map(|run| json!([run.kind.as_str(), run.taken])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_that_the_plan_does_not_name_nor_before_it_has_stood_for_a_day() {
    on_each_database(async |database| {
        let (town, ..) = town_with_ada(database).await;
        town.clock.advance(DAY * 365 * 6);
        let before = dump(database).await;

        assert_eq!(run(&town).await, json!([]));
        assert_eq!(dump(database).await, before);
        declare(&town, &policies(&[("visits", 25)])).await;
        town.clock.advance(DAY);
        assert_eq!(run(&town).await, json!([]));
        // A slip is taken back; what is said anew stands for a day again.
        let plan = plan_exported(&town.store).await.unwrap();
        let other = plan_read(&plan.replace("months = 25", "months = 24"), &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &other, false).await.unwrap();
        town.clock.advance(DAY);
        assert_eq!(run(&town).await, json!([]));
        town.clock.advance(DAY);

        assert_eq!(run(&town).await, json!([["visits", {"visits": 1}]]));
        assert_eq!(run(&town).await, json!([]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_takes_what_the_dry_run_counted_and_nothing_is_left_of_whom_it_was_about() {
    on_each_database(async |database| {
        let (town, door, _, others) = town_with_ada(database).await;
        let traces = of_ada(others.split_once(' ').unwrap().1);
        declare(&town, &policies(&ALL)).await;
        town.clock.advance(DAY * 365 * 3 - DAY);
        let early = would_take(&door).await;
        assert_eq!(early[3], json!(["imports", {}]), "{early}");
        assert_eq!(early[5], json!(["prospects", {}]), "{early}");
        assert_eq!(early[6], json!(["visits", {"visits": 1}]), "{early}");
        town.clock.advance(DAY * 4);
        let before = but_audit(dump(database).await);
        let counted = would_take(&door).await;
        assert_eq!(counted[5], json!(["prospects", {"contacts": 3}]), "{counted}");
        assert_eq!(but_audit(dump(database).await), before);

        let taken = run(&town).await;

        assert_eq!(taken, counted);
        let left: Vec<_> = dump(database)
            .await
            .into_iter()
            .filter(|(_, row)| traces.iter().any(|trace| row.contains(trace)))
            .collect();
        assert_eq!(left, []);
        assert_eq!(door.api("/api/v1/contacts").await.json()["items"], json!([]));
        let calls = door.api("/api/v1/calls").await.json();
        assert_eq!(
            (calls["items"].as_array().unwrap().len(), &calls["items"][0]["caller"]),
            (1, &Value::Null)
        );
        // Nobody has asked to be forgotten: who was is written of again.
        let back = json!({"given_name": "Ada", "identities": [{"kind": "phone", "value": "+33199005001"}]});
        assert_eq!(send(&door, "POST", "/api/v1/contacts", back).await.status, 201);
        let erasures = door.api("/api/v1/erasures").await.json();
        assert_eq!(
            (&erasures["items"][0]["why"], &erasures["items"][0]["by"]),
            (&json!("retention"), &json!("retention"))
        );
        let told = door.api("/api/v1/retention").await.json();
        assert_eq!(told["runs"].as_array().unwrap().len(), ALL.len());
        town.store.close().await;
    })
    .await;
}

/// A town in which people come, act, agree and refuse for five years, a little each time.
async fn five_years(database: &Database, mut seed: u64) -> (Town, Door, Vec<String>) {
    let mut chance = move |of: u64| {
        // SplitMix64: the same seed makes the same town.
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = seed;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (it ^ (it >> 31)) % of
    };
    let town = Town::with_pool_of(database, 4).await;
    hand_out_keys(&town.store).await;
    declare(&town, PURPOSES).await;
    let door = Door::of(&town);
    let mut contacts: Vec<String> = Vec::new();
    for step in 0..150 {
        town.clock.advance(DAY * 12 + Duration::from_secs(chance(80_000)));
        if chance(4) == 0 || contacts.is_empty() {
            let number = format!("+3319900{:04}", 6000 + step);
            let body = json!({"given_name": "N", "identities": [{"kind": "phone", "value": number}]});
            let written = send(&door, "POST", "/api/v1/contacts", body).await.json();
            contacts.push(written["id"].as_str().unwrap().to_owned());
            continue;
        }
        if chance(6) == 0 {
            town.opens(page("/")).await;
        }
        let whose = format!("/api/v1/contacts/{}", contacts[chance(contacts.len() as u64) as usize]);
        let answer = if chance(2) == 0 {
            let kind =
                ["form_submitted", "email_opened", "email_clicked", "purchase", "email_sent", "custom"];
            let kind = kind[chance(6) as usize];
            let mut body =
                json!({"kind": kind, "source": "shop", "reference": step.to_string(), "name": "n"});
            if kind == "purchase" {
                body = json!({"kind": kind, "source": "shop", "reference": step.to_string(), "amount": 100 - 200 * (chance(5) / 4) as i64, "currency": "EUR"});
            }
            send(&door, "POST", &format!("{whose}/engagements"), body).await
        } else {
            let status = ["granted", "refused", "withdrawn"][chance(3) as usize];
            let (basis, method) =
                [("consent", "form"), ("consent", "import"), ("contract", "rule")][chance(3) as usize];
            let mut line = json!({"channel": "phone", "purpose": "offers", "status": status, "basis": basis, "method": method, "source": "f"});
            if status == "granted" && chance(2) == 0 {
                let until = town.clock.now() + DAY * (chance(900) as u32 + 1);
                line["expires_at"] = json!(until.to_string());
            }
            send(&door, "POST", &format!("{whose}/consents"), line).await
        };
        assert!(answer.status.is_success(), "{}", answer.body);
    }
    (town, door, contacts)
}

/// Who may not be asked any more because they have been silent for three years, by the rules of contactability.
async fn denied(town: &Town, contacts: &[String]) -> BTreeSet<String> {
    let purposes = town.store.list_purposes().await.unwrap();
    let purpose = purposes.into_iter().next().unwrap();
    let question = Question { channel: Channel::Email, purpose, controller: slug("bakery") };
    let whom = contacts.iter().map(|id| Whom::Contact(ContactId(id.parse().unwrap()))).collect();
    let decided = contactability_checked(&town.store, &town.clock, whom, &question, town.clock.now());
    let decided = decided.await.unwrap();
    let is_denied = |decision: &whence::domain::people::rules::Decision| {
        let mut reasons = decision.reasons.iter();
        reasons.any(|it| it.rule == RuleId::ProspectRetention && it.verdict == Verdict::Denies)
    };
    decided.iter().flatten().filter(|it| is_denied(it)).map(|it| it.contact.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_taken_may_not_be_asked_any_more_and_as_many_are_taken_as_were_counted() {
    on_each_database(async |database| {
        let mut taken_in_all = 0;
        let (town, door, contacts) = five_years(database, 7).await;
        declare(&town, &policies(&ALL)).await;
        for _ in 0..8 {
            town.clock.advance(DAY * 97);
            let silent = denied(&town, &contacts).await;
            let mut due = BTreeSet::new();
            for kind in [Kind::Prospects, Kind::Customers] {
                let policy = Policy { kind, months: 36, because: String::new() };
                let target = &whence::store::retention::targets(kind)[0];
                let cutoff = policy.cutoff(town.clock.now());
                due.extend(town.store.list_due(target, cutoff, "", 500).await.unwrap());
            }
            assert!(due.is_subset(&silent), "{due:?} {silent:?}");
            // Nobody else is kept than who had a contract within the three years.
            for kept in silent.difference(&due) {
                let lines = door.api(&format!("/api/v1/contacts/{kept}/consents")).await.body;
                assert!(lines.contains("\"contract\""), "{lines}");
            }
            let counted = would_take(&door).await;

            let taken = run(&town).await;

            assert_eq!(taken, counted);
            let gone: usize = contacts.iter().filter(|id| due.contains(*id)).count();
            taken_in_all += gone;
            for id in &contacts {
                let answer = door.api(&format!("/api/v1/contacts/{id}")).await;
                assert!(!due.contains(id) || answer.status == 410, "{}", answer.body);
            }
        }
        assert!(taken_in_all >= 5, "{taken_in_all}");
        town.store.close().await;
    })
    .await;
}

/// Two nodes at once: each policy is carried out by one of them.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_an_answer_stays_and_who_has_said_no_does_not_come_back_by_a_file() {
    on_each_database(async |database| {
        let (town, door, ada, others) = town_with_ada(database).await;
        let (bob, _) = others.split_once(' ').unwrap();
        declare(&town, &format!("{PURPOSES}{}", policies(&[("prospects", 36)]))).await;
        let access = json!({"contact": bob, "kind": "access", "came_by": "letter"});
        let asked = send(&door, "POST", "/api/v1/requests", access).await;
        assert_eq!(asked.status, 201, "{}", asked.body);
        let no = json!({"channel": "post", "purpose": "offers", "status": "refused", "method": "written", "source": "f"});
        let said = send(&door, "POST", &format!("/api/v1/contacts/{ada}/consents"), no).await;
        assert_eq!(said.status, 201, "{}", said.body);
        town.clock.advance(DAY * 365 * 3 + DAY * 4);

        assert_eq!(run(&town).await, json!([["prospects", {"contacts": 2}]]));

        assert_eq!(door.api(&format!("/api/v1/contacts/{bob}")).await.status, 200, "he waits for an answer");
        let again = |phone: &str| json!({"name": "Ada", "identities": [{"kind": "phone", "value": phone}]});
        send(&door, "POST", "/api/v1/contacts", again("+33199005001")).await.problem(409);
        assert_eq!(send(&door, "POST", "/api/v1/contacts", again("+33199005003")).await.status, 201);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_carried_out_by_one_node() {
    on_each_database(async |database| {
        let (town, door, ..) = town_with_ada(database).await;
        declare(&town, &policies(&[("visits", 25), ("prospects", 36)])).await;
        town.clock.advance(DAY * 1_200);
        let other = database.open().await;

        let (one, two) =
            tokio::join!(retention_run(&town.store, &town.clock), retention_run(&other, &town.clock));

        assert_eq!(one.unwrap().len() + two.unwrap().len(), 2);
        let runs = door.api("/api/v1/retention").await.json()["runs"].clone();
        let kinds: BTreeSet<_> = runs.as_array().unwrap().iter().map(|it| it["kind"].to_string()).collect();
        assert_eq!((runs.as_array().unwrap().len(), kinds.len()), (2, 2));
        other.close().await;
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_what_is_kept_and_what_would_be_taken_in_both_languages() {
    on_each_database(async |database| {
        let (town, door, ..) = town_with_ada(database).await;
        let session = sign_in(&town.store).await;
        let [en, fr] = door.in_both("/console/retention", session).await;
        assert!(
            en.contains("kept: the plan says nothing of it") && en.contains("Nothing has been taken yet"),
            "{en}"
        );
        assert!(fr.contains("le plan n’en dit rien") && fr.contains("Durées de conservation"), "{fr}");
        declare(&town, &policies(&[("prospects", 36)])).await;
        town.clock.advance(DAY * 1_200);

        let [en, fr] = door.in_both("/console/retention", session).await;
        assert!(en.contains("36 months") && en.contains("<td class=\"num end\">3</td>"), "{en}");
        assert!(fr.contains("36 mois") && fr.contains("it is a test"), "{fr}");
        let hastened = send(&door, "POST", "/api/v1/retention/run", json!({"dry_run": false})).await.json();
        assert_eq!(hastened["policies"][0]["due_at"], json!(town.clock.now().to_string()));
        assert_eq!(run(&town).await, json!([["prospects", {"contacts": 3}]]));
        let [en, _] = door.in_both("/console/retention", session).await;
        assert!(en.contains("Past runs") && en.contains("<td class=\"num end\">0</td>"), "{en}");
        send(&door, "POST", "/api/v1/retention/run", json!({})).await.problem(422);
        town.store.close().await;
    })
    .await;
}

/// Somebody whom the database will not let go of keeps nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn one_contact_who_cannot_be_erased_keeps_none_of_the_others() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        for n in 0..3 {
            let body = json!({"identities": [{"kind": "phone", "value": format!("063998000{n}")}]});
            assert_eq!(send(&door, "POST", "/api/v1/contacts", body).await.status, 201);
        }
        let mut table = AnyConnection::connect(&database.url).await.unwrap();
        for sql in [
            "create table pins (kind text, value text, foreign key (kind, value) references identities (kind, value))",
            "insert into pins (kind, value) select kind, value from identities where value like '%1'",
        ] {
            sqlx::raw_sql(sql).execute(&mut table).await.unwrap();
        }
        declare(&town, &policies(&[("prospects", 36)])).await;
        town.clock.advance(DAY * 1_200);

        assert_eq!(run(&town).await, json!([["prospects", {"contacts": 2}]]));

        let told = door.api("/api/v1/retention").await.json();
        assert_eq!((&told["runs"][0]["failed"], &told["policies"][0]["would_take"]), (&json!(1), &json!({"contacts": 1})));
        assert!(told["runs"][0]["ended_at"].is_string(), "{told}");
        sqlx::raw_sql("drop table pins").execute(&mut table).await.unwrap();
        town.clock.advance(DAY);
        assert_eq!(run(&town).await, json!([["prospects", {"contacts": 1}]]));
        table.close().await.unwrap();
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hastens_what_the_plan_has_not_said_for_a_day() {
    on_each_database(async |database| {
        let (town, door, ..) = town_with_ada(database).await;
        declare(&town, &policies(&[("visits", 25)])).await;
        town.clock.advance(DAY * 1_200);
        declare(&town, &policies(&[("prospects", 36)])).await;
        let hasten = async || {
            let told = send(&door, "POST", "/api/v1/retention/run", json!({"dry_run": false})).await.json();
            let due =
                |it: &Value| it["due_at"].as_str().unwrap().parse::<Timestamp>().unwrap() <= town.clock.now();
            told["policies"].as_array().unwrap().iter().map(due).collect::<Vec<_>>()
        };

        assert_eq!(hasten().await, [false, true], "prospects, and visits");
        town.clock.advance(DAY);
        assert_eq!(hasten().await, [true, true]);
        town.store.close().await;
    })
    .await;
}
