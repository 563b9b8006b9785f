//! Keys, users and sessions.

use uuid::Uuid;
use whence::domain::ids::{ApiKeyId, UserId};
use whence::domain::staff::{Post, Role};
use whence::http::extract::hash_token;
use whence::store::{ApiKey, StoreError, User};

use crate::support::databases::on_each_database;
use crate::support::door::session;
use crate::support::town::{MINUTE, NOON};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_until_it_is_revoked() {
    on_each_database(async |database| {
        let store = database.open().await;
        let id = ApiKeyId(Uuid::from_u128(1));
        let key = ApiKey {
            id,
            name: "export".into(),
            hash: "0f".repeat(32),
            scopes: vec!["calls:read".into(), "visits:read".into()],
            source: None,
            created_at: NOON,
            revoked_at: None,
            last_used_at: None,
        };
        store.insert_api_key(key.clone()).await.unwrap();

        assert!(matches!(store.insert_api_key(key.clone()).await, Err(StoreError::Conflict)));
        assert!(store.find_api_key(&key.hash).await.unwrap() == Some(key.clone()));
        store.revoke_api_key(id, NOON + MINUTE).await.unwrap();
        assert!(store.find_api_key(&key.hash).await.unwrap().is_none());
        assert_eq!(store.list_api_keys().await.unwrap()[0].revoked_at, Some(NOON + MINUTE));
        let unknown = store.revoke_api_key(ApiKeyId(Uuid::from_u128(2)), NOON).await;
        assert!(matches!(unknown, Err(StoreError::NotFound { .. })));

        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_holds_until_it_expires_or_is_ended() {
    on_each_database(async |database| {
        let store = database.open().await;
        let id = UserId(Uuid::from_u128(1));
        let user = User {
            id,
            email: "anne@example.org".into(),
            password_hash: "$argon2id$".into(),
            post: Post { role: Role::Admin, outlet: None },
            totp: None,
            created_at: NOON,
        };
        store.insert_user(user.clone()).await.unwrap();
        let [short, long] = ["short", "long"].map(hash_token);
        store.insert_session(session("short", &user, NOON, NOON + MINUTE)).await.unwrap();
        store.insert_session(session("long", &user, NOON, NOON + 5 * MINUTE)).await.unwrap();

        assert!(store.find_user_by_email("anne@example.org").await.unwrap() == Some(user.clone()));
        assert!(store.find_session(&short, NOON).await.unwrap() == Some(user));
        assert!(store.find_session(&short, NOON + MINUTE).await.unwrap().is_none());
        assert!(store.find_session(&long, NOON + MINUTE).await.unwrap().is_some());
        store.delete_session(&long).await.unwrap();
        assert!(store.find_session(&long, NOON + MINUTE).await.unwrap().is_none());

        store.close().await;
    })
    .await;
}
