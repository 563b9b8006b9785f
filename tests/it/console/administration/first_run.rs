//! The first steps, and the page that tests pages.

use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, Redirect};
use axum::routing::get;
use futures_util::StreamExt;
use serde_json::json;
use whence::flows::{Opened, call_arrives};

use super::{Office, leads_to};
use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, POSTER, page, slug};

#[tokio::test(flavor = "multi_thread")]
async fn each_first_step_is_ticked_off_by_what_has_happened_and_the_console_leads_there_until_it_rings() {
    on_each_database(async |database| {
        let office = Office::empty(database).await;
        leads_to(&office.door.get("/console/", &[office.session]).await, "/console/setup");
        let [en, fr] = office.door.in_both("/console/setup", office.session).await;
        let done = |page: &str| page.matches("setup-done").count();
        assert_eq!(done(&en), 1, "the trunk: {en}");
        assert!(
            en.contains("First steps") && fr.contains("Premiers pas") && fr.contains("Un appel d’essai"),
            "{fr}"
        );
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_and_a_call_are_ticked_off_while_the_page_waits() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let (_, body) = office.door.stream("/console/setup/events", &[office.session]).await;
        let mut events = body.into_data_stream();
        let mut next = async || String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
        let first = next().await;
        assert!(first.contains("event: steps") && first.matches("setup-done").count() == 5, "{first}");

        let shop = Opened { site: slug("boulangerie"), page: "http://127.0.0.1:8080/".into(), ..page("/") };
        office.town.opens(shop).await;
        office.town.clock.advance(MINUTE);
        let visited = next().await;
        assert_eq!(visited.matches("setup-done").count(), 7, "{visited}");
        leads_to(&office.door.get("/console/", &[office.session]).await, "/console/setup");
        let mut call = office.town.call(POSTER, Some(5001));
        (call.destination, call.outlet) = (Some(slug("night")), Some(slug("paris")));
        call_arrives(&office.town.store, &office.town.clock, &call).await.unwrap();
        office.town.clock.advance(MINUTE);
        let rung = next().await;
        assert!(rung.contains("All done") && rung.contains(&call.call.to_string()), "{rung}");
        leads_to(&office.door.get("/console/", &[office.session]).await, "/console/overview");
        leads_to(&office.door.get("/console/", &[]).await, "/console/sign-in?next=%2Fconsole%2F");
        office.town.store.close().await;
    })
    .await;
}

/// A website on loopback; its address.
async fn website() -> String {
    let page = |body: &'static str| get(async move || Html(body));
    let site = Router::new()
        .route(
            "/",
            page(
                "<head><title>01 99 00 00 01</title></head><body><script async src=\"http://127.0.0.1:8080/whence.v1.js\" data-site=\"shop\"></script>\
                 <p>Call <b>01 99</b> 00 00 01</p><a href=\"tel:+33199000001\">call</a><p>01_99_00_00_01</p><iframe src=\"/inner\"></iframe>",
            ),
        )
        .route("/bare", page("<p>nothing</p>"))
        .route("/away", get(async || Redirect::to("http://192.0.2.1/")))
        .route("/round", get(async || Redirect::to("/round")))
        .route("/picture", get(async || ([("content-type", "image/png")], "png")))
        .route("/strict", get(async || ([(CONTENT_SECURITY_POLICY, "script-src 'self'")], Html("<p>01 99 00 00 01</p>"))));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, site).await });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_site_is_told_which_numbers_would_be_swapped_and_no_other_page_is_fetched() {
    on_each_database(async |database| {
        let origin = website().await;
        let shop = format!(
            "[[sites]]\nid = \"shop\"\nname = \"Shop\"\noutlet = \"lyon\"\norigins = [\"{origin}\"]\n\
             [[pools]]\nid = \"shop\"\nsite = \"shop\"\ntarget = \"+33199000001\"\ndestination = \"counter\"\nnumbers = [\"+33199004000\"]\n"
        );
        let office = Office::with(database, &shop).await;
        let tests = async |page: &str| {
            let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
            office.door.in_both(&format!("/console/sites/shop/tester?page={page}"), office.session).await
        };

        let [form, formulaire] = office.door.in_both("/console/sites/shop/tester", office.session).await;
        assert!(form.contains(&format!("value=\"{origin}/\"")) && formulaire.contains("Tester une page"), "{form}");
        let [en, fr] = tests("/").await;
        assert!(en.contains("is on the page, for this site") && en.contains("lets it load and ask"), "{en}");
        for place in ["spread over elements of one line", "a link to call", "in no spelling of this number", "the head of the page"] {
            assert!(en.contains(place), "{place}: {en}");
        }
        assert_eq!((en.matches("✓ swapped").count(), en.matches("✗ stays").count()), (2, 2), "{en}");
        assert!(en.contains("<li>/inner</li>") && fr.contains("un lien d’appel"), "{fr}");
        let [bare, nue] = tests("/bare").await;
        assert!(bare.contains("None of the numbers") && bare.contains("is not on the page"), "{bare}");
        assert!(nue.contains("Pas sur cette page"), "{nue}");
        assert!(tests("/strict").await[0].contains("<code>script-src</code>"));
        for (page, told) in [
            ("/away", "which is none of the site’s origins".replace('’', "&#39;")),
            ("/round", "The page leads on and on.".to_owned()),
            ("/picture", "The page is no HTML.".to_owned()),
            ("/nowhere", "The page is answered with 404.".to_owned()),
            ("http://192.0.2.1/", "The address is no page".to_owned()),
            ("file:///etc/passwd", "The address is no page".to_owned()),
        ] {
            let [refused, _] = tests(page).await;
            assert!(refused.contains(&told), "{page}: {refused}");
        }

        let told = office.door.api("/api/v1/sites/shop/page-test?page=/").await.json();
        assert_eq!((&told["snippet"], &told["found"][0]["swapped"]), (&json!("fine"), &json!(false)), "{told}");
        office.door.api("/api/v1/sites/shop/page-test").await.problem(422);
        office.door.api("/api/v1/sites/shop/page-test?page=http://192.0.2.1/").await.problem(422);
        office.door.api("/api/v1/sites/nowhere/page-test?page=/").await.problem(404);
        office.town.store.close().await;
    })
    .await;
}
