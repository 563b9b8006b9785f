//! What is watched, when it is raised and over, and who is told of it: once each.

use std::sync::Arc;

use serde_json::{Value, json};
use whence::flows::{ComposeAlert, Reports, alerts_judged, hours_counted};
use whence::http::letters::alert::composer;
use whence::jobs::send_mails::send_due;
use whence::notify::mail::Security;
use whence::telemetry::Metrics;

use super::contacts::send;
use super::money::costs;
use super::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::post_office::PostOffice;
use crate::support::town::{MINUTE, POSTER, Town, phone};

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;
const HERE: &str = "/api/v1/alerts";

/// Somebody who looks whether an alert is to be raised.
pub struct Judge {
    reports: Reports,
    compose: Arc<ComposeAlert>,
}

impl Judge {
    pub fn new() -> Self {
        let compose = composer(&"https://calls.example.org/".parse().unwrap());
        Self { reports: Reports::default(), compose }
    }

    /// How many were raised or are over, of those that are due.
    pub async fn looks(&self, town: &Town) -> usize {
        while hours_counted(&town.store).await.unwrap() > 0 {}
        while self.reports.read_on(&town.store).await.unwrap() {}
        alerts_judged(&town.store, &town.clock, &self.reports, Some(&self.compose)).await.unwrap()
    }

    /// The same each minute for so long.
    pub async fn watches(&self, town: &Town, minutes: u32) -> usize {
        let mut told = 0;
        for _ in 0..minutes {
            town.clock.advance(MINUTE);
            told += self.looks(town).await;
        }
        told
    }
}

pub async fn alert(door: &Door, name: &str, rule: Value) -> String {
    let new = json!({"name": name, "rule": rule, "emails": ["ada@example.org"], "language": "fr"});
    let answer = send(door, "POST", HERE, new).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn mails(town: &Town, office: &PostOffice) -> Vec<(String, String)> {
    let mailer = office.mailer(Security::StartTls, Some(office.authority()));
    while send_due(&town.store, &town.clock, &mailer, &Metrics::new()).await.unwrap() > 0 {}
    office.collect()
}

async fn one(door: &Door, id: &str) -> Value {
    door.api(&format!("{HERE}/{id}")).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_calls_are_told_once_when_they_begin_and_once_when_they_are_over() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, judge, office) = (Door::of(&town), Judge::new(), PostOffice::open().await);
        let rule = json!({"kind": "missed", "outlet": "bakery", "share_percent": 50, "least_calls": 3});
        let id = alert(&door, "Nobody answers", rule).await;
        somebody_calls(&town, POSTER, Some(7001), false).await;
        assert_eq!(judge.looks(&town).await, 0, "one of one is no alarm");
        somebody_calls(&town, POSTER, Some(7002), true).await;
        somebody_calls(&town, POSTER, Some(7003), false).await;

        assert_eq!(judge.watches(&town, 1).await, 1);
        assert_eq!(judge.watches(&town, 5).await, 0, "it is told once");
        let raised = one(&door, &id).await;
        assert_eq!(raised["measured"], json!({"missed": {"missed": 2, "calls": 3, "minutes": 60}}));
        assert!(raised["raised_at"].is_string() && raised["incident"].is_string(), "{raised}");
        let sent = mails(&town, &office).await;
        assert_eq!(sent.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["ada@example.org"]);
        let mail = sent[0].1.replace("=\r\n", "").replace("=C3=A9", "é").replace("=C2=A0", " ");
        assert!(mail.contains("2 appels manqués sur 3 en 60 min"), "{mail}");
        assert!(mail.contains(&format!("https://calls.example.org/console/alerts/{id}")), "{mail}");
        assert!(
            !mail.contains("7001") && !mail.contains("7003") && !mail.contains("<script"),
            "no caller is in it"
        );

        for caller in 7010..7016 {
            somebody_calls(&town, POSTER, Some(caller), true).await;
        }
        // Within its limit again, and calm for ten minutes.
        assert_eq!(judge.watches(&town, 9).await, 0);
        assert_eq!(judge.watches(&town, 3).await, 1);
        assert_eq!(judge.watches(&town, 30).await, 0);
        assert_eq!(mails(&town, &office).await.len(), 1);
        let incidents = door.api(&format!("{HERE}/{id}/incidents")).await.json();
        let incident = &incidents["items"][0];
        assert_eq!(incident["id"], raised["incident"]);
        assert_eq!(
            (&incident["measured"]["missed"]["missed"], &incident["calmed"]["missed"]["calls"]),
            (&json!(2), &json!(9))
        );
        assert_eq!(one(&door, &id).await["raised_at"], Value::Null);
        town.store.close().await;
    })
    .await;
}

