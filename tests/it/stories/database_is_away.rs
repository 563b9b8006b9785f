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
        let spool = stage.folder.path().join("spool/calls.jsonl");
        // Somebody else holds the file, so that no write goes through.
        let mut other = SqliteConnection::connect(&database.url).await.unwrap();
        sqlx::query("begin exclusive").execute(&mut other).await.unwrap();

        let call = stage.call("0199002001", false).await;
        assert_eq!(stage.ended(call).await, End::Talked);
        stage
            .until(async || std::fs::read_to_string(&spool).ok().filter(|text| text.contains("ended")))
            .await;

        sqlx::query("rollback").execute(&mut other).await.unwrap();
        let record = stage.latest_call().await;
        assert_eq!(record.outcome, Some(Outcome::Answered));
        assert!(record.answered_at.is_some() && record.contact.is_some());
        stage.until(async || std::fs::read(&spool).ok().filter(Vec::is_empty)).await;
        stage.close().await;
    })
    .await;
}
