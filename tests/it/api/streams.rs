//! How the sound of a relayed call went, in the API and on the call's page.

use whence::domain::calling::outcome::{EndReason, HungUpBy};
use whence::domain::calling::quality::{Relayed, StreamQuality};
use whence::domain::calling::record::{Ended, Fact};
use whence::flows::{call_arrives, calls_written};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn a_relayed_call_tells_how_its_streams_went_and_why_it_was_ended() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let call = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let path = format!("/api/v1/calls/{}", call.call);
        let told = door.api(&path).await.json();
        assert_eq!(
            (&told["streams"], &told["end_reason"]),
            (&serde_json::json!([]), &serde_json::Value::Null)
        );

        let stream = StreamQuality {
            leg: 0,
            stream: 0,
            kind: "<b>audio".into(),
            received: 1_500,
            lost: 3,
            jitter_us: Some(2_000),
            sent: 7,
            strangers: 0,
            heard: None,
        };
        let ended = Ended {
            hung_up_by: HungUpBy::Gateway,
            reason: Some(EndReason::Silence),
            ..town.end(&call, Some(call.at))
        };
        let facts = [Fact::Relayed(Relayed { call: call.call, streams: vec![stream] }), Fact::Ended(ended)];
        calls_written(&town.store, &town.clock, &facts).await.unwrap();

        let told = door.api(&path).await.json();
        assert_eq!((&told["end_reason"], &told["hung_up_by"]), (&"silence".into(), &"gateway".into()));
        let stream = &told["streams"][0];
        assert_eq!(
            (&stream["received"], &stream["lost"], &stream["heard"]),
            (&1_500.into(), &3.into(), &serde_json::Value::Null)
        );
        let page = door.get(&format!("/console/calls/{}", call.call), &[session]).await;
        let page = page.page(200);
        assert!(
            page.contains("1500 packets, 3 missing, jitter 2 ms") && !page.contains("<b>audio"),
            "{page}"
        );
        assert!(page.contains("nothing more was heard of either side"));
        let page = door.get(&format!("/console/calls/{}?lang=fr", call.call), &[session]).await;
        assert!(page.page(200).contains("1500 paquets, 3 manquants, gigue 2 ms"));
        town.store.close().await;
    })
    .await;
}
