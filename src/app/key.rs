//! `whence key`: keys to the API. A key is shown once and kept as its hash.

use super::plan::open;
use super::run::Failed;
use crate::cli::{Key, KeyCreate, KeyRevoke, Settings};
use crate::clock::Clock;
use crate::domain::ids::{ApiKeyId, SystemId};
use crate::flows::{key_made, key_revoked};
use crate::http::extract::{Scope, hash_token, new_token};
use crate::store::{Store, StoreError};

pub(super) async fn key(command: &Key) -> Result<(), Failed> {
    match command {
        Key::Create(args) => create(args).await,
        Key::List(settings) => list(settings).await,
        Key::Revoke(args) => revoke(args).await,
    }
}

async fn create(args: &KeyCreate) -> Result<(), Failed> {
    for scope in &args.scopes {
        scope.parse::<Scope>().map_err(|e| Failed::Start(format!("\"{scope}\" is {e}")))?;
    }
    let source = args.source.as_deref().map(str::parse).transpose();
    let source: Option<SystemId> = source.map_err(Failed::start)?;
    let store = open(&args.settings).await?;
    let made = make_key(&store, &Clock::system(), &args.name, args.scopes.clone(), source).await;
    store.close().await;
    println!("{}", made.map_err(Failed::tried)?);
    Ok(())
}

/// Makes a key and gives its secret, which nobody can ask for again.
pub(super) async fn make_key(
    store: &Store,
    clock: &Clock,
    name: &str,
    scopes: Vec<String>,
    source: Option<SystemId>,
) -> Result<String, StoreError> {
    let secret = format!("whence_{}", new_token());
    key_made(store, clock, name, scopes, source, hash_token(&secret)).await?;
    Ok(secret)
}

async fn list(settings: &Settings) -> Result<(), Failed> {
    let store = open(settings).await?;
    let keys = store.list_api_keys().await.map_err(Failed::tried);
    store.close().await;
    for key in keys? {
        let source = key.source.map(|source| format!("  source={source}")).unwrap_or_default();
        println!("{}  {}  {}  {}{source}", key.id, key.created_at, key.name, key.scopes.join(","));
    }
    Ok(())
}

async fn revoke(args: &KeyRevoke) -> Result<(), Failed> {
    let id: ApiKeyId = args.id.parse().map_err(Failed::start)?;
    let store = open(&args.settings).await?;
    let done = key_revoked(&store, &Clock::system(), id).await;
    store.close().await;
    done.map_err(Failed::tried)
}
