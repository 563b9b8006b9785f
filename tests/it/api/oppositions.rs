//! Lists of those who object: taken over from a file, added to, replaced, deleted.

use axum::body::Body;
use serde_json::json;
use sqlx::{AnyConnection, Connection};
use uuid::Uuid;
use whence::domain::calling::recording::Accessor;
use whence::domain::ids::{ApiKeyId, ListId};
use whence::domain::people::consent::Channel;
use whence::flows::{Import, OppositionError, OppositionsImport, oppositions_deleted};

use super::contactability::{rules_that_deny, stage};
use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, request};

async fn import(door: &Door, query: &str, file: impl Into<Body>) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", "text/csv")];
    door.ask(request("POST", &format!("/api/v1/oppositions?{query}"), &headers, file.into())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_on_a_list_is_not_reached_by_what_it_is_about() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        stage.says("phone", "granted").await;
        stage.says("email", "granted").await;
        let listed = async |channel: &str| {
            let ask = json!({"contacts": [{"id": stage.ada}], "channel": channel, "purpose": "offers",
                "at": "2026-11-23T10:30:00+01:00"});
            let item = stage.check(ask).await["items"][0].clone();
            rules_that_deny(&item).contains(&"opposition-list")
        };
        // More lines than one batch has, cut anywhere.
        let mut file = "\u{feff}telephone;date\r\n".to_owned();
        file.extend((0..3_000).map(|n| format!("+3319900{n:04};2026-01-01\r\n")));
        file.push_str("nobody;2026-01-01\n\n06 39 98 00 01");
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
            file.as_bytes().chunks(97).map(|piece| Ok(piece.to_vec())).collect();
        let body = Body::from_stream(futures_util::stream::iter(pieces));

        let imported = import(&stage.door, "list=bloctel&name=Bloctel&channels=phone,sms", body).await;

        assert_eq!(imported.status, 200, "{}", imported.body);
        let imported = imported.json();
        assert_eq!((&imported["read"], &imported["unreadable"]), (&json!(3_001), &json!(1)));
        assert_eq!(imported["lines"][0]["line"], 3_002);
        assert_eq!(imported["list"]["entries"], 3_001);
        assert_eq!((listed("phone").await, listed("email").await), (true, false));
        let lists = stage.door.api("/api/v1/oppositions").await.json();
        assert_eq!(lists["items"], json!([imported["list"]]));

        // Added to, it has all; replaced, it has what the file has; a file of nothing changes nothing.
        let added =
            import(&stage.door, "list=bloctel&channels=phone&mode=add", "ada@example.net\n").await.json();
        assert_eq!(added["list"]["entries"], 3_002);
        assert!(listed("phone").await);
        import(&stage.door, "list=bloctel&channels=phone", "telephone\n\n").await.problem(422);
        assert!(listed("phone").await);
        let replaced = import(&stage.door, "list=bloctel&channels=phone", "+33199001234\n").await.json();
        assert_eq!(replaced["list"]["entries"], 1);
        assert!(!listed("phone").await);
        let mut db = AnyConnection::connect(&database.url).await.unwrap();
        let left = sqlx::query("select mark from oppositions").fetch_all(&mut db).await.unwrap();
        assert_eq!(left.len(), 1, "what counts no more is gone");
        db.close().await.unwrap();

        let wrong = import(&stage.door, "list=Bloctel&channels=fax&mode=merge", "").await.problem(422);
        assert_eq!(wrong["errors"].as_array().unwrap().len(), 3);
        let headers = [("authorization", "Bearer all")];
        let gone =
            stage.door.ask(request("DELETE", "/api/v1/oppositions/bloctel", &headers, Body::empty())).await;
        assert_eq!(gone.json()["items"], json!([]));
        stage
            .door
            .ask(request("DELETE", "/api/v1/oppositions/bloctel", &headers, Body::empty()))
            .await
            .problem(404);

        // An import whose list is deleted under it is told so, and leaves nothing.
        let (store, clock) = (&stage.town.store, &stage.town.clock);
        let list: ListId = "own".parse().unwrap();
        let (name, channels, home) = ("Own".into(), vec![Channel::Phone], "FR".parse().unwrap());
        let own = Import { list: list.clone(), name, channels, add: true, home };
        let who = Accessor::Key(ApiKeyId(Uuid::from_u128(1)));
        let mut overtaken = OppositionsImport::begin(store, clock, own, who).await.unwrap();
        overtaken.take(b"+33199001234;ada@example.net\n").await.unwrap();
        assert!(oppositions_deleted(store, list).await.unwrap());
        assert!(matches!(overtaken.finish().await, Err(OppositionError::Overtaken)));
        let mut db = AnyConnection::connect(&database.url).await.unwrap();
        let left = sqlx::query("select mark from oppositions").fetch_all(&mut db).await.unwrap();
        assert_eq!(left.len(), 0);
        db.close().await.unwrap();
        stage.town.store.close().await;
    })
    .await;
}
