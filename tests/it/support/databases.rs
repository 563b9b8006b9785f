//! A fresh database for each test: SQLite always, PostgreSQL when
//! `WHENCE_TEST_POSTGRES` names a server where databases may be made.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use whence::store::{Config, Store};

/// A database of its own, dropped after the story.
pub struct Database {
    pub name: &'static str,
    pub url: String,
    kept: Kept,
}

enum Kept {
    /// Deleted when it is dropped.
    File {
        _folder: TempDir,
    },
    Server {
        url: String,
        database: String,
    },
}

impl Database {
    pub async fn open(&self) -> Store {
        Store::open(&Config { url: self.url.clone() }).await.expect("a fresh database opens")
    }

    async fn drop(self) {
        if let Kept::Server { url, database } = self.kept {
            let mut server = PgConnection::connect(&url).await.expect("the server is there");
            let text = format!("drop database {database} with (force)");
            sqlx::query(AssertSqlSafe(text)).execute(&mut server).await.expect("a test drops its database");
        }
    }
}

fn sqlite() -> Database {
    let folder = tempfile::tempdir().expect("there is room for a test");
    let url = format!("sqlite:{}", folder.path().join("data/whence.db").display());
    Database { name: "SQLite", url, kept: Kept::File { _folder: folder } }
}

async fn postgres() -> Option<Database> {
    static COUNT: AtomicU32 = AtomicU32::new(0);

    let url = std::env::var("WHENCE_TEST_POSTGRES").ok()?;
    let database = format!("whence_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut server = PgConnection::connect(&url).await.expect("WHENCE_TEST_POSTGRES names a server");
    let text = format!("create database {database}");
    sqlx::query(AssertSqlSafe(text)).execute(&mut server).await.expect("a test may make a database");
    let mut own = url::Url::parse(&url).expect("WHENCE_TEST_POSTGRES is a URL");
    own.set_path(&database);
    Some(Database { name: "PostgreSQL", url: own.into(), kept: Kept::Server { url, database } })
}

/// Tells `story` on SQLite alone: where it takes hold of the file itself.
pub async fn on_sqlite(story: impl AsyncFn(&Database)) {
    story(&sqlite()).await;
}

/// Tells `story` on each database there is.
pub async fn on_each_database(story: impl AsyncFn(&Database)) {
    let file = sqlite();
    eprintln!("on {}", file.name);
    story(&file).await;
    if let Some(server) = postgres().await {
        eprintln!("on {}", server.name);
        story(&server).await;
        server.drop().await;
    }
}
