//! Whether the database failed or the content: what is refused would be so
//! for ever, what failed may go better the next time.

use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use whence::store::StoreError;

use crate::support::databases::{Database, on_each_database, on_sqlite};

async fn connect(database: &Database) -> AnyConnection {
    database.open().await.close().await;
    AnyConnection::connect(&database.url).await.unwrap()
}

async fn failure(connection: &mut AnyConnection, sql: &str) -> StoreError {
    let done = sqlx::query(AssertSqlSafe(sql.to_owned())).execute(connection).await;
    done.expect_err(sql).into()
}

#[tokio::test]
async fn what_breaks_a_constraint_or_has_a_wrong_type_is_refused_for_good() {
    on_each_database(async |database| {
        let mut connection = connect(database).await;
        for table in [
            "create table kinds (name text primary key)",
            "create table things (secret bigint not null check (secret < 100), kind text references kinds (name))",
        ] {
            sqlx::query(table).execute(&mut connection).await.unwrap();
        }
        let unlike = match database.name {
            "SQLite" => "insert into kinds (rowid, name) values ('4711', x'00'), ('x4711', 'a')",
            _ => "insert into things (secret) values (cast('x4711' as bigint))",
        };

        for (sql, says) in [
            ("insert into things (secret) values (4711)", "(23514)|(275)"),
            ("insert into things (secret) values (null)", "(23502)|(1299)"),
            ("insert into things (secret, kind) values (1, 'nobody''s 4711')", "(23503)|(787)"),
            (unlike, "SQLSTATE 22P02|(20)"),
        ] {
            let failure = failure(&mut connection, sql).await;
            assert!(failure.is_for_good(), "{sql}: {failure:?}");
            let text = failure.to_string();
            assert!(says.split('|').any(|says| text.contains(says)), "{sql}: {text}");
            assert!(!format!("{failure:?}").contains("4711"), "no value is told: {failure:?}");
        }
        connection.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_not_as_it_should_be_may_be_so_the_next_time() {
    on_each_database(async |database| {
        let mut connection = connect(database).await;

        for sql in ["insert into nowhere values (1)", "insert into calls (no_such_column) values (1)"] {
            let failure = failure(&mut connection, sql).await;
            assert!(
                matches!(&failure, StoreError::Driver(_)) && !failure.is_for_good(),
                "{sql}: {failure:?}"
            );
        }
        if database.name == "PostgreSQL" {
            // It gives up waiting, and it hangs up.
            sqlx::query("set statement_timeout = 1").execute(&mut connection).await.unwrap();
            assert!(!failure(&mut connection, "select pg_sleep(1)").await.is_for_good());
            let own = "select pg_terminate_backend(pg_backend_pid())";
            assert!(!failure(&mut connection, own).await.is_for_good());
            assert!(!failure(&mut connection, "select 1").await.is_for_good());
        } else {
            connection.close().await.unwrap();
        }
        let store = database.open().await;
        store.close().await;
        assert!(!store.ping().await.unwrap_err().is_for_good());
    })
    .await;
}

#[tokio::test]
async fn a_file_that_somebody_else_holds_is_free_again_later() {
    on_sqlite(async |database| {
        let (mut other, mut connection) = (connect(database).await, connect(database).await);
        sqlx::query("pragma busy_timeout = 0").execute(&mut connection).await.unwrap();
        sqlx::query("begin exclusive").execute(&mut other).await.unwrap();

        let failure =
            failure(&mut connection, "insert into outlets (id, name, in_service) values ('a', 'A', 1)").await;

        assert!(!failure.is_for_good(), "{failure:?}");
        other.close().await.unwrap();
        connection.close().await.unwrap();
    })
    .await;
}
