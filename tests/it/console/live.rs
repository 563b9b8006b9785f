//! The live page: what goes on as it was when the page was opened, and then as it changes.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use whence::domain::calling::record::Arrived;
use whence::flows::call_arrives;
use whence::http::extract::hash_token;
use whence::switchboard::live::{LiveCall, Recorded, Stage, WATCHERS_MAX};

use crate::support::databases::{on_each_database, on_sqlite};
use crate::support::door::{Door, sign_in};
use crate::support::town::{MINUTE, POSTER, Town, page};

pub const EVENTS: &str = "/console/live/events";

/// The next event of a stream, its name and what it brings; time goes on until it comes. `None`: the stream is over.
async fn heard(town: &Town, events: &mut Body) -> Option<(String, String)> {
    let frame = loop {
        match tokio::time::timeout(Duration::from_millis(20), events.frame()).await {
            Ok(frame) => break frame?.expect("it is whole"),
            Err(_) => town.clock.advance(Duration::from_millis(200)),
        }
    };
    let text = String::from_utf8(frame.into_data().expect("no trailers").to_vec()).unwrap();
    let fields =
        |name: &str| text.lines().filter_map(|line| line.strip_prefix(name)).collect::<Vec<_>>().join("\n");
    Some((fields("event: "), fields("data: ").replace(['\u{a0}', '\u{202f}'], " ")))
}

/// Waits for a part in which this stands.
pub async fn until(town: &Town, events: &mut Body, part: &str, text: &str) -> String {
    for _ in 0..50 {
        let (name, data) = heard(town, events).await.expect("it goes on");
        if name == part && data.contains(text) {
            return data;
        }
    }
    panic!("no {part} tells of {text}");
}

