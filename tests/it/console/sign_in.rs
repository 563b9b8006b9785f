//! Signing in and out.

use std::time::Duration;

use argon2::{Argon2, PasswordHasher};
use axum::body::Body;
use whence::domain::ids::UserId;
use whence::domain::staff::{Post, Role};
use whence::domain::time::Timestamp;
use whence::store::{Store, User};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, request, sign_in};
use crate::support::town::{MINUTE, Town};

const PASSWORD: &str = "a long walk by the river";

async fn bob(store: &Store) {
    let hash = Argon2::default().hash_password(PASSWORD.as_bytes()).unwrap();
    store
        .insert_user(User {
            id: UserId(uuid::Uuid::from_u128(8)),
            email: "bob@bakery.example".into(),
            password_hash: hash.to_string(),
            post: Post { role: Role::Admin, outlet: None },
            totp: None,
            created_at: Timestamp::from_ms(0),
        })
        .await
        .unwrap();
}

fn fields<'a>(email: &'a str, password: &'a str) -> [(&'static str, &'a str); 3] {
    [("email", email), ("password", password), ("next", "/console/calls?outcome=missed")]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_led_there_and_back() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        bob(&town.store).await;
        let door = Door::of(&town);

        let away = door.get("/console/calls?outcome=missed", &[]).await;
        assert_eq!(away.status, 303);
        let there = away.header("location").to_owned();
        assert_eq!(there, "/console/sign-in?next=%2Fconsole%2Fcalls%3Foutcome%3Dmissed");
        let form = door.get(&there, &[]).await;
        assert!(
            form.page(200).contains(r#"name="next" value="/console/calls?outcome=missed""#),
            "{}",
            form.body
        );

        let signed_in = door.form("/console/sign-in", &fields("  Bob@Bakery.example ", PASSWORD), &[]).await;
        assert_eq!(signed_in.status, 303, "{}", signed_in.body);
        assert_eq!(signed_in.header("location"), "/console/calls?outcome=missed");
        let cookie = signed_in.header("set-cookie").to_owned();
        for attribute in ["; Path=/console", "; HttpOnly", "; SameSite=Lax", "; Max-Age=604800"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Secure"), "{cookie}");
        let session = ("cookie", cookie.split(';').next().unwrap());
        assert!(door.get("/console/calls", &[session]).await.page(200).contains("bob@bakery.example"));

        let left = door.form("/console/sign-out", &[], &[session]).await;
        assert_eq!((left.status.as_u16(), left.header("location")), (303, "/console/sign-in"));
        assert!(left.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(door.get("/console/calls", &[session]).await.status, 303);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_and_a_wrong_password_get_the_same_answer() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        bob(&town.store).await;
        let door = Door::of(&town);

        let wrong = door.form("/console/sign-in", &fields("bob@bakery.example", "guess"), &[]).await;
        let unknown = door.form("/console/sign-in", &fields("eve@bakery.example", "guess"), &[]).await;

        assert_eq!(wrong.page(422).replace("bob@", "eve@"), unknown.page(422));
        assert!(wrong.body.contains("do not match"), "{}", wrong.body);
        assert!(!wrong.headers.contains_key("set-cookie"));
        let empty = door.form("/console/sign-in", &fields("", ""), &[]).await;
        empty.page(422);
        door.form("/console/sign-in", &fields("bob\u{0}", "guess\u{0}"), &[]).await.page(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_wrong_tries_even_the_right_password_has_to_wait() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        bob(&town.store).await;
        let door = Door::of(&town);
        for _ in 0..5 {
            door.form("/console/sign-in", &fields("bob@bakery.example", "guess"), &[]).await.page(422);
        }

        let too_many = door.form("/console/sign-in", &fields("bob@bakery.example", PASSWORD), &[]).await;
        assert!(too_many.page(429).contains("Wait 10\u{a0}s"), "{}", too_many.body);
        assert_eq!(too_many.header("retry-after"), "10");

        town.clock.advance(Duration::from_secs(10));
        let signed_in = door.form("/console/sign-in", &fields("bob@bakery.example", PASSWORD), &[]).await;
        assert_eq!(signed_in.status, 303);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_website_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let form = ("content-type", "application/x-www-form-urlencoded");
        let post = async |from: (&str, &str)| {
            let headers = [form, session, from];
            door.ask(request("POST", "/console/sign-out", &headers, Body::empty())).await
        };

        post(("sec-fetch-site", "cross-site")).await.page(403);
        post(("sec-fetch-site", "same-site")).await.page(403);
        post(("origin", "https://evil.example")).await.page(403);
        assert_eq!(door.get("/console/calls", &[session]).await.status, 200);
        assert_eq!(post(("origin", "http://127.0.0.1:8080")).await.status, 303);
        assert_eq!(door.get("/console/calls", &[session]).await.status, 303);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself_and_stays_on_https() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        bob(&town.store).await;
        let door = Door::at(&town, "https://calls.bakery.example/");

        let signed_in = door.form("/console/sign-in", &fields("bob@bakery.example", PASSWORD), &[]).await;
        let cookie = signed_in.header("set-cookie").to_owned();
        assert!(cookie.ends_with("; Secure"), "{cookie}");
        let session = ("cookie", cookie.split(';').next().unwrap());
        town.clock.advance(7 * 24 * 60 * MINUTE);

        assert_eq!(door.get("/console/calls", &[session]).await.status, 303);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_none_is_refused() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);

        let json = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
        door.ask(request("POST", "/console/sign-in", &json, "{}".into())).await.page(415);
        door.form("/console/sign-in", &[("email", &"x".repeat(17_000))], &[]).await.page(413);
        door.form("/console/sign-in", &[("user", "bob")], &[]).await.page(422);
        town.store.close().await;
    })
    .await;
}
