//! Links to a report: made, opened by anybody, locked, ended, taken back, and lost with what their maker may see.

use axum::http::HeaderName;
use serde_json::{Value, json};
use whence::domain::ids::UserId;
use whence::domain::outlet::Outlet;
use whence::domain::staff::{Post, Role};

use super::contacts::send;
use super::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in, sign_in_as};
use crate::support::town::{MINUTE, POSTER, Town, page};

const HERE: &str = "/api/v1/shares";
const DAY: u32 = 24 * 60;

async fn share(door: &Door, new: Value) -> (Value, String) {
    let answer = send(door, "POST", HERE, new).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let made = answer.json();
    let link = made["link"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    (made, link)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_one_report_to_anybody_until_it_ends_or_is_taken_back() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        town.opens(page("/secret-page?utm_source=google&utm_medium=cpc&utm_term=secret-term")).await;
        town.clock.advance(MINUTE);
        somebody_calls(&town, 1000, Some(7001), true).await;
        somebody_calls(&town, POSTER, Some(7002), false).await;
        door.count().await;
        let (made, link) =
            share(&door, json!({"query": "channel=Offline&period=7d&origins=term&landing_page=x"})).await;
        assert_eq!(
            (&made["query"], &made["opens"]),
            (&json!("channel=Offline&period=7d&origins=term"), &json!(0))
        );
        let (_, all) = share(&door, json!({"days": 1, "query": "origins=term"})).await;

        let answer = door.get(&link, &[]).await;
        let seen = answer.page(200).to_owned();
        assert!(
            seen.contains("<span class=\"large num\">1</span>") && seen.contains("Channel: Offline"),
            "{seen}"
        );
        for (name, value) in
            [("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex"), ("cache-control", "no-store")]
        {
            assert_eq!(answer.header(HeaderName::from_static(name)), value);
        }
        for locked in ["/console/overview", "/console/calls", "name=\"from\"", "Cost per call", "<form"] {
            assert!(!seen.contains(locked), "{locked}: {seen}");
        }
        let other = door.get(&format!("{link}?channel=Email&period=today&lang=fr"), &[]).await;
        assert!(other.page(200).contains("<span>Canal\u{a0}: Hors ligne</span>"), "{}", other.body);
        let whole = door.get(&all, &[]).await;
        for untold in ["secret-term", "secret-page", "7001", "99 00 70"] {
            assert!(!whole.page(200).contains(untold), "{untold}");
        }
        let listed = door.api(HERE).await.json();
        let mine = listed["items"].as_array().unwrap().iter().find(|it| it["id"] == made["id"]).unwrap();
        assert_eq!(
            (&mine["opens"], mine["opened_at"].is_string(), &mine["link"]),
            (&json!(2), true, &Value::Null)
        );

        town.clock.advance(MINUTE * DAY);
        door.get(&all, &[]).await.page(404);
        assert_eq!(
            send(&door, "DELETE", &format!("{HERE}/{}", made["id"].as_str().unwrap()), Value::Null)
                .await
                .status,
            204
        );
        door.get(&link, &[]).await.page(404);
        door.get("/shared/made-up", &[]).await.page(404);
        for days in [0, 366] {
            send(&door, "POST", HERE, json!({"days": days})).await.problem(422);
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_what_its_maker_may_see_and_ends_with_them() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let ada = sign_in(&town.store).await;
        let harbour = Outlet { id: "harbour".parse().unwrap(), parent: None, name: "Harbour".into() };
        town.store
            .write(move |tx| {
                let it = harbour.clone();
                Box::pin(async move { tx.save_outlet(&it).await })
            })
            .await
            .unwrap();
        let ben =
            sign_in_as(&town.store, Post { role: Role::Outlet, outlet: Some("bakery".parse().unwrap()) })
                .await;
        somebody_calls(&town, POSTER, Some(7001), true).await;
        door.count().await;
        let answer = door
            .form(
                "/console/shares",
                &[("query", "period=7d"), ("days", "30")],
                &[ben, ("accept-language", "en")],
            )
            .await;
        let made = answer.page(200).to_owned();
        let link =
            made.split("href=\"http://127.0.0.1:8080/shared/").nth(1).unwrap().split('"').next().unwrap();
        let link = format!("/shared/{link}");
        assert!(door.get(&link, &[]).await.page(200).contains("<span class=\"large num\">1</span>"));
        let [listed, fr] = door.in_both("/console/shares?query=outlet%3Dbakery", ada).await;
        assert!(
            listed.contains("ben@bakery.example")
                && listed.contains(">7 days</a>")
                && listed.contains("Shows: 30 days · Outlet: ")
                && listed.contains("outlet=bakery&#38;zone=UTC"),
            "{listed}"
        );
        assert!(fr.contains("une fois") && !fr.contains(&link), "{fr}");

        // He is given another part of the network, and then taken out.
        let ben_id = UserId(uuid::Uuid::from_u128(9));
        let moved = Post { role: Role::Outlet, outlet: Some("harbour".parse().unwrap()) };
        town.store
            .write(move |tx| {
                let post = moved.clone();
                Box::pin(async move { tx.set_post(ben_id, &post).await })
            })
            .await
            .unwrap();
        assert!(door.get(&link, &[]).await.page(200).contains("No calls in this time"));
        town.store.write(move |tx| Box::pin(tx.delete_user(ben_id))).await.unwrap();
        door.get(&link, &[]).await.page(404);
        let [empty, vide] = door.in_both("/console/shares", ada).await;
        assert!(empty.contains("Nothing is shared") && vide.contains("Rien n’est partagé"), "{empty}");
        town.store.close().await;
    })
    .await;
}