/// Two nodes look at the same time, and one that has stopped forgets nothing.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_one_tells_and_a_restart_tells_nothing_again() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        for nth in 0..5 {
            alert(&door, &format!("Missed {nth}"), json!({"kind": "missed", "calls": 0, "minutes": 30}))
                .await;
        }
        somebody_calls(&town, POSTER, Some(7001), false).await;
        let other = Town { store: database.open().await, clock: town.clock.clone() };
        let (here, there) = (Judge::new(), Judge::new());
        assert_eq!(here.looks(&town).await, 5, "each is looked at at once");
        town.clock.advance(31 * MINUTE);
        let both = tokio::join!(here.looks(&town), there.looks(&other));
        assert_eq!(both.0 + both.1, 0, "not calm for long enough");
        town.clock.advance(11 * MINUTE);

        let (mine, theirs) = tokio::join!(here.looks(&town), there.looks(&other));

        assert_eq!(mine + theirs, 5);
        assert_eq!(Judge::new().watches(&town, 3).await, 0);
        let office = PostOffice::open().await;
        assert_eq!(mails(&town, &office).await.len(), 10);
        other.store.close().await;
        town.store.close().await;
    })
    .await;
}

/// A number that rings four times each forenoon, and not at night.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_falls_silent_is_told_by_day_and_not_by_night() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, judge) = (Door::of(&town), Judge::new());
        let number = phone(POSTER).reveal().to_owned();
        let rule =
            json!({"kind": "silence", "number": number, "hours": 2, "chance_percent": 1, "zone": "UTC"});
        let id = alert(&door, "The poster is silent", rule).await;
        assert_eq!(judge.looks(&town).await, 0, "nothing is known yet");
        assert_eq!(one(&door, &id).await["measured"], Value::Null);
        for _ in 0..42 {
            for _ in 0..8 {
                town.clock.advance(MINUTE * 15);
                somebody_calls(&town, POSTER, None, true).await;
            }
            town.clock.advance(MINUTE * (DAY - 8 * 15 - 10) + MINUTE / 3 * 2);
        }

        // It is a minute or two before noon, when calls begin. The night has passed without any.
        assert_eq!(judge.looks(&town).await, 0);
        let night = one(&door, &id).await["measured"]["silence"].clone();
        assert_eq!(
            (night["weeks"].clone(), night["usual"].as_f64() < Some(0.5)),
            (json!(5), true),
            "{night}"
        );
        town.clock.advance(MINUTE * (2 * HOUR + 30));
        assert_eq!(judge.looks(&town).await, 1);
        let day = one(&door, &id).await["measured"]["silence"].clone();
        assert!(day["chance"].as_f64().unwrap() < 0.01 && day["usual"].as_f64().unwrap() > 7.0, "{day}");
        somebody_calls(&town, POSTER, None, true).await;
        assert_eq!(judge.watches(&town, 6).await, 1, "the next call ends it");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_runs_out_is_told_by_its_numbers_and_by_visits_without() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        hand_out_keys(&town.store).await;
        let (door, judge) = (Door::of(&town), Judge::new());
        let free = alert(&door, "Pool", json!({"kind": "pool", "pool": "web", "free": 1})).await;
        let visits = alert(&door, "Visits", json!({"kind": "pool", "visits": 1})).await;
        town.somebody_comes().await;
        assert_eq!(judge.looks(&town).await, 0);
        for path in [
            "/a?utm_source=x&utm_medium=email",
            "/b?utm_source=y&utm_medium=affiliate",
            "/c?utm_source=z&utm_medium=sms",
        ] {
            town.opens(crate::support::town::page(path)).await;
        }

        let told = judge.watches(&town, 1).await;

        let [free, visits] = [one(&door, &free).await, one(&door, &visits).await];
        assert_eq!(free["measured"], json!({"pool": {"pool": "web", "free": 0, "numbers": 2}}));
        let without = visits["measured"]["pool"]["visits"].as_u64().unwrap();
        assert_eq!(told, 1 + usize::from(without > 1), "{visits}");
        assert_eq!(visits["raised_at"].is_string(), without > 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_is_down_by_what_its_own_node_says_and_for_as_long_as_it_says_so() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, judge) = (Door::of(&town), Judge::new());
        let id = alert(&door, "Carrier", json!({"kind": "trunk", "minutes": 2})).await;
        let says = async |node: &'static str, down: bool| {
            let now = town.clock.now();
            let trunks = vec![("carrier".parse().unwrap(), down.then_some(now))];
            let saved = town.store.write(move |tx| {
                let trunks = trunks.clone();
                Box::pin(async move { tx.save_trunk_states(node, &trunks, now).await })
            });
            saved.await.unwrap();
        };
        assert_eq!(judge.looks(&town).await, 0, "no node has said anything");
        says("north", true).await;
        says("south", false).await;
        assert_eq!(judge.watches(&town, 1).await, 0, "not for long enough");
        says("north", true).await;
        assert_eq!(judge.watches(&town, 1).await, 1);
        let raised = one(&door, &id).await;
        assert_eq!(
            raised["measured"],
            json!({"trunk": {"trunk": "carrier", "node": "north", "seconds": 120}})
        );
        // The node that knew of it says nothing any more: nobody knows.
        for _ in 0..20 {
            says("south", false).await;
            assert_eq!(judge.watches(&town, 1).await, 0);
        }
        for _ in 0..5 {
            says("north", false).await;
            assert_eq!(judge.watches(&town, 1).await, 0, "it may go again");
        }
        says("north", false).await;
        assert_eq!(judge.watches(&town, 1).await, 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cost_out_of_its_band_or_far_from_before_is_told() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, judge) = (Door::of(&town), Judge::new());
        // Ten days with two calls for ten euros each, from 22 November on; then a day for a hundred.
        costs(&door, json!({"first_day": "2026-11-22", "last_day": "2026-12-01", "channel": "Offline", "amount_minor": 20_000, "currency": "EUR"})).await;
        costs(&door, json!({"first_day": "2026-12-02", "channel": "Offline", "amount_minor": 10_000, "currency": "EUR"})).await;
        let past = json!({"kind": "cost", "channel": "Offline", "days": 2, "past_percent": 100, "least_calls": 2});
        let past = alert(&door, "Dearer than before", past).await;
        let band = json!({"kind": "cost", "days": 1, "high_minor": 2000, "currency": "EUR", "least_calls": 1});
        let band = alert(&door, "Too dear", band).await;
        for day in 0..11 {
            let told = judge.looks(&town).await;
            assert_eq!(told, 0, "day {day}");
            somebody_calls(&town, POSTER, None, true).await;
            somebody_calls(&town, POSTER, None, true).await;
            town.clock.advance(MINUTE * (DAY - 3));
        }

        assert_eq!(judge.looks(&town).await, 2);

        let [past, band] = [one(&door, &past).await, one(&door, &band).await];
        let [past, band] = [&past["measured"]["cost"], &band["measured"]["cost"]];
        // Of two days 12,000 for four calls; the eight before had a thousand each.
        assert_eq!((&past["cost_minor"], &past["calls"], &past["high_minor"]), (&json!(12_000), &json!(4.0), &json!(2_000.0)));
        assert_eq!((&band["cost_minor"], &band["from_minor"], &band["low_minor"]), (&json!(10_000), &json!(5_000.0), &Value::Null));
        let half = [("authorization", "Bearer alerts:read")];
        assert_eq!(door.get(HERE, &half).await.json()["items"], json!([]), "costs are for who may read them");
        let foreign = door.api(HERE).await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        door.get(&format!("{HERE}/{foreign}"), &half).await.problem(403);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_changed_switched_off_and_deleted_without_a_word() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, judge) = (Door::of(&town), Judge::new());
        let rule = json!({"kind": "missed", "calls": 0});
        let id = alert(&door, "Missed", rule.clone()).await;
        let path = format!("{HERE}/{id}");
        somebody_calls(&town, POSTER, None, false).await;
        assert_eq!(judge.looks(&town).await, 1);
        let put = async |name: &str, rule: &Value, enabled: bool| {
            send(&door, "PUT", &path, json!({"name": name, "rule": rule, "enabled": enabled})).await.json()
        };

        let renamed = put("Renamed", &rule, true).await;
        assert!(renamed["raised_at"].is_string() && renamed["emails"] == json!([]), "{renamed}");
        let off = put("Renamed", &rule, false).await;
        assert_eq!((&off["raised_at"], &off["measured"], &off["enabled"]), (&Value::Null, &Value::Null, &json!(false)));
        assert_eq!(judge.watches(&town, 2).await, 0);
        let incident = door.api(&format!("{path}/incidents")).await.json()["items"][0].clone();
        assert!(incident["over_at"].is_string() && incident["calmed"].is_null(), "{incident}");

        let bad = json!({"name": "", "rule": {"kind": "missed", "outlet": "harbour"}, "emails": ["ada"], "language": "de"});
        let fields = send(&door, "POST", HERE, bad).await.problem(422)["errors"].clone();
        let fields: Vec<_> = fields.as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["name", "language", "emails", "share_percent"]);
        for unknown in [json!({"kind": "missed", "calls": 1, "outlet": "harbour"}), json!({"kind": "silence", "number": "+33199009999"}), json!({"kind": "pool", "pool": "none", "free": 1})] {
            send(&door, "POST", HERE, json!({"name": "x", "rule": unknown})).await.problem(422);
        }
        send(&door, "POST", HERE, json!({"name": "x", "rule": {"kind": "trunk", "colour": "red"}})).await.problem(422);
        assert_eq!(send(&door, "DELETE", &path, Value::Null).await.status, 204);
        door.api(&path).await.problem(404);
        send(&door, "DELETE", &path, Value::Null).await.problem(404);
        town.store.close().await;
    })
    .await;
}