pub fn live(arrived: &Arrived, stage: Stage) -> LiveCall {
    LiveCall { stage, ..LiveCall::from(arrived) }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_shown_with_where_they_likely_came_from_and_what_is_looked_at() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let [nobody, personne] = door.in_both("/console/live", session).await;
        town.opens(page("/bread?utm_source=google&utm_medium=cpc&utm_campaign=rye")).await;
        town.clock.advance(MINUTE);
        let known = town.call(1000, Some(7001));
        call_arrives(&town.store, &town.clock, &known).await.unwrap();
        door.live.enter(live(&known, Stage::Ringing));
        // Of these the database has not heard yet.
        let withheld = town.call(POSTER, None);
        let talking = LiveCall {
            answered_at: Some(town.clock.now()),
            recorded: Some(Recorded::Paused),
            ..live(&withheld, Stage::Talking)
        };
        door.live.enter(talking);
        let from_page = town.call(POSTER, None);
        door.live.enter(LiveCall { trunk: "page".parse().unwrap(), ..live(&from_page, Stage::Dialling) });
        town.clock.advance(Duration::from_secs(65));

        let [en, fr] = door.in_both("/console/live", session).await;

        assert!(
            nobody.contains("Nobody calls just now") && personne.contains("Personne n’appelle"),
            "{nobody}"
        );
        assert!(
            en.contains("aria-current=\"page\">Live</a>") && en.contains("<strong>bakery</strong>"),
            "{en}"
        );
        assert!(en.contains("As it was when this page was opened.") && en.contains(">Refresh</a>"), "{en}");
        assert!(en.contains("3 calls just now") && fr.contains("3 appels en cours"), "{fr}");
        assert!(
            en.contains(&format!("<a href=\"/console/calls/{}\">01 99 00 70 01</a>", known.call)),
            "{en}"
        );
        assert!(en.contains("Paid Search") && en.contains("google / cpc · rye"), "{en}");
        assert!(en.contains("bakery.example/bread") && en.contains("<td>Counter<span"), "{en}");
        assert!(en.contains("stage-ringing\">Ringing") && en.contains(">1:05</time>"), "{en}");
        assert!(en.contains("recording paused") && fr.contains("enregistrement en pause"), "{fr}");
        assert!(en.contains("A visitor, from the website") && fr.contains("Numéro masqué"), "{fr}");
        assert!(en.contains("not known yet"), "{en}");
        let pool = "<td class=\"end num\">1</td><td class=\"end num\">0</td><td class=\"end num\">1</td>";
        assert!(en.contains(pool) && en.contains("2 numbers"), "{en}");
        assert!(en.contains("health-down\">Down") && fr.contains("Hors service"), "{fr}");
        assert!(en.contains("udp:192.0.2.1:5060 does not answer, or cannot be reached (2×)."), "{en}");
        assert!(
            en.contains("The carrier refuses the registration (403).") && en.contains("1 Jan 1970, 00:00"),
            "{en}"
        );
        assert!(en.contains("Watching: –. At most 64 may."), "{en}");
        for path in ["/console/live", EVENTS] {
            assert_eq!(door.get(path, &[]).await.status, 303, "{path}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_is_told_until_the_session_is_over() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        // The page was opened a moment ago, when nobody watched yet.
        door.get("/console/live", &[session, ("accept-language", "fr")]).await.page(200);
        let (headers, mut events) = door.stream(EVENTS, &[session, ("accept-language", "fr")]).await;
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["x-accel-buffering"], "no");
        let mut first = vec![];
        for _ in 0..4 {
            first.push(heard(&town, &mut events).await.unwrap().0);
        }
        assert_eq!(first, ["calls", "pools", "trunks", "watchers"]);

        until(&town, &mut events, "watchers", "Regardent : ada@bakery.example.").await;

        let call = town.call(POSTER, Some(7001));
        door.live.enter(live(&call, Stage::Ringing));
        let rings = until(&town, &mut events, "calls", "01 99 00 70 01").await;
        assert!(rings.contains("Sonne") && rings.contains("1 appel en cours"), "{rings}");
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        until(&town, &mut events, "calls", "Hors ligne").await;
        door.live.leave(call.call, None);
        until(&town, &mut events, "calls", "Personne n’appelle").await;
        town.somebody_comes().await;
        until(&town, &mut events, "pools", "il n’en reste plus").await;
        let program = door.live.watch().unwrap();
        let (_, mut other) = door.stream(EVENTS, &[session, ("accept-language", "fr")]).await;
        let watching = until(&town, &mut events, "watchers", "un programme").await;
        assert!(watching.contains("ada@bakery.example, et un programme par l’API"), "{watching}");
        drop(program);

        town.store.delete_session(&hash_token("adas")).await.unwrap();
        for stream in [&mut events, &mut other] {
            until(&town, stream, "signed_out", "").await;
            assert_eq!(heard(&town, stream).await, None);
        }
        assert_eq!(door.live.watching(), 0);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_watcher_too_many_is_told_so_and_a_gateway_that_stops_ends_the_stream() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let mut others: Vec<_> = (0..WATCHERS_MAX).map(|_| door.live.watch().unwrap()).collect();

        let full = door.get(EVENTS, &[session]).await;

        assert_eq!(full.status, 200);
        assert!(full.body.contains("event: full") && full.body.contains("retry: 30000"), "{}", full.body);
        others.pop();
        let (_, mut events) = door.stream(EVENTS, &[session]).await;
        until(&town, &mut events, "watchers", "63 programs by the API").await;
        door.live.close();
        while heard(&town, &mut events).await.is_some() {}
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_calls_the_newest_are_shown() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        for caller in 0..120 {
            door.live.enter(live(&town.call(POSTER, Some(7000 + caller)), Stage::Ringing));
            town.clock.advance(Duration::from_millis(10));
        }

        let [en, _] = door.in_both("/console/live", session).await;

        assert!(en.contains("120 calls just now, the newest 100 of them"), "{en}");
        assert!(en.contains("70 20") && en.contains("71 19") && !en.contains("70 19"), "{en}");
        town.store.close().await;
    })
    .await;
}
