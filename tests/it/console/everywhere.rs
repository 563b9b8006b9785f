//! Every page there is: with nothing, with what a small shop has, and with far too much, in both languages. Nothing of
//! ours stays untranslated, nothing of theirs becomes markup, and no page is heavy.
//!
//! The pages are read from the table of routes, so that a new one is looked at without being told of.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::json;

use crate::api::contacts::{send, write};
use crate::api::money::costs;
use crate::api::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::{MINUTE, POSTER, Town, page, phone};

const ROUTES: &str = concat!(
    include_str!("../../../src/http/mod.rs"),
    include_str!("../../../src/http/plan_routes.rs"),
    include_str!("../../../src/http/report_routes.rs")
);

/// What people write is in words that nobody takes for ours.
const NORMAL: &str = "Qwx";
const EXTREME: &str = "<b>Qwx &amp; \"Qwx' Qwxqwxqwxqwxqwxqwxqwxqwxqwxqwxqwx</b>";

/// What a page may weigh without its pictures.
const BYTES_MOST: usize = 150_000;

/// All pages, those with a parameter where there is one of its kind.
async fn pages(door: &Door) -> Vec<String> {
    let routes = Regex::new(r#"\.route\("(/console[^"]*)",\s*[^)]*\bget\("#).unwrap();
    let found: BTreeSet<&str> = routes
        .captures_iter(ROUTES)
        .map(|found| found.extract::<1>().1[0])
        // These do not end.
        .filter(|route| !route.ends_with("/events") && !route.ends_with("/line"))
        // Nobody is sent to an identity provider where there is none.
        .filter(|route| !route.starts_with("/console/sign-in/company"))
        .collect();
    assert!(found.len() > 40, "{found:?}");
    let mut pages = Vec::new();
    for route in found {
        match route.split_once('{') {
            None => pages.push(route.to_owned()),
            Some((before, rest)) => {
                let (_, after) = rest.split_once('}').unwrap();
                assert!(!after.contains('{'), "{route}: say here where its second parameter is to be found");
                let first = first_of(door, before.trim_end_matches('/')).await;
                pages.extend(first.map(|id| format!("{before}{id}{after}")));
            }
        }
    }
    pages
}

/// The first of its kind, as the API tells it.
async fn first_of(door: &Door, kind: &str) -> Option<String> {
    let (path, field) = match kind {
        "/console/calls" => ("/api/v1/calls", "id"),
        "/console/contacts" => ("/api/v1/contacts", "id"),
        "/console/pools" => ("/api/v1/pools", "id"),
        "/console/segments" => ("/api/v1/segments", "id"),
        "/console/webhooks" => ("/api/v1/webhooks", "id"),
        "/console/imports" => ("/api/v1/imports", "id"),
        "/console/users" => ("/api/v1/users", "id"),
        // Of a poster, which has a code.
        "/console/media" | "/console/numbers" => return Some(phone(POSTER).reveal().to_owned()),
        "/console/alerts" => ("/api/v1/alerts", "id"),
        "/console/outlets" => ("/api/v1/outlets", "id"),
        "/console/sites" => ("/api/v1/sites", "id"),
        "/console/destinations" => ("/api/v1/destinations", "id"),
        "/console/keys" => ("/api/v1/keys", "id"),
        "/console/recordings" | "/console/prompts" | "/console/consents" | "/console/assets" => return None,
        other => panic!("say here where the API tells what {other} is about"),
    };
    let told = door.api(path).await;
    assert_eq!(told.status, 200, "{path}: {}", told.body);
    told.json()["items"][0][field].as_str().map(str::to_owned)
}

/// What a reader sees, or hears read out, in pieces; what people or machines wrote is left out.
fn texts(page: &str) -> BTreeSet<String> {
    let page = Regex::new(r"(?s)<(pre|code|script|svg)\b.*?</(pre|code|script|svg)>")
        .unwrap()
        .replace_all(page, " ");
    let between = Regex::new(r"(?s)>([^<>]+)<").unwrap();
    let said = Regex::new(r#"(?:title|aria-label|placeholder|alt)="([^"]+)""#).unwrap();
    let all = between.captures_iter(&page).chain(said.captures_iter(&page));
    all.map(|found| found[1].split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Whether so much is the same in both languages that nobody has translated it: four words, none of theirs.
fn is_sentence(text: &str) -> bool {
    let words = text.split(' ').filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    words.count() >= 4 && !text.contains("Qwx") && !text.contains("qwx")
}

async fn look_everywhere(door: &Door, session: (&str, &str), with: &str) {
    let pictures = Regex::new(r"(?s)<svg\b.*?</svg>").unwrap();
    let mut looked = 0;
    for path in pages(door).await {
        let answer = door.get(&path, &[session, ("accept-language", "en")]).await;
        let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
        if is_file
            || answer.status.is_redirection()
            || !answer.header("content-type").starts_with("text/html")
        {
            assert!(!answer.status.is_server_error(), "{path} with {with}: {}", answer.status);
            continue;
        }
        assert_eq!(answer.status, 200, "{path} with {with}");
        let [en, fr] = door.in_both(&path, session).await;
        let (english, french) = (texts(&en), texts(&fr));
        let same: Vec<&String> = english.intersection(&french).filter(|text| is_sentence(text)).collect();
        assert!(same.is_empty(), "{path} with {with} says in both languages: {same:?}");
        for page in [&en, &fr] {
            assert!(!page.contains("<b>Qwx"), "{path}: what somebody wrote became markup");
            assert_eq!(page.matches("<h1").count(), 1, "{path} has one heading of the first order");
            let bytes = pictures.replace_all(page, "").len();
            assert!(bytes <= BYTES_MOST, "{path} with {with} weighs {bytes} bytes");
        }
        looked += 1;
    }
    assert!(looked > 45, "only {looked} pages with {with}");
}

/// A shop whose people and machines write like this.
async fn furnish(town: &Town, door: &Door, text: &str) {
    let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    for number in 1000..1003 {
        town.opens(page(&format!("/{escaped}?utm_source=google&utm_medium=cpc&utm_campaign={escaped}")))
            .await;
        town.clock.advance(MINUTE);
        somebody_calls(town, number, Some(7001), number == 1000).await;
    }
    somebody_calls(town, POSTER, Some(7002), false).await;
    let name = text.to_owned();
    town.store
        .write(move |tx| {
            let name = name.clone();
            Box::pin(async move {
                let mut outlet = tx.list_outlets().await?.remove(0);
                outlet.name = name;
                tx.save_outlet(&outlet).await
            })
        })
        .await
        .unwrap();
    let call = door.api("/api/v1/calls").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        ("POST", format!("/api/v1/calls/{call}/notes"), json!({"text": text})),
        ("PUT", "/api/v1/segments/all".to_owned(), json!({"name": text, "filter": "count(call) >= 0"})),
        ("POST", "/api/v1/blocks".to_owned(), json!({"number": "+33199009999", "note": text})),
    ] {
        let answer = send(door, method, &path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
    }
    costs(door, json!({"first_day": "2026-11-22", "channel": "Paid Search", "campaign": text, "note": text, "amount_minor": 5, "currency": "EUR"})).await;
    let ada = json!({"given_name": text, "family_name": text, "identities": [{"kind": "email", "value": "ada@example.org"}]});
    write(door, ada).await;
    door.count().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_is_whole_and_translated_with_nothing_something_and_too_much() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        hand_out_keys(&town.store).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        look_everywhere(&door, session, "nothing").await;
        furnish(&town, &door, NORMAL).await;
        look_everywhere(&door, session, "something").await;
        furnish(&town, &door, EXTREME).await;
        look_everywhere(&door, session, "too much").await;
        town.store.close().await;
    })
    .await;
}
