//! The database is there and will not have a fact, however often it is tried:
//! the fact is set aside in a file, and those behind it go on.

use sqlx::{AnyConnection, Connection};
use whence::clock::Clock;
use whence::demo::caller::End;
use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::domain::calling::record::{Arrived, Ended, Fact};
use whence::domain::ids::CallId;
use whence::flows::calls_written::calls_written;

use super::stage::{COUNTER, Stage};
use crate::support::databases::on_each_database;
use crate::support::town::NOON;

fn id(n: u128) -> CallId {
    CallId(uuid::Uuid::from_u128(n))
}

fn arrived(n: u128, sip_call_id: &str) -> Fact {
    Fact::Arrived(Arrived {
        call: id(n),
        node: "elsewhere".to_owned(),
        trunk: "carrier".parse().unwrap(),
        sip_call_id: sip_call_id.to_owned(),
        number: "+33199002001".parse().unwrap(),
        caller: None,
        destination: None,
        outlet: None,
        screening: None,
        identity: None,
        page: None,
        at: NOON,
    })
}

fn ended(n: u128) -> Fact {
    Fact::Ended(Ended {
        call: id(n),
        outcome: Outcome::Missed,
        sip_status: 480,
        hung_up_by: HungUpBy::Line,
        reason: None,
        ringing_at: None,
        answered_at: None,
        at: NOON,
    })
}

#[tokio::test]
async fn facts_that_are_refused_for_good_are_set_aside_and_the_others_go_on() {
    on_each_database(async |database| {
        // By this index no second call may have the Call-ID of the first.
        let store = database.open().await;
        calls_written(&store, &Clock::manual(NOON), &[arrived(1, "taken"), ended(1)]).await.unwrap();
        store.close().await;
        let mut other = AnyConnection::connect(&database.url).await.unwrap();
        sqlx::query("create unique index calls_alone on calls (sip_call_id)")
            .execute(&mut other)
            .await
            .unwrap();
        other.close().await.unwrap();
        // An earlier run left facts, and two that are refused stand at the head.
        let facts = [arrived(2, "taken"), arrived(3, "taken"), arrived(4, "free"), ended(4), ended(2)];
        let lines = facts.each_ref().map(|fact| serde_json::to_string(fact).unwrap() + "\n");

        let stage = Stage::open_as(database, &[], |config| {
            std::fs::create_dir_all(&config.calls.spool).unwrap();
            std::fs::write(config.calls.spool.join("calls.jsonl"), lines.concat()).unwrap();
        })
        .await;

        let record = stage.gateway.store.find_call(id(4)).await.unwrap().expect("it went on");
        assert_eq!(record.outcome, Some(Outcome::Missed));
        assert!(stage.gateway.store.find_call(id(2)).await.unwrap().is_none());
        let spool = stage.folder.path().join("spool");
        let aside = std::fs::read_to_string(spool.join("calls.orphans")).unwrap();
        assert_eq!(aside, [&*lines[0], &lines[1], &lines[4]].concat(), "with what hangs on them");
        assert!(!spool.join("calls.sealed.jsonl").exists());

        // What is new is written down as ever.
        let call = stage.call(COUNTER, false).await;
        assert_eq!(stage.ended(call).await, End::Talked);
        assert_eq!(stage.latest_call().await.outcome, Some(Outcome::Answered));
        stage.close().await;
    })
    .await;
}
