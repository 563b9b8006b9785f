//! The list of calls, one call and one contact, from nothing at all to far too much.

use uuid::Uuid;
use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::domain::calling::record::{Arrived, Ended};
use whence::domain::ids::ContactId;
use whence::flows::{call_arrives, call_ends, call_is_answered};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::{MINUTE, POSTER, Town, page, phone};

async fn answered_call(town: &Town) -> Arrived {
    town.somebody_comes().await;
    town.clock.advance(MINUTE);
    let call = town.call(1000, Some(5001));
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    town.clock.advance(MINUTE);
    let answer = town.answer(&call);
    call_is_answered(&town.store, &town.clock, &answer).await.unwrap();
    town.clock.advance(3 * MINUTE);
    call_ends(&town.store, &town.clock, &town.end(&call, Some(answer.at))).await.unwrap();
    call
}

async fn contact_of(town: &Town, call: &Arrived) -> ContactId {
    town.store.find_call(call.call).await.unwrap().unwrap().contact.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_says_what_to_do_next() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);

        let [en, fr] = door.in_both("/console/calls", session).await;
        assert!(en.contains("No calls yet") && en.contains("whence dial +33199001000"), "{en}");
        assert!(fr.contains("Pas encore d’appel"), "{fr}");

        door.count().await;
        let [en, fr] = door.in_both("/console/calls?outcome=missed&period=7d", session).await;
        assert!(en.contains("No call matches") && en.contains("Clear filters"), "{en}");
        assert!(fr.contains("Aucun appel ne correspond"), "{fr}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_tells_of_each_call_who_how_and_where_from() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let call = answered_call(&town).await;

        let [en, fr] = door.in_both("/console/calls", session).await;

        for page in [&en, &fr] {
            assert!(page.contains("01 99 00 50 01"), "{page}");
            assert!(page.contains(&format!("/console/calls/{}", call.call)));
            assert!(page.contains("google / cpc · bread") && page.contains("Counter"));
            assert!(page.contains("3 min 00 s"));
            assert!(page.contains(r#"<time datetime="2026-11-22T12:01:00.000Z""#));
        }
        assert!(en.contains(">Answered<") && en.contains("Paid Search") && en.contains("22 Nov 2026, 12:01"));
        assert!(fr.contains(">Répondu<") && fr.contains("Recherche payante") && fr.contains("22 nov. 2026"));

        door.count().await;
        let here = door.get("/console/calls?channel=Paid%20Search&destination=counter", &[session]).await;
        assert!(here.page(200).contains(&call.call.to_string()));
        let elsewhere = door.get("/console/calls?number=%2B33199002003", &[session]).await;
        assert!(!elsewhere.page(200).contains(&call.call.to_string()));
        door.get("/console/calls?outcome=lost", &[session]).await.page(422);
        door.get("/console/calls?cursor=nonsense", &[session]).await.page(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_goes_on_page_by_page_with_its_filters() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        for _ in 0..51 {
            town.clock.advance(MINUTE);
            call_arrives(&town.store, &town.clock, &town.call(POSTER, None)).await.unwrap();
        }

        door.count().await;
        let first = door.get("/console/calls?channel=Offline", &[session]).await;
        assert_eq!(first.page(200).matches("row-link").count(), 50);
        assert!(first.body.contains("Number withheld") && first.body.contains("In progress"));
        let link = first.body.split("class=\"button\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let link = link.replace("&#38;", "&");
        assert!(link.contains("channel=Offline") && link.contains("cursor="), "{link}");

        let second = door.get(&link, &[session]).await;
        assert_eq!(second.page(200).matches("row-link").count(), 1);
        assert!(second.body.contains("href=\"/console/calls?channel=Offline\""), "back to the newest");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_is_told_from_the_first_page_to_the_end() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let call = answered_call(&town).await;

        let [en, fr] = door.in_both(&format!("/console/calls/{}", call.call), session).await;

        let story = ["Visit", "Bakery", "Number shown", "Call arrived", "Rang at", "Answered", "Ended"];
        let journey = en.split("class=\"card journey\"").nth(1).unwrap();
        let mut rest = journey;
        for part in story {
            let at =
                rest.find(part).unwrap_or_else(|| panic!("{part} is missing or out of order: {journey}"));
            rest = &rest[at + part.len()..];
        }
        assert!(en.contains("almost certainly") || en.contains("most likely"), "{en}");
        assert!(en.contains("Hung up by the caller") && en.contains("a84b4c76e66710@pc33.example"));
        assert!(fr.contains("Numéro affiché") && fr.contains("Raccroché par l’appelant"), "{fr}");
        assert!(fr.contains("avant l’appel"), "{fr}");
        let contact = contact_of(&town, &call).await;
        assert!(en.contains(&format!("/console/contacts/{contact}")));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_which_little_is_known_is_told_without_gaps() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let mut stray = town.call(9999, None);
        (stray.destination, stray.outlet) = (None, None);
        call_arrives(&town.store, &town.clock, &stray).await.unwrap();

        let [en, fr] = door.in_both(&format!("/console/calls/{}", stray.call), session).await;
        assert!(en.contains("In progress") && en.contains("Number withheld"), "{en}");
        assert!(en.contains("This number is not known here") && en.contains("has not been tied to a visit"));
        assert!(fr.contains("En cours") && fr.contains("Ce numéro n’est pas connu ici"), "{fr}");

        for outcome in Outcome::ALL {
            let call = town.call(POSTER, None);
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            let ended = Ended {
                call: call.call,
                outcome: *outcome,
                sip_status: 500,
                hung_up_by: HungUpBy::Gateway,
                reason: None,
                ringing_at: None,
                answered_at: None,
                at: town.clock.now(),
            };
            call_ends(&town.store, &town.clock, &ended).await.unwrap();
            let [en, _] = door.in_both(&format!("/console/calls/{}", call.call), session).await;
            assert!(en.contains(&format!("badge is-{outcome}")), "{outcome}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_on_a_page_stands_between_its_views_cut_to_a_line() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let visit = town.somebody_comes().await.visit.unwrap();
        town.clock.advance(MINUTE);
        let events = format!("/api/v1/visits/{visit}/events");
        let sent = serde_json::json!({"name": "form_submit", "properties": {"form": "<b>contact", "z": "x".repeat(999)}});
        assert_eq!(door.report(&events, sent.to_string()).await.status, 201);
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();

        let [en, fr] = door.in_both(&format!("/console/calls/{}", call.call), session).await;

        assert!(en.contains("Event · form_submit") && fr.contains("Événement · form_submit"), "{en}");
        assert!(en.contains("form: &#60;b&#62;contact · z: xxx") && en.contains("x…"), "{en}");
        assert!(!en.contains(&"x".repeat(201)) && !en.contains("<b>"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_visitors_send_is_shown_as_text_and_never_as_markup() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let mut nasty =
            page("/?utm_source=%3Cscript%3Ealert(1)%3C/script%3E&utm_medium=cpc&utm_campaign=%22x");
        nasty.title = Some(format!("<img src=x onerror=alert(1)> {}", "long ".repeat(50)));
        nasty.referrer = Some("javascript:alert(1)//\"'><b>".into());
        town.opens(nasty).await;
        let call = town.call(1000, Some(5001));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let contact = contact_of(&town, &call).await;

        for path in [
            "/console/calls".to_owned(),
            format!("/console/calls/{}", call.call),
            format!("/console/contacts/{contact}"),
        ] {
            let shown = door.get(&path, &[session]).await;
            for markup in ["<script>alert", "<img", "<b>", "href=\"javascript"] {
                assert!(!shown.page(200).contains(markup), "{path}: {markup}");
            }
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_told_with_everything_they_did() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let call = answered_call(&town).await;
        let contact = contact_of(&town, &call).await;

        let [en, fr] = door.in_both(&format!("/console/contacts/{contact}"), session).await;
        assert!(en.contains("<h1 class=\"num\">01 99 00 50 01</h1>"), "{en}");
        let as_sent = door.get(&format!("/console/contacts/{contact}"), &[session]).await;
        assert!(as_sent.page(200).contains("01\u{a0}99\u{a0}00\u{a0}50\u{a0}01"), "a number breaks no line");
        assert!(
            en.contains("Telephone") && en.contains("Browser") && en.contains("Visit · Paid Search"),
            "{en}"
        );
        assert!(en.contains(&format!("href=\"/console/calls/{}\"", call.call)));
        assert!(fr.contains("Téléphone") && fr.contains("Visite · Recherche payante"), "{fr}");

        for _ in 0..51 {
            town.clock.advance(MINUTE);
            call_arrives(&town.store, &town.clock, &town.call(POSTER, Some(5001))).await.unwrap();
        }
        let long = door.get(&format!("/console/contacts/{contact}"), &[session]).await;
        assert_eq!(long.page(200).matches("class=\"badge").count(), 50);
        let link = long.body.split("class=\"button\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(door.get(link, &[session]).await.page(200).contains("Visit · Paid Search"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visitor_said_of_themselves_is_marked_as_said_until_a_call_shows_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let visit = town.somebody_comes().await.visit.unwrap();
        let said = r#"{"email": "ada@bakery.example", "phone": "0199005001", "customer": "<b>7", "last_name": "L<i>"}"#;
        assert_eq!(door.report(&format!("/api/v1/visits/{visit}/identify"), said).await.status, 200);
        let contacts = town.store.list_contacts(&Default::default(), &whence::store::Window::first(9)).await.unwrap().items;
        let path = format!("/console/contacts/{}", contacts[0].id);

        let [en, fr] = door.in_both(&path, session).await;
        assert!(en.contains("<h1 class=\"num\">L&#60;i&#62;</h1>") && en.contains("ada@bakery.example"), "{en}");
        assert!(en.contains("Customer") && en.contains("bakery:&#60;b&#62;7") && !en.contains("<b>"));
        assert_eq!(en.matches("as the visitor said, unchecked").count(), 4);
        assert_eq!(fr.matches("selon le visiteur, non vérifié").count(), 4);

        call_arrives(&town.store, &town.clock, &town.call(1000, Some(5001))).await.unwrap();
        let [en, _] = door.in_both(&path, session).await;
        assert_eq!(en.matches("as the visitor said, unchecked").count(), 2, "the address and the customer's number");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_page_that_says_so() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);

        for path in ["/console/calls/", "/console/contacts/"] {
            door.get(&format!("{path}{}", Uuid::nil()), &[session]).await.page(404);
            door.get(&format!("{path}nothing"), &[session]).await.page(400);
        }
        assert_eq!(door.get(&format!("/console/calls/{}", Uuid::nil()), &[]).await.status, 303);
        town.store.close().await;
        let broken = door.get("/console/calls", &[session]).await;
        assert!(broken.page(503).contains("Calls are carried meanwhile"), "{}", broken.body);
        assert!(!broken.body.contains(phone(1000).reveal()));
    })
    .await;
}
