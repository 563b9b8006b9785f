//! Links to a report: made, opened by anybody, locked, ended, taken back, and lost with what their maker may see.

use axum::http::HeaderName;
use serde_json::{Value, json};
use whence::domain::ids::UserId;
use whence::domain::outlet::Outlet;
use whence::domain::staff::{Post, Role};

use super::contacts::send;
use super::money::costs;
use super::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, request, sign_in, sign_in_as};
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
        // What a report does not filter by would be dropped, and more be shown.
        let dropped = send(&door, "POST", HERE, json!({"report": "journeys", "query": "region=FR-1"})).await;
        assert_eq!(dropped.problem(422)["errors"][0]["field"], "region");
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
                && listed.contains("Overview</a><span class=\"second\">7 days</span>")
                && listed.contains("Shows: Overview · 30 days · Outlet: ")
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

/// What stands between the head and the foot of a page.
fn content(page: &str) -> &str {
    page.split("<main").nth(1).and_then(|it| it.split("</main>").next()).expect("a page has content")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_report_is_shared_with_its_filters_locked_and_leads_nowhere() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let ada = sign_in(&town.store).await;
        town.opens(page("/secret-page?utm_source=google&utm_medium=cpc&utm_term=secret-term")).await;
        town.clock.advance(MINUTE);
        somebody_calls(&town, 1000, Some(7001), true).await;
        somebody_calls(&town, POSTER, Some(7002), false).await;
        costs(&door, json!({"first_day": "2026-11-22", "channel": "Paid Search", "note": "secret-note", "amount_minor": 4_200, "currency": "EUR"})).await;
        door.count().await;

        for (report, tells) in
            [("network", "Bakery"), ("attribution", "Paid Search"), ("journeys", "Paid Search"), ("money", "EUR 42.00")]
        {
            let [own, _] = door.in_both(&format!("/console/{report}?channel=Paid+Search&period=7d"), ada).await;
            let offered = format!("/console/shares?report={report}&#38;query=channel%3DPaid%2BSearch%26period%3D7d#new");
            assert!(own.contains(&offered), "{report} offers {offered}: {own}");
            let query = "channel=Paid+Search&period=7d&landing_page=x&term=y";
            let (made, link) = share(&door, json!({"report": report, "query": query})).await;
            assert_eq!((&made["report"], &made["query"]), (&json!(report), &json!("channel=Paid+Search&period=7d")));

            let seen = door.get(&link, &[("accept-language", "en")]).await;
            let (seen, fr) = (seen.page(200).replace('\u{a0}', " "), door.get(&format!("{link}?channel=Email&lang=fr"), &[]).await);
            assert!(seen.contains("Somebody has shared this report") && seen.contains("Channel: Paid Search"), "{seen}");
            assert!(content(&seen).contains(tells), "{report} tells {tells}: {seen}");
            assert!(fr.page(200).contains("Quelqu’un a partagé"), "{}", fr.body);
            for locked in ["<a ", "<form", "/console/", "secret-", "99 00 70", "99007"] {
                assert!(!content(&seen).contains(locked), "{report}: {locked}: {seen}");
            }
            // What it does not tell apart by is refused.
            for apart in ["dimension=landing_page", "by=landing_page", "model=nonsense"] {
                send(&door, "POST", HERE, json!({"report": report, "query": apart})).await.problem(422);
            }
        }
        send(&door, "POST", HERE, json!({"report": "calls"})).await.problem(422);
        let body = json!({"report": "money"}).to_string();
        let headers = [("authorization", "Bearer shares:write"), ("content-type", "application/json")];
        door.ask(request("POST", HERE, &headers, body.into())).await.problem(403);
        share(&door, json!({"report": "attribution", "query": "dimension=campaign&model=shapley"})).await;
        share(&door, json!({"report": "network", "query": "below=bakery"})).await;
        let [listed, fr] = door.in_both("/console/shares?report=journeys", ada).await;
        assert!(listed.contains("30 days · Campaign · Shapley") && fr.contains("30 jours · Campagne · Shapley"), "{listed}");
        assert!(listed.contains("30 days · Outlet: Bakery"), "{listed}");
        assert!(listed.contains("href=\"/console/money?channel=Paid+Search") && listed.contains("Shows: Journeys"), "{listed}");
        assert!(fr.contains("name=\"report\" value=\"journeys\""), "{fr}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_costs_is_shared_by_whoever_may_see_it_and_as_long_as_they_may() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let ben = sign_in_as(&town.store, Post { role: Role::Marketing, outlet: None }).await;
        somebody_calls(&town, POSTER, Some(7001), true).await;
        door.count().await;
        let link = async |report: &str| {
            let fields = [("report", report), ("query", "period=7d")];
            let made = door.form("/console/shares", &fields, &[ben, ("accept-language", "en")]).await;
            let made = made.page(200).split("href=\"http://127.0.0.1:8080").nth(1).unwrap().to_owned();
            made.split('"').next().unwrap().to_owned()
        };
        let (money, network) = (link("money").await, link("network").await);
        door.get(&money, &[]).await.page(200);

        let post = Post { role: Role::Telephony, outlet: None };
        town.store
            .write(move |tx| {
                let post = post.clone();
                Box::pin(async move { tx.set_post(UserId(uuid::Uuid::from_u128(9)), &post).await })
            })
            .await
            .unwrap();

        door.get(&money, &[]).await.page(404);
        door.get(&network, &[]).await.page(200);
        door.form("/console/shares", &[("report", "money"), ("query", "")], &[ben]).await.page(403);
        town.store.close().await;
    })
    .await;
}
