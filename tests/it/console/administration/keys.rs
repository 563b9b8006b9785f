//! Keys to the API and trunks.

use axum::body::Body;
use serde_json::json;
use whence::domain::staff::{Post, Role};

use super::{Office, between, leads_to};
use crate::support::databases::on_each_database;
use crate::support::door::{request, sign_in_as};
use crate::support::town::MINUTE;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_shown_once_noted_when_it_is_used_and_revoked_by_its_name() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let path = "/console/keys";
        let [en, fr] = office.door.in_both(path, office.session).await;
        assert!(en.contains("API keys") && en.contains("not yet") && fr.contains("Clés d’API"), "{en}");
        assert!(
            office
                .sends(path, &[("name", ""), ("scope", "calls:read")])
                .await
                .page(422)
                .contains("Give it a name")
        );
        assert!(office.sends(path, &[("name", "CRM")]).await.page(422).contains("Choose what it may do."));

        let made =
            office.sends(path, &[("name", "CRM <b>"), ("scope", "calls:read"), ("scope", "plan:read")]).await;
        let secret = between(made.page(200), "<code>whence_", "<").to_owned();
        let bearer = format!("Bearer whence_{secret}");
        assert!(!office.door.get(path, &[office.session]).await.body.contains(&secret), "it is shown once");
        assert_eq!(office.door.get("/api/v1/calls", &[("authorization", &bearer)]).await.status, 200);
        let used = office.town.clock.now();
        office.town.clock.advance(MINUTE * 5);
        office.door.get("/api/v1/calls", &[("authorization", &bearer)]).await;
        let keys = office.town.store.list_api_keys().await.unwrap();
        let key = keys.iter().find(|key| key.name == "CRM <b>").unwrap();
        assert_eq!((key.last_used_at, key.scopes.len()), (Some(used), 2), "a use soon after is not written");

        let one = format!("{path}/{}", key.id);
        let [shown, montre] = office.door.in_both(&one, office.session).await;
        assert!(shown.contains("CRM &#60;b&#62;") && montre.contains("Révoquer la clé"), "{shown}");
        let revoke = format!("{one}/revoke");
        assert!(office.sends(&revoke, &[("typed", "CRM")]).await.page(422).contains("does not match"));
        leads_to(&office.sends(&revoke, &[("typed", "CRM <b>")]).await, path);
        assert_eq!(office.door.get("/api/v1/calls", &[("authorization", &bearer)]).await.status, 401);
        let telephony = sign_in_as(&office.town.store, Post { role: Role::Telephony, outlet: None }).await;
        office.door.get(path, &[telephony]).await.page(403);
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_makes_no_key_that_opens_more_than_its_own() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let send = async |token: &str, body: serde_json::Value| {
            let bearer = format!("Bearer {token}");
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            office.door.ask(request("POST", "/api/v1/keys", &headers, Body::from(body.to_string()))).await
        };

        send("keys:write", json!({"name": "CRM", "scopes": ["calls:read"]})).await.problem(403);
        send("all", json!({"name": "CRM", "scopes": ["calls:all"]})).await.problem(422);
        send("all", json!({"name": "", "scopes": ["calls:read"]})).await.problem(422);
        let made =
            send("all", json!({"name": "CRM", "scopes": ["calls:read"], "source": "boulangerie"})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        assert!(made["secret"].as_str().unwrap().starts_with("whence_") && made["source"] == "boulangerie");
        let listed = office.door.api("/api/v1/keys").await;
        assert!(listed.body.contains("\"CRM\"") && !listed.body.contains("secret"), "{}", listed.body);
        let id = made["id"].as_str().unwrap();
        let bearer = ("authorization", "Bearer keys:write");
        let gone =
            office.door.ask(request("DELETE", &format!("/api/v1/keys/{id}"), &[bearer], Body::empty())).await;
        assert_eq!(gone.status, 204);
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trunks_stand_as_in_the_settings_with_their_health_and_without_secrets() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;

        let [en, fr] = office.door.in_both("/console/trunks", office.session).await;

        for told in [
            "203.0.113.0/24",
            "sip:192.0.2.1",
            "As the user bakery, registered there",
            "+33",
            "encrypted",
            "403",
        ] {
            assert!(en.contains(told), "{told}: {en}");
        }
        assert!(fr.contains("Les appels viennent de") && fr.contains("chiffré"), "{fr}");
        office.town.store.close().await;
    })
    .await;
}
