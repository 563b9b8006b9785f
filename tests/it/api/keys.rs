//! No key, a wrong key, a key that may not: each is told apart.

use whence::http::extract::Scope;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{NOON, Town};

/// Every address that asks for a key, with the scope it asks for.
const GUARDED: &[(&str, &str)] = &[
    ("/api/v1/calls", "calls:read"),
    ("/api/v1/calls/00000000-0000-0000-0000-000000000000", "calls:read"),
    ("/api/v1/calls/00000000-0000-0000-0000-000000000000/attributions", "calls:read"),
    ("/api/v1/visits", "visits:read"),
    ("/api/v1/visits/00000000-0000-0000-0000-000000000000", "visits:read"),
    ("/api/v1/contacts", "contacts:read"),
    ("/api/v1/contacts/00000000-0000-0000-0000-000000000000", "contacts:read"),
    ("/api/v1/numbers", "numbers:read"),
    ("/api/v1/numbers/+33199001000", "numbers:read"),
    ("/api/v1/blocks", "blocks:read"),
    ("/api/v1/blocks/nobody", "blocks:read"),
    ("/api/v1/pools", "numbers:read"),
    ("/api/v1/pools/web/advice", "numbers:read"),
    ("/api/v1/outlets", "plan:read"),
    ("/api/v1/sites", "plan:read"),
    ("/api/v1/destinations", "plan:read"),
    ("/api/v1/trunks", "calls:read"),
    ("/api/v1/keys", "keys:read"),
    ("/api/v1/numbers.csv", "numbers:read"),
    ("/api/v1/pools/web/history", "numbers:read"),
    ("/api/v1/destinations/counter/explain", "plan:read"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_guarded_address_asks_for_exactly_its_scope() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        for (path, scope) in GUARDED {
            let nobody = door.get(path, &[]).await;
            nobody.problem(401);
            assert_eq!(nobody.header("www-authenticate"), "Bearer realm=\"whence\"");
            let stranger = door.get(path, &[("authorization", "Bearer x")]).await;
            stranger.problem(401);
            assert!(stranger.header("www-authenticate").contains("invalid_token"));
            for other in Scope::ALL {
                let answer = door.get(path, &[("authorization", &format!("Bearer {other}"))]).await;
                if other.as_str() == *scope {
                    assert!(answer.status == 200 || answer.status == 404, "{path}: {}", answer.body);
                } else {
                    answer.problem(403);
                    assert!(answer.header("www-authenticate").contains(&format!("scope=\"{scope}\"")));
                }
            }
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_opens_nothing() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let key =
            town.store.list_api_keys().await.unwrap().into_iter().find(|key| key.name == "all").unwrap();
        assert_eq!(door.api("/api/v1/calls").await.status, 200);

        town.store.revoke_api_key(key.id, NOON).await.unwrap();

        door.api("/api/v1/calls").await.problem(401);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_scheme_or_an_odd_header_is_no_key() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        for odd in ["Basic YWxsOg==", "all", "Bearer", "", "Bearer \u{7f}"] {
            let header = axum::http::HeaderValue::from_bytes(odd.as_bytes());
            if header.is_ok() {
                door.get("/api/v1/calls", &[("authorization", odd)]).await.problem(401);
            }
        }
        assert_eq!(door.get("/api/v1/calls", &[("authorization", "bearer  all")]).await.status, 200);
        town.store.close().await;
    })
    .await;
}
