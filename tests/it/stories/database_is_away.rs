//! With the database away a call still rings, and what happened to it is
//! written down once the database is back (invariants 1 and 2).

use sqlx::{Connection, SqliteConnection};
use whence::demo::caller::End;
use whence::domain::calling::outcome::Outcome;

use super::stage::Stage;
use crate::support::databases::on_sqlite;

#[tokio::test]
async fn a_call_rings_while_the_database_is_away_and_is_written_down_after() {
    on_sqlite(async |database| {
        let stage = Stage::open(database).await;
        let spool = stage.folder.path().join("spool");
        // New facts, and those on their way into the database.
        let waiting = || {
            let files = ["calls.jsonl", "calls.sealed.jsonl"].map(|name| spool.join(name));
            files.map(|path| std::fs::read_to_string(path).unwrap_or_default()).concat()
        };
        // Somebody else holds the file, so that no write goes through.
        let mut other = SqliteConnection::connect(&database.url).await.unwrap();
        sqlx::query("begin exclusive").execute(&mut other).await.unwrap();

        let call = stage.call("0199002001", false).await;
        assert_eq!(stage.ended(call).await, End::Talked);
        stage.until(async || waiting().contains("ended").then_some(())).await;

        sqlx::query("rollback").execute(&mut other).await.unwrap();
        let record = stage.latest_call().await;
        assert_eq!(record.outcome, Some(Outcome::Answered));
        assert!(record.answered_at.is_some() && record.contact.is_some());
        stage.until(async || waiting().is_empty().then_some(())).await;
        stage.close().await;
    })
    .await;
}
